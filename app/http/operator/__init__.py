"""The operator's desk: revenue, orders, what waits for a person, what the machinery does."""
