"""Who is behind a login code: the mini-program's session, or the pages' OAuth."""

from dataclasses import dataclass, field
from uuid import UUID

from creator_tools.kernel.errors import DomainError, ErrorKind
from wechat_handlers.wire.api_client import WeChatApi
from wechat_handlers.wire.errors import SnapshotUser, WeChatApiRefused

CODE_INVALID = 40029
CODE_USED = 40163
ACCOUNT_AT_RISK = 40226


class LoginCodeInvalid(DomainError):
    """The code is none, or older than five minutes."""

    code = "login_code_invalid"
    kind = ErrorKind.INVALID
    sentence = "登录凭证无效或已过期，请重新登录。"
    sentence_en = "The login code is invalid or has expired; sign in again."


class LoginCodeUsed(DomainError):
    """The code was exchanged before; each works once."""

    code = "login_code_used"
    kind = ErrorKind.INVALID
    sentence = "登录凭证已被使用，请重新登录。"
    sentence_en = "The login code was used already; sign in again."


class SnapshotRefused(DomainError):
    """The page was opened as a snapshot; its visitor is nobody in particular."""

    code = "snapshot_user"
    kind = ErrorKind.FORBIDDEN
    sentence = "当前是页面快照，请点击“使用完整服务”后再登录。"
    sentence_en = "This is a snapshot page; choose the full service and sign in."


class LoginRefused(DomainError):
    """The platform refused this account."""

    code = "login_refused"
    kind = ErrorKind.FORBIDDEN
    sentence = "微信暂时不允许这个账号登录，请稍后再试。"
    sentence_en = "WeChat does not let this account sign in at present."


class LoginUnavailable(DomainError):
    """The platform did not answer."""

    code = "login_unavailable"
    kind = ErrorKind.UNAVAILABLE
    sentence = "微信登录暂时没有响应，请稍后再试。"
    sentence_en = "WeChat's login does not answer; try again shortly."


@dataclass(frozen=True)
class LoginResult:
    """Who signed in, as the platform names them; the session key stays on the server."""

    subject: str = field(repr=False)
    union_subject: str | None = field(repr=False)
    session_key: str | None = field(repr=False)
    # A snapshot's visitor is refused before it comes this far.
    is_snapshot: bool = False


class Login:
    """Exchanges login codes of both surfaces."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def exchange(self, account_id: UUID, surface: str, code: str) -> LoginResult:
        """Exchange a code, once.

        Raises:
            LoginCodeInvalid, LoginCodeUsed, SnapshotRefused, LoginRefused, LoginUnavailable.
        """
        try:
            if surface == "mini":
                session = self._api.jscode2session(account_id, code)
                return LoginResult(session.openid, session.unionid, session.session_key)
            identity = self._api.exchange_oauth_code(account_id, code)
        except SnapshotUser as snapshot:
            raise SnapshotRefused from snapshot
        except WeChatApiRefused as refused:
            raise _refusal(refused) from refused
        return LoginResult(identity.openid, identity.unionid, None)

    def is_session_current(self, account_id: UUID, subject: str, session_key: str) -> bool:
        """Whether a stored session key may still sign a payment.

        Raises:
            LoginRefused, LoginUnavailable: the platform did not say.
        """
        try:
            return self._api.is_session_current(account_id, subject, session_key)
        except WeChatApiRefused as refused:
            raise _refusal(refused) from refused


def _refusal(refused: WeChatApiRefused) -> DomainError:
    if refused.errcode == CODE_INVALID:
        return LoginCodeInvalid()
    if refused.errcode == CODE_USED:
        return LoginCodeUsed()
    if refused.retryable or refused.outcome == "unknown" or refused.errcode is None:
        return LoginUnavailable()
    return LoginRefused(errcode=refused.errcode)
