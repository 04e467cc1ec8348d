"""Statements of an account as a page and as files, for its creator and for finance."""
