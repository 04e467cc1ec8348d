"""A wish to stop is heard, even where its exception was lost the first time."""

import subprocess
import sys

from tests.installation import REPOSITORY

_DEAF = """
import signal, sys, time
from app.launcher import stopping

class Lost:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

sys.unraisablehook = lambda _: None
stopping.listen()
lost = Lost()
del lost  # Python drops what a finalizer raises
print("deaf", flush=True)
try:
    time.sleep(20)
except stopping.StopAsked:
    stopping.hush()
    signal.raise_signal(signal.SIGINT)
    time.sleep(1)
    print("heard", flush=True)
"""


def test_a_wish_that_a_finalizer_swallowed_is_said_again_and_the_way_down_is_quiet() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DEAF],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "deaf\nheard\n"), done.stderr
