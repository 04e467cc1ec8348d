"""The page of errors says what the classes say, and a code means one thing."""

from collections import defaultdict
from pathlib import Path

from app.cli.errors_page import errors_markdown, refusal_classes, refusals, statuses
from app.http.errors import STATUS
from creator_tools.kernel.errors import DomainError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def test_the_page_is_what_the_classes_say() -> None:
    told = "write it again: .venv/bin/python -m app.cli errors-page > docs/errors.md"
    assert PAGE.read_text(encoding="utf-8") == errors_markdown(), told


def test_a_code_belongs_to_one_class_and_its_descendants() -> None:
    holders: dict[str, list[type[DomainError]]] = defaultdict(list)
    for one in refusal_classes():
        holders[one.code].append(one)
    for code, classes in holders.items():
        eldest = min(classes, key=lambda one: len(one.__mro__))
        strangers = [one.__name__ for one in classes if not issubclass(one, eldest)]
        assert not strangers, f"{code} is also the code of {strangers}"


def test_the_doors_use_no_code_of_the_business_for_something_else() -> None:
    ours = {one.code for one in refusal_classes()}
    doors = [one.code for one in refusals()]
    for one in refusal_classes():
        doors.remove(one.code)
    assert doors, "the doors have refusals of their own"
    assert len(set(doors)) == len(doors)
    assert not ours & set(doors)


def test_every_refusal_of_the_doors_is_on_the_page() -> None:
    # The doors are imported here (see `STATUS` above), so their classes are known too.
    in_http = {
        one.code for one in DomainError.__subclasses__() if one.__module__.startswith("app.http")
    }
    assert in_http
    assert in_http <= {one.code for one in refusals()}


def test_the_statuses_on_the_page_are_those_of_the_doors() -> None:
    assert statuses() == STATUS


def test_every_refusal_says_in_two_languages_what_to_do() -> None:
    for one in refusals():
        assert one.chinese.strip(), one.code
        assert one.english.strip(), one.code
        assert one.when.strip(), one.code
