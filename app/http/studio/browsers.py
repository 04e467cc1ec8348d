"""What a browser seems to be, for the eye of whoever is asked to let it in. Only a hint."""

_BROWSERS = (
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("firefox/", "Firefox"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
)
_SYSTEMS = (
    ("windows", "Windows"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("mac os", "Mac"),
    ("macintosh", "Mac"),
    ("linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Name and system, as "Chrome · Windows"; what is not known is "?"."""
    lowered = user_agent.lower()
    name = next((name for mark, name in _BROWSERS if mark in lowered), "?")
    system = next((name for mark, name in _SYSTEMS if mark in lowered), "?")
    return f"{name} · {system}"
