"""What an API key may be allowed: scopes such as `orders:write`, each with the rights that it stands for.

An operation says which one it needs (`edge/operation.py`): its area, and whether it reads or writes. Who may write may
read. A key with the scope has a right of its area if its maker has that now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission

SCOPE = "scope"
"""Name of the option of a route with the scope that a key needs for it; without one no key opens it."""
READ = "read"
WRITE = "write"

RIGHTS: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "organization": frozenset({Permission.EDIT_BRANCH, Permission.SEE_REPORTS}),
        "menu": frozenset(
            {Permission.EDIT_MENU, Permission.SET_PRICE, Permission.ADD_DISH, Permission.SET_AVAILABILITY}
        ),
        "orders": frozenset({Permission.TAKE_ORDER}),
        "reservations": frozenset({Permission.TAKE_ORDER}),
        "floor": frozenset({Permission.EDIT_FLOOR, Permission.TAKE_ORDER}),
        "reports": frozenset({Permission.SEE_REPORTS}),
        "payments": frozenset({Permission.SEE_REPORTS}),
        "kitchen": frozenset({Permission.SEE_REPORTS, Permission.WORK_KITCHEN, Permission.LOG_SAFETY}),
        "drawers": frozenset({Permission.SEE_DRAWER, Permission.SEE_REPORTS}),
        "staff": frozenset({Permission.EDIT_STAFF, Permission.EDIT_HOURS}),
        "exceptions": frozenset({Permission.SETTLE_EXCEPTIONS, Permission.SEE_REPORTS}),
        "printers": frozenset({Permission.MANAGE_PRINTERS}),
        "devices": frozenset({Permission.ENROL_DEVICE}),
    }
)
"""The areas that a key can be about, with the rights that it may use of its maker's."""
ONLY_READ = frozenset({"organization", "reports", "payments", "kitchen", "drawers", "staff"})
"""What no program changes: what follows from sales; and who may do what, since it could make itself a person."""
SCOPES = tuple(f"{area}:{verb}" for area in RIGHTS for verb in (READ, WRITE) if verb == READ or area not in ONLY_READ)


def checked(scopes: Iterable[str]) -> list[str]:
    """Scopes in their order, each once.

    Raises:
        DomainError: SCOPE_UNKNOWN (params: scope, known), SCOPES_MISSING.
    """
    wanted = set(scopes)
    for scope in sorted(wanted):
        if scope not in SCOPES:
            raise DomainError("SCOPE_UNKNOWN", scope=scope, known=", ".join(SCOPES))
    if not wanted:
        raise DomainError("SCOPES_MISSING")
    return [scope for scope in SCOPES if scope in wanted]


def rights_of(scopes: Collection[str]) -> frozenset[Permission]:
    """The rights that scopes stand for."""
    return frozenset(right for scope in scopes for right in RIGHTS.get(scope.partition(":")[0], ()))


def opens(scopes: Collection[str], wanted: str) -> bool:
    """Whether scopes have the wanted one; who may write may read. Nothing has the empty one."""
    area, _, verb = wanted.partition(":")
    return bool(wanted) and (wanted in scopes or (verb == READ and f"{area}:{WRITE}" in scopes))
