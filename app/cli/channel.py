"""What opens a channel: the first invitations, and the menu of the Official Account."""

from typing import Any
from uuid import UUID

import click

from app.cli.opening import opened, print_json
from app.wiring.container import Wiring
from creator_tools.creators import service as creators
from creator_tools.kernel.unit_of_work import UnitOfWork

DAYS_DEFAULT, DAYS_MAX, CODES_MAX = 30, 365, 100
MENU: dict[str, Any] = {
    "button": [
        {"type": "click", "name": "看专栏", "key": "browse"},
        {"type": "click", "name": "我的购买", "key": "purchases"},
        {"type": "click", "name": "创作台", "key": "help"},
    ]
}


@click.group()
def creator() -> None:
    """创作者 / creators."""


@creator.command()
@click.option("--count", type=click.IntRange(1, CODES_MAX), default=1, help="几个 / how many")
@click.option(
    "--days",
    type=click.IntRange(1, DAYS_MAX),
    default=DAYS_DEFAULT,
    show_default=True,
    help="几天内有效 / good for so many days",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def invite(count: int, days: int, as_json: bool) -> None:
    """生成邀请码，发给创作者，对方发到公众号即可入驻 / make invitation codes for creators."""
    with opened() as wiring:
        codes = wiring.units.run(
            "creators.invite", lambda uow: [creators.invite(uow, days=days) for _ in range(count)]
        )
    if as_json:
        print_json({"codes": codes, "days": days})
        return
    for code in codes:
        click.echo(code)


@click.group()
def menu() -> None:
    """公众号菜单 / the menu of the Official Account."""


@menu.command()
def publish() -> None:
    """把默认菜单发布到公众号 / publish the menu; the worker does it within seconds."""
    with opened() as wiring:
        promise_menu(wiring)
    click.echo(
        "已排队，后台任务会在几秒内发布；结果在运营台「外部动作」 / "
        "queued; the worker publishes it within seconds, see the desk's effects"
    )


def promise_menu(wiring: Wiring) -> None:
    """Promise to publish the menu of the first Official Account; each call is a new promise."""
    account_id: UUID = wiring.accounts.first("oa").id

    def promise(uow: UnitOfWork) -> None:
        uow.promise(
            "menu.publish",
            f"menu:{account_id}:{uow.ids.new()}",
            object_type="platform_account",
            object_id=account_id,
            payload={"account_id": str(account_id), "menu": MENU},
        )
        uow.audit("menu.promised", "platform_account", account_id)

    wiring.units.run("accounts.seed", promise)
