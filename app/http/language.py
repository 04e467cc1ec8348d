"""In which language an answer speaks: Chinese, unless the reader prefers English."""

from flask import has_request_context, request

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
_BILINGUAL_PREFIXES = ("/api/", "/operator/")
_SPOKEN = {"zh-CN": CHINESE, "zh": CHINESE, "en": ENGLISH}


def chosen_locale() -> str:
    """The locale of this request, for Flask-Babel."""
    if not has_request_context():
        return CHINESE
    best = request.accept_languages.best_match(list(_SPOKEN), default="zh-CN")
    return _SPOKEN[best or "zh-CN"]


def speaks_english() -> bool:
    """Whether a refusal of this request is told in English.

    Pages inside WeChat are written in Chinese; half a sentence of another language helps nobody.
    """
    if has_request_context() and not request.path.startswith(_BILINGUAL_PREFIXES):
        return False
    return chosen_locale() == ENGLISH
