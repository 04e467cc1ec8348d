"""The account that the settings name now comes first, however old another one is."""

from app.wiring.accounts import AccountBook
from creator_tools.kernel import accounts
from creator_tools.kernel.unit_of_work import UnitsOfWork


def test_a_new_account_of_the_environment_takes_the_place_of_the_old(units: UnitsOfWork) -> None:
    with units("accounts.seed") as uow:
        for external_id in ("wx-old", "wx-new"):
            accounts.seed(uow, kind="oa", external_id=external_id, name=external_id, credentials={})
    assert AccountBook(units, {"oa": "wx-new"}).first("oa").external_id == "wx-new"
    assert AccountBook(units, {"oa": "wx-gone"}).first("oa").external_id == "wx-old"
