"""The gateway's routes: from a request as it was sent to an answer under signature."""

from wechat_simulator.pay import gateway
from wechat_simulator.pay.office import office_of
from wechat_simulator.routes import PAY, Request, Response, Router
from wechat_simulator.world import World

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def add_routes(router: Router, world: World) -> None:
    """Serve every path under /v3/ with the world's merchant gateway."""
    office_of(world)  # its promises must have someone who keeps them from the first moment

    def answer(request: Request) -> Response:
        return handle(world, request)

    for method in _METHODS:
        router.add(method, "/v3/{rest:path}", answer, host=PAY)


def handle(world: World, request: Request) -> Response:
    """Answer one merchant request, byte for byte as it was sent."""
    office = office_of(world)
    call = gateway.Call(
        method=request.method,
        target=request.raw_target,
        headers=request.headers,
        body=request.raw_body,
        gateway=_gateway_address(request),
        fault=request.fault.fault if request.fault is not None else "",
    )
    with world.lock:
        wrong = request.fault is not None and request.fault.fault == "wrong_key"
        desk = office.strangers_desk() if wrong else office.desk()
        reply = gateway.answer(desk, call, office.now())
    return Response(reply.status, reply.body, dict(reply.headers))


def _gateway_address(request: Request) -> str:
    """The address the merchant used; a bill's download address must begin with the same text."""
    named = request.header("host") or request.host
    scheme = request.header("x-forwarded-proto") or ("https" if named.startswith(PAY) else "http")
    return f"{scheme}://{named}"
