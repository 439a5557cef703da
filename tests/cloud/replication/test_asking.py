"""What is folded although its author had no right to it, and what people are then asked. Money is never voided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from branch_books import CASHIER, noon

from cloud.accounts.identity import EnrolledDevice
from cloud.replication.responder import Responder
from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.permissions import PERMISSIONS, SYSTEM, DeviceKind, Permission, Rights, Role
from shared.kernel.records import SCHEMA_EPOCH
from shared.kernel.stamps import COUNTER_BITS
from shared.kitchen.commands import add_station
from shared.kitchen.records import KitchenEventKind, Setting, Station, settings_id
from shared.menu.availability import oversold
from shared.menu.availability_records import AvailabilityKind
from shared.orders.records import OrderKind
from shared.safety.commands import add_point
from shared.safety.records import PointKind
from shared.staff.role_commands import found_role
from shared.staff.rules import RoleKey
from shared.tenancy.records import Device
from sync.messages import PROTOCOL_VERSION, Hello, Mark, Welcome
from tests.cloud.replication.house import SPECS, TODAY, House, Said, check, created, edited, lunch, order, payment

WAITER, KITCHEN, MANAGER, STRANGER = (UUID(int=number) for number in (0x3A17E4, 0xC00C, 0x3A9A9E4, 0x57A9))
STATION, TICKET, SESSION = (UUID(int=number) for number in (0x57A7, 0x71C7, 0x5E55))
OPEN_ORDER, OPEN_CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
WITHOUT_RIGHT, CLOCK_WRONG = "without_right", "clock_wrong"
EVENING = timedelta(hours=6)


@pytest.fixture
async def open_check(house: House) -> House:
    """Somebody of each role, and an open check; all of it folded."""
    for staff_id, role in {WAITER: Role.WAITER, KITCHEN: Role.KITCHEN, MANAGER: Role.BRANCH_MANAGER}.items():
        await house.hire(role, staff_id)
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        work.add(Station(organization_id=house.organization_id, id=STATION, name="Cocina"))
    here = {"branch_id": house.own.branch_id}
    house.own.say(order(OPEN_ORDER, house.own.branch_id), check(OPEN_CHECK, OPEN_ORDER, house.own.branch_id))
    of = {"order_id": OPEN_ORDER, "station_id": STATION, "number": "A-1", "part": 1, "kind": OrderKind.TAKEOUT}
    of |= {"business_date": TODAY, "local_hour": 12}
    house.own.say(created("kitchen_tickets", TICKET, **here, **of, fired_at=noon(TODAY)))
    at = {"device_id": house.own.device_id, "opened_at": noon(TODAY), "business_date": TODAY, "declared": False}
    house.own.say(created("drawer_sessions", SESSION, **here, **at))
    await house.fold()
    return house


@dataclass(frozen=True)
class Act:
    """What somebody should not have done, and the right that they lacked."""

    right: str
    said: Callable[[House], Said]
    actor: UUID | None


def _own(house: House) -> UUID:
    return house.own.branch_id


def _discount(house: House, amount_minor: int = 900) -> Said:
    of = {"branch_id": _own(house), "check_id": OPEN_CHECK, "amount_minor": amount_minor, "worth_minor": amount_minor}
    of["in_all_minor"] = amount_minor
    return created("discounts", uuid4(), **of, kind="amount", given_at=noon(TODAY), lifted=False)


def _service(house: House) -> Said:
    of = {"branch_id": _own(house), "check_id": OPEN_CHECK, "rate_millionths": 100_000, "added_at": noon(TODAY)}
    return created("service_charges", uuid4(), **of, lifted=False)


def _ready(house: House) -> Said:
    of = {"branch_id": _own(house), "ticket_id": TICKET, "station_id": STATION, "device_id": house.own.device_id}
    return created("kitchen_events", uuid4(), **of, kind=KitchenEventKind.READY, at=noon(TODAY))


def _late(house: House, row_id: UUID) -> Said:
    of = {"branch_id": _own(house), "station_id": STATION}
    return created("station_settings", row_id, **of, thresholds=[["", 60, 120]])


def _closed(house: House) -> Said:
    amounts = dict.fromkeys(("total_minor", "net_minor", "tax_minor"), 0)
    of = {"branch_id": _own(house), "session_id": SESSION, "device_id": house.own.device_id, "number": "Z-00000001"}
    at = {"business_date": TODAY, "opened_at": noon(TODAY), "closed_at": noon(TODAY), "currency": "PEN"}
    return created("z_reports", uuid4(), **of, **at, **amounts)


ACTS = {
    "nobody takes a payment": Act("take_payment", lambda house: payment(OPEN_CHECK, _own(house)), None),
    "a stranger takes a payment": Act("take_payment", lambda house: payment(OPEN_CHECK, _own(house)), STRANGER),
    "a waiter takes a payment": Act("take_payment", lambda house: payment(OPEN_CHECK, _own(house)), WAITER),
    "a cook opens an order": Act("take_order", lambda house: order(uuid4(), _own(house)), KITCHEN),
    "a cook lets a party go": Act("take_order", lambda house: edited("orders", OPEN_ORDER, has_left=True), KITCHEN),
    "a waiter gives a discount": Act("give_discount", _discount, WAITER),
    "a cook splits a check off an order": Act(
        "take_order", lambda house: check(uuid4(), OPEN_ORDER, _own(house)), KITCHEN
    ),
    "a cook charges for service": Act("take_order", _service, KITCHEN),
    "a waiter says that a ticket is ready": Act("work_kitchen", _ready, WAITER),
    "a waiter closes a drawer": Act("work_drawer", _closed, WAITER),
    "a cashier says when tickets are late": Act("edit_branch", lambda house: _late(house, uuid4()), CASHIER),
    "a cashier says it with the id that follows": Act(
        "edit_branch", lambda house: _late(house, settings_id(_own(house), STATION, Setting.THRESHOLDS)), CASHIER
    ),
    "a cashier moves the furniture": Act(
        "edit_floor", lambda house: created("spaces", uuid4(), branch_id=_own(house), name="Bar"), CASHIER
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
async def test_what_was_done_without_the_right_is_folded_and_people_are_asked(open_check: House, act: Act) -> None:
    house = open_check
    before = await house.books()
    house.own.say(act.said(house), actor=act.actor)
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await house.books() != before, "it is folded"
    assert await house.events() == [(WITHOUT_RIGHT, act.actor, act.right, 1)]


async def test_what_their_role_allows_is_asked_of_nobody(open_check: House) -> None:
    house = open_check
    house.own.say(edited("orders", OPEN_ORDER, has_left=True), actor=WAITER)
    house.own.say(_discount(house), actor=MANAGER)
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=CASHIER)
    await house.fold()
    assert await house.events() == []


async def test_a_station_says_what_is_sold_out_and_tells_the_floor_but_signs_no_log(open_check: House) -> None:
    house, branch = open_check, {"branch_id": _own(open_check)}
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        station = (await add_station(work, "Cocina")).id
        fridge = (await add_point(work, "Refri", PointKind.FRIDGE, branch_id=_own(house))).id
    at, message = noon(TODAY), uuid4()
    out = {"subject_id": uuid4(), "name": "Lomo", "kind": AvailabilityKind.OUT, "business_date": TODAY}
    house.own.say(created("availability", uuid4(), **branch, **out, said_at=at), actor=station)
    said = {"station_id": station, "text": "Ven", "sent_at": at, "read": False}
    house.own.say(created("kitchen_messages", message, **branch, **said), actor=station)
    house.own.say(edited("kitchen_messages", message, read=True, read_by="Luz", read_at=at), actor=WAITER)
    await house.fold()
    assert await house.parked() == await house.verdicts(house.own) == await house.events() == []
    async with house.parts.database.read(house.organization_id) as session:
        assert await oversold(session, house.organization_id, [_own(house)]) == [], "nothing of it was ordered"
    entry = {"point_id": fridge, "point_name": "Refri", "passed": True, "claimed_at": at, "typed_at": at}
    house.own.say(created("safety_readings", uuid4(), **branch, **entry, person_id=uuid4()), actor=station)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, station, "log_safety", 1)]


async def test_a_row_of_the_log_that_says_nothing_was_done_about_what_is_out_of_limits_is_void(
    open_check: House,
) -> None:
    house, at = open_check, noon(TODAY)
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        fridge = (await add_point(work, "Refri", PointKind.FRIDGE, branch_id=_own(house))).id
    entry = {"point_id": fridge, "point_name": "Refri", "high_milli": 5_000, "value_milli": 9_000, "person_id": KITCHEN}
    entry |= {"branch_id": _own(house), "claimed_at": at, "typed_at": at}
    for lie in ({"passed": True}, {"passed": False, "action": " "}):
        house.own.say(created("safety_readings", uuid4(), **entry, **lie), actor=KITCHEN)
    await house.fold()
    assert len(await house.verdicts(house.own)) == 2


async def test_a_station_needs_no_person_for_tickets_and_is_asked_about_for_everything_else(open_check: House) -> None:
    house = open_check
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        station = (await add_station(work, "Cocina")).id
    ticket = uuid4()
    said = {"branch_id": _own(house), "order_id": OPEN_ORDER, "station_id": station, "number": "A-1", "part": 1}
    said |= {"kind": OrderKind.TAKEOUT, "fired_at": noon(TODAY), "business_date": TODAY, "local_hour": 12}
    house.own.say(created("kitchen_tickets", ticket, **said), actor=WAITER)
    house.own.say(edited("kitchen_tickets", ticket, started=True), actor=station)
    await house.fold()
    assert await house.parked() == await house.verdicts(house.own) == await house.events() == []
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=station)
    house.own.say(edited("kitchen_tickets", ticket, rushed=True), actor=STRANGER)
    await house.fold()
    asked = sorted((kind, actor, right) for kind, actor, right, _count in await house.events())
    wanted = [(WITHOUT_RIGHT, STRANGER, "work_kitchen"), (WITHOUT_RIGHT, station, "take_payment")]
    assert asked == sorted(wanted)


async def test_an_evening_of_one_person_is_one_question_that_counts_up(open_check: House) -> None:
    house = open_check
    for _each in range(3):
        house.own.say(payment(OPEN_CHECK, _own(house), amount_minor=1_000), actor=WAITER)
    await house.fold()
    house.own.say(payment(OPEN_CHECK, _own(house), amount_minor=500, tendered_minor=500), actor=WAITER)
    second = await house.open("second till", _own(house))
    second.say(payment(OPEN_CHECK, _own(house)), actor=WAITER)
    await house.fold()
    question = (WITHOUT_RIGHT, WAITER, "take_payment")
    assert await house.events() == [(*question, 1), (*question, 4)], "one for each stream"
    (asked,) = [row for row in await house.rows("exceptions") if row.size == 4]
    assert (asked.amount_minor, len(asked.details)) == (3_500, 4)
    assert asked.details[0]["method_name"] == "Efectivo"
    assert asked.device_id == house.own.device_id
    assert await house.takings() == 4_500
    await house.digests()


async def test_something_void_stands_as_an_event_with_its_amounts_author_and_reason(open_check: House) -> None:
    house = open_check
    first, last = house.own.say(payment(OPEN_CHECK, _own(house), amount_minor=700, tendered_minor=1), actor=WAITER)
    await house.fold()
    (event,) = await house.rows("exceptions")
    assert (event.kind, event.person_id, event.reason) == ("voided", WAITER, "ROW_BREAKS_A_RULE")
    assert (event.amount_minor, event.details[0]["first"], event.details[0]["last"]) == (700, first, last)
    assert event.details[0]["changes"][0]["method_name"] == "Efectivo"
    assert await house.takings() == 0


async def test_a_receipt_that_its_lines_do_not_add_up_to_counts_and_is_asked_about(open_check: House) -> None:
    house, sale = open_check, lunch()
    house.own.sell(sale)
    await house.fold()
    assert await house.events() == []
    (known,) = await house.rows("receipts")
    values = {name: value for name, value in known._mapping.items() if name in SPECS["receipts"].fields}
    house.own.say(created("receipts", uuid4(), **{**values, "number": "A-00000077"}))
    await house.fold()
    assert await house.events() == [("sums_differ", CASHIER, "total_minor", 1)]
    (asked,) = await house.rows("exceptions")
    assert asked.amount_minor == sale.total_minor
    assert len(await house.rows("receipts")) == 2


@pytest.mark.parametrize(
    ("name", "other"), [("currency", "USD"), ("business_date", date(2026, 1, 1)), ("check_id", OPEN_ORDER)]
)
async def test_a_receipt_line_that_says_something_else_than_its_receipt_counts_and_is_asked_about(
    open_check: House, name: str, other: object
) -> None:
    house, sale = open_check, lunch()
    house.own.sell(sale)
    await house.fold()
    values = {}
    for table in ("receipts", "receipt_lines"):
        known = (await house.rows(table))[0]
        values[table] = {key: each for key, each in known._mapping.items() if key in SPECS[table].fields}
    line, receipt_id = values["receipt_lines"], uuid4()
    amounts = {key: line[key] for key in AMOUNTS}
    amounts["net_minor"] = line["total_minor"] - line["tax_minor"]
    house.own.say(
        created("receipts", receipt_id, **{**values["receipts"], **amounts, "number": "A-00000077"}),
        created("receipt_lines", uuid4(), **{**line, "receipt_id": receipt_id, name: other}),
    )
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await house.events() == [("sums_differ", CASHIER, name, 1)]


AMOUNTS = ("gross_minor", "discount_minor", "tax_minor", "total_minor")

# -- when it was -----------------------------------------------------------------------------------------------------


async def test_somebody_who_was_moved_keeps_what_they_did_before_and_is_asked_about_what_came_after(
    open_check: House,
) -> None:
    house = open_check
    cashier = await house.hire(Role.CASHIER)
    house.parts.clock.advance(timedelta(minutes=5))
    after = await house.promote(cashier, Role.WAITER)
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=cashier)
    await house.fold()
    assert await house.events() == []
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=cashier, stamp=after)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, cashier, "take_payment", 1)]
    assert await house.takings() == 2_000


async def test_a_cook_who_was_a_waiter_once_never_could_take_a_payment(open_check: House) -> None:
    """A role that was ever edited must not open every door to stamps before the edit."""
    house = open_check
    await house.promote(WAITER, Role.KITCHEN)
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=WAITER, stamp=1)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, WAITER, "take_payment", 1)]


async def test_who_was_dismissed_or_works_elsewhere_is_asked_about(open_check: House) -> None:
    house = open_check
    gone, elsewhere = await house.hire(Role.CASHIER), await house.hire(Role.CASHIER, None, house.other.branch_id)
    stamp = (await house.dismiss(gone) + 1) << COUNTER_BITS
    for actor in (gone, elsewhere):
        house.own.say(payment(OPEN_CHECK, _own(house)), actor=actor, stamp=stamp)
    await house.fold()
    assert {event[1] for event in await house.events()} == {gone, elsewhere}
    assert await house.takings() == 2_000


async def test_a_discount_above_the_limit_of_the_role_is_asked_about(open_check: House) -> None:
    house = open_check
    await house.limit(Role.BRANCH_MANAGER, Permission.GIVE_DISCOUNT, 500)
    house.own.say(_discount(house, 500), actor=MANAGER)
    await house.fold()
    assert await house.events() == []
    house.own.say(_discount(house, 501), actor=MANAGER)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, MANAGER, "give_discount", 1)]


async def test_a_role_is_judged_by_the_rights_that_it_had_when_something_was_done(open_check: House) -> None:
    """Of one of the program's, and of a role of the house that somebody has for a while."""
    house = open_check
    without = Rights(PERMISSIONS[Role.BRANCH_MANAGER] - {Permission.GIVE_DISCOUNT})
    before = house.own.stamp + 1
    taken = await house.say_rights(RoleKey(Role.BRANCH_MANAGER), without)
    house.own.say(_discount(house, 500), actor=MANAGER, stamp=before)
    await house.fold()
    assert await house.events() == [], "the right was taken away afterwards"
    house.own.say(_discount(house, 500), actor=MANAGER, stamp=taken)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, MANAGER, "give_discount", 1)]

    given = await house.say_rights(RoleKey(Role.BRANCH_MANAGER), Rights(PERMISSIONS[Role.BRANCH_MANAGER]))
    house.own.say(_discount(house, 500), actor=MANAGER, stamp=given)
    house.own.say(_discount(house, 500), actor=MANAGER, stamp=taken + 1)
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, MANAGER, "give_discount", 2)], "given back, but not for then"

    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        own = await found_role(work, uuid4(), "Caja mayor", Role.CASHIER)
    more = Rights(PERMISSIONS[Role.CASHIER] | {Permission.GIVE_DISCOUNT})
    await house.say_rights(RoleKey(Role.CASHIER, own.id), more)
    cashier = await house.hire(Role.CASHIER)
    before = house.tick()
    begins = await house.promote(cashier, Role.CASHIER, own.id)
    ends = await house.promote(cashier, Role.CASHIER)
    for stamp in (before, begins, ends):
        house.own.say(_discount(house, 500), actor=cashier, stamp=stamp)
    await house.fold()
    asked = [event for event in await house.events() if event[1] == cashier]
    assert asked == [(WITHOUT_RIGHT, cashier, "give_discount", 2)], "not for what was done in that role"


