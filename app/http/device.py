"""What a visitor's device seems to be. Only a hint: what is booked is what the payment shows."""

_MARKS = (
    ("iphone", "ios"),
    ("ipad", "ios"),
    ("ipod", "ios"),
    ("openharmony", "harmony"),
    ("harmonyos", "harmony"),
    ("android", "android"),
    ("windows", "windows"),
    ("macintosh", "mac"),
)


def device_of(user_agent: str) -> str:
    """The device named by a user agent, or "unknown".

    An iPad that asks for desktop pages says "Macintosh" and, inside WeChat, still "Mobile".
    """
    lowered = user_agent.lower()
    if "macintosh" in lowered and "mobile" in lowered:
        return "ios"
    return next((device for mark, device in _MARKS if mark in lowered), "unknown")
