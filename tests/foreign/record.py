"""What foreign clients call and how it ends: kept in calls.json, shown in docs/simulator.md.

`python -m tests.foreign.record` runs every driver and rewrites both. The gate runs them again and
compares; the suite compares the page with the file.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.foreign.envelope_exchange import exchange
from tests.foreign.workshop import DRIVES, ENVELOPES, Drive, Told, Workshop

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("calls.json")
PAGE = REPOSITORY / "docs" / "simulator.md"
BEGIN = "<!-- foreign clients: written by tests/foreign/record.py -->\n"
END = "<!-- end of foreign clients -->\n"


def name_of(drive: Drive) -> str:
    """The name of a run in the file."""
    return " ".join(filter(None, (drive.page, drive.distribution)))


def told_by(workshop: Workshop, drive: Drive) -> list[Told]:
    """Run one driver, or one exchange of envelopes."""
    return exchange(workshop, drive) if drive in ENVELOPES else workshop.drive(drive)


def kept() -> dict[str, list[Told]]:
    """All runs as the file has them."""
    runs: dict[str, list[Told]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return runs


def table(runs: dict[str, list[Told]]) -> str:
    """The runs as a table in Markdown; one line for each client's each call."""
    lines = ["| client | version | call | result |", "|---|---|---|---|"]
    for told in (one for run in runs.values() for one in run):
        seen: dict[tuple[str, str], None] = {}
        for call in told["calls"]:
            seen[call["call"], call["result"]] = None
        lines += [
            f"| {told['client']} | {told['version']} | `{call}` | {result} |"
            for call, result in seen
        ]
    return "\n".join(lines) + "\n"


def with_table(page: str, shown: str) -> str:
    """The page with the table in its place."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + shown + END + after


def main() -> int:
    """Run everything, write both."""
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        runs = {name_of(drive): told_by(workshop, drive) for drive in (*DRIVES, *ENVELOPES)}
    KEPT.write_text(json.dumps(runs, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, table(runs)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
