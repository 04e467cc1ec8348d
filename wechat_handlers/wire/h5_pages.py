"""What H5 pages inside WeChat need: where to sign in, and the signature of the JS-SDK.

Sources: https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
"""

import hashlib
from urllib.parse import quote

OAUTH_SCOPES = frozenset({"snsapi_base", "snsapi_userinfo"})


def oauth_authorize_url(
    open_base: str, *, appid: str, redirect_uri: str, scope: str, state: str
) -> str:
    """Where to send the browser of a person who shall sign in; WeChat minds the order.

    Args:
        open_base: `https://open.weixin.qq.com`, or a simulator.
        scope: `snsapi_base` is silent; `snsapi_userinfo` asks, and needs a tap to be no snapshot.
        state: comes back unchanged; at most 128 letters and digits.
    """
    if scope not in OAUTH_SCOPES:
        raise ValueError("scope must be snsapi_base or snsapi_userinfo")
    return (
        f"{open_base.rstrip('/')}/connect/oauth2/authorize?appid={quote(appid, safe='')}"
        f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope={scope}"
        f"&state={quote(state, safe='')}#wechat_redirect"
    )


def sign_jssdk(*, ticket: str, noncestr: str, timestamp: int, url: str) -> str:
    """The signature for `wx.config`, over the page's address without its fragment."""
    address = url.split("#", 1)[0]
    text = f"jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={address}"
    return hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
