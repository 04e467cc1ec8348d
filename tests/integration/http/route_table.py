"""Route × role × ownership: who may use which door, in one table.

A route without a row here fails the build (`test_route_table.py`), and every row is executed. The
visitors are: a stranger (outside WeChat, no session), a fan who bought nothing, the buyer of the
work and of nothing else, the author, and another creator. A row gives the status of each; where
all five get the same, one number is enough. `reads` names those whose answer holds the paid part.

In an address `{work}`, `{column}`, … stand for what the scene has; see `test_route_table.places`.
Doors of the desk name the roles that open them; whoever has no session there is sent to sign in.
"""

from dataclasses import dataclass, field
from typing import Any

VISITORS = ("stranger", "fan", "buyer", "author", "rival")
ROLES = ("owner", "editor", "finance", "moderator", "keeper", "support", "auditor")
NOBODY_HAS_IT = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Row:
    """What one route answers to whom."""

    path: str
    statuses: tuple[int, ...]
    reads: frozenset[str] = frozenset()
    form: dict[str, str] | None = None
    json: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def status_for(self, visitor: str) -> int:
        """The status that this visitor gets."""
        if len(self.statuses) == 1:
            return self.statuses[0]
        return self.statuses[VISITORS.index(visitor)]


@dataclass(frozen=True)
class DeskRow:
    """Which roles open a door of the operator's desk; `status` is what they get."""

    path: str
    roles: frozenset[str]
    status: int = 200
    form: dict[str, str] | None = None


def row(path: str, *statuses: int, **more: Any) -> Row:
    """A row of a door for people."""
    assert len(statuses) in (1, len(VISITORS)), path
    return Row(path, statuses, **more)


def desk(path: str, *roles: str, **more: Any) -> DeskRow:
    """A row of a door of the desk."""
    assert set(roles) <= set(ROLES), path
    return DeskRow(path, frozenset(roles), **more)


_READERS = frozenset({"buyer", "author"})
_BUYERS = (401, 200, 200, 200, 200)
# A form without the session's token never passes; `test_route_table` adds it where there is one.
_FORM: dict[str, str] = {}
# The studio: strangers sign in, who is no creator is told how to become one, a rival has works
# of their own and never finds another's.
_OWN_PAGE = (303, 303, 303, 200, 200)
_OWN_THING = (303, 303, 303, 200, 404)


def _form(which: str, /, **typed: str) -> dict[str, str]:
    return {"form_id": f"table-of-routes-{which}", **typed}


_NOT_OTHERS = (403, 403, 403, 303, 404)