async def test_a_kitchen_display_that_takes_money_is_asked_about(open_check: House) -> None:
    house = open_check
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        (await work.get(Device, house.own.device_id)).kind = DeviceKind.KITCHEN
    house.own.say(payment(OPEN_CHECK, _own(house)))
    house.own.say(order(uuid4(), _own(house)))
    await house.fold()
    assert await house.events() == [(WITHOUT_RIGHT, CASHIER, "kitchen", 1)]


async def test_a_number_that_was_given_twice_counts_and_is_asked_about_with_both_rows(house: House) -> None:
    first, again = lunch(), lunch()
    house.own.sell(first)
    await house.fold()
    (known,) = await house.rows("receipts")
    values = {name: value for name, value in known._mapping.items() if name in SPECS["receipts"].fields}
    house.own.sell(again)
    copies = [uuid4(), uuid4()]
    for copy in copies:
        house.own.say(created("receipts", copy, **values))
    await house.fold()
    (event,) = [event for event in await house.rows("exceptions") if event.kind == "number_twice"]
    assert (event.reason, event.size) == (known.number, 2)
    named = {told["row"] for told in event.details} | {told["changes"][0]["row"] for told in event.details}
    assert named == {known.id.hex, *(copy.hex for copy in copies)}


async def test_a_stamp_of_tomorrow_is_asked_about(open_check: House) -> None:
    house = open_check
    tomorrow = (house.parts.clock.milliseconds() + 24 * 3_600_000) << COUNTER_BITS
    house.own.say(payment(OPEN_CHECK, _own(house)), stamp=tomorrow)
    await house.fold()
    assert [event[0] for event in await house.events()] == [CLOCK_WRONG]
    assert await house.takings() == 1_000


