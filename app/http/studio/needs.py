"""What the creator's page needs of the wiring, and nothing else."""

from typing import Protocol

from app.http.needs import HttpWiring, Pictures
from creator_tools.catalogue.ports import RateTable
from creator_tools.studio.ports import Desk


class PictureStore(Pictures, Protocol):
    """Where re-encoded pictures lie, and are put."""

    def put(self, sha256: str, content: bytes) -> None:
        """Keep bytes under their hash; again is harmless."""


class StudioWiring(HttpWiring, Protocol):
    """The parts that the creator's page uses; the wiring fits by its shape."""

    @property
    def desk(self) -> Desk:
        """What deeds ask sideways."""

    @property
    def rates(self) -> RateTable:
        """What rails keep, and when they settle."""

    @property
    def pictures(self) -> PictureStore:
        """Stored pictures."""
