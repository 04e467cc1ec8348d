"""What split agreements refuse."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class SplitNotFound(DomainError):
    """No such agreement or version, or it is other people's."""

    code = "split_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这份分成协议。"
    sentence_en = "There is no such split agreement."


class SplitExists(DomainError):
    """This column, or all columns together, has an agreement that has not ended."""

    code = "split_exists"
    kind = ErrorKind.CONFLICT
    sentence = "这里已经有一份分成协议，请在那份协议里提出新版本，或先结束它。"
    sentence_en = "There is an agreement here; propose a new version of it, or end it first."


class SplitEnded(DomainError):
    """The agreement has ended."""

    code = "split_ended"
    kind = ErrorKind.CONFLICT
    sentence = "这份分成协议已经结束，不能再修改或签署。"
    sentence_en = "This agreement has ended; it cannot be changed or signed any more."


class SplitOpen(DomainError):
    """Another version waits for its signatures."""

    code = "split_version_open"
    kind = ErrorKind.CONFLICT
    sentence = "上一个版本还在等签署，请先撤回它，再提出新版本。"
    sentence_en = "Another version waits to be signed; withdraw it before you propose a new one."


class SplitWithdrawn(DomainError):
    """This version was withdrawn."""

    code = "split_withdrawn"
    kind = ErrorKind.CONFLICT
    sentence = "这个版本已经撤回，不能签署。"
    sentence_en = "This version was withdrawn and cannot be signed."


class SplitSigned(DomainError):
    """Everybody has signed; what is signed is not taken back."""

    code = "split_signed"
    kind = ErrorKind.CONFLICT
    sentence = "各方都已签署，不能撤回。可以提出新版本，或结束协议。"
    sentence_en = "Every party has signed; propose a new version or end the agreement instead."


class SplitNotParty(DomainError):
    """Whoever would sign is no party of this version."""

    code = "split_not_party"
    kind = ErrorKind.FORBIDDEN
    sentence = "这个版本里没有您，不需要您签署。"
    sentence_en = "You are no party of this version, so there is nothing for you to sign."


class SplitSignatureMissing(DomainError):
    """The form came without the tick that is the signature."""

    code = "split_signature_missing"
    kind = ErrorKind.INVALID
    sentence = "请先勾选“我已阅读并同意”，再签署。"
    sentence_en = "Tick that you have read and agree before you sign."


class SplitTermsChanged(DomainError):
    """What was read is not what would be signed."""

    code = "split_terms_changed"
    kind = ErrorKind.CONFLICT
    sentence = "条款与您看到的不一致，请刷新页面，读过之后再签署。"
    sentence_en = "These are not the terms you were shown; reload the page and read them again."


class SplitInvitationInvalid(DomainError):
    """The link was altered, is too old, or belongs elsewhere."""

    code = "split_invitation_invalid"
    kind = ErrorKind.NOT_FOUND
    sentence = "邀请链接无效或已过期，请让创作者重新发一个。"
    sentence_en = "This invitation is not valid any more; ask the creator for a new one."


class SplitPartyMissing(DomainError):
    """Nobody besides the creator."""

    code = "split_party_missing"
    kind = ErrorKind.INVALID
    sentence = "除创作者外，至少要有一位分成方。请先发邀请链接，等对方加入。"
    sentence_en = "Besides the creator there must be a party; send the invitation link first."


class SplitPartyUnknown(DomainError):
    """A party that did not join this agreement."""

    code = "split_party_unknown"
    kind = ErrorKind.INVALID
    sentence = "有一位分成方没有加入这份协议，请让对方先打开邀请链接。"
    sentence_en = "One of the parties has not joined; they must open the invitation link first."


class SplitPartyDoubled(DomainError):
    """One human twice."""

    code = "split_party_doubled"
    kind = ErrorKind.INVALID
    sentence = "同一个人在协议里出现了两次，请合并成一行。"
    sentence_en = "The same person is in the terms twice; make it one line."


class SplitShareInvalid(DomainError):
    """A share below zero, or a party that could never get anything."""

    code = "split_share_invalid"
    kind = ErrorKind.INVALID
    sentence = "每位分成方的比例要在 0.01% 到 100% 之间。"
    sentence_en = "The share of each party must be between 0.01 % and 100 %."


class SplitSharesTooLarge(DomainError):
    """Shares that add up to more than the whole."""

    code = "split_shares_too_large"
    kind = ErrorKind.INVALID
    sentence = "各方比例加起来超过了 100%，请调低后再提交。"
    sentence_en = "The shares add up to more than 100 %; lower them and send again."


class SplitCapInvalid(DomainError):
    """A cap of nothing."""

    code = "split_cap_invalid"
    kind = ErrorKind.INVALID
    sentence = "封顶金额要大于 0；不封顶就留空。"
    sentence_en = "A cap must be more than 0; leave it empty for no cap."


class SplitRecoupInvalid(DomainError):
    """A sum to recoup of nothing, a part of more than all, or more than the cap."""

    code = "split_recoup_invalid"
    kind = ErrorKind.INVALID
    sentence = "优先收回的金额要大于 0，且不超过封顶金额；优先比例要在 0.01% 到 100% 之间。"
    sentence_en = (
        "The sum to recoup must be more than 0 and within the cap, "
        "its part between 0.01 % and 100 %."
    )


class SplitTiersInvalid(DomainError):
    """Tiers that do not rise, or a last one that has an end."""

    code = "split_tiers_invalid"
    kind = ErrorKind.INVALID
    sentence = "阶梯的累计金额要从小到大，最后一档不设上限。"
    sentence_en = "The sums of the tiers must rise, and the last tier has no end."