# -- stamps of long ago ------------------------------------------------------------------------------------------------


async def _dismissed_on(house: House, says_hello: bool) -> list[tuple[str, UUID | None, str, int]]:
    """A cashier is dismissed, and their till stamps a payment with a time before that."""
    cashier = await house.hire(Role.CASHIER)
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=cashier)
    await house.fold()
    before = house.parts.clock.milliseconds() << COUNTER_BITS
    house.parts.clock.advance(EVENING)
    await house.dismiss(cashier)
    house.parts.clock.advance(EVENING)
    if says_hello:
        device = EnrolledDevice(house.own.device_id, house.organization_id, house.own.branch_id)
        hello = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [Mark(house.own.key.id.bytes, house.own.seq, bytes(16))])
        assert isinstance(await responder(house).reply(device, hello), Welcome)
    house.own.say(payment(OPEN_CHECK, _own(house)), actor=cashier, stamp=before)
    await house.fold()
    assert await house.takings() == 2_000
    return [event for event in await house.events() if event[1] == cashier]


def responder(house: House) -> Responder:
    parts = house.parts
    return Responder(parts.database, parts.fold_worker, parts.clock, key_of=lambda _door, _device: b"")


async def test_what_was_written_after_a_hello_was_not_stamped_before_it(open_check: House) -> None:
    assert [event[2:] for event in await _dismissed_on(open_check, says_hello=True)] == [("take_payment", 1)]


