"""What the demo channel holds: two creators, five columns, thirty works. All our own.

The texts are in `demo_texts/`, one file per column: a head of `name: value` lines, then works, each
begun by `=== <title>` with its own head.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

_TEXTS = Path(__file__).with_name("demo_texts")
PICTURE = "[图]"


@dataclass(frozen=True)
class DemoWork:
    """One work: free part first, then what is paid for.

    `day` is when it came out, counted from the channel's first day; None for what has not.
    """

    title: str
    price_fen: int
    day: int | None
    state: str
    body: str


@dataclass(frozen=True)
class DemoColumn:
    """One column with its works; prices of the whole column, for ever and for a month.

    `scene` is what its covers show.
    """

    title: str
    creator: str
    field_kind: str
    field_name: str
    cadence: str
    count: int
    introduction: str
    forever_fen: int
    month_fen: int
    scene: str
    works: tuple[DemoWork, ...]


@dataclass(frozen=True)
class DemoCreator:
    """One creator and their columns."""

    nickname: str
    handle: str
    introduction: str

    @property
    def columns(self) -> list[DemoColumn]:
        """The columns, in the order of their files."""
        return [one for one in read_columns() if one.creator == self.nickname]


CREATORS = (
    DemoCreator("林间", "linjian", "拍了十二年森林与雾，慢慢写给同样喜欢早起的人。"),
    DemoCreator("老周", "laozhou", "写了十五年后端，修过的线上事故比写过的功能多。"),
)


def read_columns(folder: Path = _TEXTS) -> list[DemoColumn]:
    """Every column of the demo."""
    return [_column(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))]


def _column(text: str) -> DemoColumn:
    head, *works = text.split("\n=== ")
    named = _named(head)
    kind, _, field_name = named["field"].partition(" ")
    return DemoColumn(
        title=named["title"],
        creator=named["creator"],
        field_kind=kind,
        field_name=field_name,
        cadence=named["cadence"],
        count=int(named["count"]),
        introduction=named["introduction"],
        forever_fen=_fen(named["forever"]),
        month_fen=_fen(named["month"]),
        scene=named["scene"],
        works=tuple(_work(one) for one in works),
    )


def _work(text: str) -> DemoWork:
    head, _, body = text.partition("\n\n")
    title, _, lines = head.partition("\n")
    named = _named(lines)
    is_out = named["day"].isdecimal()
    return DemoWork(
        title=title.strip(),
        price_fen=0 if named["price"] == "free" else _fen(named["price"]),
        day=int(named["day"]) if is_out else None,
        state="published" if is_out else named["day"],
        body=body.strip(),
    )


def _named(lines: str) -> dict[str, str]:
    pairs = (line.partition(": ") for line in lines.strip().splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


# One good per price point, published ahead of the first buyer (in fen).
PRICE_POINTS_FEN: tuple[int, ...] = (
    1,
    10,
    50,
    100,
    190,
    199,
    200,
    290,
    299,
    300,
    390,
    399,
    490,
    499,
    500,
    590,
    600,
    660,
    680,
    690,
    800,
    880,
    888,
    900,
    980,
    990,
    999,
    1000,
    1200,
    1280,
    1290,
    1500,
    1590,
    1680,
    1800,
    1880,
    1980,
    1990,
    1999,
    2000,
    2500,
    2800,
    2880,
    2900,
    2980,
    2990,
    3000,
    3600,
    3900,
    3980,
    3990,
    4900,
    4980,
    4990,
    5000,
    5900,
    5990,
    6600,
    6800,
    6900,
    6990,
    8800,
    8880,
    9800,
    9900,
    9990,
    10000,
    12800,
    12900,
    16800,
    16900,
    19800,
    19900,
    19990,
    20000,
    29900,
    36500,
    39900,
    49900,
)
