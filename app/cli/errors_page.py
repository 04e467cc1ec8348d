"""`errors-page`: the page `docs/errors.md`, written from the refusals themselves.

Refusals of the business and of the interpreter are imported. Those of the web doors are read from
their source: a command may not import a door (contract `app`), and all that is wanted of them is
four literals.
"""

import ast
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click

import app.wiring
import creator_tools
import wechat_handlers
from app.cli.errors_page_words import (
    HEADING,
    OF_KIND,
    OF_STATUS,
    OF_WECHAT,
    OF_WIRE,
    WIRE_CODES,
)
from creator_tools.kernel.errors import DomainError, ErrorKind
from wechat_handlers.wire.error_sentences import (
    API_VERDICTS,
    PAY_VERDICTS,
    XPAY_VERDICTS,
    Verdict,
)
from wechat_handlers.wire.errors import RefusalCode

_DOORS = Path(__file__).resolve().parents[1] / "http"
_ROOMS: tuple[ModuleType, ...] = (creator_tools, wechat_handlers, app.wiring)


@dataclass(frozen=True)
class RefusalRow:
    """One refusal as the page shows it."""

    code: str
    kind: ErrorKind
    chinese: str
    english: str
    when: str


@click.command("errors-page")
def errors_page() -> None:
    """输出 docs/errors.md 的内容 / print the page docs/errors.md."""
    click.echo(errors_markdown(), nl=False)


def errors_markdown() -> str:
    """The whole page; the same source gives the same text."""
    status = statuses()
    kinds = [f"| {kind} | {status[kind]} | {OF_KIND[kind]} |" for kind in ErrorKind]
    rows = [_row(one, status) for one in refusals()]
    bare = [f"| `{code}` | {zh} | {en} |" for code, (zh, en) in sorted(_bare_codes().items())]
    wire = [f"| `{code}` | {WIRE_CODES[code]} |" for code in sorted(typing.get_args(RefusalCode))]
    return "\n".join(
        [
            HEADING,
            *kinds,
            "",
            "## 错误码 · Codes",
            "",
            "| code | kind | HTTP | 中文 | English | when |",
            "|---|---|---|---|---|---|",
            *rows,
            OF_STATUS,
            *bare,
            OF_WIRE,
            *wire,
            OF_WECHAT,
            *_verdicts("api.weixin.qq.com", API_VERDICTS),
            *_verdicts("xpay", XPAY_VERDICTS),
            *_verdicts("Pay v3", PAY_VERDICTS),
            "",
        ]
    )


def refusals() -> list[RefusalRow]:
    """Every refusal of the house, by code; a subclass that keeps its mother's code is its own."""
    found = [_imported(one) for one in _subclasses(DomainError)]
    found += [one for path in sorted(_DOORS.rglob("*.py")) for one in _read(path)]
    return sorted(found, key=lambda one: (one.code, one.chinese))


def refusal_classes() -> list[type[DomainError]]:
    """The refusals that can be imported here; the doors' are not among them."""
    return list(_subclasses(DomainError))


def statuses() -> dict[ErrorKind, int]:
    """The HTTP status of each kind, as the doors have it."""
    table = _assigned(_DOORS / "errors.py", "STATUS")
    assert isinstance(table, ast.Dict), "STATUS is a literal table"
    return {
        ErrorKind[key.attr]: ast.literal_eval(value)
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Attribute)
    }


def _subclasses(mother: type[DomainError]) -> Iterator[type[DomainError]]:
    for room in _ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    rooms = tuple(f"{room.__name__}." for room in _ROOMS)
    for one in _descendants(mother):
        if one.__module__.startswith(rooms):
            yield one


def _descendants(mother: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in mother.__subclasses__():
        yield child
        yield from _descendants(child)


def _imported(refusal: type[DomainError]) -> RefusalRow:
    when = inspect.getdoc(refusal) or ""
    return RefusalRow(refusal.code, refusal.kind, refusal.sentence, refusal.sentence_en, when)


def _read(path: Path) -> Iterator[RefusalRow]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and "DomainError" in map(ast.unparse, node.bases):
            said = {
                target.id: statement.value
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            kind = said["kind"]
            assert isinstance(kind, ast.Attribute), "a kind is written as ErrorKind.NAME"
            chinese, english, code = (
                str(ast.literal_eval(said[name])) for name in ("sentence", "sentence_en", "code")
            )
            when = ast.get_docstring(node) or ""
            yield RefusalRow(code, ErrorKind[kind.attr], chinese, english, when)


def _bare_codes() -> dict[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = ast.literal_eval(_assigned(_DOORS / "words.py", "_CODES"))
    return table


def _assigned(path: Path, name: str) -> ast.expr:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
            return node.value
    raise LookupError(f"{path.name} has no table called {name}")


def _row(one: RefusalRow, status: Mapping[ErrorKind, int]) -> str:
    cells = (f"`{one.code}`", one.kind, str(status[one.kind]), one.chinese, one.english, one.when)
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _verdicts(where: str, verdicts: Mapping[int, Verdict] | Mapping[str, Verdict]) -> list[str]:
    by_sentence: dict[Verdict, list[str]] = {}
    for code, verdict in verdicts.items():
        by_sentence.setdefault(verdict, []).append(str(code))
    return [
        f"| {where} | {', '.join(f'`{code}`' for code in codes)} | {_cell(verdict.sentence)} "
        f"| {'是' if verdict.retryable else ''} |"
        for verdict, codes in by_sentence.items()
    ]
