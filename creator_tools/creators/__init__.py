"""Who earns: handle, profile, share, and the invitation that makes one."""
