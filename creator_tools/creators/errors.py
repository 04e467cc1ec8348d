"""What can go wrong on the way to being a creator, and after."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class InvitationUnknown(DomainError):
    """No invitation has this code."""

    code = "invitation_unknown"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个邀请码，请核对后再发一次，或向邀请你的人要一个新的。"
    sentence_en = "There is no such invitation; check the code or ask for a new one."


class InvitationUsed(DomainError):
    """The invitation made somebody a creator already."""

    code = "invitation_used"
    kind = ErrorKind.CONFLICT
    sentence = "这个邀请码已经用过了，请向邀请你的人要一个新的。"
    sentence_en = "This invitation has been used; ask for a new one."


class InvitationExpired(DomainError):
    """The invitation came too late."""

    code = "invitation_expired"
    kind = ErrorKind.CONFLICT
    sentence = "这个邀请码已经过期了，请向邀请你的人要一个新的。"
    sentence_en = "This invitation has expired; ask for a new one."


class TooManyInvitations(DomainError):
    """The creator has given away as many codes as may wait for their use."""

    code = "too_many_invitations"
    kind = ErrorKind.CONFLICT
    sentence = "你已经有 {limit} 个没用过的邀请码，先把它们送出去吧。"
    sentence_en = "You have {limit} unused invitations; give those away first."


class CreatorNotFound(DomainError):
    """No creator has this id."""

    code = "creator_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这位创作者。"
    sentence_en = "There is no such creator."


class HandleTaken(DomainError):
    """Another creator has this handle."""

    code = "handle_taken"
    kind = ErrorKind.CONFLICT
    sentence = "主页短名“{handle}”已经有人用了，换一个试试。"
    sentence_en = "The handle “{handle}” is taken; try another one."
