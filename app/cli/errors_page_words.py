"""What stands around the tables of `docs/errors.md`; the tables come from the code."""

from collections.abc import Mapping

from creator_tools.kernel.errors import ErrorKind
from wechat_handlers.wire.errors import RefusalCode

HEADING = """\
# 错误码 · Errors

This page is written by `python -m app.cli errors-page` from the classes; a test keeps it true.
本页由 `python -m app.cli errors-page` 生成，测试保证它与代码一致。

A `code` never changes and belongs to one meaning. Under `/api/` it stands in `code` of an
`application/problem+json` body, with `errors[]` naming the fields; on a page it is a sentence; in
the chat it is the Chinese sentence. Words in braces are filled in on the occasion.
`code` 永不改变，一个含义一个码；接口里在 `application/problem+json` 的 `code` 字段，字段级原因在
`errors[]`。

## 怎么办 · What to do, by kind

| kind | HTTP | what to do · 怎么办 |
|---|---|---|"""

OF_KIND: Mapping[ErrorKind, str] = {
    ErrorKind.INVALID: "Mend the fields named in `errors[]` and send again. "
    "按 `errors[]` 改好再提交。",
    ErrorKind.FORBIDDEN: "Do not repeat; the right comes first (buy, join, be given the role). "
    "不要重试，先取得权限。",
    ErrorKind.UNAUTHENTICATED: "Sign in again and repeat. 重新登录后再试。",
    ErrorKind.NOT_FOUND: "Reload the list the id came from. 回到列表刷新，核对编号。",
    ErrorKind.CONFLICT: "Read the state first, then decide; asking again gives the same answer. "
    "先查询当前状态，再决定下一步。",
    ErrorKind.UNAVAILABLE: "Repeat after `Retry-After` with the same `Idempotency-Key`; nothing is "
    "done twice. 稍后用同一个 `Idempotency-Key` 重试，不会重复。",
    ErrorKind.TOO_LARGE: "Send something smaller. 换小一点的再传。",
    ErrorKind.TOO_MANY: "Wait for `Retry-After`. 按 `Retry-After` 等待。",
}

OF_STATUS = """
## 只有状态码的回答 · Answers of the web itself

Given where no refusal of the business applies: an address that is not there, a body that is no
JSON, a database that is away. 与业务无关的回答。

| code | 中文 | English |
|---|---|---|"""

OF_WIRE = """
## 被拒绝的推送 · Pushes we do not believe

A callback or a payment notification that is refused has no effect and is counted in
`juanliu_callbacks_total` and `juanliu_pay_notifications_total` under `result`. A callback is
answered 403, a notification 401. 被拒绝的推送没有任何效果，只计数。

| result | meaning and remedy · 含义与处理 |
|---|---|"""

WIRE_CODES: Mapping[RefusalCode, str] = {
    "bad_signature": "签名不对：核对 Token 或微信支付公钥。Check the token, or the public key.",
    "dtd_refused": "XML 里有 DTD，一律拒绝。A document type declaration; never sent by WeChat.",
    "duplicate_header": "签名头重复。A signature header came twice.",
    "duplicate_key": "JSON 里同一个键出现两次。A JSON key came twice.",
    "duplicate_parameter": "地址参数重复。A query parameter came twice.",
    "expired_certificate": "平台证书不在有效期内。Outside the certificate's term.",
    "malformed": "内容不完整或格式不对。Not whole, or not of the form WeChat describes.",
    "missing_header": "缺少 `Wechatpay-…` 签名头，看看反向代理。A proxy may have dropped it.",
    "missing_parameter": "缺少地址参数，看看反向代理。A proxy may have dropped the query.",
    "plain_mode_refused": "收到明文：「消息加解密方式」要选安全模式。Choose 安全模式 there.",
    "probe": "微信支付在测试我们是否拒绝错误签名，正常。WeChat tests that we refuse; all is well.",
    "stale_timestamp": "时间超出允许范围：检查服务器时间。Check the server's clock.",
    "too_large": "超过 64 KB。Larger than 64 KB.",
    "undecryptable": "解不开：核对 EncodingAESKey 或 APIv3 密钥。Check the keys.",
    "unknown_serial": "不是我们持有的公钥或平台证书。No public key or certificate we hold.",
    "wrong_recipient": "发给别的 AppID 或商户号。Meant for another app id or merchant.",
}

OF_WECHAT = """
## 微信返回的错误 · What WeChat answers us

Shown to operators at 「外部动作」 and in the logs as `wechat_<code>`; "重试" means that the
same call is tried again. 运营台「外部动作」里看到的微信错误码；「重试」为“是”的会自动再试。

| 接口 | 错误码 | 怎么办 | 重试 |
|---|---|---|---|"""
