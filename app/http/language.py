"""In which language an answer speaks: Chinese, unless the reader prefers English."""

from flask import has_request_context, request

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
_SPOKEN = {"zh-CN": CHINESE, "zh": CHINESE, "en": ENGLISH}


def chosen_locale() -> str:
    """The locale of this request, for Flask-Babel."""
    if not has_request_context():
        return CHINESE
    best = request.accept_languages.best_match(list(_SPOKEN), default="zh-CN")
    return _SPOKEN[best or "zh-CN"]


def speaks_english() -> bool:
    """Whether this reader prefers English to Chinese."""
    return chosen_locale() == ENGLISH
