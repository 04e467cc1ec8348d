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
    sentence = "这个群是给专栏读者的，购买专栏后再来，就能进群。"
    sentence_en = "This group is for readers of the column; buy the column and come again."


class NoDoorOpen(DomainError):
    """Every way into the group is full, closed or about to expire."""

    code = "no_door_open"
    kind = ErrorKind.UNAVAILABLE
    sentence = "粉丝群暂时没有空位，群主开了新的入口就能进，请过一会儿再来。"
    sentence_en = "The group has no free place now; come again when its owner has opened a new way."


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
