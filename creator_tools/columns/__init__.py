"""Interest and occupation columns: a field, a promise, a state."""
