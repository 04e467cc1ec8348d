"""Where one checkout keeps what it must remember between two starts.

A plain user keeps it in `.local/` of the checkout. Root keeps it under the system's
state, because the embedded PostgreSQL runs as `nobody`, who cannot enter root's home.
`.local/demo.json`, `.local/settings.json` and the lock are always in the checkout.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.cli.running import settings_file
from app.launcher.binaries import SYSTEM_STATE


@dataclass(frozen=True, slots=True)
class Tree:
    """One checkout and its state folder."""

    checkout: Path
    folder: Path

    @classmethod
    def of(cls, checkout: Path) -> "Tree":
        """Find the state folder of a checkout for the user who runs us."""
        if os.geteuid() != 0:
            return cls(checkout, checkout / ".local" / "state")
        digest = hashlib.sha256(str(checkout.resolve()).encode("utf-8")).hexdigest()
        return cls(checkout, SYSTEM_STATE / digest[:16])

    @property
    def lock_file(self) -> Path:
        """Held by the one launcher of this checkout."""
        return self.checkout / ".local" / "run.lock"

    @property
    def demo_file(self) -> Path:
        """What scripts read to find the running demo."""
        return self.checkout / ".local" / "demo.json"

    @property
    def settings_file(self) -> Path:
        """What commands typed in this checkout read to open the running demo."""
        return settings_file(self.checkout)

    @property
    def children_file(self) -> Path:
        """The processes we started, for the start after a crash."""
        return self.folder / "children.json"

    @property
    def secrets_file(self) -> Path:
        """The demo's own credentials."""
        return self.folder / "secrets.json"

    @property
    def seed_file(self) -> Path:
        """What the seed told about operators, creators and fans; also the mark that it ran."""
        return self.folder / "seed.json"

    @property
    def seeding_file(self) -> Path:
        """There while the seed runs; beside no `seed_file` it tells of a seed that was killed."""
        return self.folder / "seed.out"

    @property
    def simulator_file(self) -> Path:
        """The simulated WeChat's memory."""
        return self.folder / "simulator" / "state.json"

    @property
    def schema_file(self) -> Path:
        """The mark of the migrations that our own database has seen."""
        return self.folder / "schema.mark"

    @property
    def clock_file(self) -> Path:
        """Whole seconds added to wall time by web, worker and simulator."""
        return self.folder / "clock_offset"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.folder / "logs"

    def prepare(self) -> None:
        """Make the folders; the state folder may be entered, but not read, by others."""
        self.lock_file.parent.mkdir(mode=0o755, exist_ok=True)
        self.folder.mkdir(parents=True, mode=0o711, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "files").mkdir(mode=0o700, exist_ok=True)
        self.simulator_file.parent.mkdir(mode=0o700, exist_ok=True)

    def is_half_seeded(self) -> bool:
        """Whether a seed was begun and never finished; what it left fits no second one."""
        return self.seeding_file.exists() and not self.seed_file.exists()

    def forget_run(self) -> None:
        """Remove what told others about a run that is over."""
        self.demo_file.unlink(missing_ok=True)
        self.settings_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove everything remembered, so that the next start is a first one."""
        shutil.rmtree(self.folder, ignore_errors=True)


def schema_mark(checkout: Path) -> str:
    """Tell one set of migrations from another by what is written in them."""
    digest = hashlib.sha256()
    for path in sorted((checkout / "migrations" / "versions").glob("*.py")):
        digest.update(path.name.encode("utf-8") + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
