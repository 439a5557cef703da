"""The base of what requests bring: plain values without the one character that PostgreSQL cannot store."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Body(BaseModel):
    """A body of a request, JSON or form. What was typed never gets into an error's text."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _holds_no_nul(cls, given: Any) -> Any:
        if _has_nul(given):
            msg = "a text may not contain NUL"
            raise ValueError(msg)
        return given


def _has_nul(given: Any) -> bool:
    """Whether any text in it has a NUL. The parser has limited the depth by now."""
    waiting = [given]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if "\0" in each:
                return True
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each
    return False