PEOPLE: dict[str, Row] = {
    # --- everybody's -------------------------------------------------------------------------
    "GET /healthz": row("/healthz", 200),
    "GET /readyz": row("/readyz", 200),
    "GET /metrics": row("/metrics", 200),  # from loopback; proxies are another test's
    "GET /robots.txt": row("/robots.txt", 200),
    "GET /MP_verify_<name>.txt": row("/MP_verify_unknown.txt", 404),
    "GET /static/<path:filename>": row("/static/h5/h5.css", 200),
    "GET /api/v1/openapi.json": row("/api/v1/openapi.json", 200),
    # --- signed by a platform, whoever carries it ---------------------------------------------
    "GET /wechat/official-account": row("/wechat/official-account", 403),
    "POST /wechat/official-account": row("/wechat/official-account", 403),
    "GET /wechat/official-account/<account_id>": row("/wechat/official-account/{nobody}", 404),
    "POST /wechat/official-account/<account_id>": row("/wechat/official-account/{nobody}", 404),
    "GET /wechat/mini-program": row("/wechat/mini-program", 403),
    "POST /wechat/mini-program": row("/wechat/mini-program", 403),
    "GET /wechat/mini-program/<account_id>": row("/wechat/mini-program/{nobody}", 404),
    "POST /wechat/mini-program/<account_id>": row("/wechat/mini-program/{nobody}", 404),
    # This installation has no company on WeCom.
    "GET /wechat/wecom": row("/wechat/wecom", 404),
    "POST /wechat/wecom": row("/wechat/wecom", 404),
    "GET /wechat/wecom/<account_id>": row("/wechat/wecom/{nobody}", 404),
    "POST /wechat/wecom/<account_id>": row("/wechat/wecom/{nobody}", 404),
    "POST /wechat-pay/notifications/<any(payment, refund, 'profit-sharing', transfer):kind>": row(
        "/wechat-pay/notifications/payment", 401
    ),
    # --- the API ------------------------------------------------------------------------------
    "POST /api/v1/sessions": row(
        "/api/v1/sessions", 422, json={"code": "nobody-gave-this", "app": "oa"}
    ),
    "GET /api/v1/creators/<handle>": row("/api/v1/creators/{handle}", 200),
    "GET /api/v1/columns/<column_id>": row("/api/v1/columns/{column}", 200),
    "GET /api/v1/works/<work_id>": row("/api/v1/works/{work}", 200, reads=_READERS),
    "POST /api/v1/quotes": row(
        "/api/v1/quotes", *_BUYERS, json={"product_id": "{column_product}", "device": "android"}
    ),
    "POST /api/v1/orders": row(
        "/api/v1/orders", 401, 404, 404, 404, 404,
        json={"quote_id": "{nobody}"}, headers={"Idempotency-Key": "table-of-routes"},
    ),
    "GET /api/v1/orders/<order_id>": row("/api/v1/orders/{order}", 401, 404, 200, 404, 404),
    "GET /api/v1/me/entitlements": row("/api/v1/me/entitlements", *_BUYERS),
    "POST /api/v1/shares": row(
        "/api/v1/shares", *_BUYERS, json={"object_type": "work", "object_id": "{work}"}
    ),
    "GET /api/v1/fan-groups/<fan_group_id>/door": row(
        "/api/v1/fan-groups/{group}/door", 401, 403, 200, 200, 403
    ),
    # --- pages inside WeChat --------------------------------------------------------------------
    "GET /h5/": row("/h5/", 200),
    "GET /h5/sign-in": row("/h5/sign-in", 302),
    "GET /h5/oauth/callback": row("/h5/oauth/callback", 403, 302, 302, 302, 302),
    "GET /h5/creators/<handle>": row("/h5/creators/{handle}", 200),
    "GET /h5/columns/<column_id>": row("/h5/columns/{column}", 200),
    "GET /h5/works/<work_id>": row("/h5/works/{work}", 200, reads=_READERS),
    "GET /media/<sha256>": row("/media/{nobody}", 404),
    "GET /media/<sha256>/small": row("/media/{nobody}/small", 404),
    "GET /media/files/<token>": row("/media/files/{nobody}", 404),
    "GET /h5/attachments/<attachment_id>": row("/h5/attachments/{nobody}", 404),
    "GET /h5/attachments/<attachment_id>/poster": row("/h5/attachments/{nobody}/poster", 404),
    "GET /h5/js-sdk": row("/h5/js-sdk?url={base}/h5/", 200),
    "GET /h5/search": row("/h5/search?q=课", 200),
    "GET /h5/settings": row("/h5/settings", 200),
    "POST /h5/settings/language": row(
        "/h5/settings/language", 303, form={"language": "zh-CN", "return_to": "/h5/"}
    ),
    "POST /h5/settings/notices": row(
        "/h5/settings/notices", 403, 303, 303, 303, 303, form={"offered": "seat", "wanted": "seat"}
    ),
    "GET /h5/me": row("/h5/me", *_BUYERS),
    "GET /h5/me/data.json": row("/h5/me/data.json", *_BUYERS),
    "POST /h5/products/<product_id>/buy": row(
        "/h5/products/{work_product}/buy", 403, 303, 409, 303, 303, form=_FORM
    ),
    "GET /h5/orders": row("/h5/orders", *_BUYERS),
    "GET /h5/orders/<order_id>/receipt": row(
        "/h5/orders/{order}/receipt", 401, 404, 200, 404, 404
    ),
    "GET /h5/orders/<order_id>": row("/h5/orders/{order}", 401, 404, 200, 404, 404),
    "GET /h5/payouts/<payout_id>": row("/h5/payouts/{nobody}", 401, 404, 404, 404, 404),
    "GET /h5/payouts/<payout_id>/state": row(
        "/h5/payouts/{nobody}/state", 401, 404, 404, 404, 404
    ),
    "GET /h5/orders/<order_id>/refund": row(
        "/h5/orders/{order}/refund", 401, 404, 200, 404, 404
    ),
    # Without a reason nothing is asked for: the buyer keeps what the rows below look for.
    "POST /h5/orders/<order_id>/refund": row(
        "/h5/orders/{order}/refund", 403, 404, 422, 404, 404, form=_FORM
    ),
    "GET /h5/agreements": row("/h5/agreements", *_BUYERS),
    "GET /h5/agreements/join/<code>": row("/h5/agreements/join/{nobody}", 404),
    "POST /h5/agreements/join/<code>": row(
        "/h5/agreements/join/{nobody}", 403, 404, 404, 404, 404, form=_FORM
    ),
    "GET /h5/agreements/<agreement_id>": row(
        "/h5/agreements/{nobody}", 401, 404, 404, 404, 404
    ),
    "POST /h5/agreements/<agreement_id>/sign": row(
        "/h5/agreements/{nobody}/sign", 403, 404, 404, 404, 404, form={"version": "{nobody}"}
    ),
    "GET /h5/orders/<order_id>/state": row("/h5/orders/{order}/state", 401, 404, 200, 404, 404),
    "GET /g/<code>": row("/g/{code}", 401, 403, 200, 200, 403),
    # --- a creator's uploads; the table sends forms where these doors take JSON ------------------
    "POST /studio/media": row("/studio/media", 401, 403, 403, 415, 415, form=_FORM),
    "GET /studio/media/<upload_id>": row("/studio/media/{nobody}", 401, 403, 403, 404, 404),
    "PUT /studio/media/<upload_id>": row(
        "/studio/media/{nobody}?offset=0", 401, 403, 403, 404, 404, form=_FORM
    ),
    "POST /studio/media/<upload_id>/complete": row(
        "/studio/media/{nobody}/complete", 401, 403, 403, 415, 415, form=_FORM
    ),
    "DELETE /studio/media/<upload_id>": row(
        "/studio/media/{nobody}", 401, 403, 403, 404, 404, form=_FORM
    ),
    # The group of the scene is entered by a link, so there is no code to show to anybody.
    "GET /g/<code>/code.png": row("/g/{code}/code.png", 404),
    "POST /g/<code>/joined": row("/g/{code}/joined", 403, 303, 303, 303, 303, form=_FORM),
    "POST /g/<code>/again": row("/g/{code}/again", 403, 303, 303, 303, 303, form=_FORM),
    "POST /g/<code>/leave": row("/g/{code}/leave", 403, 303, 303, 303, 303, form=_FORM),
    # --- the creator's page ---------------------------------------------------------------------
    "GET /studio/": row("/studio/", *_OWN_PAGE),
    "POST /studio/undo": row("/studio/undo", 403, 403, 403, 409, 409, form=_FORM),
    "GET /studio/become": row("/studio/become", 303, 200, 200, 303, 303),
    "POST /studio/become": row("/studio/become", 403, 404, 404, 303, 303, form=_FORM),
    "GET /studio/columns": row("/studio/columns", *_OWN_PAGE),
    "GET /studio/columns/new": row("/studio/columns/new", *_OWN_PAGE),
    "POST /studio/columns": row("/studio/columns", 403, 403, 403, 422, 422, form=_form("new")),
    "GET /studio/columns/<column_id>": row("/studio/columns/{column}", *_OWN_THING),
    "POST /studio/columns/<column_id>": row(
        "/studio/columns/{column}", *_NOT_OTHERS,
        form=_form("edit", title="光影课", promised_cadence="每周一篇", promised_count="12"),
    ),
    "POST /studio/columns/<column_id>/price": row(
        "/studio/columns/{column}/price", *_NOT_OTHERS, form=_form("term", term="30", price="19.9")
    ),
    "POST /studio/columns/<column_id>/state": row(
        "/studio/columns/{column}/state", *_NOT_OTHERS, form=_form("state", state="paused")
    ),
    "GET /studio/works": row("/studio/works", *_OWN_PAGE),
    "GET /studio/works/new": row("/studio/works/new", *_OWN_PAGE),
    "POST /studio/works": row(
        "/studio/works", *_NOT_OTHERS,
        form=_form("work", column="{column}", title="又一课", markdown="天亮了。街上没有人。"),
    ),
    # The author's own editor holds all of the text.
    "GET /studio/works/<work_id>": row(
        "/studio/works/{work}", *_OWN_THING, reads=frozenset({"author"})
    ),
    "POST /studio/works/<work_id>": row(
        "/studio/works/{work}", 403, 403, 403, 422, 404, form=_form("save", title="第一课"),
        reads=frozenset({"author"}),
    ),
    "POST /studio/works/<work_id>/pictures": row(
        "/studio/works/{work}/pictures", 403, 403, 403, 422, 422, form=_form("picture")
    ),
    "POST /studio/works/<work_id>/attachments/<attachment_id>": row(
        "/studio/works/{work}/attachments/{nobody}", 403, 403, 403, 404, 404,
        form=_form("attachment", what="detach"),
    ),
    # It stands there already, at home: nothing is done, and the page says so.
    "POST /studio/works/<work_id>/columns": row(
        "/studio/works/{work}/columns", *_NOT_OTHERS,
        form=_form("place", what="put_in", column="{column}"),
    ),
    "POST /studio/works/<work_id>/price": row(
        "/studio/works/{work}/price", *_NOT_OTHERS, form=_form("price", price="9.9")
    ),
    "POST /studio/works/<work_id>/publish": row(
        "/studio/works/{work}/publish", 403, 403, 403, 409, 404, form=_form("publish", when="now"),
        reads=frozenset({"author"}),
    ),
    "POST /studio/works/<work_id>/step": row(
        "/studio/works/{work}/step", 403, 403, 403, 200, 404, form=_form("step", step="withdraw")
    ),
    "GET /studio/works/<work_id>/revisions/<revision_id>": row(
        "/studio/works/{work}/revisions/{nobody}", 303, 303, 303, 404, 404
    ),
    "POST /studio/works/<work_id>/revisions/<revision_id>": row(
        "/studio/works/{work}/revisions/{nobody}", 403, 403, 403, 409, 404,
        form=_form("again"), reads=frozenset({"author"}),
    ),
    "POST /studio/preview": row(
        "/studio/preview", 403, 403, 403, 200, 200, form={"markdown": "天亮了。"}
    ),
    "GET /studio/earnings": row("/studio/earnings?price=9.9", *_OWN_PAGE),
    "GET /studio/income": row("/studio/income", *_OWN_PAGE),
    "GET /studio/income.csv": row("/studio/income.csv", *_OWN_PAGE),
    "GET /studio/payouts": row("/studio/payouts", *_OWN_PAGE),
    "POST /studio/payouts": row(
        "/studio/payouts", 403, 403, 403, 409, 409, form=_form("payout", amount="1")
    ),
    "POST /studio/payouts/<payout_id>/withdraw": row(
        "/studio/payouts/{nobody}/withdraw", 403, 403, 403, 404, 404, form=_form("withdraw")
    ),
    "GET /studio/statements": row("/studio/statements", *_OWN_PAGE),
    "GET /studio/statement.<any(csv, xlsx, pdf):extension>": row(
        "/studio/statement.csv", *_OWN_PAGE
    ),
    "GET /studio/shares": row("/studio/shares", *_OWN_PAGE),
    "GET /studio/splits": row("/studio/splits", *_OWN_PAGE),
    "POST /studio/splits": row(
        "/studio/splits", *_NOT_OTHERS, form=_form("split", column="{column}")
    ),
    "GET /studio/splits/<agreement_id>": row(
        "/studio/splits/{nobody}", 303, 303, 303, 404, 404
    ),
    "POST /studio/splits/<agreement_id>/versions": row(
        "/studio/splits/{nobody}/versions", 403, 403, 403, 404, 404, form=_form("terms")
    ),
    "POST /studio/splits/<agreement_id>/withdraw": row(
        "/studio/splits/{nobody}/withdraw", 403, 403, 403, 404, 404, form=_form("back")
    ),
    "POST /studio/splits/<agreement_id>/end": row(
        "/studio/splits/{nobody}/end", 403, 403, 403, 404, 404, form=_form("over")
    ),
    "GET /studio/buyers": row("/studio/buyers", *_OWN_PAGE),
    "GET /studio/groups": row("/studio/groups", *_OWN_PAGE),
    "POST /studio/groups": row(
        "/studio/groups", *_NOT_OTHERS, form=_form("group", column="{column}", name="晨拍群")
    ),
    "GET /studio/groups/<group_id>": row("/studio/groups/{group}", *_OWN_THING),
    "POST /studio/groups/<group_id>": row(
        "/studio/groups/{group}", *_NOT_OTHERS, form=_form("gate", what="gate", gate="buyer")
    ),
    "POST /studio/groups/<group_id>/link": row(
        "/studio/groups/{group}/link", *_NOT_OTHERS,
        form=_form("way", url="https://work.weixin.qq.com/gm/abc", capacity_count="200"),
    ),
    "POST /studio/groups/<group_id>/pictures": row(
        "/studio/groups/{group}/pictures", 403, 403, 403, 422, 404, form=_form("code")
    ),
    "GET /studio/sign-in": row("/studio/sign-in", 200, 303, 303, 303, 303),
    "GET /studio/sign-in/state": row("/studio/sign-in/state", 200),
    "GET /studio/enter/<link>": row("/studio/enter/{nobody}", 303, 303, 303, 404, 404),
    "POST /studio/enter/<link>": row(
        "/studio/enter/{nobody}", 403, 403, 403, 404, 404, form=_form("enter")
    ),
    "POST /studio/desks/<desk_id>/end": row(
        "/studio/desks/{nobody}/end", 403, 403, 403, 303, 303, form=_FORM
    ),
    "POST /studio/sign-out": row("/studio/sign-out", 403, 303, 303, 303, 303, form=_FORM),
    "GET /studio/profile": row("/studio/profile", *_OWN_PAGE),
    "POST /studio/profile/name": row(
        "/studio/profile/name", 403, 403, 403, 303, 303, form=_form("name", name="林间")
    ),
    "POST /studio/profile/handle": row(
        "/studio/profile/handle", 403, 403, 403, 422, 422, form=_form("handle", handle="1")
    ),
    "POST /studio/profile/introduction": row(
        "/studio/profile/introduction", 403, 403, 403, 303, 303, form=_form("introduction")
    ),
    "POST /studio/profile/invitations": row(
        "/studio/profile/invitations", 403, 403, 403, 303, 303, form=_form("invite")
    ),
    # The last row: it ends the session.
    "POST /h5/sign-out": row("/h5/sign-out", 403, 302, 302, 302, 302, form=_FORM),
}  # fmt: skip

