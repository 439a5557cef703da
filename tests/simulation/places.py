"""Ids of the one organization of a simulation and of its branches."""

from __future__ import annotations

from shared.kernel.ids import derived_id

ORGANIZATION = derived_id("simulation", "organization")
BRANCH = derived_id("simulation", "branch", "Centro")
OTHER_BRANCH = derived_id("simulation", "branch", "Playa")
