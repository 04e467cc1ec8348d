"""What WeChat tells us, as typed messages, and what we answer."""
