"""The words of the approval dialog: pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shared.kernel.language import Texts
from shared.kernel.permissions import Actor, Permission

if TYPE_CHECKING:
    from shared.staff.queries import StaffView

Acts = Sequence[tuple[str, int]]
"""Rights that are lacking, each with the amount (minor units) that it is needed for."""
MOST_NAMED = 5


def asked_words(acts: Acts, texts: Texts, money: Callable[[int], str]) -> str:
    """What is to be approved: `anular lo enviado (S/ 38.00)`."""
    rights = (texts(f"exceptions.right.{right}") for right, _amount in acts)
    amounts = (f" ({money(abs(amount))})" if amount else "" for _right, amount in acts)
    return ", ".join(right + amount for right, amount in zip(rights, amounts, strict=True))


def who_can(acts: Acts, actor: Actor | None, staff: Sequence[StaffView]) -> tuple[str, ...]:
    """The names of the others whose role has all these rights. The limit of an amount shows when they try."""
    return tuple(
        each.name
        for each in staff
        if (actor is None or each.id != actor.staff_id) and all(each.may(Permission(right)) for right, _ in acts)
    )


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
