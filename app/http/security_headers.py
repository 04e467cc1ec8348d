"""What every answer tells the browser to refuse.

One policy for all pages: scripts are files of ours or carry this answer's nonce if it has one,
nothing frames us, nothing is guessed from content. What belongs to one person is kept by nobody.
"""

import base64

from flask import Flask, Response, g, request

from creator_tools.kernel.rng import fresh_bytes

PUBLIC_PREFIXES = ("/static/",)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
KEPT_APART_BY = ("Cookie", "Authorization")


def nonce() -> str:
    """This answer's nonce of 128 bits, made once; for `<script nonce>` in templates."""
    if "csp_nonce" not in g:
        # Browser security, not business chance: it must be unguessable even in a seeded run.
        g.csp_nonce = base64.b64encode(fresh_bytes(16)).decode("ascii")
    return str(g.csp_nonce)


def install(app: Flask, *, public_base_url: str) -> None:
    """Put the headers on every answer of `app`, errors and static files included."""
    fixed = fixed_headers(public_base_url)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy(g.get("csp_nonce"))
        for name, text in fixed:
            response.headers[name] = text
        if not request.path.startswith(PUBLIC_PREFIXES):
            _keep_private(response)
        return response

    app.jinja_env.globals["csp_nonce"] = nonce


def fixed_headers(public_base_url: str) -> list[tuple[str, str]]:
    """The headers that are the same on every answer."""
    headers = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", PERMISSIONS),
    ]
    if public_base_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    return headers


def policy(this_nonce: str | None = None) -> str:
    """The policy of one answer; scripts are files of ours or carry its nonce."""
    ours = "'self'" if this_nonce is None else f"'self' 'nonce-{this_nonce}'"
    return (
        "default-src 'self'; "
        f"script-src {ours}; "
        "style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _keep_private(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
    for header in KEPT_APART_BY:
        response.vary.add(header)
