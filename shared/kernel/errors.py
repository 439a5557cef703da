"""Errors of commands: a stable code and its parameters, translated where they are shown."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable
from typing import Any, Self


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


class LacksRight(DomainError):
    """The actor may not do this by themselves. Somebody else may approve it.

    Attributes:
        acts: the rights that are lacking, each with the greatest amount (minor units) that it is needed for.
        about: what is asked, in the words of the screen: which dish, how much, why. Empty if it says nothing.
    """

    acts: tuple[tuple[str, int], ...] = ()
    about: str = ""

    def needing(self, acts: Iterable[tuple[str, int]]) -> Self:
        """The same, with all that is lacking."""
        self.acts = tuple(acts)
        return self


class NotPermitted(LacksRight):
    """The actor lacks a permission (params: permission)."""

    def __init__(self, permission: str, amount_minor: int = 0) -> None:
        super().__init__("NOT_PERMITTED", permission=permission)
        self.acts = ((permission, amount_minor),)


class AboveLimit(LacksRight):
    """The actor's role has the permission for less only (params: permission, limit_minor)."""

    def __init__(self, permission: str, amount_minor: int, limit_minor: int) -> None:
        super().__init__("ABOVE_LIMIT", permission=permission, limit_minor=limit_minor)
        self.acts = ((permission, amount_minor),)


class NotFound(DomainError):
    """No such row here (params: kind, id)."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__("NOT_FOUND", kind=kind, id=str(key))
