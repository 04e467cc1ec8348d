"""Commands of the one who answers for the installation."""