_MONEY = ("owner", "finance", "auditor")
_MACHINES = ("owner", "support", "auditor")
_REFUNDERS = ("owner", "finance", "support")
_REVIEWERS = ("owner", "editor", "moderator")
DESK: dict[str, DeskRow] = {
    "GET /operator/": desk("/operator/", *ROLES),
    "GET /operator/login": desk("/operator/login", *ROLES, status=303),
    "GET /operator/revenue.csv": desk("/operator/revenue.csv", *_MONEY),
    "GET /operator/payouts": desk("/operator/payouts", *_MONEY),
    "GET /operator/payouts/<payout_id>": desk("/operator/payouts/{nobody}", *_MONEY, status=404),
    "POST /operator/payouts": desk(
        "/operator/payouts", "owner", "finance", status=422, form={"creator": "nobody"}
    ),
    "POST /operator/payouts/<payout_id>/approve": desk(
        "/operator/payouts/{nobody}/approve", "owner", "finance", status=404, form={}
    ),
    "POST /operator/payouts/<payout_id>/decline": desk(
        "/operator/payouts/{nobody}/decline", "owner", "finance", status=404, form={"words": "不"}
    ),
    "POST /operator/payouts/<payout_id>/take-back": desk(
        "/operator/payouts/{nobody}/take-back", "owner", "finance", status=404, form={}
    ),
    "GET /operator/statements": desk("/operator/statements", *_MONEY),
    "GET /operator/statement.<any(csv, xlsx, pdf):extension>": desk(
        "/operator/statement.csv", *_MONEY, status=422
    ),
    "GET /operator/entries": desk("/operator/entries", *_MONEY),
    "GET /operator/entries/<entry_id>": desk("/operator/entries/{nobody}", *_MONEY, status=404),
    "GET /operator/orders": desk("/operator/orders", *_MONEY, "support"),
    "GET /operator/orders/<order_id>": desk("/operator/orders/{order}", *_MONEY, "support"),
    "GET /operator/splits": desk("/operator/splits", *_MONEY),
    "GET /operator/splits/<agreement_id>": desk("/operator/splits/{nobody}", *_MONEY, status=404),
    "GET /operator/refunds": desk("/operator/refunds", *_MONEY, "support"),
    "GET /operator/refunds/<refund_id>": desk(
        "/operator/refunds/{nobody}", *_MONEY, "support", status=404
    ),
    "POST /operator/refunds/<refund_id>/approve": desk(
        "/operator/refunds/{nobody}/approve", *_REFUNDERS, status=404, form={}
    ),
    "POST /operator/refunds/<refund_id>/decline": desk(
        "/operator/refunds/{nobody}/decline", *_REFUNDERS, status=404, form={"words": "已读完"}
    ),
    "GET /operator/bills": desk("/operator/bills", *_MONEY),
    "GET /operator/bills/<bill_day_id>": desk("/operator/bills/{nobody}", *_MONEY, status=404),
    "POST /operator/bills/<bill_day_id>/again": desk(
        "/operator/bills/{nobody}/again", "owner", "finance", status=404, form={}
    ),
    "POST /operator/differences/<difference_id>/explain": desk(
        "/operator/differences/{nobody}/explain",
        "owner",
        "finance",
        status=404,
        form={"words": "微信重复出了一行"},
    ),
    "POST /operator/orders/<order_id>/refund": desk(
        "/operator/orders/{nobody}/refund", *_REFUNDERS, status=404, form={"reason": "other"}
    ),
    "POST /operator/payments/<payment_id>/refund": desk(
        "/operator/payments/{nobody}/refund", *_REFUNDERS, status=404, form={}
    ),
    "GET /operator/review": desk("/operator/review", *_REVIEWERS),
    "POST /operator/review/<check_id>": desk(
        "/operator/review/{nobody}", *_REVIEWERS, status=404, form={"verdict": "pass"}
    ),
    "GET /operator/media/<attachment_id>": desk(
        "/operator/media/{nobody}", *_REVIEWERS, status=404
    ),
    "GET /operator/pictures/<sha256>": desk("/operator/pictures/{nobody}", *_REVIEWERS, status=404),
    "GET /operator/alarms": desk(
        "/operator/alarms", "owner", "editor", "finance", "support", "auditor"
    ),
    "POST /operator/alarms/<alarm_id>": desk(
        "/operator/alarms/{nobody}", "owner", "finance", status=404, form={"resolution": "看过了"}
    ),
    "GET /operator/effects": desk("/operator/effects", *_MACHINES),
    "POST /operator/effects/<effect_id>/retry": desk(
        "/operator/effects/{nobody}/retry", "owner", "support", status=409, form={}
    ),
    "GET /operator/inbox": desk("/operator/inbox", *_MACHINES),
    "GET /operator/keys": desk("/operator/keys", *_MACHINES),
    "POST /operator/inbox/<fact_id>/replay": desk(
        "/operator/inbox/{nobody}/replay", "owner", "support", status=404, form={}
    ),
    "GET /operator/audit": desk("/operator/audit", *_MONEY),
    "POST /operator/login": desk("/operator/login", *ROLES, status=401, form={}),
    "POST /operator/language": desk(
        "/operator/language", *ROLES, status=303, form={"language": "zh-CN"}
    ),
    # The last row: it ends the session.
    "POST /operator/logout": desk("/operator/logout", *ROLES, status=303, form={}),
}
