"""Natural persons, their identities, their sessions. Personal data lives here only."""
