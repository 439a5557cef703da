"""A served house in which something was sold and something waits, for pages that are looked at."""

from __future__ import annotations

from tests.cloud.live.conftest import http, served
from tests.cloud.reports.conftest import chain, new_chain

__all__ = ["chain", "http", "new_chain", "served"]
