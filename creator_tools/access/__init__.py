"""Who may open what, for how long, and why: entitlements and their sources."""
