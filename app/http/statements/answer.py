"""A statement as a download."""

from collections.abc import Callable

from flask import Response

from app.http.statements import as_csv, as_pdf, as_xlsx
from creator_tools.insights.queries import Statement

_FILES: dict[str, tuple[Callable[[Statement], bytes], str]] = {
    "csv": (as_csv.rendered, as_csv.CONTENT_TYPE),
    "xlsx": (as_xlsx.rendered, as_xlsx.CONTENT_TYPE),
    "pdf": (as_pdf.rendered, as_pdf.CONTENT_TYPE),
}


def file_answer(statement: Statement, extension: str, *, owner: str) -> Response:
    """The statement as a file to keep.

    Args:
        extension: csv, xlsx or pdf, as the address allows.
        owner: whose it is, in letters that a file's name may have.
    """
    render, content_type = _FILES[extension]
    response = Response(render(statement), content_type=content_type)
    name = f"statement_{owner}_{statement.first}_{statement.last}.{extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
