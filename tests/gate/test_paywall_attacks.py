"""More than sixty ways around the till; none of them may bring one paid byte home.

Each attack has a name and is tried with true ids by people of every kind: strangers, fans on both
surfaces, buyers of something else, a reader whose month is over, somebody whose payment was never
made, another creator. Whatever comes back is searched for words (and a picture) of the paid parts,
as it came and as a person would read it. The attacks lie by theme in `paywall/`.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.gate.conftest import Install
from tests.gate.paywall import addresses, chat, objects, orders, people
from tests.gate.paywall.listing import ATTACKS, DOORS
from tests.gate.vault import Loot, Thief, Vault, Visitor

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

PARTS = (addresses, chat, objects, orders, people)
COUNTED: dict[str, int] = {"answers": 0, "bytes": 0, "found": 0}


@pytest.fixture(scope="module")
def vault(install: Install) -> Vault:
    """The channel, with all that is locked in it."""
    house = install()
    house.start_house()
    return Vault(house)


@pytest.fixture(scope="module")
def all_needles(vault: Vault) -> dict[bytes, str]:
    """What is searched for."""
    return vault.all_needles()


@pytest.fixture
def thief(vault: Vault, all_needles: dict[bytes, str]) -> Iterator[Thief]:
    """A thief with an empty bag."""
    made = Thief(vault, Loot(all_needles))
    yield made
    made.close()


def test_the_words_are_found_where_they_may_stand(vault: Vault, thief: Thief) -> None:
    """A thief with the buyer's rights finds them with each of the tools."""
    bare = Visitor("a bearer of the buyer's token", token=vault.buyer.token)
    paid = vault.works["paid"]
    tools: dict[str, Callable[[], object]] = {
        "a page": lambda: thief.ask(bare, DOORS[1].format(paid)),
        "the API": lambda: thief.ask(bare, DOORS[0].format(paid)),
        "a raw path": lambda: thief.ask_raw(bare, DOORS[1].format(paid)),
        "WeChat": lambda: thief.open(
            Visitor("x", person=vault.buyer.person), DOORS[1].format(paid)
        ),
        "a group's door": lambda: thief.ask(bare, f"/api/v1/fan-groups/{vault.ids['group']}/door"),
    }
    for name, tool in tools.items():
        thief.loot.found.clear()
        tool()
        assert thief.loot.found, name
    author = Visitor("the author", person=vault.shelf.creator)
    author.token = vault.house.world.sign_in(author.person["id"], "oa")
    thief.loot.found.clear()
    thief.ask(author, f"/media/{vault.ids['sha256']}")
    assert "the bytes of a paid picture" in str(thief.loot.found)
    highlighted = vault.words["paid"][1][:4] + "<mark>" + vault.words["paid"][1][4:] + "</mark>"
    thief.loot.found.clear()
    thief.loot.look(bare, "a highlighted word", highlighted.encode())
    assert thief.loot.found


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_brings_nothing_home(name: str, thief: Thief) -> None:
    ATTACKS[name](thief)
    loot = thief.loot
    assert min(len(loot.statuses), loot.bytes_count) > 0, "the attack asked for something"
    COUNTED["answers"] += len(loot.statuses)
    COUNTED["bytes"] += loot.bytes_count
    COUNTED["found"] += len(loot.found)
    assert loot.found == []


def test_they_are_sixty_at_least(report_count: Callable[[str, int], None]) -> None:
    report_count("attacks on the paywall", len(ATTACKS))
    report_count("answers searched", COUNTED["answers"])
    report_count("bytes searched", COUNTED["bytes"])
    report_count("paid words found", COUNTED["found"])
    assert len(ATTACKS) >= 60
    assert {one.__module__ for one in ATTACKS.values()} == {part.__name__ for part in PARTS}
    assert COUNTED["found"] == 0
