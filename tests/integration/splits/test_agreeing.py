"""Who may sign what: each refusal in its own words, and nothing half done."""

import pytest

from creator_tools.kernel.errors import DomainError
from creator_tools.splits import queries, service
from tests.integration.splits.conftest import Table


def refused_as(code: str, work: object, *args: object) -> None:
    with pytest.raises(DomainError) as refused:
        work(*args)  # type: ignore[operator]
    assert refused.value.code == code


def test_a_place_has_one_agreement_at_a_time(table: Table) -> None:
    agreement_id = table.opened()
    refused_as("split_exists", table.opened)
    table.opened(column=False)
    table.end(agreement_id)
    table.opened()


def test_only_one_version_waits_and_it_can_be_withdrawn_until_all_have_signed(
    table: Table,
) -> None:
    agreement_id = table.opened()
    first = table.proposed(agreement_id)
    refused_as("split_version_open", table.proposed, agreement_id)
    table.withdraw(first)
    refused_as("split_withdrawn", table.sign, first)
    second = table.proposed(agreement_id)
    assert table.sign(second)
    refused_as("split_signed", table.withdraw, second)


def test_a_stranger_signs_nothing_and_is_named_nowhere(table: Table) -> None:
    version_id = table.proposed(table.opened())
    refused_as("split_not_party", table.sign, version_id, table.shop.person_id)
    table.withdraw(version_id)
    table.author_id = table.shop.person_id
    with table.shop.units.reading() as session:
        agreement_id = queries.get_version(session, version_id).agreement_id
    refused_as("split_party_unknown", table.proposed, agreement_id)


def test_other_words_than_those_that_were_read_are_not_signed(table: Table) -> None:
    version_id = table.proposed(table.opened())
    with pytest.raises(DomainError) as refused, table.shop.units("splits.sign") as uow:
        service.sign(uow, version_id=version_id, person_id=table.author_id, terms_hash="0" * 64)
    assert refused.value.code == "split_terms_changed"


def test_an_agreement_that_ended_is_neither_signed_nor_joined(table: Table) -> None:
    agreement_id = table.opened()
    version_id = table.proposed(agreement_id)
    table.end(agreement_id)
    refused_as("split_ended", table.sign, version_id)
    refused_as("split_ended", table.proposed, agreement_id)
    refused_as("split_ended", table.end, agreement_id)


def test_signing_again_changes_nothing(table: Table) -> None:
    version_id = table.proposed(table.opened())
    table.sign(version_id, table.author_id)
    table.later(seconds=5)
    table.sign(version_id, table.author_id)
    assert table.rows("SELECT count(*) FROM split_signatures") == [(1,)]
    assert table.sign(version_id)
    at = table.rows("SELECT in_force_at FROM split_versions")
    table.later(seconds=5)
    assert table.sign(version_id)
    assert table.rows("SELECT in_force_at FROM split_versions") == at
