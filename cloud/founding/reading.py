"""Reading a plan from a file. Each mistake in it gives one sentence with the place where it stands."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from pydantic import ValidationError

from cloud.founding.checks import mistakes_in
from cloud.founding.mistakes import Mistake
from cloud.founding.plan import Plan
from cloud.founding.walk import PlanPlace
from cloud.kernel.operator_error import OperatorError
from shared.kernel.language import Language
from shared.kernel.text import clean

LARGEST_BYTES = 16 * 1024 * 1024
"""A menu of 2,000 items takes 400 KB."""
MOST_SHOWN = 20
"""At most so many mistakes are shown at once: the first ones often cause the others."""
MOST_SHOWN_CHARACTERS = 200
STANDARD_INPUT = "-"

_SENTENCES: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "missing": ("plan.missing", {}),
        "extra_forbidden": ("plan.unknown", {}),
        "string_type": ("plan.not_text", {}),
        "string_too_short": ("plan.too_short", {"min_length": "least"}),
        "string_too_long": ("plan.too_long", {"max_length": "most"}),
        "int_type": ("plan.not_whole", {}),
        "bool_type": ("plan.not_yes_no", {}),
        "tuple_type": ("plan.not_list", {}),
        "too_short": ("plan.too_few", {}),
        "model_type": ("plan.not_table", {}),
        "greater_than_equal": ("plan.too_small", {"ge": "least"}),
        "less_than_equal": ("plan.too_great", {"le": "most"}),
    }
)
"""Our sentence for each error type of pydantic, and our name for each parameter that the sentence needs."""


class PlanError(OperatorError):
    """A plan with mistakes: one sentence each.

    Args:
        source: the name of the plan; None if somebody gave options in place of one.
    """

    def __init__(self, source: str | None, mistakes: list[OperatorError]) -> None:
        super().__init__("plan.refused", source=source, count=len(mistakes))
        self.source = source
        self.mistakes = mistakes

    def sentence(self, language: Language) -> str:
        """What is wrong, with one mistake per line."""
        sentences = [mistake.sentence(language) for mistake in self.mistakes[:MOST_SHOWN]]
        return "\n".join(sentences if self.source is None else [super().sentence(language), *sentences])


def read_plan(path: str) -> Plan:
    """The plan in a TOML or JSON file, or on standard input (`-`).

    Raises:
        OperatorError: plan.unreadable, plan.too_large, plan.not_utf8, plan.not_toml, plan.not_json.
        PlanError: see `plan_of`.
    """
    return plan_of(_parsed(path, _text(path)), path)


def plan_of(raw: Any, source: str | None, names: Mapping[PlanPlace, str] | None = None) -> Plan:
    """The plan that plain values mean.

    Args:
        source: the name of the plan in the sentences about its mistakes, if there is a plan.
        names: names for places in these sentences, where the writer of `raw` knows a place by another name.

    Raises:
        PlanError: something is wrong with it.
    """
    try:
        plan = Plan.model_validate(raw)
        found = mistakes_in(plan)
    except ValidationError as error:
        found = [_mistake(dict(problem)) for problem in error.errors(include_url=False, include_input=False)]
    if found:
        raise PlanError(source, [_operator_error(raw, mistake, names or {}) for mistake in found])
    return plan


def _text(path: str) -> str:
    try:
        if path == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise OperatorError("plan.unreadable", path=path, reason=error.strerror or type(error).__name__) from None
    if len(raw) > LARGEST_BYTES:
        raise OperatorError("plan.too_large", path=path, megabytes=LARGEST_BYTES >> 20)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise OperatorError("plan.not_utf8", path=path, line=line) from None


def _parsed(path: str, text: str) -> Any:
    """Parse TOML or JSON. Numbers with a point become Decimals: an amount never passes through a float."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise OperatorError("plan.not_json", path=path, reason=str(error)) from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise OperatorError("plan.not_toml", path=path, reason=str(error)) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _mistake(problem: dict[str, Any]) -> Mistake:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind.startswith("plan."):
        return Mistake(problem["loc"], kind, context)
    code, renamed = _SENTENCES.get(kind, ("plan.wrong", {}))
    params = {ours: context[theirs] for theirs, ours in renamed.items()}
    if code == "plan.wrong":
        params["reason"] = problem["msg"]
    return Mistake(problem["loc"], code, params)


def _operator_error(raw: Any, mistake: Mistake, names: Mapping[PlanPlace, str]) -> OperatorError:
    params = {name: _param(raw, value) for name, value in mistake.params.items()}
    return OperatorError(mistake.code, place=names.get(mistake.place) or _shown(raw, mistake.place), **params)


def _param(raw: Any, value: Any) -> Any:
    if isinstance(value, tuple):
        return _shown(raw, value)
    return clean(value, MOST_SHOWN_CHARACTERS) if isinstance(value, str) else value


def _shown(raw: Any, place: PlanPlace) -> str:
    """A place as people read it: `branches[lima].devices[#2].kind`, by key or name where there is one."""
    path = ""
    for step in place:
        if isinstance(step, int):
            siblings = raw if isinstance(raw, list | tuple) else ()
            path += f"[{_called(siblings, step)}]"
            raw = siblings[step] if step < len(siblings) else None
        else:
            path += f".{clean(step, 40)}" if path else clean(step, 40)
            raw = raw.get(step) if isinstance(raw, Mapping) else None
    return path


def _called(siblings: Sequence[Any], at: int) -> str:
    """The name of an element; with its position, from 1, where several have that name or it has none."""
    names = [_name(part) for part in siblings]
    name = names[at] if at < len(names) else ""
    return name if name and names.count(name) == 1 else f"{name} #{at + 1}".lstrip()


def _name(part: Any) -> str:
    if isinstance(part, str):
        return clean(part, 40)
    if not isinstance(part, Mapping):
        return ""
    return next((clean(part[name], 40) for name in ("key", "name", "email") if isinstance(part.get(name), str)), "")
