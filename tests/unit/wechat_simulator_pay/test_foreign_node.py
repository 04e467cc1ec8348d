"""Two Node SDKs from the registry, unmodified, against the simulator's server."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from wechat_simulator.clock import SimClock
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.world import World

SCRIPTS = Path(__file__).parents[2] / "foreign" / "node"
EVERY_CALL = {
    "POST jsapi",
    "open notification",
    "GET out-trade-no",
    "GET id",
    "POST close",
    "POST refunds",
}


@pytest.mark.gate
@pytest.mark.timeout(300)
def test_two_node_sdks_buy_query_close_and_refund(tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("install Node.js 18 or newer, with npm, to run its merchant SDKs")
    work = tmp_path / "node"
    shutil.copytree(SCRIPTS, work, ignore=shutil.ignore_patterns("node_modules"))
    installed = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"], cwd=work, capture_output=True, check=False
    )
    if installed.returncode != 0:
        pytest.skip("the npm registry must be reachable to fetch the SDKs")
    server = Server(Simulator(World(clock=SimClock())))
    server.start()
    try:
        ran = subprocess.run(
            [node, "pay.js", server.url],
            cwd=work,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        server.stop()

    assert ran.returncode == 0, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["sdk"] for one in told] == ["wechatpay-axios-plugin", "wechatpay-node-v3"]
    for one in told:
        assert set(one["calls"]) >= EVERY_CALL
