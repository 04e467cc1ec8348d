"""Runs the migrations in a process of its own: `python -m app.launcher.migrate`.

The launcher stays small that way, and the address, which holds a password, travels in
the environment instead of on a command line that every user of the machine can read.
"""

from app.launcher.cluster import MIGRATION_URL
from config.settings import process_environment
from migrations.migrate import upgrade

if __name__ == "__main__":
    upgrade(process_environment()[MIGRATION_URL])
