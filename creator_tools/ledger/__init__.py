"""Double entry in whole fen: what moved, from which pot to which, for ever."""
