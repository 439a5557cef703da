"""The ledger of the kitchen's times: a table of sums that cloud and devices keep alike, by hour, station and dish.

How long a line took is summed, and counted in classes of seconds, from which the middle and the slowest tenth of any
days, stations and branches together are read (`time_queries.py`).
"""

from __future__ import annotations

from shared.kernel.columns import Day, Hour, Key, Words
from shared.kernel.sums import sums_table

CLASS_ENDS = (60, 120, 180, 240, 300, 360, 420, 480, 600, 720, 900, 1_200, 1_500, 1_800, 2_400, 3_600, 7_200, 21_600)
"""Seconds below which a class ends, the first class first. What takes as long as the last one or longer is in no class:
it was forgotten on the wall, and is no time of a kitchen."""
CLASSES = tuple(f"below_{end}" for end in CLASS_ENDS)

times_by_hour = sums_table(
    "kitchen_times_by_hour",
    {
        "branch_id": Key(),
        "business_date": Day(),
        "local_hour": Hour(),
        "station_id": Key(),
        "item_name": Words(120),
    },
    ("facts", "lines", "seconds", "late", "forgotten", "unreceived", *CLASSES),
)
"""What was made, at the hour in which it was sent, by the station that made it and the kitchen's name of the dish.

`facts` counts the shares behind it; `lines` those that were made in `seconds` altogether, `late` those of them that
took longer than their station allowed then; `forgotten` those that were ready so late that nobody counts them.
`unreceived` counts tickets that no display and no printer received: they have no dish (an empty name).
"""
