"""A WeChat of our own: signs, encrypts, retries and keeps its own books. Shares no code with what it tests."""
