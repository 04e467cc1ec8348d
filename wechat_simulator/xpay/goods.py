"""Goods: uploaded one at a time, published, effective minutes later, at one price for ever."""

import re
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.xpay.model import Good, UploadTask, XpayDesk
from wechat_simulator.xpay.refusals import TASK_RUNNING, ApiRefused, bad_parameter

_GOOD_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def start_upload(desk: XpayDesk, env: int, asked: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Take one item in; an item of the same id keeps the price it has.

    Raises:
        ApiRefused: a parameter, or the upload before is still running.
    """
    item = _only_item(asked, "upload_item")
    _check_item(item)
    running = desk.records.uploads.get(env)
    if running is not None and now < running.done_at:
        raise ApiRefused(TASK_RUNNING, "task running")
    existed = (env, item["id"]) in desk.records.goods
    if not existed:
        desk.records.goods[env, item["id"]] = Good(
            good_id=item["id"],
            env=env,
            name=item["name"],
            price_fen=item["price"],
            remark=item.get("remark", ""),
            item_url=item.get("item_url", ""),
        )
    done_at = now + timedelta(seconds=desk.settings.upload_latency_s)
    desk.records.uploads[env] = UploadTask(item=item, done_at=done_at, existed=existed)
    return {}


def query_upload(desk: XpayDesk, env: int, now: datetime) -> dict[str, Any]:
    """How the last upload stands."""
    task = desk.records.uploads.get(env)
    if task is None:
        return {"status": 0, "upload_item": []}
    done = now >= task.done_at
    item_status = (1 if task.existed else 2) if done else 0
    shown = task.item | {
        "upload_status": item_status,
        "errmsg": "id exists" if task.existed else "",
    }
    status = (2 if task.existed else 3) if done else 1
    return {"status": status, "upload_item": [shown]}


def start_publish(desk: XpayDesk, env: int, asked: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Publish one uploaded item; it can be sold once the latency has passed.

    Raises:
        ApiRefused: a parameter, or the item is not there.
    """
    item = _only_item(asked, "publish_item")
    good = desk.records.goods.get((env, str(item.get("id"))))
    task = desk.records.uploads.get(env)
    uploading = task is not None and task.item["id"] == item.get("id") and now < task.done_at
    if good is None or uploading:
        raise bad_parameter("publish_item.id")
    publish(good, now + timedelta(seconds=desk.settings.publish_latency_s))
    desk.records.publishes[env] = [good.good_id]
    return {}


def query_publish(desk: XpayDesk, env: int) -> dict[str, Any]:
    """How the last publication stands: taken, which is not yet effective."""
    items = desk.records.publishes.get(env)
    if not items:
        return {"status": 0, "publish_item": []}
    shown = [{"id": good_id, "publish_status": 2, "errmsg": ""} for good_id in items]
    return {"status": 3, "publish_item": shown}


def publish(good: Good, effective_at: datetime) -> None:
    """Make an item sellable from `effective_at` on; publishing again changes nothing."""
    if good.effective_at is None:
        good.effective_at = effective_at


def _only_item(asked: dict[str, Any], name: str) -> dict[str, Any]:
    items = asked.get(name)
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise bad_parameter(name)
    item: dict[str, Any] = items[0]
    return item


def _check_item(item: dict[str, Any]) -> None:
    if not isinstance(item.get("id"), str) or not _GOOD_ID.fullmatch(item["id"]):
        raise bad_parameter("upload_item.id")
    name = item.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 20:
        raise bad_parameter("upload_item.name")
    price = item.get("price")
    if not isinstance(price, int) or isinstance(price, bool) or price < 1:
        raise bad_parameter("upload_item.price")
    for optional, most in (("remark", 1024), ("item_url", 1024)):
        text = item.get(optional, "")
        if not isinstance(text, str) or len(text) > most:
            raise bad_parameter(f"upload_item.{optional}")
