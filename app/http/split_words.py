"""Terms of a split in the language of a page, line by line, with an example in money."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _

from creator_tools.kernel.fen import BASIS_POINTS, Fen, format_yuan
from creator_tools.splits.queries import VersionView
from creator_tools.splits.rules import Party, SoFar, Terms, allocate

EXAMPLE_FEN = Fen(990)


@dataclass(frozen=True)
class TermLine:
    """What one of the parties gets by the terms, and of the example."""

    name: str
    rule: str
    example_fen: int


def term_lines(version: VersionView) -> list[TermLine]:
    """The terms of a version: the parties first, then the creator, who gets what is left."""
    names = {signer.person_id: name_of(signer.name) for signer in version.signers}
    return lines_of(version.terms, names)


def lines_of(terms: Terms, names: dict[UUID, str]) -> list[TermLine]:
    """The same for terms that nobody has proposed yet."""
    parts = allocate(terms, SoFar(), EXAMPLE_FEN)
    lines = [
        TermLine(names[one.person_id], _rule(terms, one), parts[one.person_id])
        for one in terms.parties
    ]
    rest_fen = EXAMPLE_FEN - sum(parts.values())
    return [*lines, TermLine(names[terms.creator_person_id], _("其余全部"), rest_fen)]


def name_of(nickname: str) -> str:
    """What a person is called here, who may not have told a name."""
    return nickname or _("未填昵称的人")


def percent(share_bp: int) -> str:
    """`1250` as `12.5%`."""
    whole, rest = divmod(share_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def _rule(terms: Terms, party: Party) -> str:
    told = []
    if party.recoup_fen is not None:
        told.append(
            _(
                "先收回 %(sum)s 元（每笔的 %(part)s）",
                sum=format_yuan(party.recoup_fen),
                part=percent(party.recoup_bp),
            )
        )
    since_fen = 0
    for tier in terms.tiers:
        share = percent(tier.shares_bp.get(party.person_id, 0))
        if len(terms.tiers) == 1:
            told.append(_("固定 %(share)s", share=share))
        elif tier.up_to_fen is not None:
            sum_ = format_yuan(tier.up_to_fen)
            told.append(_("累计到 %(sum)s 元以前 %(share)s", sum=sum_, share=share))
            since_fen = tier.up_to_fen
        else:
            told.append(
                _("累计超过 %(sum)s 元的部分 %(share)s", sum=format_yuan(since_fen), share=share)
            )
    if party.cap_fen is not None:
        told.append(_("累计封顶 %(sum)s 元", sum=format_yuan(party.cap_fen)))
    return str(_("，")).join(told)


def parsed_percent(typed: str) -> int | None:
    """`12.5` or `12.5%` in basis points; None for what is no share."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    whole, point, rest = plain.removesuffix("%").partition(".")
    if not whole.isascii() or not whole.isdigit() or len(whole) > 3 or len(rest) > 2:
        return None
    if point and not (rest.isascii() and rest.isdigit()):
        return None
    share_bp = int(whole) * 100 + int(rest.ljust(2, "0") or 0)
    return share_bp if share_bp <= BASIS_POINTS else None
