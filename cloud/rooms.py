"""The rooms of the cloud: the one place where they are listed. Links stand in the head of pages in this order."""

from __future__ import annotations

from cloud.api.room import ROOM as API
from cloud.audit.room import ROOM as AUDIT
from cloud.bulk.room import ROOM as BULK
from cloud.edge.room import Room
from cloud.enrolment.room import ROOM as ENROLMENT
from cloud.entrance.room import ROOM as ENTRANCE
from cloud.exceptions.room import ROOM as EXCEPTIONS
from cloud.exchange.room import ROOM as EXCHANGE
from cloud.guests.room import ROOM as GUESTS
from cloud.integrations.room import ROOM as INTEGRATIONS
from cloud.live.room import ROOM as LIVE
from cloud.members.room import ROOM as MEMBERS
from cloud.operations.room import ROOM as OPERATIONS
from cloud.orders.room import ROOM as ORDERS
from cloud.pages.room import ROOM as PAGES
from cloud.printers.room import ROOM as PRINTERS
from cloud.profile.room import ROOM as PROFILE
from cloud.reports.room import ROOM as REPORTS
from cloud.roles.room import ROOM as ROLES
from cloud.sections.room import ROOM as SECTIONS
from cloud.staff.room import ROOM as STAFF
from cloud.tenants.room import ROOM as TENANTS
from shared import domains

ROOMS: tuple[Room, ...] = (
    OPERATIONS,
    PAGES,
    ENTRANCE,
    ENROLMENT,
    EXCHANGE,
    LIVE,
    API,
    REPORTS,
    EXCEPTIONS,
    ORDERS,
    GUESTS,
    BULK,
    PRINTERS,
    STAFF,
    MEMBERS,
    INTEGRATIONS,
    TENANTS,
    SECTIONS,
    ROLES,
    AUDIT,
    PROFILE,
)

TEXT_ROOMS = (*domains.TEXT_ROOMS, "cloud", *(room.package for room in ROOMS if room.has_texts))
"""Packages with the sentences of the server."""
