"""The account APIs by wechatpy; odoo-wechatpy, which has its module's name, runs the same page."""

import hashlib
import io
import json
import secrets
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stage import Backend, Received, Stage
from wechatpy import WeChatClient
from wechatpy.oauth import WeChatOAuth

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64
MENU = {
    "button": [
        {"type": "click", "name": "最新", "key": "latest"},
        {"name": "更多", "sub_button": [{"type": "view", "name": "主页", "url": "http://a.test/"}]},
    ]
}


def main() -> None:
    """Every call, in the order of an account's life."""
    stage = Stage()
    oa = stage.accounts["oa"]
    client = WeChatClient(oa["appid"], oa["secret"])
    stage.control(
        "PUT", "accounts", {"oa": {"callback_url": f"{Backend(Received()).url}/callback"}}
    )
    person = stage.person()
    openid = person["oa_openid"]
    stage.works("fetch_access_token", client.fetch_access_token, lambda a: a["expires_in"] <= 7200)
    stage.works("misc.get_wechat_ips", client.misc.get_wechat_ips, lambda a: a)
    stage.refused("message.send_text", 45015, lambda: client.message.send_text(openid, "早"))
    stage.control("POST", f"people/{person['id']}/follow")
    stage.control("POST", f"people/{person['id']}/send", {"text": "你好"})
    menu(stage, client)
    messages(stage, client, person)
    media(stage, client, openid)
    users(stage, client, openid)
    codes_and_pages(stage, client)
    articles(stage, client)
    authorisation(stage, person)
    mini_program(stage, person)
    stage.leave()


def menu(stage: Stage, client: Any) -> None:
    """The menu: none, made, read, wrong, gone."""
    stage.works("menu.get", client.menu.get, lambda a: a is None)  # 46003, as the client tells it
    stage.works("menu.create", lambda: client.menu.create(MENU), ok)
    stage.works("menu.get", client.menu.get, lambda a: a["menu"]["button"][0]["name"] == "最新")
    stage.works("menu.get_menu_info", client.menu.get_menu_info, lambda a: a["is_menu_open"])
    stage.refused("menu.create", 40016, lambda: client.menu.create({"button": []}))
    stage.works("menu.delete", client.menu.delete, ok)


def messages(stage: Stage, client: Any, person: dict[str, Any]) -> None:
    """Customer-service messages until the window is used up, and a template message."""
    openid = person["oa_openid"]
    article = {"title": "标题", "description": "说", "url": "http://a.test/", "image": "http://a/"}
    send = client.message
    stage.works("message.send_text", lambda: send.send_text(openid, "你好 <b>&"), ok)
    if stage.inbox(person)[-1]["text"] != "你好 <b>&":
        raise AssertionError("the text did not reach the person as it was sent")
    stage.works("message.send_articles", lambda: send.send_articles(openid, [article]), ok)
    asked = {
        "head_content": "好吗",
        "list": [{"id": "1", "content": "好"}],
        "tail_content": "谢谢",
    }
    stage.works("message.send_msg_menu", lambda: send.send_msg_menu(openid, asked), ok)
    stage.works(
        "message.send_template",
        lambda: send.send_template(openid, "T1", {"first": {"value": "您好"}}, url="http://a.test"),
        lambda a: a["msgid"],
    )


def media(stage: Stage, client: Any, openid: str) -> None:
    """A picture goes up, comes down, and is sent."""
    up = stage.works(
        "media.upload",
        lambda: client.media.upload("image", ("a.png", io.BytesIO(PICTURE), "image/png")),
        lambda a: a["type"] == "image",
    )
    media_id = up["media_id"]
    stage.works("media.download", lambda: client.media.download(media_id), is_the_picture)
    stage.works("message.send_image", lambda: client.message.send_image(openid, media_id), ok)
    stage.refused("media.download", 40007, lambda: client.media.download("none"))
    stage.works(
        "media.upload_image",
        lambda: client.media.upload_image(("a.png", io.BytesIO(PICTURE), "image/png")),
        lambda a: str(a).startswith("http") or a["url"],
    )


def users(stage: Stage, client: Any, openid: str) -> None:
    """Followers and their tags."""
    stage.works("user.get", lambda: client.user.get(openid), lambda a: a["subscribe"] == 1)
    stage.works("user.get_batch", lambda: client.user.get_batch([openid]), lambda a: len(a) == 1)
    stage.works(
        "user.get_followers", client.user.get_followers, lambda a: openid in a["data"]["openid"]
    )
    stage.works(
        "user.iter_followers", lambda: list(client.user.iter_followers()), lambda a: openid in a
    )
    stage.works("user.update_remark", lambda: client.user.update_remark(openid, "老读者"), ok)
    stage.refused("user.get", 40003, lambda: client.user.get("nobody"))
    name = secrets.token_hex(4)
    tag = stage.works("tag.create", lambda: client.tag.create(name), lambda a: a["id"])
    tag_id = tag["id"]
    stage.works("tag.update", lambda: client.tag.update(tag_id, name + "2"), ok)
    stage.works("tag.get", client.tag.get, lambda a: name + "2" in str(a))
    stage.works("tag.tag_user", lambda: client.tag.tag_user(tag_id, openid), ok)
    stage.works("tag.get_user_tag", lambda: client.tag.get_user_tag(openid), lambda a: tag_id in a)
    stage.works(
        "tag.get_tag_users",
        lambda: client.tag.get_tag_users(tag_id),
        lambda a: a["data"]["openid"] == [openid],
    )
    stage.works("tag.untag_user", lambda: client.tag.untag_user(tag_id, openid), ok)
    stage.works("tag.delete", lambda: client.tag.delete(tag_id), ok)


