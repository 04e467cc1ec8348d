"""A WeCom company: its groups of customers, the ways into them, and what it pushes."""
