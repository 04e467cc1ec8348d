"""The numbered steps; each says why, what it locks, when to deploy it and how to go back."""
