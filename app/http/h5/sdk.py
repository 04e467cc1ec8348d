"""The signature that lets a page of ours use WeChat's JS-SDK, here for its share card."""

from flask import Blueprint, Response, jsonify, request

from app.http.needs import HttpWiring

URL_CHARS_MAX = 1024


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang this door."""

    @pages.get("/h5/js-sdk")
    def sign_page() -> Response:
        signed = wiring.js_sdk.sign(request.args.get("url", "")[:URL_CHARS_MAX])
        return jsonify(
            appId=signed.account,
            timestamp=signed.timestamp,
            nonceStr=signed.nonce,
            signature=signed.signature,
        )


def page_address(wiring: HttpWiring) -> str:
    """The address of the page being shown, as the visitor's WeChat knows it."""
    path = request.full_path if request.query_string else request.path
    return wiring.public_base_url + path
