"""Errors of a demo. Each code has a sentence in `texts/`."""

from __future__ import annotations

from shared.kernel.errors import DomainError


class DemoTrouble(DomainError):
    """The demo cannot go on.

    Codes: DEMO_ALREADY_RUNNING, NEEDS_A_TERMINAL, CLOUD_NOT_INSTALLED, CLOUD_NOT_STARTED, CLOUD_STILL_STOPPING,
    FOUNDING_FAILED, CLOUD_REFUSED, NO_PORT, PLAN_WRONG, PAPER_UNREADABLE, PUSH_NOT_ACKNOWLEDGED, NEVER_HAPPENED,
    NOT_ONE_ORDER, NOT_ONE_RECEIPT.
    """
