"""What every answer tells the browser to refuse.

One policy for all pages: scripts are files of ours or carry this answer's nonce, nothing frames
us, nothing is guessed from content. What belongs to one person is kept by nobody.
"""

import base64
import secrets

from flask import Flask, Response, g, request

PUBLIC_PREFIXES = ("/static/",)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def nonce() -> str:
    """This answer's nonce, made once; for `<script nonce>` in templates."""
    if "csp_nonce" not in g:
        # Browser security, not business chance: it must be unguessable even in a seeded run.
        g.csp_nonce = base64.b64encode(secrets.token_bytes(16)).decode("ascii")
    return str(g.csp_nonce)


def install(app: Flask, *, public_base_url: str) -> None:
    """Put the headers on every answer of `app`, errors and static files included."""
    is_https = public_base_url.startswith("https://")

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = _policy()
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = PERMISSIONS
        if is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if not request.path.startswith(PUBLIC_PREFIXES):
            _keep_private(response)
        return response

    app.jinja_env.globals["csp_nonce"] = nonce


def _policy() -> str:
    return (
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce()}'; "
        "style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _keep_private(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Cookie")
    response.vary.add("Authorization")
