"""Fan groups that are one tap away: groups, join ways, seats."""
