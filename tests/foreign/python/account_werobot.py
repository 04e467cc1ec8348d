"""WeRoBot on both sides: its client asks the simulator, its server answers the pushes."""

import tempfile
from pathlib import Path
from typing import Any

from stage import Backend, Stage
from werobot import WeRoBot
from werobot.replies import Article as NewsArticle
from werobot.replies import ArticlesReply, ImageReply

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64
MENU = {"button": [{"type": "click", "name": "最新", "key": "latest"}]}


def main() -> None:
    """The server first: what a person says opens the window in which the client may send."""
    stage = Stage()
    person = stage.person()
    client = serve(stage, person).client
    account(stage, client)
    followers(stage, client, person["oa_openid"])
    sending(stage, client, person)
    stage.leave()


def serve(stage: Stage, person: dict[str, Any]) -> Any:
    """Three kinds of push, each answered by a sealed reply that the person sees."""
    oa = stage.accounts["oa"]
    robot = WeRoBot(
        SESSION_STORAGE=False,
        token=oa["token"],
        encoding_aes_key=oa["aes_key"],
        app_id=oa["appid"],
        app_secret=oa["secret"],
    )
    robot.text(lambda message: f"收到：{message.content}")
    robot.subscribe(_news)
    robot.key_click("latest")(lambda message: ImageReply(message=message, media_id="m1"))
    address = f"{Backend(robot.wsgi).url}/"
    stage.control("PUT", "accounts", {"oa": {"callback_url": address}})
    mine = f"people/{person['id']}"
    stage.works(
        "server: URL check",
        lambda: stage.control("POST", "accounts/oa/verify"),
        lambda a: a["verified"],
    )
    stage.works(
        "server: subscribe → articles",
        lambda: stage.control("POST", f"{mine}/follow"),
        lambda a: (a["status"], a["reply"]["type"]) == (200, "news"),
    )
    stage.works(
        "server: text → text",
        lambda: stage.control("POST", f"{mine}/send", {"text": "你好 <&> 😀"}),
        lambda a: a["reply"]["text"] == "收到：你好 <&> 😀",
    )
    robot.client.create_menu(MENU)
    stage.works(
        "server: CLICK → image",
        lambda: stage.control("POST", f"{mine}/tap", {"key": "latest"}),
        lambda a: a["reply"]["type"] == "image",
    )
    return robot


def _news(message: Any) -> Any:
    reply = ArticlesReply(message=message)
    reply.add_article(NewsArticle("欢迎", "第一期", "http://a.test/1.png", "http://a.test/"))
    return reply


def account(stage: Stage, client: Any) -> None:
    """Token, addresses, menu."""
    stage.works("grant_token", client.grant_token, lambda a: a["access_token"])
    stage.works("get_ip_list", client.get_ip_list, lambda a: a["ip_list"])
    stage.works("create_menu", lambda: client.create_menu(MENU), lambda a: a["errcode"] == 0)
    stage.works("get_menu", client.get_menu, lambda a: a["menu"]["button"][0]["key"] == "latest")
    stage.works("get_custom_menu_config", client.get_custom_menu_config, lambda a: a)
    stage.works("delete_menu", client.delete_menu, lambda a: a["errcode"] == 0)
    stage.refused("get_menu", 46003, client.get_menu)


def followers(stage: Stage, client: Any, openid: str) -> None:
    """Followers, tags, and a code to follow by."""
    stage.works("get_user_info", lambda: client.get_user_info(openid), lambda a: a["subscribe"])
    stage.works(
        "get_users_info",
        lambda: client.get_users_info([openid]),
        lambda a: a["user_info_list"][0]["openid"] == openid,
    )
    stage.works("get_followers", client.get_followers, lambda a: openid in a["data"]["openid"])
    stage.works("remark_user", lambda: client.remark_user(openid, "友"), lambda a: not a["errcode"])
    tag = stage.works("create_tag", lambda: client.create_tag("robot"), lambda a: a["tag"])
    tag_id = tag["tag"]["id"]
    stage.works("tag_users", lambda: client.tag_users(tag_id, [openid]), lambda a: not a["errcode"])
    stage.works(
        "get_tags_by_user",
        lambda: client.get_tags_by_user(openid),
        lambda a: tag_id in a["tagid_list"],
    )
    stage.works("get_tags", client.get_tags, lambda a: a["tags"])
    stage.works("delete_tag", lambda: client.delete_tag(tag_id), lambda a: not a["errcode"])
    asked = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 5}}}
    code = stage.works("create_qrcode", lambda: client.create_qrcode(asked), lambda a: a["ticket"])
    stage.works("show_qrcode", lambda: client.show_qrcode(code["ticket"]), lambda a: a.ok)


def sending(stage: Stage, client: Any, person: dict[str, Any]) -> None:
    """A picture goes up and down; messages of three kinds reach the person."""
    openid = person["oa_openid"]
    stage.control("POST", f"people/{person['id']}/send", {"text": "再来"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "图.png"
        path.write_bytes(PICTURE)
        with path.open("rb") as file:
            up = stage.works(
                "upload_media", lambda: client.upload_media("image", file), lambda a: a["media_id"]
            )
    stage.works(
        "download_media",
        lambda: client.download_media(up["media_id"]),
        lambda a: a.content == PICTURE,
    )
    stage.works(
        "send_text_message",
        lambda: client.send_text_message(openid, "您好"),
        lambda a: a["errcode"] == 0 and stage.inbox(person)[-1]["text"] == "您好",
    )
    stage.works(
        "send_image_message",
        lambda: client.send_image_message(openid, up["media_id"]),
        lambda a: a["errcode"] == 0,
    )
    article = {"title": "一", "description": "", "url": "http://a.test/", "picurl": "http://a/"}
    stage.works(
        "send_article_message",
        lambda: client.send_article_message(openid, [article]),
        lambda a: a["errcode"] == 0,
    )
    stage.works(
        "send_template_message",
        lambda: client.send_template_message(openid, "T1", {"a": {"value": "1"}}),
        lambda a: a["msgid"],
    )
    stage.refused("send_text_message", 40003, lambda: client.send_text_message("none", "您好"))


if __name__ == "__main__":
    main()
