"""What is wrong with a setting, and the sentence for it. The settings themselves are in `cloud/settings.py`."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cloud.kernel.operator_error import OperatorError

PREFIX = "COMANDA_"
ON_THE_COMMAND_LINE = frozenset({"host", "port"})
"""Settings that have an option, too."""
_OF_OTHERS = frozenset({"COMANDA_PG_BIN", "COMANDA_HOME", "COMANDA_SEAL"})
"""Of the embedded database, and of devices on the same machine."""
_NEAR = 0.85
_CODES = {
    "int_parsing": "settings.not_whole",
    "bool_parsing": "settings.not_yes_no",
    "greater_than_equal": "settings.too_small",
    "less_than_equal": "settings.too_great",
    "enum": "settings.choice",
}
"""Our sentence for each type of pydantic's errors; its own words are English."""


class Mistake(ValueError):
    """A wrong value, raised in a validator."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Mistakes(ValueError):
    """Several at once, raised in a validator of the whole."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        super().__init__(*self.codes)


def errors_of(problem: Mapping[str, Any], given: Collection[str]) -> Iterator[OperatorError]:
    """The sentences for a problem that pydantic found.

    Args:
        problem: one of `ValidationError.errors()`.
        given: fields that did not come from the environment.
    """
    field = str(problem["loc"][0]) if problem["loc"] else ""
    name = f"--{field}" if field in ON_THE_COMMAND_LINE and field in given else PREFIX + field.upper()
    context = problem.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, Mistakes):
        yield from (OperatorError(code) for code in cause.codes)
    elif isinstance(cause, Mistake):
        yield OperatorError(cause.code, name=name, **cause.params)
    else:
        params = {"least": context.get("ge"), "most": context.get("le"), "known": _listed(context.get("expected", ""))}
        yield OperatorError(_CODES.get(problem["type"], "settings.wrong"), name=name, reason=problem["msg"], **params)


def unknown_names(environment: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Names like those of settings that are none, each with the setting that was probably meant."""
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and name not in _OF_OTHERS:
            near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
            yield name, near[0] if near else None


def _listed(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")
