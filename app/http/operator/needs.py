"""What the desk needs of the wiring, and nothing else."""

from typing import Protocol

from app.http.needs import MediaBytes, PayingOut, Pictures
from creator_tools.kernel.unit_of_work import UnitsOfWork


class DeskWiring(Protocol):
    """The parts that the desk uses; the wiring fits by its shape."""

    @property
    def units(self) -> UnitsOfWork:
        """Opens units of work and reading views."""

    @property
    def public_base_url(self) -> str:
        """The address people reach us by, no trailing slash."""

    @property
    def secret_key(self) -> str:
        """Signs the tokens of forms."""

    @property
    def payouts(self) -> PayingOut:
        """Money that goes to its earners."""

    @property
    def media_bytes(self) -> MediaBytes:
        """Stored audio, video and files, for whoever reviews them."""

    @property
    def pictures(self) -> Pictures:
        """Stored pictures, for whoever reviews a text that shows them."""
