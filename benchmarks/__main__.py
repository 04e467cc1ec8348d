"""`python -m benchmarks [--json] [--only NAME]`: the figures of the hot paths, in five minutes."""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from typing import Any

from benchmarks import bills, callback, figures, growth, payments, reading, verifying
from benchmarks.machine import load_1m
from config.logging import configure_logging

SECTIONS: dict[str, Callable[[], Any]] = {
    "paths": figures.section,
    "callback": callback.measured,
    "payments": payments.measured,
    "reading": reading.measured,
    "growth": growth.measured,
    "verify": verifying.measured,
    "bills": bills.measured,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--only", action="append", choices=SECTIONS, help="one section; may be repeated"
    )
    options = parser.parse_args()
    configure_logging()
    began = time.monotonic()
    asked = options.only or list(SECTIONS)
    document: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "load_1m": load_1m(),
            "python": platform.python_version(),
        }
    }
    for name in asked:
        document[name] = SECTIONS[name]()
    document["took_s"] = round(time.monotonic() - began, 1)
    # `paths` stood at the top before there were sections.
    document |= document.get("paths", {})
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print(document["machine"], "a ratio is the median beside the median of the named least")
    for name in asked:
        print(f"\n{name}")
        _tell(document[name])


def _tell(section: Any) -> None:
    for one in section.get("figures", []):
        print(
            f"{one['name']:<22} {one['ratio']:>8.2f} x {one['beside']:<16} "
            f"cpu {one['cpu_ratio']:>6.2f} x  {one['median_us']:>7} us  "
            f"{one['statements']:>3} statements  {one['commits']} commits"
        )
    for name, value in section.items():
        if name != "figures":
            print(f"{name:<18} {json.dumps(value, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
