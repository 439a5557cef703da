"""Founding on the real PostgreSQL."""

from __future__ import annotations

import pytest

from cloud.founding.found import Founding
from cloud.founding.plan import Plan
from cloud.founding.reading import read_plan
from cloud.parts import Parts
from tests.cloud.founding.plans import DEMO, founding_with


@pytest.fixture
def founding(parts: Parts) -> Founding:
    return founding_with(parts, parts.units)


@pytest.fixture(scope="module")
def demo() -> Plan:
    return read_plan(str(DEMO))
