"""Becomes another program, within limits: run as a file, never imported by the house.

    python -I limited_program.py CPU_S MEMORY_BYTES FILE_BYTES PROGRAM ARGUMENT…

The limits are set in this small process and inherited by what it becomes; a house with many
threads cannot safely do that between fork and exec.
"""

import os
import resource
import sys


def main() -> None:
    """Set the limits and become the program."""
    cpu_s, memory_bytes, file_bytes = (int(one) for one in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(10)
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - an absolute path that the house found


if __name__ == "__main__":
    main()
