"""A random year by one command: `python -m tests.year --seed 1`.

A module of its own, because processes that share the work cannot import what is called `__main__`.
"""

import sys

from tests.year.playing import main

if __name__ == "__main__":
    sys.exit(main())
