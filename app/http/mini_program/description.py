"""The OpenAPI document: what APIFlask knows, and every refusal it does not."""

from typing import Any

from app.http.mini_program.shapes import Problem

PREFIX = "/api/v1"
_MEANINGS = {
    "400": "The body is not acceptable JSON",
    "401": "No token, or one that is not good any more",
    "403": "Not for this caller",
    "404": "There is no such thing for this caller",
    "405": "This address does not take this method",
    "409": "Not possible as things stand",
    "413": "The body is larger than 1 MB",
    "415": "The body is not application/json",
    "422": "A field cannot be accepted; see `errors`",
    "429": "Too many requests",
    "500": "Unforeseen; the answer's X-Request-ID names it",
    "503": "The database, the rail or the platform does not answer",
}
_EVERYWHERE = ("405", "500", "503")
_WITH_BODY = ("400", "413", "415", "422")
# (method, path) → refusals beyond those; the codes of the business are listed in docs/errors.md.
_OWN: dict[tuple[str, str], tuple[str, ...]] = {
    ("post", "/sessions"): ("403",),
    ("get", "/creators/{handle}"): ("401", "404"),
    ("get", "/columns/{column_id}"): ("401", "404"),
    ("get", "/works/{work_id}"): ("401", "404"),
    ("post", "/quotes"): ("401", "404"),
    ("post", "/orders"): ("401", "403", "404", "409"),
    ("get", "/orders/{order_id}"): ("401", "404"),
    ("get", "/me/entitlements"): ("401", "404", "422"),
    ("post", "/shares"): ("401", "404"),
    ("get", "/fan-groups/{fan_group_id}/door"): ("401", "403", "404"),
}
_PARAMETERS: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("post", "/orders"): (
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 128},
            "description": "Made once per intended purchase; visible ASCII",
        },
    ),
    ("get", "/me/entitlements"): (
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
        },
        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
    ),
}


def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Keep the API's own paths, and write down every refusal of each."""
    assert isinstance(spec, dict), "the document is JSON"
    paths = {path: item for path, item in spec["paths"].items() if path.startswith(PREFIX)}
    spec["paths"] = paths
    spec["servers"] = [{"url": "/"}]
    components = spec.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPError", "ValidationError"):
        schemas.pop(name, None)
    for path, item in paths.items():
        for method, operation in item.items():
            if method in ("get", "post"):
                _complete_operation(operation, method, path.removeprefix(PREFIX))
    return spec


def _complete_operation(operation: dict[str, Any], method: str, path: str) -> None:
    refusals = {*_EVERYWHERE, *_OWN[method, path]}
    if "requestBody" in operation:
        refusals.update(_WITH_BODY)
        operation["requestBody"]["required"] = True
    answers = {
        status: answer for status, answer in operation["responses"].items() if status[0] == "2"
    }
    for status in sorted(refusals):
        answers[status] = {
            "description": _MEANINGS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    operation["responses"] = answers
    operation.setdefault("parameters", []).extend(_PARAMETERS.get((method, path), ()))
