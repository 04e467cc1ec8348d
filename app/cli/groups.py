"""Groups on WeCom: which rooms the company's app sees, and a way into some of them.

The rooms belong to the company, so whoever runs the installation says which group they serve.
"""

import click

from app.cli.opening import opened, print_json
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.errors import FanGroupNotFound


@click.group()
def group() -> None:
    """粉丝群 / fan groups."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def rooms(as_json: bool) -> None:
    """列出企业微信里本应用可见的客户群 / list the rooms on WeCom that the app may see."""
    with opened() as wiring:
        account_id = wiring.accounts.first("wecom").id
        found = wiring.wechat.wecom.list_rooms(account_id)
    if as_json:
        print_json({"rooms": found})
        return
    for room_ref in found:
        click.echo(room_ref)


@group.command("open-rooms")
@click.argument("code")
@click.argument("room_refs", nargs=-1, required=True)
def open_rooms(code: str, room_refs: tuple[str, ...]) -> None:
    """给粉丝群 CODE 开一个企业微信入口 / open a way into 1 to 5 rooms for a group."""
    with opened() as wiring:
        account_id = wiring.accounts.first("wecom").id
        with wiring.reading() as session:
            found = queries.find_by_code(session, code)
        if found is None:
            raise FanGroupNotFound
        wiring.units.run(
            "fan_groups.rooms",
            lambda uow: service.ask_for_way(
                uow, fan_group_id=found.id, account_id=account_id, room_refs=room_refs
            ),
        )
    click.echo(
        "已排队，后台任务会在几秒内开好；结果在运营台「外部动作」 / "
        "queued; the worker opens it within seconds, see the desk's effects"
    )
