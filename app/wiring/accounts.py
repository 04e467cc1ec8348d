"""The platform accounts in use, opened once and kept for a minute.

The environment seeds the first accounts; the table is the truth afterwards, so a second account
added there is picked up without a restart.
"""

import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from config.settings import AccountSettings, Settings
from creator_tools.kernel import accounts
from creator_tools.kernel.accounts import Account, AccountNotFound
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from wechat_handlers.wire.envelope import MessageKeys
from wechat_handlers.wire.pay_keys import PayKeys

_KEPT_S = 60
_REREAD_AFTER_S = 1


class AccountBook:
    """Finds accounts by id or kind.

    Args:
        own: for each kind, what the environment calls the installation's own account; an account
            that the settings name now comes before one that they named last year.
    """

    def __init__(self, units: UnitsOfWork, own: Mapping[str, str]) -> None:
        self._units = units
        self._own = own
        self._lock = threading.Lock()
        self._accounts: dict[UUID, Account] = {}
        self._awaits_keys = False
        self._read_at: float = 0

    def get(self, account_id: UUID) -> Account:
        """The account with this id.

        Raises:
            AccountNotFound: there is none.
        """
        account = self._all().get(account_id) or self._all(reread=True).get(account_id)
        if account is None:
            raise AccountNotFound
        return account

    def fresh(self, account_id: UUID) -> Account:
        """The account as it stands now, looked at again at most once a second.

        Raises:
            AccountNotFound: there is none.
        """
        account = self._all(reread=True).get(account_id)
        if account is None:
            raise AccountNotFound
        return account

    def forget(self) -> None:
        """Look again at the next question: this process has just changed something."""
        with self._lock:
            self._accounts = {}

    def first(self, kind: str) -> Account:
        """The installation's own account of a kind, or else the oldest.

        Raises:
            AccountNotFound: there is none of that kind.
        """
        own = self.by_external(kind, self._own.get(kind, ""))
        if own is not None:
            return own
        for account in self._all().values():
            if account.kind == kind:
                return account
        raise AccountNotFound

    def by_external(self, kind: str, external_id: str) -> Account | None:
        """The account that the platform calls `external_id`, or None: a stranger's."""
        for account in self._all().values():
            if (account.kind, account.external_id) == (kind, external_id):
                return account
        return None

    def ids_of(self, kind: str) -> tuple[UUID, ...]:
        """The ids of all accounts of a kind."""
        return tuple(one.id for one in self._all().values() if one.kind == kind)

    def payee_for(self, rail: str) -> Account:
        """The merchant account that a rail pays into."""
        return self.first("merchant" if rail == "jsapi" else "xpay")

    def _all(self, *, reread: bool = False) -> dict[UUID, Account]:
        now_s = self._units.clock.now().timestamp()
        # Strangers may ask for accounts that are not there as often as they like.
        kept_s = _REREAD_AFTER_S if reread or self._awaits_keys else _KEPT_S
        with self._lock:
            if not self._accounts or not 0 <= now_s - self._read_at < kept_s:
                with self._units.reading() as session:
                    found = accounts.list_accounts(session, self._units.sealer)
                self._accounts = {account.id: account for account in found}
                self._awaits_keys = any(_awaits_keys(account) for account in found)
                self._read_at = now_s
            return self._accounts


def message_keys(account: Account) -> MessageKeys:
    """The keys of an account's message callback."""
    held = account.credentials
    return MessageKeys(
        token=held["token"],
        aes_key=held["aes_key"],
        aes_key_previous=held["aes_key_previous"],
        recipient=account.external_id,
    )


def pay_keys(account: Account) -> PayKeys:
    """The keys of a merchant account."""
    held = account.credentials
    return PayKeys(
        mchid=account.external_id,
        serial_no=held["serial_no"],
        private_key_pem=held["private_key_pem"],
        apiv3_key=held["apiv3_key"],
        apiv3_key_previous=held["apiv3_key_previous"],
        public_key_id=held["public_key_id"],
        public_key_pem=held["public_key_pem"],
        certificates=account.certificates,
    )


def _awaits_keys(account: Account) -> bool:
    """Whether nothing that WeChat Pay says to this account can be verified yet."""
    if account.kind != "merchant" or account.credentials.get("public_key_id"):
        return False
    return not account.certificates


def own_accounts(settings: Settings) -> dict[str, str]:
    """What the environment calls the installation's own account of each kind."""
    return {one["kind"]: one["external_id"] for one in _wanted(settings)}


def ensure_seeded(units: UnitsOfWork, settings: Settings) -> None:
    """Write the environment's accounts into the table where they are missing or have changed."""
    wanted = _wanted(settings)
    with units.reading() as session:
        held = {
            (account.kind, account.external_id): account.credentials
            for account in accounts.list_accounts(session, units.sealer)
        }
    missing = [
        one for one in wanted if held.get((one["kind"], one["external_id"])) != one["credentials"]
    ]
    if not missing:
        return

    def seed(uow: UnitOfWork) -> None:
        for one in missing:
            accounts.seed(uow, **one)

    units.run("accounts.seed", seed)


def _wanted(settings: Settings) -> list[dict[str, Any]]:
    merchant, xpay = settings.merchant, settings.xpay
    return [
        *_wecom(settings),
        _messaging("oa", "公众号", settings.oa),
        _messaging("mini", "小程序", settings.mini),
        {
            "kind": "merchant",
            "external_id": merchant.mchid,
            "name": "微信支付商户",
            "credentials": {
                "serial_no": merchant.serial_no,
                "private_key_pem": merchant.private_key_file.read_text("ascii"),
                "apiv3_key": merchant.apiv3_key,
                "apiv3_key_previous": merchant.apiv3_key_previous,
                "public_key_id": merchant.public_key_id,
                "public_key_pem": merchant.public_key_file
                and merchant.public_key_file.read_text("ascii"),
            },
        },
        {
            "kind": "xpay",
            "external_id": xpay.offer_id,
            "name": "虚拟支付",
            "credentials": {
                "app_key": xpay.app_key,
                "sandbox_app_key": xpay.sandbox_app_key,
                "env": xpay.env,
                "mini_appid": settings.mini.appid,
            },
        },
    ]


def _wecom(settings: Settings) -> list[dict[str, Any]]:
    if settings.wecom is None:
        return []
    held = settings.wecom
    keys = {"secret": held.secret, "token": held.token, "aes_key": held.aes_key}
    return [
        {
            "kind": "wecom",
            "external_id": held.corpid,
            "name": "企业微信",
            "credentials": {**keys, "aes_key_previous": None},
        }
    ]


def _messaging(kind: str, name: str, held: AccountSettings) -> dict[str, Any]:
    return {
        "kind": kind,
        "external_id": held.appid,
        "name": name,
        "credentials": {
            "secret": held.secret,
            "token": held.token,
            "aes_key": held.aes_key,
            "aes_key_previous": held.aes_key_previous,
        },
    }