def codes_and_pages(stage: Stage, client: Any) -> None:
    """QR codes with a scene, and the signature of a page."""
    asked = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "spring"}}}
    code = stage.works("qrcode.create", lambda: client.qrcode.create(asked), lambda a: a["url"])
    stage.works("qrcode.show", lambda: client.qrcode.show(code["ticket"]), is_a_picture)
    ticket = stage.works("jsapi.get_jsapi_ticket", client.jsapi.get_jsapi_ticket, bool)
    url = "http://a.test/h5/1?x=1"
    told = {"appId": stage.accounts["oa"]["appid"], "nonceStr": "n0", "timestamp": 5, "url": url}
    told["signature"] = client.jsapi.get_jsapi_signature("n0", ticket, 5, url)
    body = json.dumps(told).encode()
    request = urllib.request.Request(f"{stage.simulator}/phone/jssdk", body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        checked = json.load(answer)
    stage.works("jsapi.get_jsapi_signature", lambda: checked, lambda a: a["ok"])


def articles(stage: Stage, client: Any) -> None:
    """A draft is written, changed, counted and published."""
    picture = client.material.add("image", ("a.png", io.BytesIO(PICTURE), "image/png"))
    stage.works("material.add", lambda: picture, lambda a: a["media_id"])
    article = {"title": "一", "content": "<p>正文</p>", "thumb_media_id": picture["media_id"]}
    draft = stage.works("draft.add", lambda: client.draft.add([article]), lambda a: a["media_id"])
    media_id = draft["media_id"]
    changed = {**article, "title": "二"}
    stage.works("draft.update", lambda: client.draft.update(media_id, 0, changed), ok)
    stage.works(
        "draft.get",
        lambda: client.draft.get(media_id),
        lambda a: a["news_item"][0]["title"] == "二",
    )
    stage.works("draft.count", client.draft.count, lambda a: a["total_count"] == 1)
    stage.works("draft.batchget", client.draft.batchget, lambda a: a["item_count"] == 1)
    sent = stage.works(
        "freepublish.submit", lambda: client.freepublish.submit(media_id), lambda a: a["publish_id"]
    )
    stage.control("POST", "clock", {"advance_s": 6})
    stage.works(
        "freepublish.get",
        lambda: client.freepublish.get(sent["publish_id"]),
        lambda a: a["publish_status"] == 0,
    )


def authorisation(stage: Stage, person: dict[str, Any]) -> None:
    """Web authorisation, from the address the client builds to the profile."""
    oa = stage.accounts["oa"]
    back = Backend(Received()).url + "/back"
    oauth = WeChatOAuth(oa["appid"], oa["secret"], back, "snsapi_userinfo", "s1")
    asked = {"url": oauth.authorize_url, "tap": True}
    opened = stage.control("POST", f"people/{person['id']}/open", asked)
    given = parse_qs(urlsplit(opened["url"]).query)
    stage.works("oauth.authorize_url", lambda: given, lambda a: a["state"] == ["s1"])
    code = given["code"][0]
    token = stage.works(
        "oauth.fetch_access_token",
        lambda: oauth.fetch_access_token(code),
        lambda a: a["openid"] == person["oa_openid"],
    )
    stage.works(
        "oauth.get_user_info", oauth.get_user_info, lambda a: a["nickname"] == person["nickname"]
    )
    stage.works(
        "oauth.refresh_access_token",
        lambda: oauth.refresh_access_token(token["refresh_token"]),
        lambda a: a["openid"] == person["oa_openid"],
    )
    stage.works("oauth.check_access_token", oauth.check_access_token, bool)
    stage.refused("oauth.fetch_access_token", 40163, lambda: oauth.fetch_access_token(code))


def mini_program(stage: Stage, person: dict[str, Any]) -> None:
    """Login, telephone number, code and link of the mini-program."""
    mini = stage.accounts["mini"]
    wxa = WeChatClient(mini["appid"], mini["secret"]).wxa
    code = stage.control("POST", f"people/{person['id']}/login")["code"]
    stage.works(
        "wxa.code_to_session",
        lambda: wxa.code_to_session(code),
        lambda a: (a["openid"], a["unionid"]) == (person["mini_openid"], person["unionid"]),
    )
    stage.refused("wxa.code_to_session", 40163, lambda: wxa.code_to_session(code))
    button = stage.control("POST", f"people/{person['id']}/phone")["code"]
    stage.works(
        "wxa.get_phone_number",
        lambda: wxa.get_phone_number(button),
        lambda a: "phoneNumber" in str(a),
    )
    stage.works(
        "wxa.get_wxa_code_unlimited", lambda: wxa.get_wxa_code_unlimited("a=1"), is_a_picture
    )
    stage.works("wxa.get_url_link", lambda: wxa.get_url_link("pages/a", "x=1"), lambda a: a)
    template = "tmpl-1"
    stage.control("POST", f"people/{person['id']}/consent", {"template_id": template})
    values = {"thing1": {"value": "更新了"}}
    openid = person["mini_openid"]
    send = wxa.send_subscribe_message
    stage.works("wxa.send_subscribe_message", lambda: send(openid, template, values), ok)
    stage.refused("wxa.send_subscribe_message", 43101, lambda: send(openid, template, values))


def ok(answer: Any) -> bool:
    """WeChat's plain success."""
    return bool(answer["errcode"] == 0)


def is_the_picture(answer: Any) -> bool:
    """The uploaded bytes."""
    return hashlib.sha1(answer.content).digest() == hashlib.sha1(PICTURE).digest()


def is_a_picture(answer: Any) -> bool:
    """A PNG or a JPEG."""
    return bool(answer.content.startswith((b"\x89PNG", b"\xff\xd8")))


if __name__ == "__main__":
    main()
