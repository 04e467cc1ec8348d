"""Making a fetched page live inside the telephone: addresses stay in the proxy, WeChat is there."""

import html
import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

PROXY = "/phone/proxy/"
_ADDRESS = re.compile(
    rb"""(<(?:a|form|link|script|img|iframe|source|video|audio|button|input)\b[^>]*?\s"""
    rb"""(?:href|src|action|formaction)\s*=\s*)(["'])([^"']*)\2""",
    re.IGNORECASE,
)
_META_POLICY = re.compile(
    rb"<meta[^>]+http-equiv\s*=\s*[\"']?content-security-policy[^>]*>", re.IGNORECASE
)
_REFRESH = re.compile(
    rb"""(<meta[^>]+http-equiv\s*=\s*["']?refresh[^>]+url=)([^"'>\s]+)""", re.IGNORECASE
)
_HEAD = re.compile(rb"<head\b[^>]*>", re.IGNORECASE)


def proxied(person_id: str, url: str) -> str:
    """An address as the telephone loads it; what is no web address stays as it is."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return url
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{PROXY}{person_id}/{parts.scheme}/{parts.netloc}{rest}{fragment}"


def real_address(url: str) -> str:
    """The page's true address behind a proxied one, or an empty text."""
    parts = urlsplit(url)
    if not parts.path.startswith(PROXY):
        return ""
    pieces = parts.path[len(PROXY) :].split("/", 3)
    if len(pieces) < 3:
        return ""
    path = pieces[3] if len(pieces) == 4 else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{pieces[1]}://{pieces[2]}/{path}{query}"


def page(body: bytes, url: str, person_id: str) -> bytes:
    """A page with its addresses led through the proxy and WeChat's objects put in front."""

    def lead(match: re.Match[bytes]) -> bytes:
        told = html.unescape(match[3].decode("utf-8", "replace")).strip()
        if not told or told.startswith(("#", "data:", "javascript:", "mailto:", "tel:", "blob:")):
            return match[0]
        led = html.escape(proxied(person_id, urljoin(url, told)), quote=True)
        return match[1] + match[2] + led.encode() + match[2]

    def lead_refresh(match: re.Match[bytes]) -> bytes:
        led = proxied(person_id, urljoin(url, html.unescape(match[2].decode("utf-8", "replace"))))
        return match[1] + html.escape(led).encode()

    body = _META_POLICY.sub(b"", body)
    body = _REFRESH.sub(lead_refresh, _ADDRESS.sub(lead, body))
    front = _front(url, person_id)
    head = _HEAD.search(body)
    if head is None:
        return front + body
    return body[: head.end()] + front + body[head.end() :]


def _front(url: str, person_id: str) -> bytes:
    told: dict[str, Any] = {"url": url, "person": person_id}
    written = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f"<script>window.__wechatPage={written}</script>"
        '<script src="/phone/files/inside.js"></script>'
    ).encode()
