"""What a user would write instead, as the documentation of each library leads to it."""
