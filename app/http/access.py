"""Who may use which door: every route stands in exactly one list.

The lists are compared with the routes of the running application by a test, so a new route
without a decision fails the build. What "person" means is asked by `sessions`, what an operator
may see by the desk; the lists say which of the questions is asked.
"""

PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        "/robots.txt",
        "/MP_verify_<name>.txt",
        "/static/<path:filename>",
        "/api/v1/openapi.json",
        "/api/v1/sessions",
        # A browser at a desk asks here to be let in.
        "/studio/sign-in",
        "/studio/sign-in/state",
        # Readable by anybody; what is locked stays locked without a session.
        "/api/v1/creators/<handle>",
        "/api/v1/columns/<column_id>",
        "/api/v1/works/<work_id>",
        "/h5/",
        "/h5/sign-in",
        "/h5/oauth/callback",
        "/h5/creators/<handle>",
        "/h5/columns/<column_id>",
        "/h5/works/<work_id>",
        "/h5/search",
        # A stranger with a signed link sees what they are invited to; joining needs the person.
        "/h5/agreements/join/<code>",
        # A stranger may choose a language; what is held about a person needs the person.
        "/h5/settings",
        "/h5/settings/language",
        "/media/<sha256>",
        "/media/<sha256>/small",
        "/media/files/<token>",
        "/h5/attachments/<attachment_id>",
        "/h5/attachments/<attachment_id>/poster",
        # Signs pages of ours only; the ticket behind it is shared and kept.
        "/h5/js-sdk",
    }
)
# A platform's signature is the only credential.
SIGNED_CALLBACK = frozenset(
    {
        "/wechat/official-account",
        "/wechat/official-account/<account_id>",
        "/wechat/mini-program",
        "/wechat/mini-program/<account_id>",
        "/wechat/wecom",
        "/wechat/wecom/<account_id>",
        "/wechat-pay/notifications/<any(payment, refund, 'profit-sharing', transfer):kind>",
    }
)
PERSON = frozenset(
    {
        "/api/v1/quotes",
        "/api/v1/orders",
        "/api/v1/orders/<order_id>",
        "/api/v1/me/entitlements",
        "/api/v1/shares",
        "/api/v1/fan-groups/<fan_group_id>/door",
        "/h5/me",
        "/h5/me/data.json",
        "/h5/settings/notices",
        "/h5/orders",
        "/h5/orders/<order_id>",
        "/h5/orders/<order_id>/receipt",
        "/h5/orders/<order_id>/refund",
        "/h5/orders/<order_id>/state",
        "/h5/agreements",
        "/h5/agreements/<agreement_id>",
        "/h5/agreements/<agreement_id>/sign",
        "/h5/payouts/<payout_id>",
        "/h5/payouts/<payout_id>/state",
        "/h5/products/<product_id>/buy",
        "/h5/sign-out",
        "/g/<code>",
        "/g/<code>/code.png",
        "/g/<code>/joined",
        "/g/<code>/again",
        "/g/<code>/leave",
        "/studio/become",
        "/studio/sign-out",
    }
)
CREATOR = frozenset(
    {
        "/studio/",
        "/studio/buyers",
        "/studio/columns",
        "/studio/columns/<column_id>",
        "/studio/columns/<column_id>/price",
        "/studio/columns/<column_id>/state",
        "/studio/columns/new",
        "/studio/desks/<desk_id>/end",
        "/studio/earnings",
        "/studio/enter/<link>",
        "/studio/groups",
        "/studio/groups/<group_id>",
        "/studio/groups/<group_id>/link",
        "/studio/groups/<group_id>/pictures",
        "/studio/income",
        "/studio/income.csv",
        "/studio/media",
        "/studio/media/<upload_id>",
        "/studio/media/<upload_id>/complete",
        "/studio/payouts",
        "/studio/payouts/<payout_id>/withdraw",
        "/studio/preview",
        "/studio/profile",
        "/studio/profile/handle",
        "/studio/profile/introduction",
        "/studio/profile/invitations",
        "/studio/profile/name",
        "/studio/shares",
        "/studio/splits",
        "/studio/splits/<agreement_id>",
        "/studio/splits/<agreement_id>/end",
        "/studio/splits/<agreement_id>/versions",
        "/studio/splits/<agreement_id>/withdraw",
        "/studio/statement.<any(csv, xlsx, pdf):extension>",
        "/studio/statements",
        "/studio/undo",
        "/studio/works",
        "/studio/works/<work_id>",
        "/studio/works/<work_id>/attachments/<attachment_id>",
        "/studio/works/<work_id>/columns",
        "/studio/works/<work_id>/pictures",
        "/studio/works/<work_id>/price",
        "/studio/works/<work_id>/publish",
        "/studio/works/<work_id>/revisions/<revision_id>",
        "/studio/works/<work_id>/step",
        "/studio/works/new",
    }
)
OPERATOR_PREFIX = "/operator/"


def list_of(route: str) -> str | None:
    """The name of the one list that `route` (a template) stands in, or None."""
    found = [name for name, routes in LISTS.items() if route in routes]
    if route.startswith(OPERATOR_PREFIX) or route == "/operator":
        found.append("operator")
    return found[0] if len(found) == 1 else None


LISTS: dict[str, frozenset[str]] = {
    "public": PUBLIC,
    "signed_callback": SIGNED_CALLBACK,
    "person": PERSON,
    "creator": CREATOR,
}
