"""Publishes price tiers: one good per price, ahead of the first buyer.

Each step is one call and one short unit. The platform takes its time (10 to 30 minutes), so a
tier waits in its state until the platform says that buyers can buy.
"""

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
RUNNING, FAILED, DONE = 1, 2, 3
# A published good can be bought only some minutes later; selling it earlier is refused.
EFFECTIVE_AFTER = timedelta(minutes=10)


class Tiers:
    """Moves each due tier one step along."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        effective_after: timedelta = EFFECTIVE_AFTER,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._effective_after = effective_after

    def step(self) -> int:
        """Move what is due; returns how many tiers were looked at."""
        now = self._units.clock.now()
        with self._units.reading() as session:
            due = [
                (tier.id, tier.account_id, tier.goods_id, tier.price_fen, tier.state)
                for tier in catalogue_queries.list_tiers_due(session, now)
                if tier.state != "publishing" or now - tier.updated_at >= self._effective_after
            ]
        for tier_id, account_id, goods_id, price_fen, state in due:
            try:
                after = self._next(account_id, goods_id, price_fen, state)
            except WeChatApiRefused as refused:
                _log.warning("tier.refused", goods_id=goods_id, errcode=refused.errcode)
                continue
            if after != state:
                self._note(tier_id, after)
        return len(due)

    def _next(self, account_id: UUID, goods_id: str, price_fen: int, state: str) -> str:
        env = self._env()
        if state == "wanted":
            item = GoodsItem(
                product_id=goods_id,
                name=f"专栏内容 {format_yuan(price_fen)} 元",
                price_fen=price_fen,
                remark="内容解锁",
                picture_url="https://example.com/goods.png",
            )
            self._wechat.xpay.start_upload_goods(account_id, env=env, item=item)
            return "uploading"
        if state == "uploading":
            answer = self._wechat.xpay.query_upload_goods(account_id, env=env)
            if _status_of(answer, "upload_item", "upload_status", goods_id) != DONE:
                return state
            self._wechat.xpay.start_publish_goods(account_id, env=env, product_ids=[goods_id])
            return "publishing"
        answer = self._wechat.xpay.query_publish_goods(account_id, env=env)
        status = _status_of(answer, "publish_item", "publish_status", goods_id)
        return {DONE: "live", FAILED: "failed"}.get(status, state)

    def _env(self) -> Env:
        return 1 if self._accounts.payee_for("xpay_android").credentials["env"] == 1 else 0

    def _note(self, tier_id: UUID, state: str) -> None:
        def note(uow: UnitOfWork) -> None:
            catalogue.note_tier_state(uow, tier_id=tier_id, state=state)

        self._units.run("catalogue.tiers", note)


def _status_of(answer: dict[str, Any], items: str, status: str, goods_id: str) -> int:
    for item in answer.get(items) or []:
        if item.get("id") == goods_id:
            return int(item.get(status, 0))
    return int(answer.get("status", 0))
