"""The processes of ours: what each is called and how it is started.

Each is run as `python -m`, never by a script of the environment, because such scripts
break when a checkout is moved.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from app.launcher.children import Order
from app.launcher.cluster import MIGRATION_URL
from app.launcher.state import Tree

WORKER_THREADS = 4


def simulator_order(tree: Tree, port: int, environment: Mapping[str, str]) -> Order:
    """The simulated WeChat; of our settings it is told the clock alone."""
    return Order(
        name="simulator",
        command=[
            *_python("wechat_simulator"),
            f"--port={port}",
            f"--state={tree.simulator_file}",
        ],
        log=tree.logs / "simulator.log",
        environment={**environment, "CLOCK_OFFSET_FILE": str(tree.clock_file)},
        folder=tree.checkout,
    )


def migration_order(tree: Tree, environment: Mapping[str, str], database_url: str) -> Order:
    """Brings the schema up to date and ends."""
    return Order(
        name="migrate",
        command=_python("app.launcher.migrate"),
        log=tree.logs / "migrate.log",
        environment={**environment, MIGRATION_URL: database_url},
        folder=tree.checkout,
    )


def web_order(tree: Tree, port: int, environment: Mapping[str, str]) -> Order:
    """The web server: one process with threads.

    It loads the application itself: loaded before the fork, each page it touches would be
    held twice, which with one process is all cost and no gain.
    """
    return Order(
        name="web",
        command=[
            *_python("app.http.serving"),
            f"--port={port}",
        ],
        log=tree.logs / "web.log",
        environment=environment,
        folder=tree.checkout,
    )


def worker_order(tree: Tree, environment: Mapping[str, str]) -> Order:
    """Jobs in one process of threads.

    No beat runs in the demo: the worker's own sweep finds what is due every second, and a
    beat beside it would hold another 50 MB to say the same.
    """
    return Order(
        name="worker",
        command=[
            *_python("celery", "-W", "ignore::RuntimeWarning:celery.platforms"),
            "--quiet",
            "--app=app.worker.celery_app:celery_app",
            "worker",
            "--pool=threads",
            f"--concurrency={WORKER_THREADS}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=WARNING",
        ],
        log=tree.logs / "worker.log",
        environment=environment,
        folder=tree.checkout,
    )


def seed_order(tree: Tree, environment: Mapping[str, str], output: Path) -> Order:
    """Fills the demo with a living channel; prints what it made as JSON."""
    return Order(
        name="seed",
        command=[*_python("app.cli"), "seed-demo"],
        log=tree.logs / "seed.log",
        environment=environment,
        folder=tree.checkout,
        output=output,
    )


def watchdog_command(tree: Tree) -> list[str]:
    """The process that outlives us by a moment where no parent-death signal exists."""
    return [*_python("app.launcher.watchdog"), str(tree.children_file)]


def _python(module: str, *options: str) -> list[str]:
    return [sys.executable, *options, "-m", module]
