"""Errors of commands: a stable code and its parameters, translated where they are shown."""

from __future__ import annotations

import copyreg
from typing import Any


class DomainError(Exception):
    """A command that the rules of the restaurant do not allow.

    Args:
        code: stable, upper snake case; the key of a sentence in the `texts` of its room.
        params: plain values for that sentence.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling, also of subclasses with other arguments."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]  # not in the stubs

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({details})" if details else self.code


class NotPermitted(DomainError):
    """The actor lacks a permission (params: permission)."""

    def __init__(self, permission: str) -> None:
        super().__init__("NOT_PERMITTED", permission=permission)


class NotFound(DomainError):
    """No such row here (params: kind, id)."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__("NOT_FOUND", kind=kind, id=str(key))
