"""What each ticket adds to the kitchen's times: a declared sum, so that what arrives late lands on its own hour."""

from __future__ import annotations

from shared.kernel.sums import Comparison
from shared.kitchen.records import KitchenEvent, KitchenTicket, TicketLine
from shared.kitchen.time_records import times_by_hour
from shared.kitchen.time_shares import shares_of_ticket

SUMS = (Comparison("ticket_id", (KitchenTicket, TicketLine, KitchenEvent), (times_by_hour,), shares_of_ticket),)
