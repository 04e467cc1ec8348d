"""The people who answer for the channel: roles, sessions, second factor."""
