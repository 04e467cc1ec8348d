"""The interpreter; turns WeChat's bytes into our meanings and back; keeps nothing."""
