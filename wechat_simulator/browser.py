"""The browser inside a person's WeChat: cookies, redirects, web authorisation."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

from wechat_simulator.api.authorize import PERSON_HEADER, TAP_HEADER
from wechat_simulator.entities import Person
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import REAL_HOSTS, Request, Response
from wechat_simulator.transport import Answer
from wechat_simulator.world import World

AGENTS = {
    "android": "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 XWEB/1260117 "
    "MicroMessenger/8.0.69.2900(0x28004500) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN",
    "ios": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.69(0x18004500) NetType/WIFI "
    "Language/zh_CN",
    "windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) "
    "WindowsWechat(0x63090a13) XWEB/9129",
    "mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/6.8.0(0x16080000) "
    "MacWechat/3.8.8 XWEB/1156",
}
REDIRECTS = 10
PAGE_TIMEOUT_S = 20.0
# Names that no registry gives away, so that they never lead out of the house.
NEAR = ("localhost", "local", "internal", "test", "lan")
OUTSIDE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>微信</title></head>'
    "<body><h1>模拟器里打不开外部网址</h1><p>这里没有互联网。请返回，打开公众号自己的页面。</p>"
    "</body></html>"
).encode()
Inside = Callable[[Request], Response]


@dataclass
class Page:
    """What a page load ended with."""

    status: int
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, or an empty text."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")


class Browser:
    """One person's browser; `inside` answers addresses of the simulator itself."""

    def __init__(self, world: World, person: Person, inside: Inside) -> None:
        self._world = world
        self._person = person
        self._inside = inside
        self._cookies: list[dict[str, Any]] = world.things.cookies.setdefault(person.id, [])

    def open(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        tapped: bool = False,
        redirects: int = REDIRECTS,
    ) -> Page:
        """Load an address, following redirects as a browser does.

        Raises:
            Impossible: not an http address, unreachable, or redirected without end.
        """
        extra = dict(headers or {})
        for _ in range(redirects + 1):
            page = self.once(url, method=method, body=body, headers=extra, tapped=tapped)
            location = page.header("location")
            if page.status not in {301, 302, 303, 307, 308} or not location:
                return page
            url = urljoin(url, location)
            if page.status in {301, 302, 303} and method != "HEAD":
                method, body = "GET", b""
                extra.pop("Content-Type", None)
        raise Impossible("redirects", f"the page redirects more than {redirects} times", 502)

    def once(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        tapped: bool = False,
    ) -> Page:
        """Load an address without following a redirect.

        Raises:
            Impossible: not an http address, or unreachable.
        """
        url, _, _ = url.partition("#")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise Impossible("url", "url is an http or https address with a host")
        asked = headers or {}
        usual = {
            "User-Agent": AGENTS[self._person.device],
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
        }
        # What the page's own script asked for replaces the usual, however it spells the name.
        named = {name.lower() for name in asked}
        sent = {name: value for name, value in usual.items() if name.lower() not in named} | asked
        cookies = self._sent_cookies(url)
        if cookies:
            sent["Cookie"] = cookies
        if self._is_ours(parts.netloc):
            answer = self._ask_inside(url, method, sent, body, tapped=tapped)
        elif not self._is_near(parts.hostname or ""):
            return Page(403, url, [("Content-Type", "text/html; charset=utf-8")], OUTSIDE)
        else:
            send = self._world.transport.send
            answer = send(method, url, sent, body, PAGE_TIMEOUT_S)
        if answer.status == 0:
            raise Impossible("unreachable", f"{parts.netloc} does not answer", 502)
        self._take_cookies(url, answer)
        return Page(answer.status, url, answer.headers, answer.body)

    def _is_ours(self, netloc: str) -> bool:
        own = urlsplit(self._world.public_url)
        if netloc == own.netloc or netloc.partition(":")[0] in REAL_HOSTS:
            return True
        loopback = {"127.0.0.1", "localhost"}
        host, _, port = netloc.partition(":")
        return host in loopback and own.hostname in loopback and port == str(own.port or "")

    def _is_near(self, host: str) -> bool:
        """Whether a page may be fetched: a backend's, never one of the wide internet."""
        accounts = self._world.accounts
        theirs = {urlsplit(one.callback_url).hostname for one in (accounts.oa, accounts.mini)}
        if host in theirs or "." not in host or host.rpartition(".")[2] in NEAR:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or address.is_private

    def _ask_inside(
        self, url: str, method: str, headers: dict[str, str], body: bytes, *, tapped: bool
    ) -> Answer:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        given = {name.lower(): value for name, value in headers.items()}
        given[PERSON_HEADER] = self._person.id
        if tapped:
            given[TAP_HEADER] = "1"
        request = Request(method, target, given, body, host=parts.hostname or "")
        response = self._inside(request)
        return Answer(response.status, list(response.headers.items()), response.body)

    def _sent_cookies(self, url: str) -> str:
        parts = urlsplit(url)
        now = self._world.clock.now()
        fit = [
            f"{one['name']}={one['value']}"
            for one in self._cookies
            if _matches(one, parts.hostname or "", parts.path or "/", parts.scheme)
            and (one["expires"] is None or one["expires"] > now)
        ]
        return "; ".join(fit)

    def _take_cookies(self, url: str, answer: Answer) -> None:
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                for cookie in _read_cookies(value, url, self._world.clock.now()):
                    key = ("name", "domain", "path")
                    self._cookies[:] = [
                        one for one in self._cookies if any(one[k] != cookie[k] for k in key)
                    ]
                    self._cookies.append(cookie)


def _matches(cookie: dict[str, Any], host: str, path: str, scheme: str) -> bool:
    domain = cookie["domain"]
    same_host = host == domain or (not cookie["host_only"] and host.endswith("." + domain))
    root = cookie["path"].rstrip("/")
    under = path == root or path.startswith(root + "/") or not root
    # Loopback counts as secure, as it does in real browsers.
    safe = scheme == "https" or not cookie["secure"] or host in {"127.0.0.1", "localhost"}
    return same_host and under and safe


def _read_cookies(header: str, url: str, now: float) -> list[dict[str, Any]]:
    host = urlsplit(url).hostname or ""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return []
    read = []
    for name, morsel in jar.items():
        domain = morsel["domain"].lstrip(".").lower()
        if domain and host != domain and not host.endswith("." + domain):
            continue
        read.append(
            {
                "name": name,
                "value": morsel.coded_value,
                "domain": domain or host,
                "host_only": not domain,
                "path": morsel["path"] or "/",
                "secure": bool(morsel["secure"]),
                "expires": _expiry(morsel["max-age"], morsel["expires"], now),
            }
        )
    return read


def _expiry(max_age: str, expires: str, now: float) -> float | None:
    if max_age.lstrip("-").isdigit():
        return now + int(max_age)
    if expires:
        try:
            return parsedate_to_datetime(expires).timestamp()
        except ValueError:
            return None
    return None
