"""Prints the person's pip settings as options of uv, one a line.

uv installs ten times faster and does not read pip's configuration, where most people
in China keep their mirror. Runs on a bare environment: `python config/uv_options.py`.
"""

import ast
import subprocess
import sys

# uv's option for each of pip's settings; a setting with several values repeats its option.
_OPTION = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}


def uv_options(pip_config: str) -> list[str]:
    """Translate the output of `pip config list`; the environment outranks the files."""
    found: dict[str, str] = {}
    ranks: dict[str, int] = {}
    for line in pip_config.splitlines():
        place, _, text = line.partition("=")
        section, _, name = place.rpartition(".")
        rank = {":env:": 2, "install": 1}.get(section.strip(), 0)
        if name in {*_OPTION, "no-index"} and rank >= ranks.get(name, 0):
            found[name] = str(ast.literal_eval(text))
            ranks[name] = rank
    options = ["--no-index"] if found.pop("no-index", "").lower() in {"1", "true", "yes"} else []
    for name, text in found.items():
        options += [f"{_OPTION[name]}={value}" for value in text.split()]
    return options


if __name__ == "__main__":
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    sys.stdout.write("".join(f"{option}\n" for option in uv_options(listed.stdout)))
