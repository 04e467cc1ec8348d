"""What can go wrong with an upload, in words for who sends it."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class MediaTypeRefused(DomainError):
    """The bytes are of no kind that we take, whatever the file is called."""

    code = "media_type_refused"
    kind = ErrorKind.INVALID
    sentence = (
        "这种文件不能上传。可以上传音频（mp3、m4a、aac、wav、ogg）、视频（mp4、mov、webm）"
        "和文件（pdf、epub、zip、docx、xlsx、pptx、txt）。"
    )
    sentence_en = (
        "This kind of file is not taken. Send audio (mp3, m4a, aac, wav, ogg), video (mp4, mov, "
        "webm) or a file (pdf, epub, zip, docx, xlsx, pptx, txt)."
    )


class MediaTypeLies(DomainError):
    """The name promises another kind than the bytes are."""

    code = "media_type_lies"
    kind = ErrorKind.INVALID
    sentence = "文件名说是{said}，内容却是{found}。请确认选对了文件再传。"
    sentence_en = "The name says {said_en}, the content is {found_en}. Check which file you chose."


class MediaActive(DomainError):
    """Text that a browser would run: SVG, HTML, a script in either."""

    code = "media_active"
    kind = ErrorKind.INVALID
    sentence = "网页和 SVG 可能带有脚本，不能上传。请导出成 PDF 或图片再传。"
    sentence_en = "Web pages and SVG may carry scripts; export it as a PDF or a picture."


class MediaTwoFaced(DomainError):
    """One file that can be read as two kinds."""

    code = "media_two_faced"
    kind = ErrorKind.INVALID
    sentence = "这个文件里藏着另一个文件（后面接着一个压缩包），不能上传。请重新导出一份再传。"
    sentence_en = "Another file (an archive) hides in this one; export it again and send that."


class MediaTruncated(DomainError):
    """The file ends before it is over."""

    code = "media_truncated"
    kind = ErrorKind.INVALID
    sentence = "文件不完整，后面的部分丢了。请在原处确认能打开，再传一次。"
    sentence_en = "The file ends too early; make sure that it opens, then send it again."


class MediaTooLarge(DomainError):
    """More bytes than this installation takes of one file."""

    code = "media_too_large"
    kind = ErrorKind.TOO_LARGE
    sentence = "文件太大：{what}最大 {limit_mb} MB。请压缩后再传。"
    sentence_en = "The file is too large: at most {limit_mb} MB for {what_en}. Compress it first."


class MediaQuotaUsedUp(DomainError):
    """The creator's shelf is full, or too many uploads are open."""

    code = "media_quota_used_up"
    kind = ErrorKind.CONFLICT
    sentence = "空间不够：{why}。"
    sentence_en = "There is no room for this: {why_en}."


class MediaNotFound(DomainError):
    """No such upload or object, or somebody else's."""

    code = "media_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个文件，请重新上传。"
    sentence_en = "There is no such file; upload it again."


class UploadOutOfStep(DomainError):
    """A part that does not follow what has arrived; `received_bytes` says where to go on."""

    code = "upload_out_of_step"
    kind = ErrorKind.CONFLICT
    sentence = "上传的位置不对，请从第 {received_bytes} 字节接着传。"
    sentence_en = "This part does not follow; go on from byte {received_bytes}."


class UploadOver(DomainError):
    """The upload was completed or given up."""

    code = "upload_over"
    kind = ErrorKind.CONFLICT
    sentence = "这次上传已经结束，请重新选择文件上传。"
    sentence_en = "This upload is over; begin a new one."


class UploadIncomplete(DomainError):
    """Not all bytes have arrived yet."""

    code = "upload_incomplete"
    kind = ErrorKind.CONFLICT
    sentence = "还没有传完：收到 {received_bytes} 字节，共 {size_bytes} 字节。"
    sentence_en = "Not complete: {received_bytes} of {size_bytes} bytes have arrived."


class PartRefused(DomainError):
    """An empty part, or one larger than a part may be."""

    code = "upload_part_refused"
    kind = ErrorKind.INVALID
    sentence = "每一段要有内容，最大 8 MB。"
    sentence_en = "A part holds 1 byte to 8 MB."
