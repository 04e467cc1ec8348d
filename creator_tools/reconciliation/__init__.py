"""Order, entry and bill against each other; what does not match, with its cause and its end."""
