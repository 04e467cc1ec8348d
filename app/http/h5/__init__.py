"""Pages inside WeChat: reading, buying, the way into a fan group."""
