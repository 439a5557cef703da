"""Who works where."""

from __future__ import annotations

from shared.kernel.permissions import Role

WORK_EVERYWHERE = frozenset({Role.ORGANIZATION_ADMIN, Role.SUPER_ADMIN})
"""Roles that need no assignment to a branch."""
DISMISSED = "NO_LONGER_WORKS_HERE"
"""The code of the refusal after which nobody is logged in any more."""
