"""`reseal`: seal under the first of `FIELD_KEYS` what older keys sealed, so that they can go."""

from typing import Any

import click

from app.cli.opening import EXIT_FOUND_FAULTS, opened
from app.wiring.container import Wiring
from app.wiring.sealed_places import SEALED_PLACES
from creator_tools.kernel import resealing
from creator_tools.kernel.resealing import Batch, SealedPlace

BATCH_ROWS = 200


@click.command()
@click.option(
    "--batch",
    default=BATCH_ROWS,
    type=click.IntRange(1, 5000),
    show_default=True,
    help="每次提交多少行 / rows per commit",
)
def reseal(batch: int) -> None:
    """用最新的字段密钥重新加密旧数据，可随时中断再继续 / seal old rows anew; may be interrupted."""
    broken_count = 0
    with opened() as wiring:
        for place in SEALED_PLACES:
            resealed, broken = _reseal(wiring, place, batch)
            broken_count += broken
            click.echo(
                f"{place.name:<22} 重新加密 {resealed} 行，打不开 {broken} 行 / "
                f"{resealed} sealed anew, {broken} do not open"
            )
    if broken_count:
        raise click.exceptions.Exit(EXIT_FOUND_FAULTS)


def _reseal(wiring: Wiring, place: SealedPlace, limit: int) -> tuple[int, int]:
    """All rows of one place, a commit per batch; (sealed anew, not to be opened)."""
    resealed_count = broken_count = 0
    after: tuple[Any, ...] | None = None
    while True:
        done = _batch(wiring, place, after, limit)
        resealed_count += done.resealed_count
        broken_count += done.broken_count
        if done.last is None:
            return resealed_count, broken_count
        after = done.last


def _batch(wiring: Wiring, place: SealedPlace, after: tuple[Any, ...] | None, limit: int) -> Batch:
    return wiring.units.run(
        "upkeep.reseal",
        lambda uow: resealing.reseal_batch(uow, place, after=after, limit=limit),
    )
