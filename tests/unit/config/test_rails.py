"""The dated table of rails: who may sell what where, and what it costs."""

from datetime import date
from pathlib import Path

import pytest

from config.rails import RAILS_FILE, RailDecision, RailNotPriced, RailPolicy, RailTableRefused

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def policy() -> RailPolicy:
    return RailPolicy.load()


@pytest.mark.parametrize(
    ("surface", "device", "rail", "may_show_price"),
    [
        ("mini", "ios", "xpay_ios", True),
        ("mini", "android", "xpay_android", True),
        ("mini", "harmony", "xpay_android", True),
        ("mini", "windows", "xpay_android", True),
        ("mini", "mac", "xpay_android", True),
        ("mini", "unknown", None, True),
        ("mini", "toaster", None, True),
        ("oa", "android", "jsapi", True),
        ("oa", "windows", "jsapi", True),
        ("oa", "mac", "jsapi", True),
        ("oa", "unknown", "jsapi", True),
        ("oa", "ios", None, False),
        ("web", "android", None, False),
    ],
)
def test_each_surface_and_device_has_its_rail(
    policy: RailPolicy, surface: str, device: str, rail: str | None, may_show_price: bool
) -> None:
    decision = policy.decide(surface, device, "virtual", TODAY)
    assert (decision.rail, decision.may_show_price) == (rail, may_show_price)
    assert decision.reasons


def test_what_costs_nothing_needs_no_rail_of_money(policy: RailPolicy) -> None:
    assert policy.decide("oa", "ios", "free", TODAY) == RailDecision(
        "free", may_show_price=True, reasons=("free_of_charge",)
    )


def test_a_kind_without_a_row_sells_nothing(policy: RailPolicy) -> None:
    assert policy.decide("mini", "android", "parcel", TODAY).rail is None


def test_the_fees_of_the_demo_table(policy: RailPolicy) -> None:
    assert policy.rate_for("jsapi", TODAY) == (60, 1)
    assert policy.rate_for("xpay_android", TODAY) == (100, 3)
    assert policy.rate_for("xpay_ios", TODAY) == (1200, 45)
    assert policy.rate_for("free", TODAY) == (0, 0)
    assert policy.platform_share_bp(TODAY) == 1000
    assert policy.least_fen("xpay_ios", TODAY) == 100
    assert policy.least_fen("free", TODAY) == 0


def test_a_day_before_the_first_row_has_no_price(policy: RailPolicy) -> None:
    with pytest.raises(RailNotPriced):
        policy.rate_for("jsapi", date(2019, 12, 31))
    with pytest.raises(RailNotPriced):
        policy.platform_share_bp(date(2019, 12, 31))
    assert policy.decide("oa", "android", "virtual", date(2019, 12, 31)).rail is None


def _with(tmp_path: Path, addition: str) -> Path:
    path = tmp_path / "rails.toml"
    path.write_text(RAILS_FILE.read_text(encoding="utf-8") + addition, encoding="utf-8")
    return path


def test_a_later_row_holds_from_its_day_and_not_before(tmp_path: Path) -> None:
    path = _with(
        tmp_path,
        '\n[[rate]]\nrail = "xpay_ios"\nfrom = 2027-01-01\nrate_bp = 1700\n'
        "settles_after_days = 60\n"
        '\n[[surface]]\nsurface = "oa"\ndevices = ["ios"]\nkind = "virtual"\nfrom = 2027-01-01\n'
        'rail = "jsapi"\nmay_show_price = true\nreason = "allowed"\n',
    )
    policy = RailPolicy.load(path)
    assert policy.rate_for("xpay_ios", date(2026, 12, 31)) == (1200, 45)
    assert policy.rate_for("xpay_ios", date(2027, 1, 1)) == (1700, 60)
    assert policy.decide("oa", "ios", "virtual", date(2026, 12, 31)).rail is None
    assert policy.decide("oa", "ios", "virtual", date(2027, 1, 1)).rail == "jsapi"


@pytest.mark.parametrize(
    "addition",
    [
        '\n[[rate]]\nrail = "cash"\nfrom = 2027-01-01\nrate_bp = 1\nsettles_after_days = 1\n',
        '\n[[rate]]\nrail = "jsapi"\nfrom = 2027-01-01\nrate_bp = 10001\nsettles_after_days = 1\n',
        '\n[[rate]]\nrail = "jsapi"\nfrom = 2027-01-01\nrate_bp = 0.6\nsettles_after_days = 1\n',
        '\n[[rate]]\nrail = "jsapi"\nfrom = "soon"\nrate_bp = 1\nsettles_after_days = 1\n',
        '\n[[rate]]\nrail = "jsapi"\nfrom = 2027-01-01\n',
        '\n[[floor]]\nrail = "jsapi"\nfrom = 2027-01-01\nleast_fen = 0\n',
        (
            '\n[[surface]]\nsurface = "oa"\ndevices = ["ios"]\nkind = "virtual"\n'
            'from = 2020-01-01\nrail = "jsapi"\nmay_show_price = true\nreason = "twin"\n'
        ),
        (
            '\n[[surface]]\nsurface = "oa"\ndevices = ["fridge"]\nkind = "virtual"\n'
            'from = 2027-01-01\nrail = "jsapi"\nmay_show_price = true\nreason = "x"\n'
        ),
        (
            '\n[[surface]]\nsurface = "tv"\ndevices = ["ios"]\nkind = "virtual"\n'
            'from = 2027-01-01\nrail = "jsapi"\nmay_show_price = true\nreason = "x"\n'
        ),
    ],
)
def test_an_impossible_row_is_refused(tmp_path: Path, addition: str) -> None:
    with pytest.raises(RailTableRefused):
        RailPolicy.load(_with(tmp_path, addition))
