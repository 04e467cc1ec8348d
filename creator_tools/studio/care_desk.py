"""Who may enter a group, and who looks after it, by chat."""

import re

from creator_tools.creators.models import Creator
from creator_tools.fan_groups import service
from creator_tools.studio import sentences
from creator_tools.studio.deeds import groups as deeds
from creator_tools.studio.deeds.groups import GATES_ZH
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import Command
from creator_tools.studio.group_desk import chosen_group, my_groups

_GATE_WORDS = (
    ("follower", re.compile(r"粉丝|关注|follower", re.IGNORECASE)),
    ("free", re.compile(r"所有人|任何人|谁都|不限|免费|everyone|free", re.IGNORECASE)),
    ("buyer", re.compile(r"读者|买|付费|订阅|buyer|reader", re.IGNORECASE)),
)
_NUMBER = re.compile(r"^第?\s*(\d{1,3})\s*(?:个|号)?(?:\s|$)")


def gate(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Say who may enter a group: "进群门槛 1 关注"."""
    number, words = _numbered(command.rest)
    group = chosen_group(talk, creator, number)
    if group is None:
        return my_groups(talk, command, creator)
    chosen = next((name for name, shape in _GATE_WORDS if shape.search(words)), None)
    if chosen is None:
        return Answer(
            f"「{group.name}」现在{GATES_ZH[group.gate]}能进。"
            f"想改就发：进群门槛 {number or 1} 所有人，或「关注」「读者」。"
        )
    deeds.set_gate(talk.doer(), group.id, chosen)
    return Answer(f"「{group.name}」现在{GATES_ZH[chosen]}能进，已经留好的名额不受影响。")


def offer_keeping(talk: Talk, command: Command, creator: Creator) -> Answer:
    """A code that makes a friend the keeper of a group."""
    group = chosen_group(talk, creator, _numbered(command.rest)[0])
    if group is None:
        return my_groups(talk, command, creator)
    code = deeds.offer_keeping(talk.doer(), group.id)
    return Answer(
        f"把下面这一行转给要帮你管「{group.name}」的人，TA 三天内发给公众号，就能收到换码提醒、"
        f"直接发新的群二维码：\n管群 {code}"
    )


def end_keeping(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Take the keeping of a group back."""
    group = chosen_group(talk, creator, _numbered(command.rest)[0])
    if group is None:
        return my_groups(talk, command, creator)
    if not deeds.end_keeping(talk.doer(), group.id):
        return Answer(f"「{group.name}」本来就由你自己管。")
    return Answer(f"「{group.name}」改由你自己管了。回复「撤销」可恢复。")


def take_keeping(talk: Talk, command: Command) -> Answer:
    """Become the keeper of the group whose code was sent."""
    group = service.take_keeping(talk.uow, code=command.rest.strip(), person_id=talk.person_id)
    return Answer(
        f"好，「{group.name}」由你来管了。入口快到期或快满时我会提醒你；"
        "把新的群二维码图片直接发来，就会换上。",
        ((f"进群：{group.name}", f"/g/{group.code}"),),
    )


def _numbered(rest: str) -> tuple[int | None, str]:
    said = sentences.shortened(rest, 60)
    number = _NUMBER.match(said)
    if number is None:
        return None, said
    return int(number.group(1)), said[number.end() :]
