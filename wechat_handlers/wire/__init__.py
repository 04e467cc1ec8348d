"""Envelopes, signatures, tokens and clients: the only room that touches the WeChat SDKs."""
