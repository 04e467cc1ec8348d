"""`python -m benchmarks [--json]`: the figures of the hot paths, in less than a minute."""

import argparse
import json
import os
import platform
import time

from benchmarks.figures import ORDERS, measured
from benchmarks.ground import laid
from config.logging import configure_logging


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    configure_logging()
    began = time.monotonic()
    with laid(ORDERS) as ground:
        figures = measured(ground)
    document = {
        "machine": {
            "cores": os.cpu_count(),
            "load_1m": round(os.getloadavg()[0], 1),
            "python": platform.python_version(),
        },
        "fsync": False,
        "took_s": round(time.monotonic() - began, 1),
        "figures": figures,
    }
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    load = document["machine"]
    print(f"{load}, fsync off; a ratio is the median beside the median of the named least")
    for one in figures:
        print(
            f"{one['name']:<22} {one['ratio']:>8.2f} x {one['beside']:<16} "
            f"cpu {one['cpu_ratio']:>6.2f} x  {one['median_us']:>7} us  "
            f"{one['statements']:>3} statements  {one['commits']} commits"
        )


if __name__ == "__main__":
    main()
