"""An alarm is for a person, so each has a sentence for the desk."""

import ast
from pathlib import Path

from app.http.operator.labels import ALARMS
from creator_tools.orders.rules import Disposition

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("app", "wechat_handlers", "creator_tools")
# Where the code is a variable: what it may be.
CHOSEN = {
    "app/wiring/group_upkeep.py": {"join_way_expiring", "join_way_nearly_full"},
    "wechat_handlers/inbound/handlers.py": {"xpay_coins_paid", "xpay_complaint"},
    "creator_tools/refunds/service/outside.py": {
        *("refund_from_outside", "refund_beyond_paid", "refund_foreign"),
    },
    "creator_tools/orders/service/recording.py": {
        f"payment_{one}" for one in Disposition if one is not Disposition.SETTLED
    },
}


def test_every_alarm_that_is_raised_has_a_sentence() -> None:
    raised: set[str] = set()
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*.py"):
            for code in codes_in(path):
                name = path.relative_to(REPOSITORY).as_posix()
                raised |= {code} if code else CHOSEN[name]
    assert len(raised) >= 15
    assert raised - set(ALARMS) == set()


def codes_in(path: Path) -> list[str]:
    """The codes of the alarms that a file raises; empty for one that is a variable."""
    return [
        str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "alarm" and node.args
    ]
