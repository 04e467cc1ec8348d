"""The commands of whoever runs an installation: `python -m app.cli …`.

Exit codes: 0 all is well, 1 we looked and something is wrong, 2 the command was mistyped,
3 the settings are incomplete, 4 the database is away, 5 the request was refused, 6 a bill is not
there yet or cannot be used.
"""

import click

from app.cli.channel import creator, menu
from app.cli.demo import seed_demo
from app.cli.doctor import doctor
from app.cli.errors_page import errors_page
from app.cli.groups import group
from app.cli.inbox import inbox
from app.cli.operators import operator
from app.cli.postings import postings
from app.cli.reconciling import reconcile
from app.cli.reseal import reseal
from app.cli.translations import translations
from app.cli.verification import verify


@click.group()
def cli() -> None:
    """涓流的命令行 / the command line of Juanliu."""


for _command in (
    doctor, verify, reseal, inbox, operator, creator, menu, group, postings, reconcile, seed_demo,
    errors_page,
    translations,
):  # fmt: skip
    cli.add_command(_command)

if __name__ == "__main__":
    cli(prog_name="python -m app.cli")
