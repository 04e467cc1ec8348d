"""What the doors for people need of the wiring, and nothing else.

The wiring is one big object; a door that names the few parts it uses can be built, read and tested
without the rest. The wiring satisfies this by its shape, it need not know the class.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Protocol
from uuid import UUID

from creator_tools.catalogue.ports import RailPolicy
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.media.queries import Kept, Progress
from creator_tools.payouts.service import Payer
from creator_tools.people.queries import SignedIn
from creator_tools.studio.ports import Desk


class PayingOut(Protocol):
    """Who pays earners here."""

    @property
    def payer(self) -> Payer:
        """Which merchant account, and within which limits."""

    def named(self, account_id: UUID, surface_id: UUID) -> tuple[str, str]:
        """What the platform calls a merchant account and an Official Account."""


class LoginResult(Protocol):
    """Who a platform says has come."""

    @property
    def subject(self) -> str:
        """The platform's name for the person on this account; never logged."""

    @property
    def union_subject(self) -> str | None:
        """The platform's name for the person across the owner's accounts, where it is told."""

    @property
    def session_key(self) -> str | None:
        """The mini-program's session key; stays on the server."""


class Login(Protocol):
    """Signing in through a platform; every call is outside any unit of work."""

    def exchange(self, surface: str, code: str) -> LoginResult:
        """Turn a one-time code of surface "oa" or "mini" into a person's subject.

        Raises:
            DomainError: the code is invalid or used, the visitor a snapshot, or the platform away.
        """

    def consent_url(self, return_url: str, state: str) -> str:
        """Where a visitor of the Official Account's pages is sent to be recognised, silently."""


class Checkout(Protocol):
    """The way from a quote to a payment, and the question what became of it."""

    def place(
        self,
        signed_in: SignedIn,
        *,
        quote_id: UUID,
        idempotency_key: str,
        login_code: str | None = None,
    ) -> dict[str, Any]:
        """Place an order; the same key and body again give the same answer."""

    def state_of(self, signed_in: SignedIn, order_id: UUID) -> dict[str, Any]:
        """The state of the person's own order; asks the rail when that is due."""


class SignedPage(Protocol):
    """What a page needs to use WeChat's JS-SDK."""

    @property
    def account(self) -> str:
        """The Official Account's name on the platform."""

    @property
    def timestamp(self) -> int:
        """Seconds since 1970."""

    @property
    def nonce(self) -> str:
        """Chance, once per page."""

    @property
    def signature(self) -> str:
        """Over the ticket, the two above and the page's address."""


class JsSdk(Protocol):
    """Signs pages of ours, and no others."""

    def sign(self, url: str) -> SignedPage:
        """Sign one page.

        Raises:
            DomainError: `not_our_page`, or the platform gave no ticket.
        """


class Pictures(Protocol):
    """Where re-encoded pictures lie, by the hash of their bytes."""

    def get(self, sha256: str) -> bytes | None:
        """The bytes, or None when there are none under this hash."""


class MediaBytes(Protocol):
    """Where the bytes of media lie."""

    def stream(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """A stretch of bytes; `FileNotFoundError` when nothing is there."""


class MediaIntake(Protocol):
    """Takes files in, part by part; no unit of work is open while bytes move."""

    def begin(self, creator_id: UUID, *, filename: str, size_bytes: int) -> Progress:
        """Announce a file; refused by its size before a byte is read."""

    def find(self, creator_id: UUID, upload_id: UUID) -> Progress:
        """The creator's own upload."""

    def take_part(
        self, creator_id: UUID, upload_id: UUID, offset_bytes: int, part: bytes
    ) -> Progress:
        """Keep the part that follows."""

    def complete(self, creator_id: UUID, upload_id: UUID) -> Kept:
        """Make an object of all parts."""

    def give_up(self, creator_id: UUID, upload_id: UUID) -> None:
        """End an upload and remove what has arrived."""


class RefundTerms(Protocol):
    """The dated terms of refund."""

    def on(self, day: date) -> dict[str, Any]:
        """What is promised about refunds on a business day."""


class HttpWiring(Protocol):
    """The parts that the doors for fans use."""

    @property
    def payouts(self) -> PayingOut:
        """Money that goes to its earners."""

    @property
    def units(self) -> UnitsOfWork:
        """Opens units of work and reading views."""

    @property
    def public_base_url(self) -> str:
        """The address people reach us by, no trailing slash."""

    @property
    def secret_key(self) -> str:
        """Signs cookies and forms."""

    @property
    def trusted_proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks whose forwarding headers we believe."""

    @property
    def domain_proofs(self) -> frozenset[str]:
        """Names `x` whose page `/MP_verify_x.txt` proves to the platform that the host is ours."""

    @property
    def schema_head(self) -> str:
        """The migration that this code needs."""

    @property
    def surface_accounts(self) -> Mapping[str, UUID]:
        """The platform account behind each surface: "oa" and "mini"."""

    @property
    def rails(self) -> RailPolicy:
        """The dated table of rails."""

    @property
    def refund_terms(self) -> RefundTerms:
        """What fans are promised about refunds, by date."""

    @property
    def login(self) -> Login:
        """Signing in through a platform."""

    @property
    def checkout(self) -> Checkout:
        """From a quote to a payment."""

    @property
    def js_sdk(self) -> JsSdk:
        """Signs pages for WeChat's JS-SDK."""

    @property
    def group_terms(self) -> GroupTerms:
        """How long codes and seats of fan groups last here."""

    @property
    def pictures(self) -> Pictures:
        """Stored pictures."""

    @property
    def media_bytes(self) -> MediaBytes:
        """Stored audio, video and files."""

    @property
    def media_intake(self) -> MediaIntake:
        """Takes media in."""

    @property
    def desk(self) -> Desk:
        """What a creator's deeds ask sideways."""
