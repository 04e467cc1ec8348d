"""What holds for every route there is, those of later engineers included."""

import hashlib
import json
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.http import access, factory
from app.http.assembly import build_application
from app.http.proxies import TrustedProxies
from app.wiring.container import Process, open_wiring
from tests.integration.http.conftest import House, Scene, settings_for
from wechat_simulator.simulator import Simulator

CSP = re.compile(
    r"default-src 'self'; script-src 'self'(?: 'nonce-[A-Za-z0-9+/=]{24}')?; .*object-src 'none'; "
    r"base-uri 'none'; frame-ancestors 'none'"
)


def routes_of(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def path_of(rule: Rule) -> str:
    """An address of this route, with ids that nothing has."""
    return re.sub(r"<[^<>]*>", "01890000-0000-7000-8000-000000000000", rule.rule)


def test_every_route_stands_in_exactly_one_access_list(house: House) -> None:
    lost = [rule.rule for rule in routes_of(house.app) if access.list_of(rule.rule) is None]
    assert lost == []


def test_no_access_list_names_a_route_that_is_not_there(house: House) -> None:
    known = {rule.rule for rule in routes_of(house.app)}
    listed = frozenset().union(*access.LISTS.values())
    assert listed - known == set()


def test_every_answer_of_every_route_carries_the_headers(house: House) -> None:
    seen = 0
    for rule in routes_of(house.app):
        for method in sorted(rule.methods or ()):
            answer = house.client().open(path_of(rule), method=method)
            check_headers(answer.headers, f"{method} {rule.rule}")
            assert answer.status_code < 500 or rule.rule == "/readyz", (method, rule.rule)
            if not rule.rule.startswith("/static/"):
                assert answer.headers["Cache-Control"] == "no-store", (method, rule.rule)
                assert {"cookie", "authorization"} <= set(answer.vary.as_set()), rule.rule
            seen += 1
    assert seen > 40


def test_refusals_carry_the_headers_too(house: House) -> None:
    for path in ("/no/such/page", "/api/v1/no-such-thing", "/static/no-such-file"):
        answer = house.client().get(path)
        assert answer.status_code == 404
        check_headers(answer.headers, path)


def check_headers(headers: Any, where: str) -> None:
    assert CSP.fullmatch(headers["Content-Security-Policy"]), where
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Referrer-Policy"] == "same-origin", where
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert "camera=()" in headers["Permissions-Policy"], where
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"]), where


def test_no_page_holds_a_script_or_style_of_its_own(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    pages = [
        "/h5/", "/h5/me", f"/h5/creators/{scene.handle}", f"/h5/columns/{scene.column_id}",
        f"/h5/works/{scene.work_id}", f"/g/{scene.fan_group_code}", "/h5/no-such-page",
    ]  # fmt: skip
    for page in pages:
        html = client.get(page).text
        assert re.findall(r"<script(?![^>]*\s(src=|type=\"application/json\"))", html) == [], page
        assert re.findall(r"\son\w+=|\sstyle=|<style", html) == [], page


def test_a_nonce_is_used_once(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    seen = set()
    for _ in range(5):
        answer = client.get(f"/h5/works/{scene.free_work_id}")
        (nonce,) = re.findall(r'<script [^>]*nonce="([^"]+)"', answer.text)
        assert f"script-src 'self' 'nonce-{nonce}';" in answer.headers["Content-Security-Policy"]
        seen.add(nonce)
    assert len(seen) == 5


def test_what_has_no_script_of_its_own_allows_no_nonce(house: House) -> None:
    assert "nonce-" not in house.client().get("/h5/").headers["Content-Security-Policy"]


def test_an_installation_on_https_pins_it(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> None:
    address = "https://channel.example.org"
    settings = settings_for(wechat, tmp_path, clean_database, valkey_url, PUBLIC_BASE_URL=address)
    wiring = open_wiring(settings, Process("tests"))
    begun = build_application(wiring).test_client().get("/h5/sign-in", base_url=address)
    assert begun.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = begun.headers["Set-Cookie"]
    assert cookie.startswith("__Host-juanliu-oauth=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    wiring.close()


def test_a_request_id_is_taken_from_listed_proxies_alone(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> None:
    settings = settings_for(
        wechat, tmp_path, clean_database, valkey_url, TRUSTED_PROXIES="10.1.0.0/16"
    )
    wiring = open_wiring(settings, Process("tests"))
    client = build_application(wiring).test_client()
    headers = {"X-Request-ID": "trace-from-the-proxy", "X-Forwarded-For": "127.0.0.1, 10.1.0.9"}

    def through(address: str) -> Any:
        return client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert through("10.1.0.5").headers["X-Request-ID"] == "trace-from-the-proxy"
    assert through("10.2.0.5").headers["X-Request-ID"] != "trace-from-the-proxy"
    # A stranger cannot claim to be loopback; what a proxy of ours saw is believed.
    assert through("10.2.0.5").status_code == 404
    assert through("10.1.0.5").status_code == 200
    wiring.close()


@pytest.mark.parametrize("path", ["/api/v1/quotes", "/api/v1/nothing", "/api/nothing"])
def test_refusals_under_api_are_problem_documents(house: House, path: str) -> None:
    answer = house.client().put(path)
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "errors"}
    assert answer.json["status"] == answer.status_code


def test_a_surprise_tells_the_caller_nothing(house: House) -> None:
    secret = "a-secret-that-must-not-leave"

    def fail(*_args: object) -> None:
        raise RuntimeError(secret)

    house.app.view_functions["health.alive"] = fail
    page = house.client().get("/healthz")
    assert page.status_code == 500
    assert secret not in page.text
    assert page.headers["X-Request-ID"] in page.text
    check_headers(page.headers, "a surprise")


def test_what_a_stranger_says_about_forwarding_reaches_no_code() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    door = TrustedProxies(application, (ip_network("10.0.0.0/8"),), "https://a.example")
    claims = {
        "HTTP_X_FORWARDED_FOR": "127.0.0.1",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "a.example",
        "HTTP_FORWARDED": "for=127.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "inner:8080",
    }
    door({"REMOTE_ADDR": "203.0.113.5", **claims}, lambda *_: None)
    assert seen["REMOTE_ADDR"] == "203.0.113.5"
    assert seen["wsgi.url_scheme"] == "http"
    assert not any("FORWARDED" in name for name in seen)
    seen.clear()
    door({"REMOTE_ADDR": "10.0.0.1", **claims}, lambda *_: None)
    assert seen["wsgi.url_scheme"] == "https"
    assert (seen["REMOTE_ADDR"], seen["HTTP_HOST"]) == ("127.0.0.1", "a.example")


def test_vendored_files_are_what_the_lock_says() -> None:
    folder = Path(factory.__file__).parent / "static/vendor"
    locked = json.loads((folder / "vendor.lock.json").read_text("utf-8"))
    files = {path for path in folder.glob("*/*") if path.suffix in {".js", ".css"}}
    assert {folder / one["file"] for one in locked} == files
    for one in locked:
        assert hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        assert (folder / one["file"]).with_name("LICENSE").exists()
