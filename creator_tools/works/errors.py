"""What can go wrong with a work, in words for its author."""

from creator_tools.kernel.errors import DomainError, ErrorKind, FieldError, InputRefused


class WorkNotFound(DomainError):
    """There is no such work, or it is somebody else's."""

    code = "work_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这篇作品，回复「我的作品」看看编号。"
    sentence_en = "There is no such work; list your works to see their numbers."


class WorkNotInThatState(DomainError):
    """The work cannot take this step from where it is."""

    code = "work_not_in_that_state"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》现在是「{state_zh}」，不能这样操作。"
    sentence_en = "The work is {state}; this step is not possible from there."


class RevisionRefused(DomainError):
    """A check said no to these very bytes; other bytes may pass."""

    code = "revision_refused"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》没有通过内容检查，请修改后再发布。"
    sentence_en = "This text did not pass the content check; change it and publish again."


class CheckNotFound(DomainError):
    """No content check has this id."""

    code = "content_check_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这次内容检查。"
    sentence_en = "There is no such content check."


class PictureRefused(DomainError):
    """The bytes are no picture that we can take."""

    code = "picture_refused"
    kind = ErrorKind.INVALID
    sentence = (
        "这张图片无法使用（{why}）。请缩小后再发，或换一张："
        "JPG、PNG、WebP、GIF，最多 4000 万像素、10 MB。"
    )
    sentence_en = (
        "This picture cannot be used; make it smaller or send another: "
        "JPG, PNG, WebP or GIF, 40 million pixels and 10 MB at most."
    )


class PublishTimePassed(DomainError):
    """A work cannot be scheduled into the past, nor further than a year ahead."""

    code = "publish_time_refused"
    kind = ErrorKind.INVALID
    sentence = "定时要在现在之后、一年之内，比如：定时 明天 8:00。"
    sentence_en = "Choose a time after now and within a year."


class TextEmpty(InputRefused):
    """A text of markup alone shows nothing to a reader."""

    code = "text_empty"
    sentence = "正文里没有能看见的内容，请写上再发。"
    sentence_en = "The text shows nothing; write something and send it again."

    def __init__(self) -> None:
        super().__init__(fields=(FieldError("markdown", "empty", self.sentence),))


class PictureUnknown(InputRefused):
    """A text may only show pictures that its author uploaded."""

    code = "picture_unknown"
    sentence = "正文里有一张不是你上传的图片，请重新发送这张图片。"
    sentence_en = "The text shows a picture that you did not upload."

    def __init__(self) -> None:
        super().__init__(fields=(FieldError("markdown", "unknown_picture", self.sentence),))


class AttachmentNotFound(DomainError):
    """The work carries no such attachment."""

    code = "attachment_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "这篇作品里没有这个附件，请刷新后再看。"
    sentence_en = "This work carries no such attachment; reload and look again."


class TooManyAttachments(DomainError):
    """A work carries at most so many files."""

    code = "too_many_attachments"
    kind = ErrorKind.CONFLICT
    sentence = "一篇作品最多带 {limit} 个附件，请先移除一个，或另写一篇。"
    sentence_en = "A work carries at most {limit} attachments; take one away first."


class WorkAtHome(DomainError):
    """A work does not leave the column it was written in."""

    code = "work_at_home"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》就写在这个专栏里，不能移出；不想再给人看，可以「下架」。"
    sentence_en = "This column is the work's home; withdraw the work instead."


class WorkNotThere(DomainError):
    """The work does not stand in this column."""

    code = "work_not_there"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》不在这个专栏里。发「我的专栏」看看编号。"
    sentence_en = "The work does not stand in this column."


class TooManyStandings(DomainError):
    """A work stands in at most so many columns."""

    code = "too_many_standings"
    kind = ErrorKind.CONFLICT
    sentence = "一篇作品最多再放进 {limit} 个专栏，请先从别处移出。"
    sentence_en = "A work stands in at most {limit} further columns; take it out of one first."
