"""The JSON of `/api/v1`: what the mini-program and scripts speak."""
