"""What we tell people outside a conversation, and how often we may."""
