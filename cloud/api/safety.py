"""What branches check for food safety, as the API gives it."""

from __future__ import annotations

from typing import Any

from cloud.api.resource import Of, Resource, Sort, between, equal, fields_of
from cloud.edge.operation import Area
from shared.kernel.permissions import Permission
from shared.safety.records import SafetyPoint, SafetyReading

_point: Any = SafetyPoint.__table__.c
_reading: Any = SafetyReading.__table__.c

SAFETY_POINTS = Resource(
    "safety_points",
    "safety_point",
    SafetyPoint,
    area=Area.KITCHEN,
    rights=Permission.LOG_SAFETY,
    of=Of.BRANCH,
    fields=fields_of(
        SafetyPoint,
        "branch_id name names kind unit low_milli high_milli times every_minutes position active",
        {"names": dict[str, str], "times": list[int]},
        {"names": "by language", "times": "minutes after midnight, local time"},
    ),
    filters=(equal(_point.active),),
)
SAFETY_READINGS = Resource(
    "safety_readings",
    "safety_reading",
    SafetyReading,
    area=Area.KITCHEN,
    rights=Permission.LOG_SAFETY,
    of=Of.BRANCH,
    sort=Sort(_reading.claimed_at),
    fields=fields_of(
        SafetyReading,
        "branch_id point_id point_name unit low_milli high_milli value_milli passed action claimed_at typed_at"
        " person_id person_name corrects",
        said={"corrects": "the entry in whose place this one stands"},
    ),
    filters=(*between(_reading.claimed_at, "instant"), equal(_reading.point_id)),
    about="Give what was found at the points, the latest first.",
)

ALL = (SAFETY_POINTS, SAFETY_READINGS)
