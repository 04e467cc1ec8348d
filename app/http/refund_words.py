"""Reasons of refunds in the language of a page; also as a kept quote has them."""

from app.http.language import page_language
from creator_tools.refunds.rules import Reason


def said(reason: Reason | dict[str, str]) -> str:
    """The reason's sentence for this page."""
    is_english = page_language() == "en"
    if isinstance(reason, dict):
        return reason["sentence_en" if is_english else "sentence"]
    return reason.sentence_en if is_english else reason.sentence
