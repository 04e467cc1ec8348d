"""Publishes price tiers: one good per price, ahead of the first buyer.

Each step is one call and one short unit. The platform takes its time (10 to 30 minutes), so a
tier waits in its state until the platform says that buyers can buy.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.wiring.accounts import AccountBook
from app.wiring.wechat import WeChat
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.fen import format_yuan
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from wechat_handlers.wire.errors import WeChatApiRefused
from wechat_handlers.wire.xpay_client import Env, GoodsItem

_log = structlog.get_logger(__name__)
# What the platform says of one item; its words for the whole task are others.
RUNNING, EXISTS, DONE, FAILED = 0, 1, 2, 3
_UPLOAD = ("upload_item", "upload_status")
_PUBLISH = ("publish_item", "publish_status")
# A published good can be bought only some minutes later; selling it earlier is refused.
EFFECTIVE_AFTER = timedelta(minutes=10)


_TO_UPLOAD = frozenset({"wanted", "failed"})


@dataclass(frozen=True)
class _Due:
    """One tier whose next step is due."""

    id: UUID
    account_id: UUID
    goods_id: str
    price_fen: int
    state: str


class Tiers:
    """Moves each due tier one step along.

    Args:
        picture_url: what every good looks like in the platform's console and on its receipts; the
            platform fetches it, so it must be public.
        effective_after: how long a published good cannot be bought yet.
    """

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        picture_url: str,
        effective_after: timedelta = EFFECTIVE_AFTER,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._picture_url = picture_url
        self._effective_after = effective_after

    def step(self) -> int:
        """Move what is due; returns how many tiers were looked at."""
        now = self._units.clock.now()
        with self._units.reading() as session:
            busy = catalogue_queries.accounts_uploading(session)
            due = [
                _Due(tier.id, tier.account_id, tier.goods_id, tier.price_fen, tier.state)
                for tier in catalogue_queries.list_tiers_due(session, now)
                if tier.state != "publishing" or now - tier.updated_at >= self._effective_after
            ]
        for tier in due:
            if tier.state in _TO_UPLOAD and tier.account_id in busy:
                continue
            try:
                after = self._next(tier)
            except WeChatApiRefused as refused:
                _log.warning("tier.refused", goods_id=tier.goods_id, errcode=refused.errcode)
                continue
            if after == "uploading":
                busy.add(tier.account_id)
            if after is not None:
                self._note(tier.id, after)
        return len(due)

    def _next(self, tier: _Due) -> str | None:
        """Take one step; the state after it, or None when the platform is not ready yet."""
        env = self._env()
        if tier.state in _TO_UPLOAD:
            return self._upload(tier, env)
        if tier.state == "uploading":
            answer = self._wechat.xpay.query_upload_goods(tier.account_id, env=env)
            status = _status_of(answer, _UPLOAD, tier.goods_id)
            if status is None:
                # Another upload came between, or the call never arrived.
                return self._upload(tier, env)
            if status not in {EXISTS, DONE}:
                return "failed" if status == FAILED else None
            self._wechat.xpay.start_publish_goods(
                tier.account_id, env=env, product_ids=[tier.goods_id]
            )
            return "publishing"
        answer = self._wechat.xpay.query_publish_goods(tier.account_id, env=env)
        # The platform remembers the last publication alone; one that it no longer shows is over.
        status = _status_of(answer, _PUBLISH, tier.goods_id)
        if status == RUNNING:
            return None
        return "failed" if status == FAILED else "live"

    def _upload(self, tier: _Due, env: Env) -> str:
        item = GoodsItem(
            product_id=tier.goods_id,
            name=f"专栏内容 {format_yuan(tier.price_fen)} 元",
            price_fen=tier.price_fen,
            remark="内容解锁",
            picture_url=self._picture_url,
        )
        self._wechat.xpay.start_upload_goods(tier.account_id, env=env, item=item)
        return "uploading"

    def _env(self) -> Env:
        return 1 if self._accounts.payee_for("xpay_android").credentials["env"] == 1 else 0

    def _note(self, tier_id: UUID, state: str) -> None:
        def note(uow: UnitOfWork) -> None:
            catalogue.note_tier_state(uow, tier_id=tier_id, state=state)

        self._units.run("catalogue.tiers", note)


def _status_of(answer: dict[str, Any], names: tuple[str, str], goods_id: str) -> int | None:
    items, status = names
    for item in answer.get(items) or []:
        if item.get("id") == goods_id:
            return int(item.get(status, RUNNING))
    return None
