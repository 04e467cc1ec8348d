"""The form in which terms are typed: shares in percent, sums in yuan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app.http.asked import refused
from app.http.split_words import parsed_percent
from creator_tools.kernel.business_day import in_beijing_at
from creator_tools.kernel.fen import BASIS_POINTS, Fen, parse_yuan
from creator_tools.splits.rules import Party, Tier


@dataclass(frozen=True)
class AskedTerms:
    """What was typed; whether it can be kept is another question."""

    parties: tuple[Party, ...]
    tiers: tuple[Tier, ...]
    starts_at: datetime | None


def asked_terms(members: Sequence[tuple[UUID, str]], creator_person_id: UUID) -> AskedTerms:
    """The terms of the form: a line for each member, of whom the empty ones are left out.

    Raises:
        InputRefused: something is no share, no sum or no day.
    """
    parties, first, later = [], {}, {}
    tier_fen = _sum("tier")
    for person_id, _name in members:
        share_bp = _share(f"share-{person_id}")
        later_bp = _share(f"later-{person_id}") if tier_fen is not None else None
        recoup_fen = _sum(f"recoup-{person_id}")
        if person_id == creator_person_id or (share_bp, later_bp, recoup_fen) == (None,) * 3:
            continue
        part_bp = _share(f"part-{person_id}")
        parties.append(
            Party(
                person_id,
                cap_fen=_sum(f"cap-{person_id}"),
                recoup_fen=recoup_fen,
                recoup_bp=BASIS_POINTS if part_bp is None else part_bp,
            )
        )
        first[person_id] = share_bp or 0
        later[person_id] = later_bp or 0
    tiers = (Tier(first),) if tier_fen is None else (Tier(first, tier_fen), Tier(later))
    return AskedTerms(tuple(parties), tiers, _day("starts"))


def _share(name: str) -> int | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    share_bp = parsed_percent(typed)
    if share_bp is None:
        raise refused(name, "invalid", _("比例写成 30 或 12.5 这样的数字，单位是百分之一。"))
    return share_bp


def _sum(name: str) -> Fen | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    amount_fen = parse_yuan(typed)
    if amount_fen is None:
        raise refused(name, "invalid", _("金额要写成 100 或 9.9 这样的数字，单位是元。"))
    return amount_fen


def _day(name: str) -> datetime | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - Beijing is added
    except ValueError:
        raise refused(name, "invalid", _("请选一个日期。")) from None
    return in_beijing_at(datetime.combine(day, time()))
