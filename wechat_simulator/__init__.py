"""A WeChat of our own: signs, encrypts, retries, keeps its own books; shares no tested code."""
