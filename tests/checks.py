"""What `./test` runs: the static checks beside the suite, and one answer at the end.

Lint, format, types and contracts need one core for a while and no services; the suite
needs the other. So they run side by side, and the static ones speak when they are done.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
_PYTHON = sys.executable
_MOST_PROCESSES = 8
_CONTRACTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
STATIC_CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("lint-imports", ("-c", _CONTRACTS)),
    ("mypy", ("-m", "mypy")),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one static check ended."""

    name: str
    exit_code: int
    output: str
    took_s: float


class StaticChecks:
    """The static checks, one after the other, in a thread of their own."""

    def __init__(self) -> None:
        self._ended: list[Ended] = []
        self._thread = threading.Thread(target=self._run, name="static-checks")

    def start(self) -> None:
        """Begin; the suite may run meanwhile."""
        self._thread.start()

    def report(self) -> bool:
        """Wait for the last one, print the outcome of each, say whether all passed."""
        self._thread.join()
        for ended in self._ended:
            verdict = "ok" if ended.exit_code == 0 else "FAILED"
            _print(f"{ended.name}: {verdict} ({ended.took_s:.0f} s)")
            if ended.exit_code != 0:
                _print(ended.output)
        return all(ended.exit_code == 0 for ended in self._ended)

    def _run(self) -> None:
        for name, arguments in STATIC_CHECKS:
            began = time.monotonic()
            done = subprocess.run(
                [_PYTHON, *arguments],
                cwd=REPOSITORY,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
            took_s = time.monotonic() - began
            self._ended.append(Ended(name, done.returncode, done.stdout + done.stderr, took_s))


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; 0 when everything passed."""
    if list(arguments) == ["--gate"]:
        return run_pytest(["-m", "gate", "--timeout=1800", "-p", "no:randomly"], processes=0)
    if arguments:
        return run_pytest(arguments, processes=_processes())
    static = StaticChecks()
    static.start()
    # A browser takes both cores for minutes; .ci/run asks for those proofs by themselves.
    suite = run_pytest(["-m", "not gate and not browser"], processes=_processes())
    passed = static.report()
    return suite or int(not passed)


def run_pytest(arguments: Sequence[str], *, processes: int) -> int:
    """Run pytest with its output on the terminal; gives its exit code."""
    spread = ["-n", str(processes)] if processes > 1 else ["-n", "0"]
    command = [_PYTHON, "-m", "pytest", *spread, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def _processes() -> int:
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
