"""What can go wrong at the door of a fan group."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class FanGroupNotFound(DomainError):
    """No group has this id or code, or it is another creator's: the asker cannot tell which."""

    code = "fan_group_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个粉丝群。"
    sentence_en = "There is no such fan group."


class NotEntitled(DomainError):
    """The person has no access to the column of the group."""

    code = "not_entitled"
    kind = ErrorKind.FORBIDDEN
    sentence = "这个群是给读者的：买下这个专栏，或其中任何一篇，再来就能进群。"
    sentence_en = "This group is for readers: buy the column, or any work of it, and come again."


class NoDoorOpen(DomainError):
    """The group is closed: it lets nobody in."""

    code = "no_door_open"
    kind = ErrorKind.UNAVAILABLE
    sentence = "粉丝群暂时不接受新成员，群主重新开放后就能进，请过一阵子再来。"
    sentence_en = "The group takes nobody in now; come again when its owner has opened it."


class DoorShownTooOften(DomainError):
    """The person asked for the same door more than five times within a minute."""

    code = "door_shown_too_often"
    kind = ErrorKind.TOO_MANY
    sentence = "点得太快了，请过一分钟再来进群。"
    sentence_en = "That was too often; come again in a minute."


class JoinWayNotFound(DomainError):
    """No join way has this id, or it is another creator's."""

    code = "join_way_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个进群入口。"
    sentence_en = "There is no such way into the group."


class TooManyJoinWays(DomainError):
    """The group has as many open ways as a group may have."""

    code = "too_many_join_ways"
    kind = ErrorKind.CONFLICT
    sentence = "一个群最多同时开 {limit} 个入口，先关掉用不到的吧。"
    sentence_en = "A group may have at most {limit} open ways; close one first."


class JoinWayKnown(DomainError):
    """The same code or address is an open way of this group already."""

    code = "join_way_known"
    kind = ErrorKind.CONFLICT
    sentence = "这个二维码已经在用了。到微信群里重新打开群二维码，换一张新的再发。"
    sentence_en = "This code is in use already; open the group's code anew and send the new one."


class SeatAwaited(DomainError):
    """Every place is taken; the person stands in the queue and will be told."""

    code = "seat_awaited"
    kind = ErrorKind.UNAVAILABLE
    sentence = "粉丝群暂时满了，已经为您排队，您排在第 {position} 位；有空位时会为您保留并通知您。"
    sentence_en = (
        "The group is full; you are number {position} in the queue. A place will be kept for you "
        "when one comes free, and you will be told."
    )


class SeatNotFound(DomainError):
    """The person has no seat in this group, or it has lapsed."""

    code = "seat_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "为您保留的名额已经过期，请重新打开群链接。"
    sentence_en = "The place kept for you has lapsed; open the group's link again."


class NotFollowing(DomainError):
    """The group is for followers of the account, and the person does not follow it."""

    code = "not_following"
    kind = ErrorKind.FORBIDDEN
    sentence = "这个群是给关注者的，先关注公众号，再点一次群链接就能进群。"
    sentence_en = "This group is for followers; follow the account, then open the link again."


class KeeperCodeUnknown(DomainError):
    """No group waits for a keeper with this code, or its time is over."""

    code = "keeper_code_unknown"
    kind = ErrorKind.NOT_FOUND
    sentence = "这个管群码不对或者已经过期，请群主发「群管家」要一个新的。"
    sentence_en = "This keeper's code is wrong or has expired; ask the owner for a new one."


class GroupCodeMissing(DomainError):
    """The picture holds no code."""

    code = "group_code_missing"
    kind = ErrorKind.INVALID
    sentence = "图片里没有找到二维码。请在微信群里点右上角「…」→「群二维码」，保存后把图片发来。"
    sentence_en = (
        "There is no code in the picture; open the group's menu, save its QR code and send that."
    )


class GroupCodeDamaged(DomainError):
    """There is a code in the picture that cannot be read."""

    code = "group_code_damaged"
    kind = ErrorKind.INVALID
    sentence = "图片里的二维码读不出来，可能被挡住或太模糊了。请保存原图，不要裁剪，再发一次。"
    sentence_en = (
        "The code cannot be read; save the original picture, uncropped, and send it again."
    )


class GroupCodesSeveral(DomainError):
    """The picture holds two or more codes."""

    code = "group_codes_several"
    kind = ErrorKind.INVALID
    sentence = "图片里有不止一个二维码，分不清是哪个。请只发一张只有群二维码的图片。"
    sentence_en = (
        "There is more than one code in the picture; send one with the group's code alone."
    )


class GroupCodeOfPerson(DomainError):
    """The code is the card of a person."""

    code = "group_code_of_person"
    kind = ErrorKind.INVALID
    sentence = (
        "这是个人名片的二维码，读者扫了只会加你好友。请发群二维码：群聊右上角「…」→「群二维码」。"
    )
    sentence_en = "This is a person's card, not a group; send the QR code of the group."


class GroupCodeOfPayment(DomainError):
    """The code asks for money."""

    code = "group_code_of_payment"
    kind = ErrorKind.INVALID
    sentence = "这是收款码，不是群二维码。请发群二维码：群聊右上角「…」→「群二维码」。"
    sentence_en = "This code asks for money; send the QR code of the group."


class GroupCodeOfAccount(DomainError):
    """The code is that of an Official Account."""

    code = "group_code_of_account"
    kind = ErrorKind.INVALID
    sentence = "这是公众号的二维码，不是群二维码。请发群二维码：群聊右上角「…」→「群二维码」。"
    sentence_en = "This is the code of an account, not of a group; send the QR code of the group."


class GroupCodeForeign(DomainError):
    """The code says something that is no group of WeChat."""

    code = "group_code_foreign"
    kind = ErrorKind.INVALID
    sentence = "这个二维码不是微信群的。请发群二维码：群聊右上角「…」→「群二维码」。"
    sentence_en = "This code is not that of a WeChat group; send the QR code of the group."


class JoinLinkForeign(DomainError):
    """The address is no link of a group: nothing promises that a tap on it leads into one."""

    code = "join_link_foreign"
    kind = ErrorKind.INVALID
    sentence = (
        "进群链接只支持企业微信群的（https://work.weixin.qq.com/gm/…），别的网址点了不一定能进群。"
        "微信群请直接发群二维码图片。"
    )
    sentence_en = (
        "Only the link of a WeCom group (https://work.weixin.qq.com/gm/…) is taken: with any other "
        "address, a tap need not lead into the group. For a WeChat group, send its QR code."
    )


class JoinLinkNeedsScan(DomainError):
    """The address is what the code of a personal group says: it opens when scanned, not tapped."""

    code = "join_link_needs_scan"
    kind = ErrorKind.INVALID
    sentence = "这是微信群二维码里的网址，只能扫，点开进不了群。请把群二维码的图片直接发来。"
    sentence_en = (
        "This address is what a WeChat group's QR code says; it opens when scanned, not when "
        "tapped. Send the picture of the code instead."
    )
