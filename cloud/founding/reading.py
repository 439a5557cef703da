"""From a file to a plan, or to one sentence for each mistake in it, with the place where it stands."""

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

from cloud.founding.checks import Fault, faults
from cloud.founding.plan import Plan
from cloud.founding.walk import Place
from cloud.kernel.refusal import Refusal
from shared.kernel.language import Language
from shared.kernel.text import clean

LARGEST_BYTES = 16 * 1024 * 1024
"""A menu of 2,000 items takes 400 KB."""
MOST_TOLD = 20
"""Mistakes told at once: the first ones often cause the others."""
MOST_TOLD_CHARACTERS = 200
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
"""Of what pydantic says: our sentence, and which of its parameters the sentence calls how."""


class PlanRefused(Refusal):
    """A plan with mistakes: one sentence each."""

    def __init__(self, source: str, mistakes: list[Refusal]) -> None:
        super().__init__("plan.refused", source=source, count=len(mistakes))
        self.mistakes = mistakes

    def sentence(self, language: Language) -> str:
        """What is wrong, one mistake a line."""
        told = [mistake.sentence(language) for mistake in self.mistakes[:MOST_TOLD]]
        return "\n".join([super().sentence(language), *told])


def read_plan(path: str) -> Plan:
    """The plan in a TOML or JSON file, or on standard input (`-`).

    Raises:
        Refusal: plan.unreadable, plan.too_large, plan.not_utf8, plan.not_toml, plan.not_json.
        PlanRefused: see `plan_of`.
    """
    return plan_of(_parsed(path, _text(path)), path)


def plan_of(raw: Any, source: str, names: Mapping[Place, str] | None = None) -> Plan:
    """The plan that plain values mean.

    Args:
        source: how mistakes call the whole.
        names: how mistakes call a place, where the writer of `raw` knows it by another name.

    Raises:
        PlanRefused: something is wrong with it.
    """
    try:
        plan = Plan.model_validate(raw)
        found = faults(plan)
    except ValidationError as error:
        found = [_fault(dict(problem)) for problem in error.errors(include_url=False, include_input=False)]
    if found:
        raise PlanRefused(source, [_refusal(raw, fault, names or {}) for fault in found])
    return plan


def _text(path: str) -> str:
    try:
        if path == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Refusal("plan.unreadable", path=path, reason=error.strerror or type(error).__name__) from None
    if len(raw) > LARGEST_BYTES:
        raise Refusal("plan.too_large", path=path, megabytes=LARGEST_BYTES >> 20)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refusal("plan.not_utf8", path=path, line=line) from None


def _parsed(path: str, text: str) -> Any:
    """Numbers with a point become Decimals: an amount never passes through a float."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Refusal("plan.not_json", path=path, reason=str(error)) from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Refusal("plan.not_toml", path=path, reason=str(error)) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _fault(problem: dict[str, Any]) -> Fault:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind.startswith("plan."):
        return Fault(problem["loc"], kind, context)
    code, renamed = _SENTENCES.get(kind, ("plan.wrong", {}))
    params = {ours: context[theirs] for theirs, ours in renamed.items()}
    if code == "plan.wrong":
        params["reason"] = problem["msg"]
    return Fault(problem["loc"], code, params)


def _refusal(raw: Any, fault: Fault, names: Mapping[Place, str]) -> Refusal:
    params = {name: _told(raw, value) for name, value in fault.params.items()}
    return Refusal(fault.code, place=names.get(fault.place) or _shown(raw, fault.place), **params)


def _told(raw: Any, value: Any) -> Any:
    if isinstance(value, tuple):
        return _shown(raw, value)
    return clean(value, MOST_TOLD_CHARACTERS) if isinstance(value, str) else value


def _shown(raw: Any, place: Place) -> str:
    """A place as a person finds it: `branches[lima].devices[#2].kind`, by key or name where there is one."""
    told = ""
    for step in place:
        if isinstance(step, int):
            siblings = raw if isinstance(raw, list | tuple) else ()
            told += f"[{_called(siblings, step)}]"
            raw = siblings[step] if step < len(siblings) else None
        else:
            told += f".{clean(step, 40)}" if told else clean(step, 40)
            raw = raw.get(step) if isinstance(raw, Mapping) else None
    return told


def _called(siblings: Sequence[Any], at: int) -> str:
    """An element by its name; with its position, from 1, where the name does not tell it apart."""
    names = [_name(part) for part in siblings]
    name = names[at] if at < len(names) else ""
    return name if name and names.count(name) == 1 else f"{name} #{at + 1}".lstrip()


def _name(part: Any) -> str:
    if isinstance(part, str):
        return clean(part, 40)
    if not isinstance(part, Mapping):
        return ""
    return next((clean(part[name], 40) for name in ("key", "name", "email") if isinstance(part.get(name), str)), "")
