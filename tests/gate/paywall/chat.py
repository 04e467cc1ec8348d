"""What a fan can say and open in WeChat, and the door of the fan group."""

from tests.gate.paywall.listing import Attack, attack, filled
from tests.gate.vault import Thief

# --- the fan group ------------------------------------------------------------


@attack("group: its door, asked for by people without a right")
def _door(thief: Thief) -> None:
    ids = thief.vault.ids
    for who in thief.everybody():
        for path in (f"/api/v1/fan-groups/{ids['group']}/door", f"/g/{ids['code']}"):
            for query in ("", "?guest=1", "?token=1&seat=1"):
                answer = thief.ask(who, path + query)
                assert answer.status_code in {302, 401, 403}, (who.name, path)


# --- the chat ------------------------------------------------------------


def _saying(*words: str) -> Attack:
    def talk(thief: Thief) -> None:
        for name in ("a fan on oa with android", "a fan on oa with ios", "another creator"):
            who = thief.vault.visitors[name]
            for one in words:
                thief.say(who, filled(thief.vault, one))
            thief.hear(who)

    return talk


attack("chat: opening what the lists show")(
    _saying("专栏", "看 1", "看 2", "更多", "看 3", "1", "2", "打开 4")
)
attack("chat: asking to read on")(_saying("搜索 清晨", "看 1", "全文", "继续", "展开", "更多"))
attack("chat: the words of whoever writes")(
    _saying("我的作品", "预览", "预览 1", "改正文 1", "取消", "修改标题 我的", "撤销", "恢复上架 1")
)
attack("chat: ids in the place of numbers")(_saying("看 {revision}", "预览 {product}", "看 -1"))
attack("chat: the orders of others")(_saying("我的购买", "订单 {order}", "看 1", "进群", "群 1"))


@attack("chat: searching for half of a locked word")
def _half_words(thief: Thief) -> None:
    for three in thief.vault.words.values():
        for word in three:
            thief.say(thief.vault.fan, f"搜索 {word[: len(word) // 2]}")
    thief.hear(thief.vault.fan)


@attack("chat: what was ever written to everybody")
def _messages(thief: Thief) -> None:
    for who in thief.everybody():
        if who.person and who.name != "another creator":
            thief.hear(who)


@attack("page in WeChat: every work, recognised on the way")
def _in_wechat(thief: Thief) -> None:
    for who in thief.everybody():
        for work_id in thief.vault.works.values():
            if who.person:
                thief.open(who, f"/h5/works/{work_id}")