async def test_a_backlog_of_weeks_is_judged_by_its_stamps(open_check: House) -> None:
    """Nobody can tell it from a lie until the device has said hello."""
    assert await _dismissed_on(open_check, says_hello=False) == []


async def test_a_device_says_nothing_about_the_streams_of_others(open_check: House) -> None:
    house = open_check
    stranger = EnrolledDevice(uuid4(), house.organization_id, house.own.branch_id)
    hello = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [Mark(house.own.key.id.bytes, 1, bytes(16))])
    assert isinstance(await responder(house).reply(stranger, hello), Welcome)
    kept = await house.parts.database.look(
        house.organization_id, lambda door: door.value("SELECT count(*) FROM sync_evidence")
    )
    assert kept == 0


async def test_a_device_takes_no_event_of_the_judge(open_check: House) -> None:
    """Neither before it is written, under another kind, nor afterwards, by an earlier stamp or an edit."""
    house, cook = open_check, await open_check.hire(Role.KITCHEN)
    own = exception_id(EventKind.WITHOUT_RIGHT, cook, "take_payment", house.own.key.id)

    def event(key: UUID, kind: EventKind) -> Said:
        said = {"branch_id": _own(house), "kind": kind, "happened_at": noon(TODAY), "size": 0}
        return created("exceptions", key, **said, amount_minor=0, details=[], reason="nothing")

    house.own.say(event(own, EventKind.OTHER))
    await house.fold()
    for _time in range(2):
        house.own.say(payment(OPEN_CHECK, _own(house)), actor=cook)
        await house.fold()
    asked = (WITHOUT_RIGHT, cook, "take_payment", 2)
    assert asked in await house.events()
    (written,) = [row for row in await house.rows("exceptions") if row.kind == WITHOUT_RIGHT]
    assert written.id != own
    assert await house.verdicts(house.own) == []
    for forged in (
        event(written.id, EventKind.OTHER),
        event(uuid4(), EventKind.CLOCK_WRONG),
        edited("exceptions", written.id, details=[]),
    ):
        house.own.say(forged, stamp=5)
    await house.fold()
    assert [each[2] for each in await house.verdicts(house.own)] == ["ONLY_THE_CLOUD"] * 3
    assert asked in await house.events()
    assert len(next(row.details for row in await house.rows("exceptions") if row.id == written.id)) == 2
