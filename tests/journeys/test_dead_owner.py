"""A process that dies while it holds something for all keeps nobody from it."""

from contextlib import closing
from uuid import UUID

from sqlalchemy import text

from app.wiring.container import Wiring
from tests.channel import until
from tests.installation import Installation

_LEASED_UNTIL = text("SELECT max(leased_until) FROM platform_tokens WHERE account_id = :account_id")


def test_who_needs_the_token_that_a_dead_process_was_renewing_is_served(
    house: Installation,
) -> None:
    fan = house.world.person("小雨", "android")
    house.world.control("POST", "clock", advance_s=7300)
    house.arm("call.api.stable_token.after", 1)
    house.world.control("POST", f"people/{fan['id']}/follow")
    until(lambda: not house.is_house_alive(), "the house died while it renewed the token")

    with closing(house.wiring()) as wiring:
        account_id = wiring.accounts.first("oa").id
        assert _is_leased(wiring, account_id), "the dead house holds the lease"

        # One call, not asked again: whoever waits outlasts the lease of the dead.
        assert wiring.wechat.api.get_menu(account_id) is None


def _is_leased(wiring: Wiring, account_id: UUID) -> bool:
    with wiring.reading() as session:
        until_when = session.execute(_LEASED_UNTIL, {"account_id": account_id}).scalar_one()
    return until_when is not None and until_when > wiring.units.clock.now()
