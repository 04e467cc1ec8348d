"""Split agreements: what a creator's part of a payment is divided into, signed by every party."""
