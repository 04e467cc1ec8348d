"""From the intent to the money: orders, payments, and the one commit that opens the door."""
