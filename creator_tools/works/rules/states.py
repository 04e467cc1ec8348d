"""Which step a work may take from where it is, and whose verdict stands."""

from enum import StrEnum

STATE_ZH = {
    "draft": "草稿",
    "in_review": "审核中",
    "scheduled": "已定时",
    "published": "已发布",
    "withdrawn": "已下架",
    "rejected": "未通过",
}


class Step(StrEnum):
    """What may happen to a work."""

    REVISE = "revise"
    SUBMIT = "submit"
    SCHEDULE = "schedule"
    PUBLISH = "publish"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DISCARD = "discard"
    UNDISCARD = "undiscard"


class Verdict(StrEnum):
    """What a content check says about one revision."""

    PENDING = "pending"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NEEDS_PERSON = "needs_person"
    RISKY = "risky"


# A published work stays published while its next revision is written and checked.
_NEXT: dict[tuple[str, Step], str] = {
    ("draft", Step.REVISE): "draft",
    ("in_review", Step.REVISE): "draft",
    ("scheduled", Step.REVISE): "draft",
    ("rejected", Step.REVISE): "draft",
    ("withdrawn", Step.REVISE): "withdrawn",
    ("published", Step.REVISE): "published",
    ("draft", Step.SUBMIT): "in_review",
    ("in_review", Step.SUBMIT): "in_review",
    ("scheduled", Step.SUBMIT): "in_review",
    ("withdrawn", Step.SUBMIT): "withdrawn",
    ("published", Step.SUBMIT): "published",
    ("in_review", Step.SCHEDULE): "scheduled",
    ("scheduled", Step.SCHEDULE): "scheduled",
    ("in_review", Step.PUBLISH): "published",
    ("scheduled", Step.PUBLISH): "published",
    ("withdrawn", Step.PUBLISH): "published",
    ("published", Step.PUBLISH): "published",
    ("rejected", Step.PUBLISH): "published",
    ("in_review", Step.REFUSE): "rejected",
    ("scheduled", Step.REFUSE): "rejected",
    ("published", Step.REFUSE): "rejected",
    ("withdrawn", Step.REFUSE): "rejected",
    ("draft", Step.REFUSE): "draft",
    ("rejected", Step.REFUSE): "rejected",
    ("published", Step.WITHDRAW): "withdrawn",
    ("in_review", Step.WITHDRAW): "draft",
    ("scheduled", Step.WITHDRAW): "draft",
    ("withdrawn", Step.RESTORE): "published",
    ("draft", Step.DISCARD): "withdrawn",
    ("in_review", Step.DISCARD): "withdrawn",
    ("scheduled", Step.DISCARD): "withdrawn",
    ("rejected", Step.DISCARD): "withdrawn",
    ("withdrawn", Step.UNDISCARD): "draft",
}


def next_state(state: str, step: Step) -> str | None:
    """Where `step` leads from `state`, or None when it leads nowhere."""
    return _NEXT.get((state, step))


def verdict_stands(old: Verdict, *, old_by_person: bool, new: Verdict, new_by_person: bool) -> bool:
    """Whether `new` replaces `old`: a person beats a machine, risky beats a machine's pass."""
    if new_by_person:
        return True
    if old_by_person:
        return False
    strength = {Verdict.PENDING: 0, Verdict.NEEDS_PERSON: 1, Verdict.PASS: 1, Verdict.RISKY: 2}
    if old == Verdict.NEEDS_PERSON and new == Verdict.PASS:
        # Once a person was asked, a late machine answer does not take the question away.
        return False
    return strength[new] > strength[old]
