"""The demo is whole before anybody starts it: texts, prices, sales and covers fit each other."""

import io
from pathlib import Path

import pytest
from PIL import Image

from app.cli.demo_content import CREATORS, PICTURE, PRICE_POINTS_FEN, DemoColumn, read_columns
from app.cli.demo_covers import SIZE_PX, cover
from app.cli.demo_month import DAYS, FANS, HISTORY_S, JOINERS, MOMENTS, SALES, DemoSale
from app.launcher.state import Tree

COLUMNS = read_columns()
WORKS = {work.title: (work, column) for column in COLUMNS for work in column.works}


def test_two_creators_keep_five_columns_with_thirty_works() -> None:
    assert [len(one.columns) for one in CREATORS] == [2, 3]
    assert sum(len(one.columns) for one in CREATORS) == len(COLUMNS) == 5
    assert len(WORKS) == sum(len(one.works) for one in COLUMNS) == 30
    states = [work.state for work, _ in WORKS.values()]
    assert (states.count("draft"), states.count("scheduled")) == (1, 1)
    assert {one.field_kind for one in COLUMNS} == {"interest", "occupation"}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.title)
def test_a_column_has_something_free_and_every_price_is_on_sale_ahead(column: DemoColumn) -> None:
    assert any(one.price_fen == 0 for one in column.works)
    for price_fen in (column.forever_fen, column.month_fen, *(w.price_fen for w in column.works)):
        assert price_fen == 0 or price_fen in PRICE_POINTS_FEN
    for work in column.works:
        assert len(work.body.replace(PICTURE, "")) > 40, work.title
        assert work.day is None or 0 <= work.day < DAYS


@pytest.mark.parametrize("sale", SALES, ids=lambda sale: f"{sale.day} {sale.fan} {sale.what}")
def test_nobody_buys_before_coming_or_before_it_is_out(sale: DemoSale) -> None:
    fan = next(one for one in FANS if one.nickname == sale.fan)
    assert fan.day <= sale.day
    kind, _, title = sale.what.partition(" ")
    if kind in {"永久", "包月"}:
        assert title in {one.title for one in COLUMNS}
    else:
        work, _ = WORKS[sale.what]
        assert work.day is not None
        assert work.day <= sale.day
        assert work.price_fen > 0
    # In an account's pages an iPhone is shown no price.
    assert (fan.device, sale.surface) != ("ios", "oa")


def test_all_rails_are_used_and_a_moment_belongs_to_every_sale() -> None:
    rails = {
        "jsapi" if one.surface == "oa" else fan.device == "ios"
        for one in SALES
        for fan in FANS
        if fan.nickname == one.fan
    }
    assert rails == {"jsapi", True, False}
    assert len({(one.fan, one.what) for one in SALES}) == len(SALES)
    assert {one.day for one in SALES} <= {day for day, _ in MOMENTS} | {DAYS}
    assert {one.fan for one in SALES} >= JOINERS
    assert FANS[0].nickname not in {one.fan for one in SALES}


def test_every_work_has_a_cover_of_its_own_and_the_same_one_each_time() -> None:
    covers = {title: cover(column.scene, title) for title, (_, column) in WORKS.items()}
    assert len(set(covers.values())) == 30
    one = next(iter(WORKS))
    assert cover(WORKS[one][1].scene, one) == covers[one]
    for picture in covers.values():
        with Image.open(io.BytesIO(picture)) as opened:
            assert opened.size == SIZE_PX
        assert len(picture) < 120_000


def test_a_seed_that_was_killed_is_known_and_a_finished_one_is_not_begun_again(
    tmp_path: Path,
) -> None:
    tree = Tree(tmp_path, tmp_path)
    assert not tree.is_half_seeded()
    tree.seeding_file.touch()
    assert tree.is_half_seeded()
    tree.seed_file.touch()
    assert not tree.is_half_seeded()
    assert HISTORY_S == 30 * 86_400
