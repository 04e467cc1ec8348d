"""What can go wrong when an operator signs in or is made."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class SignInRefused(DomainError):
    """Login, password or code is wrong, or the operator is disabled: nobody is told which."""

    code = "sign_in_refused"
    kind = ErrorKind.UNAUTHENTICATED
    sentence = "登录名、密码或动态码不对，请核对后再试；动态码每 30 秒换一次，用过的要等下一个。"
    sentence_en = (
        "Login, password or code is wrong; check them and try again. "
        "A code changes every 30 seconds and is good once."
    )


class TooManyAttempts(DomainError):
    """Too many tries failed for this login or from this address."""

    code = "too_many_attempts"
    kind = ErrorKind.TOO_MANY
    sentence = "试错的次数太多了，请过 {minutes} 分钟再试。"
    sentence_en = "Too many tries failed; try again in {minutes} minutes."


class LoginTaken(DomainError):
    """Another operator has this login."""

    code = "login_taken"
    kind = ErrorKind.CONFLICT
    sentence = "登录名“{login}”已经有人用了，换一个试试。"
    sentence_en = "The login “{login}” is taken; try another one."


class OperatorNotFound(DomainError):
    """No operator has this id."""

    code = "operator_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这位运营人员。"
    sentence_en = "There is no such operator."
