"""Both languages are complete: what a bilingual door says in Chinese it says in English, too."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import read_mo
from jinja2 import Environment
from jinja2.ext import GETTEXT_FUNCTIONS

from app.cli import translations

DOORS = translations.bilingual_doors()
CALLS = {*GETTEXT_FUNCTIONS, "lazy_gettext", "_l", "_n"}
HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff60]")
_COMMENT = re.compile(r"^\s*(//|/\*|\*).*|\s//\s.*$", re.MULTILINE)


def test_there_is_a_bilingual_door() -> None:
    assert "h5" in DOORS


@pytest.mark.parametrize("door", DOORS)
def test_every_message_that_a_door_uses_has_its_english(door: str) -> None:
    known = {message.id: message for message in translations.read_catalogue(door)}
    used = [message.id for message in translations.used_messages(door) if message.id]
    assert used
    lacking = [one for one in used if one not in known or not said(known[one].string)]
    assert lacking == [], "run: python -m app.cli translations, then translate"


@pytest.mark.parametrize("door", DOORS)
def test_the_english_fills_the_same_holes_and_holds_no_chinese(door: str) -> None:
    for message in translations.read_catalogue(door):
        if not message.id:
            continue
        for text in texts(message.string):
            # A keyword of the chat stays as it is typed.
            assert holes(text) <= holes(*texts(message.id)), message.id
            assert not re.search(r"[\u3000-\u303f\uff01-\uff60]", text), text


@pytest.mark.parametrize("door", DOORS)
def test_no_message_of_the_catalogue_is_without_use(door: str) -> None:
    used = {message.id for message in translations.used_messages(door)}
    assert [one.id for one in translations.read_catalogue(door) if one.id not in used] == []


@pytest.mark.parametrize("door", DOORS)
def test_what_is_compiled_is_what_is_written(door: str) -> None:
    written = translations.read_catalogue(door)
    with translations.catalogue_of(door).with_suffix(".mo").open("rb") as stream:
        compiled = read_mo(stream)
    assert messages_of(compiled) == messages_of(written), "run: python -m app.cli translations"


@pytest.mark.parametrize("door", DOORS)
def test_no_chinese_stands_outside_gettext(door: str) -> None:
    found = []
    for path in translations.sources_of(door):
        bare = bare_in_template if path.suffix == ".html" else bare_in_python
        # `errors` and `words` are bilingual by tables of their own; a test of the errors page
        # looks at those.
        if path.name not in ("words.py", "errors.py"):
            found += [f"{path.name}: {one}" for one in bare(path)]
    for script in (translations.DOORS / "static" / door).rglob("*.js"):
        code = _COMMENT.sub("", script.read_text("utf-8"))
        found += [f"{script.name}: {one}" for one in code.splitlines() if HAN.search(one)]
    assert found == []


def test_a_bare_sentence_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<p>{{ _('说过的') }}</p>{# 注释 #}<a title='没说的'>{{ '也没说' }}</a>", "utf-8"
    )
    assert bare_in_template(page) == ["也没说", "<a title='没说的'>"]
    module = tmp_path / "door.py"
    module.write_text('"""文档"""\nA = _("说过的")\nB = "没说的"\n', "utf-8")
    assert bare_in_python(module) == ["没说的"]


def said(string: Any) -> bool:
    return all(texts(string))


def texts(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string,)


def holes(*strings: str) -> set[str]:
    return {hole for one in strings for hole in re.findall(r"%\((\w+)\)", one)} | {"num"}


def messages_of(catalogue: Any) -> dict[Any, Any]:
    return {texts(message.id): texts(message.string) for message in catalogue if message.id}


def bare_in_template(path: Path) -> list[str]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    source = path.read_text("utf-8")
    tokens = list(environment._tokenize(source, path.name, path.name))
    found, calls = [], 0
    plain = []
    for position, token in enumerate(tokens):
        if token.type == "data":
            plain.append(token.value)
        elif token.type == "lparen":
            before = tokens[position - 1]
            if calls or (before.type == "name" and before.value in CALLS):
                calls += 1
        elif token.type == "rparen":
            calls = max(0, calls - 1)
        elif token.type == "string" and not calls and HAN.search(token.value):
            found.append(token.value)
    text = "".join(plain)
    found += [match[0] for match in re.finditer(r"<[^<>]*>|[^<>]+", text) if HAN.search(match[0])]
    return found


def bare_in_python(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in CALLS:
            allowed |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            allowed.add(id(node.value))
        # A refusal brings both of its sentences; a date's pattern is no sentence.
        if isinstance(node, ast.Assign) and name_of(node.targets[0]) in PAIRED:
            allowed |= {id(inner) for inner in ast.walk(node.value)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in allowed
        and HAN.search(node.value)
    ]


PAIRED = {"sentence", "pattern", "API_TITLE"}


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
