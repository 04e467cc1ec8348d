"""What the mini-program on the telephone asks of its backend: `wx.request`, and nothing else."""

from urllib.parse import urlsplit

from wechat_simulator.browser import AGENTS, PAGE_TIMEOUT_S
from wechat_simulator.routes import Request, Response, json_response
from wechat_simulator.world import World

_PASSED_ON = ("content-type", "accept", "authorization", "idempotency-key")
_ANSWERED = ("content-type", "retry-after", "location")


def mini_request(world: World, request: Request, rest: str) -> Response:
    """Ask `<person>/<path>?<query>` of the backend behind the mini-program's callback address.

    As with the real `wx.request` there are no cookies, and the referer names the mini-program.
    """
    person_id, _, path = rest.partition("/")
    person = world.people.get(person_id)
    account = world.accounts.mini
    parts = urlsplit(account.callback_url)
    if person is None or not parts.netloc:
        told = "小程序还没有后台：请先 PUT /_sim/accounts，写上 mini 的 callback_url。"
        return json_response({"code": "no_backend", "detail": told}, 404)
    headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
    headers["User-Agent"] = f"{AGENTS[person.device]} MiniProgramEnv/{person.device}"
    headers["Referer"] = f"https://servicewechat.com/{account.appid}/0/page-frame.html"
    answer = world.transport.send(
        request.method,
        f"{parts.scheme}://{parts.netloc}/{path}",
        headers,
        request.raw_body,
        PAGE_TIMEOUT_S,
    )
    if answer.status == 0:
        return json_response({"code": "unreachable", "detail": "网络不太顺畅，请再试一次。"}, 502)
    passed = {name: value for name, value in answer.headers if name.lower() in _ANSWERED}
    return Response(answer.status, answer.body, {**passed, "Cache-Control": "no-store"})
