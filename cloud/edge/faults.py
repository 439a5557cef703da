"""What is wrong with a request, field by field: a stable code, and a sentence in the caller's language.

Litestar tells it by the names of our functions and in the words of its parsers; callers know neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request
from litestar.params import ParameterKwarg

from shared.kernel.language import Texts

_CODES: Sequence[tuple[str, str]] = (
    (r"required", "FIELD_MISSING"),
    (r"UUID", "FIELD_NO_ID"),
    (r"date-?time", "FIELD_NO_INSTANT"),
    (r"\bdate\b", "FIELD_NO_DATE"),
    (r"enum value|Input should be [<'\"]", "FIELD_NO_CHOICE"),
    (r"length <= (?P<limit>\d+)|at most (?P<most>\d+)", "FIELD_TOO_LONG"),
    (r"length >= (?P<limit>\d+)|at least (?P<least>\d+)", "FIELD_TOO_SHORT"),
    (r">=? (?P<limit>-?\d+)|greater than (or equal to )?(?P<least>-?\d+)", "FIELD_TOO_SMALL"),
    (r"<=? (?P<limit>-?\d+)|less than (or equal to )?(?P<most>-?\d+)", "FIELD_TOO_LARGE"),
    (r"NUL", "FIELD_HAS_NUL"),
    (r"Expected `|valid (string|integer|boolean|list|dictionary|number)", "FIELD_WRONG_TYPE"),
)
"""The codes by what the parsers say, msgspec and pydantic; the first that fits."""
_ANY = "FIELD_WRONG"


def faults_of(request: Request[Any, Any, Any], said: Sequence[Any], texts: Texts) -> list[dict[str, Any]]:
    """The faults of a request: `field` by its public name, `code`, and `reason` for people."""
    return [_fault(request, each, texts) for each in said if isinstance(each, Mapping)]


def _fault(request: Request[Any, Any, Any], said: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    code, limit = _code_of(str(said.get("message", "")))
    return {"field": _public(request, str(said.get("key", ""))), "code": code, "reason": texts(code, limit=limit)}


def _code_of(message: str) -> tuple[str, str]:
    """The code of what a parser said, and the limit that it names."""
    for pattern, code in _CODES:
        if found := re.search(pattern, message):
            return code, next((limit for limit in found.groupdict().values() if limit), "")
    return _ANY, ""


def _public(request: Request[Any, Any, Any], key: str) -> str:
    """The name of a parameter in the address, of that of our function."""
    handler: Any = request.scope.get("route_handler")
    parameter = handler.parsed_fn_signature.parameters.get(key) if handler is not None else None
    told = getattr(parameter, "kwarg_definition", None)
    return (told.name or key) if isinstance(told, ParameterKwarg) else key
