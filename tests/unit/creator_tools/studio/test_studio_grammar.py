"""Short messages are understood in two languages, any width, with or without spaces."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.errors import InputRefused
from creator_tools.kernel.fen import PRICE_FEN_MAX
from creator_tools.studio.column_desk import Plan, parsed_field, parsed_promise, planned
from creator_tools.studio.grammar import (
    Amount,
    amount,
    around_address,
    cleaned,
    days,
    is_free_text,
    item_number,
    parse,
)
from creator_tools.studio.group_desk import CAPACITY_COUNT, Link, understood
from creator_tools.studio.moments import parse_moment
from creator_tools.studio.work_desk import title_and_body

LONG_LINK = f"https://work.weixin.qq.com/gm/{'Q' * 300}="
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)  # 10:00 in Beijing


@pytest.mark.parametrize(
    ("said", "verb", "rest"),
    [
        ("帮助", "help", ""),
        ("？", "help", ""),
        ("HELP!", "help", ""),
        ("定价9.9", "price", "9.9"),
        ("定价：９．９元", "price", "９．９元"),
        ("「定价 9.9」", "price", "9.9"),
        ("price 9.9", "price", "9.9"),
        ("发布 9.9", "publish", "9.9"),
        ("专栏包月19.9", "column_month", "19.9"),
        ("专栏定价 99", "column_price", "99"),
        ("专栏", "browse", ""),
        ("我的专栏", "my_columns", ""),
        ("看1", "open", "1"),
        ("打开 第二篇", "open", "第二篇"),
        ("购买 1", "buy", "1"),
        ("Buy 1", "buy", "1"),
        ("我的购买", "purchases", ""),
        ("搜索 摄影", "search", "摄影"),
        ("确认　１２３４", "confirm", "１２３４"),
        ("定时 明天 8:00", "schedule", "明天 8:00"),
        ("修改标题 My New Title!", "retitle", "My New Title!"),
        ("New Column City Photos", "new_column", "City Photos"),
        ("下架 2", "withdraw", "2"),
        ("撤销", "undo", ""),
        ("成为创作者 abcd2345", "become", "abcd2345"),
        ("写\n标题\n正文", "write", "标题\n正文"),
        ("改正文 2", "rewrite", "2"),
        ("建群「读者群」", "new_group", "「读者群"),
        (
            "建群 群 https://Work.weixin.qq.com/gm/Ab=",
            "new_group",
            "群 https://Work.weixin.qq.com/gm/Ab=",
        ),
        (
            "进群链接https://work.weixin.qq.com/gm/Ab/",
            "join_way",
            "https://work.weixin.qq.com/gm/Ab/",
        ),
        (f"进群链接 {LONG_LINK}", "join_way", LONG_LINK),
        ("关群1", "close_group", "1"),
        ("我的群", "my_groups", ""),
        ("进群", "groups", ""),
        ("群", "groups", ""),
        ("收入 7天", "income", "7天"),
        ("近30天收入", "income", "30天"),
        ("专栏改名 2 New Name", "rename_column", "2 New Name"),
    ],
)
def test_a_command_is_understood(said: str, verb: str, rest: str) -> None:
    command = parse(cleaned(said))
    assert command is not None
    assert (command.verb, command.rest, command.is_loose) == (verb, rest, False)


@pytest.mark.parametrize(
    "said",
    [
        "写作入门",
        "发布会上的照片真的很好看，我不知道怎么说才好",
        "history is nice",
        "看起来今天会下雨",
        "",
        "🎉",
        "标题\n定价 9.9",
        "群众的眼睛是雪亮的",
    ],
)
def test_what_only_begins_like_a_command_is_none(said: str) -> None:
    assert parse(cleaned(said)) is None


def test_a_number_alone_and_a_code_alone_are_weaker_than_any_question() -> None:
    for said, verb in (("1", "open"), ("第２篇", "open"), ("三", "open"), ("1234", "confirm")):
        command = parse(said)
        assert command is not None
        assert (command.verb, command.is_loose) == (verb, True)


@pytest.mark.parametrize(
    ("rest", "price_fen", "number"),
    [
        ("9.9", 990, None),
        ("９．９０", 990, None),
        ("￥9.9元", 990, None),
        ("2 9.9", 990, 2),
        ("免费", 0, None),
        ("0.01", 1, None),
        ("50000", PRICE_FEN_MAX, None),
    ],
)
def test_a_price_is_read_to_the_fen(rest: str, price_fen: int, number: int | None) -> None:
    assert amount(rest) == Amount(price_fen, number)


@pytest.mark.parametrize(
    "rest",
    ["", "abc", "-5", "9.999", "50000.01", "99999999999999", "1e9", "9,9,9", "1 2 3", "9.9 9"],
)
def test_what_is_no_price_is_none(rest: str) -> None:
    assert amount(rest) is None


def test_a_negative_price_does_not_lose_its_sign() -> None:
    for said in ("定价 -5", "定价-5"):
        command = parse(said)
        assert command is None or amount(command.rest) is None


def understood_or_refused(said: str) -> None:
    with contextlib.suppress(InputRefused):
        found = understood(said)
        assert found.link is None or found.link.url.startswith("https://")


@given(st.text(max_size=200))
def test_any_text_is_parsed_without_a_fault(said: str) -> None:
    kept = cleaned(said)
    parse(kept)
    amount(kept)
    item_number(kept)
    parsed_promise(kept)
    parsed_field(kept)
    planned(kept)
    moment = parse_moment(kept, NOW)
    assert moment is None or moment.tzinfo is not None
    before, address, after = around_address(kept)
    assert (address == "") or address.startswith(("http://", "https://"))
    assert len(before) + len(address) + len(after) <= len(kept)
    assert days(kept) is None or days(kept) >= 0
    is_free_text(kept)
    understood_or_refused(kept)
    assert "\x00" not in kept
    title, body = title_and_body(kept or "字")
    assert 0 < len(title) <= 64
    assert body


def test_a_body_below_its_command_is_the_new_text() -> None:
    command = parse("改正文 2\n第一句。\n第二句。")
    assert command is not None
    assert (command.verb, command.number, command.body) == ("rewrite", 2, "第一句。\n第二句。")


@given(
    st.from_regex(r"[!#-&(-;=?-\[\]-~]{1,400}", fullmatch=True),
    st.sampled_from(["", " ", "，", "」", "》", " 200人", "\t"]),
)
def test_an_address_keeps_every_sign_whatever_stands_around_it(tail: str, after: str) -> None:
    wanted = f"https://work.weixin.qq.com/{tail}"
    command = parse(cleaned(f"进群链接 {wanted}{after}"))
    assert command is not None
    assert command.verb == "join_way"
    assert around_address(command.rest)[1] == wanted


@pytest.mark.parametrize(("said", "count"), [("7天", 7), ("近 30 天", 30), ("七天", 7), ("7", 7)])
def test_a_span_of_days_is_understood(said: str, count: int) -> None:
    assert days(said) == count


@pytest.mark.parametrize(
    ("said", "day_and_hour"),
    [
        ("明天 8:00", "2026-05-21T00:00"),
        ("今晚8点半", "2026-05-20T12:30"),
        ("明天下午3点", "2026-05-21T07:00"),
        ("12月1日 20:00", "2026-12-01T12:00"),
        ("2026-12-01 08:00", "2026-12-01T00:00"),
        ("２０２６年１２月１日８点３０分", "2026-12-01T00:30"),
        ("9:00", "2026-05-21T01:00"),
        ("11：30", "2026-05-20T03:30"),
        ("后天", "2026-05-22T00:00"),
        ("1月2日 9点", "2027-01-02T01:00"),
    ],
)
def test_a_moment_is_told_in_beijing_and_kept_in_utc(said: str, day_and_hour: str) -> None:
    assert parse_moment(said, NOW) == datetime.fromisoformat(f"{day_and_hour}+00:00")


@pytest.mark.parametrize(
    "said", ["", "abc", "99:99", "明天 25:00", "2026-13-45 08:00", "2月30日 8:00", "8:61"]
)
def test_what_is_no_moment_is_none(said: str) -> None:
    assert parse_moment(said, NOW) is None


@pytest.mark.parametrize(
    ("rest", "plan"),
    [
        (
            "城市摄影 兴趣 摄影 每周1篇 共12篇",
            Plan("城市摄影", "兴趣 摄影", "每周1篇 共12篇"),
        ),
        ("城市摄影，职业：产品经理，每周两篇", Plan("城市摄影", "职业:产品经理", "每周两篇")),
        ("《城市摄影》兴趣 摄影", Plan("城市摄影", "兴趣 摄影", "")),
        ("City Photos interest photo weekly", Plan("City Photos", "interest photo", "weekly")),
        ("城市摄影 摄影 每周1篇 共12篇", Plan("城市摄影", "摄影", "每周1篇 共12篇")),
        ("我的 兴趣爱好课", Plan("我的 兴趣爱好课", "", "")),
        ("职业规划指南", Plan("职业规划指南", "", "")),
    ],
)
def test_a_column_is_understood_from_one_line(rest: str, plan: Plan) -> None:
    found = planned(rest)
    assert (found.title, found.field.replace("：", ":"), found.promise) == (
        plan.title,
        plan.field,
        plan.promise,
    )


def test_fields_and_promises_are_understood() -> None:
    assert parsed_field("职业：产品经理") == ("occupation", "产品经理")
    assert parsed_field("兴趣摄影") == ("interest", "摄影")
    assert parsed_field("摄影") == ("interest", "摄影")
    assert parsed_field("职业") == ("occupation", "")
    assert parsed_promise("每周1篇 共12篇") == ("每周1篇", 12)
    assert parsed_promise("每周一篇，一共十二篇") == ("每周一篇", 12)
    assert parsed_promise("１２篇") == ("不定期更新", 12)
    assert parsed_promise("跳过") == ("不定期更新", 0)


def test_the_first_line_is_the_title() -> None:
    assert title_and_body("# 清晨\n\n正文。") == ("清晨", "正文。")
    assert title_and_body("今天去看海，走了很远的路，天快黑了。")[0] == "今天去看海"


@given(
    st.integers(1, 2000),
    st.integers(1, 366),
    st.sampled_from(["摄影群", "A group", "🎉群", "第 3 群"]),
    st.booleans(),
)
def test_a_group_link_is_understood_with_its_places_and_days(
    places: int, ends_after: int, name: str, is_name_first: bool
) -> None:
    url = "https://work.weixin.qq.com/gm/abc"
    terms = f"{places}人 {ends_after}天"
    said = f"{name} {url} {terms}" if is_name_first else f"{url} {terms} {name}"
    found = understood(said)
    assert (found.words, found.link) == (name, Link(url, places, ends_after, is_one_more=False))
    more = understood(f"再加 {url}")
    assert (more.words, more.link) == ("", Link(url, CAPACITY_COUNT, None, is_one_more=True))


@pytest.mark.parametrize(
    "digits", ["9" * 20, "9" * 60, "1.1.1.1.1.1.1.1.1.1.1.1", "¥99999999999999999"]
)
def test_a_long_row_of_digits_is_a_price_that_does_not_fit_and_no_text(digits: str) -> None:
    command = parse(f"定价 {digits}")
    assert command is not None
    assert (command.verb, command.is_loose) == ("price", False)
    assert parse(f"定价 为什么是 {digits} 而不是别的数字呢，我们慢慢说") is None
