"""Typed settings and dated tables; imports nothing of ours."""
