"""The sentences of the doors themselves: for statuses, for codes, for fields.

(Chinese, English) pairs in tables, so that a test can see that none is missing. What the business
refuses brings its own sentence.
"""

_TITLES: dict[int, tuple[str, str]] = {
    400: ("请求无法读懂", "Bad request"),
    401: ("需要登录", "Sign in required"),
    403: ("没有权限", "Forbidden"),
    404: ("没有找到", "Not found"),
    405: ("不支持的操作", "Method not allowed"),
    409: ("暂时做不到", "Conflict"),
    413: ("内容太大", "Content too large"),
    415: ("格式不支持", "Unsupported media type"),
    422: ("内容有误", "Unprocessable content"),
    429: ("操作太频繁", "Too many requests"),
    500: ("出了点问题", "Internal error"),
    503: ("暂时无法服务", "Service unavailable"),
}
_CODES: dict[str, tuple[str, str]] = {
    "bad_request": ("请求无法读懂，请检查后再试。", "The request cannot be understood."),
    "malformed_json": ("请求内容不是合法的 JSON。", "The body is not acceptable JSON."),
    "unauthenticated": ("请先登录再继续。", "Sign in first."),
    "forbidden": ("您没有权限这样做。", "You may not do this."),
    "not_found": ("没有找到您要的内容，可能已经下架。", "There is no such thing here."),
    "method_not_allowed": ("这个地址不支持这种操作。", "This address does not take this method."),
    "conflict": ("现在还做不到，请刷新后再试。", "This cannot be done now; reload and try again."),
    "body_too_large": ("内容太大，请精简后再提交。", "The body is too large; shorten it."),
    "unsupported_media_type": (
        "请用 application/json 提交。",
        "Send the body as application/json.",
    ),
    "input_refused": (
        "提交的内容有误，请检查后再试。",
        "The request has a mistake; see the fields.",
    ),
    "too_many_requests": ("操作太频繁，请稍后再试。", "Too many requests; try again later."),
    "internal_error": (
        "我们这边出了点问题，请稍后再试；如果反复出现，请把请求编号告诉我们。",
        "Something went wrong on our side; try again later, or tell us the request id.",
    ),
    "unavailable": ("服务暂时不可用，请稍后再试。", "The service is unavailable; try again later."),
    "database_unavailable": (
        "服务暂时不可用，请稍后再试，您的内容没有丢失。",
        "The service is unavailable for a moment; try again, nothing was lost.",
    ),
}
_FIELDS: dict[str, tuple[str, str]] = {
    "required": ("必填，请补上。", "is required."),
    "wrong_type": ("类型不对。", "has the wrong type."),
    "too_long": ("太长了，请缩短。", "is too long."),
    "too_short": ("太短了，请补全。", "is too short."),
    "not_allowed": ("不是可选的值。", "is not one of the allowed values."),
    "unknown_field": ("没有这个字段，请去掉。", "is not a known field; leave it out."),
    "out_of_range": ("超出范围。", "is out of range."),
    "control_character": ("含有控制字符，请去掉。", "holds a control character; take it out."),
    "invalid": ("格式不对。", "is not acceptable."),
    "not_found": ("没有这个编号，请检查后再试。", "names nothing that exists."),
    "duplicate_key": ("有重复的键。", "holds a key twice."),
    "not_a_number": ("含有 NaN 或无穷。", "holds NaN or an infinity."),
    "number_too_long": ("数字太长。", "holds a number that is too long."),
    "nested_too_deep": ("嵌套太深。", "is nested too deep."),
    "not_utf8": ("不是 UTF-8 编码。", "is not UTF-8."),
    "malformed_json": ("不是合法的 JSON。", "is not JSON."),
}
_STATUS_CODES: dict[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "input_refused",
    429: "too_many_requests",
    503: "unavailable",
}
# What pydantic calls a mistake, and what we call it for ever.
_FIELD_CODES: dict[str, str] = {
    "missing": "required",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
    "extra_forbidden": "unknown_field",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "control_character": "control_character",
    "string_pattern_mismatch": "invalid",
}


def title_of(status: int, *, english: bool) -> str:
    """What a status means, in two or three words."""
    return _TITLES.get(status, _TITLES[500 if status >= 500 else 400])[english]


def of_code(code: str, *, english: bool) -> str:
    """The sentence of a code of the doors."""
    return _CODES.get(code, _CODES["bad_request"])[english]


def of_field(code: str, *, english: bool) -> str:
    """What is wrong with a field; empty when the code is not one of the doors'."""
    return _FIELDS.get(code, ("", ""))[english]


def code_of_status(status: int) -> str:
    """The code of an answer that only has a status."""
    return _STATUS_CODES.get(status, "internal_error" if status >= 500 else "bad_request")


def field_code(kind: str) -> str:
    """Our code for a mistake that pydantic found."""
    if kind in _FIELD_CODES:
        return _FIELD_CODES[kind]
    return "wrong_type" if kind.endswith(("_type", "_parsing")) else "invalid"
