"""What can be bought, at which price, on which rail: products and frozen quotes."""
