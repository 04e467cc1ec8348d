"""`inbox replay ID`: let a fact that was given up or set aside be handled again."""

import click

from app.cli.opening import Stop, opened
from creator_tools.kernel import inbox as kept
from creator_tools.kernel.database import as_uuid


@click.group()
def inbox() -> None:
    """收件箱 / what came in from outside."""


@inbox.command()
@click.argument("fact_id", metavar="ID")
def replay(fact_id: str) -> None:
    """让一条失败或搁置的事实重新处理 / let a dead or parked fact be handled again."""
    known = as_uuid(fact_id)
    with opened() as wiring:
        moved = known is not None and wiring.units.run(
            "operators.act", lambda uow: kept.replay(uow, known)
        )
    if not moved:
        raise Stop(
            "没有这个编号的失败或搁置事实，请核对编号",
            "no dead or parked fact has this id; check it",
        )
    click.echo("已重新排队，巡检会在几秒内处理 / queued again; the sweep handles it in seconds")
