"""The routes of virtual payment, behind the mini-program's access token."""

from wechat_simulator.api.entry import authorised, error_answer
from wechat_simulator.api.refusals import Refused
from wechat_simulator.routes import API, Request, Response, Router, json_response
from wechat_simulator.world import World
from wechat_simulator.xpay import api, bills
from wechat_simulator.xpay.office import office_of


def add_routes(router: Router, world: World) -> None:
    """Serve every `POST /xpay/…`, and the files its bills point at."""
    office_of(world)  # its promises must have someone who keeps them from the first moment
    router.add("POST", "/xpay/{name}", lambda request: handle(world, request))
    router.add("GET", "/xpay/_bill", lambda request: _bill_file(world, request))


def handle(world: World, request: Request) -> Response:
    """Answer one server call: HTTP 200 always, errors by code."""
    try:
        with world.lock:
            if authorised(world, request).kind != "mini":
                raise Refused(48001)
            office = office_of(world)
            answer = api.answer(office.desk(), _call(world, request), office.now())
    except Refused as refusal:
        return error_answer(world, refusal.errcode, refusal.errmsg)
    if answer["errcode"]:
        return error_answer(world, answer["errcode"], answer["errmsg"])
    return json_response(answer)


def _call(world: World, request: Request) -> api.ServerCall:
    appid = world.accounts.mini.appid

    def session_key_of(openid: str) -> str | None:
        person = world.person_for(appid, openid)
        return None if person is None else world.session_key(person.id, appid)

    named = request.header("host") or request.host
    scheme = request.header("x-forwarded-proto") or ("https" if named == API else "http")
    return api.ServerCall(
        path=request.path,
        body=request.raw_body,
        pay_sig=request.query.get("pay_sig", ""),
        signature=request.query.get("signature", ""),
        gateway=f"{scheme}://{named}",
        session_key_of=session_key_of,
        knows=lambda openid: world.person_for(appid, openid) is not None,
    )


def _bill_file(world: World, request: Request) -> Response:
    office = office_of(world)
    with world.lock:
        file = bills.download(office.desk(), request.query.get("token", ""), office.now())
    if file is None:
        return Response(404)
    return Response(200, file, {"Content-Type": "text/csv; charset=utf-8"})
