"""The list that every way around the till is put on, and what several of them share."""

from collections.abc import Callable

from tests.gate.vault import Thief, Vault

Attack = Callable[[Thief], None]
ATTACKS: dict[str, Attack] = {}
# What a paid work is shown at, and where more of it might be.
DOORS = ("/api/v1/works/{}", "/h5/works/{}")


def attack(name: str) -> Callable[[Attack], Attack]:
    """List an attack under its name."""

    def listed(function: Attack) -> Attack:
        assert name not in ATTACKS, name
        ATTACKS[name] = function
        return function

    return listed


def filled(vault: Vault, words: str) -> str:
    """The words with true ids in the place of their names."""
    for name, value in {
        **vault.ids,
        "order": vault.orders["of the buyer"]["order_id"],
        "old_token": vault.old_token,
    }.items():
        words = words.replace("{" + name + "}", value)
    return words
