"""The business; would be true on paper."""
