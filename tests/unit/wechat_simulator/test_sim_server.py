"""The server over loopback: a foreign client, a kill and a restart, TLS for the real names."""

import http.client
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from wechatpy import WeChatClient
from wechatpy.client.base import BaseWeChatClient
from wechatpy.exceptions import WeChatClientException

from config.settings import process_environment

ROOT = Path(__file__).parents[3]


class Running:
    """The simulator as its own process."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self.more = more
        self.start()

    def start(self) -> None:
        """Start it and wait for its line."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wechat_simulator", *self.more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**process_environment(), "CLOCK_OFFSET_FILE": str(self.folder / "offset")},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("SIMULATOR READY http://127.0.0.1:"), line
        self.url = line.split()[-1]

    def stop(self, how: signal.Signals) -> int:
        """Stop it with a signal; its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """A control call that must succeed."""
        answer = requests.request(method, f"{self.url}/_sim/{path}", json=content, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A simulator with a state file."""
    one = Running(tmp_path, "--state", str(tmp_path / "state.json"))
    yield one
    if one.process.poll() is None:
        assert one.stop(signal.SIGTERM) == 0


class Client(WeChatClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's client with its token address turned to the simulator, as its users must."""

    def fetch_access_token(self) -> Any:
        return self._fetch_access_token(
            f"{self.API_BASE_URL}token",
            {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret},
        )


def client_of(running: Running) -> Any:
    account = running.control("GET", "accounts")["oa"]
    assert issubclass(Client, BaseWeChatClient)
    client = Client(account["appid"], account["secret"], timeout=60)
    client.API_BASE_URL = f"{running.url}/cgi-bin/"
    return client


def test_a_foreign_client_works_against_it(running: Running) -> None:
    client = client_of(running)
    client.menu.create({"button": [{"type": "click", "name": "今日收入", "key": "TODAY"}]})
    assert client.menu.get()["menu"]["button"][0]["name"] == "今日收入"
    person = running.control("POST", "people", {"nickname": "小红 😀"})
    with pytest.raises(WeChatClientException) as refusal:
        client.message.send_text(person["oa_openid"], "你好")
    assert refusal.value.errcode == 45015
    running.control("POST", f"people/{person['id']}/send", {"text": "在吗"})
    client.message.send_text(person["oa_openid"], "你好 <a href='https://x.cn'>点这里</a>")
    articles = [{"title": "一篇", "description": "说明", "image": "", "url": "https://x.cn/1"}]
    client.message.send_articles(person["oa_openid"], articles)
    picture = client.media.upload("image", ("a.png", b"\x89PNG\r\n", "image/png"))
    client.message.send_image(person["oa_openid"], picture["media_id"])
    assert client.media.download(picture["media_id"]).content == b"\x89PNG\r\n"
    inbox = running.control("GET", f"people/{person['id']}/messages")["oa"]
    assert [one["type"] for one in inbox if one["via"] == "custom"] == ["text", "news", "image"]
    assert client.user.get(person["oa_openid"])["subscribe"] == 0
    code = client.qrcode.create(
        {
            "expire_seconds": 600,
            "action_name": "QR_SCENE",
            "action_info": {"scene": {"scene_id": 7}},
        }
    )
    shown = requests.get(
        f"{running.url}/cgi-bin/showqrcode", params={"ticket": code["ticket"]}, timeout=5
    )
    assert shown.content.startswith(b"\x89PNG")
    assert client.jsapi.get_jsapi_ticket()
    assert client.message.get_subscribe_authorize_url("1000", "T", "https://x.cn")


def test_killed_and_started_again_it_knows_everybody(running: Running) -> None:
    client = client_of(running)
    client.menu.create({"button": [{"type": "click", "name": "a", "key": "K"}]})
    before = running.control("GET", "accounts")
    person = running.control("POST", "people", {"nickname": "小明"})
    running.control("POST", f"people/{person['id']}/follow")
    assert running.stop(signal.SIGKILL) == -signal.SIGKILL
    running.start()
    assert running.control("GET", "accounts") == before
    assert running.control("GET", f"people/{person['id']}") == {**person, "following": True}
    assert requests.get(
        f"{running.url}/cgi-bin/menu/get",
        params={"access_token": client.access_token},
        timeout=60,
    ).json() == {"menu": {"button": [{"type": "click", "name": "a", "key": "K"}]}}
    assert running.control("GET", "books") == {"payments": [], "refunds": [], "transfers": []}


def test_the_offset_file_moves_the_clock(running: Running) -> None:
    now = running.control("GET", "clock")["now"]
    later = running.control("POST", "clock", {"advance_s": 3600})["now"]
    assert 3600 <= later - now < 3630
    assert (running.folder / "offset").read_text() == "3600"
    (running.folder / "offset").write_text("7200")
    assert running.control("GET", "clock")["now"] - now >= 7200


def test_a_dropped_answer_is_no_answer(running: Running) -> None:
    rule = {"route": "GET /cgi-bin/token", "fault": "drop", "times": 1}
    running.control("PUT", "faults", {"rules": [rule]})
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{running.url}/cgi-bin/token", timeout=60)
    assert requests.get(f"{running.url}/cgi-bin/token", timeout=60).json()["errcode"] == 40002


def test_tls_under_the_real_names(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ca = tmp_path / "ca.pem"
    one = Running(tmp_path, "--tls-port", str(port), "--ca-out", str(ca))
    try:
        context = ssl.create_default_context(cafile=str(ca))
        for host, path, status in (
            ("api.weixin.qq.com", "/cgi-bin/token", 200),
            ("api.mch.weixin.qq.com", "/cgi-bin/token", 404),
            ("open.weixin.qq.com", "/connect/oauth2/authorize", 200),
        ):
            with socket.create_connection(("127.0.0.1", port), 5) as raw:
                connection = http.client.HTTPSConnection(host, timeout=60)
                connection.sock = context.wrap_socket(raw, server_hostname=host)
                connection.request("GET", path)
                assert connection.getresponse().status == status
                connection.close()
    finally:
        assert one.stop(signal.SIGINT) == 0


def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "state.json"
    broken.write_text("{}")
    for more in (["--tls-port", "0"], ["--state", str(broken)]):
        ended = subprocess.run(
            [sys.executable, "-m", "wechat_simulator", *more],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 2
        assert ended.stderr.strip()
        assert b"Traceback" not in ended.stderr
