"""The simulator's page says of foreign clients what their drivers were seen to call."""

from tests.foreign.record import PAGE, kept, table, with_table


def test_the_table_of_foreign_clients_is_what_was_run() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, table(kept())) == page


def test_each_kind_has_two_clients_in_each_language() -> None:
    clients = {name: {one["client"] for one in run} for name, run in kept().items()}
    kinds: dict[tuple[str, str], set[str]] = {}
    for name, found in clients.items():
        page = name.split()[0]
        language = page.rpartition(".")[2]
        kinds.setdefault((language, page.split("-")[0].split("_")[0].split(".")[0]), set()).update(
            found
        )
    for language in ("py", "mjs"):
        for kind in ("account", "pay"):
            assert len(kinds[language, kind]) >= 2
    assert len(kinds["py", "envelopes"] | kinds["mjs", "envelopes"]) >= 5
