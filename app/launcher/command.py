"""What `./run` does: start everything, say where it is, stop it when asked."""

import argparse
import json
import os
import sys
from pathlib import Path

from app.launcher import stopping
from app.launcher.binaries import ServerProgramMissing
from app.launcher.children import ChildWouldNotStart
from app.launcher.family import ChildDied
from app.launcher.leftovers import end_leftovers
from app.launcher.lock import AlreadyRunning, TreeLock
from app.launcher.memory import family_pss_kb
from app.launcher.ports import NoFreePort
from app.launcher.speech import announce, say
from app.launcher.state import Tree, write_privately
from app.launcher.stopping import StopAsked
from app.launcher.system import System
from app.launcher.web_calls import CallRefused
from config.settings import process_environment

CHECKOUT = Path(__file__).resolve().parents[2]
_FAULTS = (ServerProgramMissing, ChildWouldNotStart, ChildDied, CallRefused, NoFreePort, OSError)


def main(arguments: list[str]) -> int:
    """Run the channel until it is asked to stop (0), or fails (1)."""
    options = _options(arguments)
    tree = Tree.of(CHECKOUT)
    stopping.listen()
    try:
        with TreeLock(tree.lock_file) as lock:
            return _run(tree, lock, options)
    except AlreadyRunning as holder:
        where = holder.url or "…"
        say(
            f"本目录已在运行：进程 {holder.pid}，{where}",
            f"already running here: pid {holder.pid}, {where}",
        )
        return 1
    except StopAsked:
        return 0
    finally:
        stopping.hush()


def _run(tree: Tree, lock: TreeLock, options: argparse.Namespace) -> int:
    tree.forget_run()
    if end_leftovers(tree.children_file):
        say("清理了上次意外退出的进程", "ended what a killed run had left")
    outer = process_environment()
    if options.fresh:
        if outer.get("DATABASE_URL"):
            say(
                "使用外部 DATABASE_URL 时不能 --fresh，请自行清空该数据库",
                "--fresh leaves a DATABASE_URL of yours alone: empty it yourself",
            )
            return 1
        tree.forget()
    elif tree.is_half_seeded() and not outer.get("DATABASE_URL"):
        say("上次的演示内容没有准备完，从头来", "the demo was left half filled; starting anew")
        tree.forget()
    tree.prepare()
    system = System(tree, outer)
    try:
        return _run_to_the_end(system, tree, lock, options)
    except StopAsked:
        return 0
    except _FAULTS as fault:
        sys.stderr.write(f"{fault}\n")
        say(f"出错，已停止；日志在 {tree.logs}", "failed and stopped; the logs are there")
        return 1
    finally:
        stopping.hush()
        tree.forget_run()
        say("正在停止", "stopping")
        system.stop()


def _run_to_the_end(system: System, tree: Tree, lock: TreeLock, options: argparse.Namespace) -> int:
    system.start()
    write_privately(
        tree.demo_file, json.dumps(system.demo(os.getpid()), ensure_ascii=False, indent=1)
    )
    lock.tell(system.addresses.base_url)
    announce(system.addresses.base_url, system.phone_url, str(tree.demo_file))
    if options.pss:
        by_name = family_pss_kb({"launcher": os.getpid(), **system.pids()})
        say(f"内存 {sum(by_name.values()) // 1024} MB", f"PSS in kB: {by_name}")
    system.watch()
    return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Start the demo channel.")
    parser.add_argument("--fresh", action="store_true", help="start from nothing")
    parser.add_argument("--pss", action="store_true", help="say how much memory each process has")
    return parser.parse_args(arguments)
