"""The one place where concrete parts meet."""
