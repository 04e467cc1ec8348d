"""`operator create`: somebody who answers for the channel; the secrets are shown once."""

import secrets
import sys
from urllib.parse import quote

import click

from app.cli.opening import opened, print_json
from creator_tools.operators import service
from creator_tools.operators.queries import ROLES

PASSWORD_BYTES = 18
_ISSUER = "涓流"


@click.group()
def operator() -> None:
    """运营人员 / operators of the channel."""


@operator.command()
@click.option("--login", required=True, help="登录名 / login")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice(ROLES),
    help="角色，可重复 / role, may be repeated",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="从标准输入读密码，否则自动生成 / read the password from stdin, else one is made",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def create(login: str, roles: tuple[str, ...], password_stdin: bool, as_json: bool) -> None:
    """新建运营账号，密码和动态口令密钥只显示这一次 / create an operator; secrets are shown once."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _new_password(login)
    with opened() as wiring:
        operator_id, totp_secret = wiring.units.run(
            "operators.create",
            lambda uow: service.create(uow, login=login, password=password, roles=roles),
        )
    address = _totp_address(login, totp_secret)
    if as_json:
        shown = {} if password_stdin else {"password": password}
        print_json(
            {"operator_id": str(operator_id), "login": login, "roles": list(roles)}
            | shown
            | {"totp_secret": totp_secret, "totp_uri": address}
        )
        return
    click.echo(f"登录名 / login: {login}\n角色 / roles: {', '.join(roles)}")
    if not password_stdin:
        click.echo(f"密码 / password: {password}")
    click.echo(f"动态口令密钥 / TOTP secret: {totp_secret}\n{address}")
    click.echo("请现在保存，之后不再显示 / keep these now; they are not shown again")


def _new_password(login: str) -> str:
    """A password that nobody guesses; one that happens to hold the login would be refused."""
    while login.lower() in (made := secrets.token_urlsafe(PASSWORD_BYTES)).lower():
        continue
    return made


def _totp_address(login: str, secret: str) -> str:
    label = quote(f"{_ISSUER}:{login}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(_ISSUER)}"
