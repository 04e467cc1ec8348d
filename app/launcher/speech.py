"""What the launcher says: progress on stderr in two languages, one READY line on stdout."""

import sys


def say(chinese: str, english: str) -> None:
    """Tell the person at the terminal how far we are."""
    line = f"· {chinese} / {english}\n"
    try:
        sys.stderr.write(line)
    except UnicodeEncodeError:  # a terminal that knows no Chinese
        sys.stderr.write(f"- {english}\n")
    sys.stderr.flush()


def announce(base_url: str, phone_url: str, demo_path: str) -> None:
    """Print the one line scripts wait for."""
    sys.stdout.write(f"READY {base_url} phone={phone_url} demo={demo_path}\n")
    sys.stdout.flush()
