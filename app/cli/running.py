"""The settings of the demo that runs in this checkout, for commands typed beside it.

`./run` leaves them in `.local/settings.json`, for its own user's eyes, and takes them away when
it stops. An environment that names another installation is never mixed with them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from config.setting_names import SETTING_NAMES

CHECKOUT = Path(__file__).resolve().parents[2]
# A person gives these to ./run itself; they say nothing about which installation is meant.
_SAYS_NOTHING = frozenset({"PORT", "SIMULATOR_PORT"})


def settings_file(checkout: Path = CHECKOUT) -> Path:
    """Where the running demo of a checkout leaves its settings."""
    return checkout / ".local" / "settings.json"


def settings_text(environment: Mapping[str, str]) -> str:
    """What is left there: our settings alone, out of a whole environment."""
    known = (name.name for name in SETTING_NAMES)
    return json.dumps({name: environment[name] for name in known if name in environment})


def with_running_demo(environment: Mapping[str, str], path: Path) -> Mapping[str, str]:
    """The environment, completed by the running demo's settings unless it contradicts them."""
    try:
        demo: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return environment
    given = {name.name for name in SETTING_NAMES if environment.get(name.name)} - _SAYS_NOTHING
    if any(environment[name] != demo.get(name) for name in given):
        return environment
    return {**environment, **demo}
