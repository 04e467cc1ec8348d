"""Who was brought by whom: shared links that are signed, and visits that are counted once."""
