"""What `python -m tests.year` does with its arguments.

Plays it on a PostgreSQL of its own, in as many processes as universes share the fans and creators,
and prints one line of JSON. It ends with 1 when anything does not hold, and says how to play the
same year again. See docs/proof.md.
"""

import argparse
import gc
import json
import logging
import multiprocessing
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from app.launcher.cluster import Cluster
from config.logging import configure_logging
from tests.services import ServiceAddresses, Services
from tests.year import checks
from tests.year.life import Life, Plan
from tests.year.universe import open_universe

FAULT_RATE = 0.02


def main() -> int:
    """Play what the arguments ask for."""
    asked = _arguments()
    services = Services()
    services.start()
    if services.addresses.fault:
        sys.stderr.write(f"no database: {services.addresses.fault}\n")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="juanliu-year-"))
    began_s = time.monotonic()
    try:
        shares = [
            (services.addresses.to_mapping(), str(folder / str(number)), number, vars(asked))
            for number in range(asked.processes)
        ]
        if asked.processes == 1:
            told = [_play(shares[0])]
        else:
            with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
                told = pool.map(_play, shares, chunksize=1)
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)
    faults = [fault for one in told for fault in one["faults"]]
    report = {
        "seed": asked.seed,
        "days": asked.days,
        "fans": asked.fans,
        "creators": asked.creators,
        "took_s": round(time.monotonic() - began_s, 1),
        "faults": faults[:50],
        "universes": told,
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False, default=str) + "\n")
    if faults:
        sys.stderr.write(f"it does not hold; again with: {_command(asked)}\n")
    return 1 if faults else 0


def _play(share: tuple[dict[str, Any], str, int, dict[str, Any]]) -> dict[str, Any]:
    """One universe with its share of the people; says what it counted and what does not hold."""
    addresses, folder, number, asked = share
    configure_logging()
    logging.getLogger().setLevel(logging.ERROR)
    # Little of what is made here dies in a circle, and looking for it costs a tenth of the time.
    gc.set_threshold(100_000, 50, 100)
    cluster: Cluster = ServiceAddresses(**addresses).cluster
    parts = asked["processes"]
    plan = Plan(
        days=asked["days"],
        creators=_part(asked["creators"], parts, number),
        fans=_part(asked["fans"], parts, number),
        orders=_part(asked["orders"] or asked["fans"] * 7 // 10, parts, number),
        shows_progress=True,
    )
    seed = asked["seed"] * 1000 + number
    began_s = time.monotonic()
    with open_universe(
        cluster, f"juanliu_year_{number}", Path(folder), seed=seed, fault_rate=FAULT_RATE
    ) as universe:
        try:
            life = Life(universe, plan)
            life.live()
            faults = checks.all_of(life)
            counted = checks.counts(life)
        except Exception:  # noqa: BLE001 - whatever it is, the seed must be said
            faults, counted = [traceback.format_exc()], {}
    return {
        "seed": seed,
        **counted,
        "faults": faults,
        "took_s": round(time.monotonic() - began_s, 1),
    }


def _part(whole: int, parts: int, number: int) -> int:
    return whole * (number + 1) // parts - whole * number // parts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--fans", type=int, default=10_000)
    parser.add_argument("--creators", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--orders", type=int, default=0, help="7 for every 10 fans if not said")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _command(asked: argparse.Namespace) -> str:
    said = " ".join(f"--{name} {value}" for name, value in vars(asked).items())
    return f".venv/bin/python -m tests.year {said}"
