"""What earners have, how much of it they may take out, and the transfers that bring it to them."""
