"""What waits for a person on paper: one of each kind that a manager meets at night."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from shared.books.exception_views import Concerned, Ends, OpenException, Portion
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import Permission, Role
from shared.staff.queries import StaffView
from shared.truth.family import Difference
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.paper_races import races_desk

MANAGER = StaffView(key(10, 3333), "Carmen Flores", Role.BRANCH_MANAGER, "", "")
STAFF = (StaffView(key(10, 1234), "Rosa Quispe", Role.CASHIER, "", ""), MANAGER)


def exceptions_desk(**changes: object) -> PaperDesk:
    """The branch of the races, with what waits in it."""
    desk = races_desk(**changes)
    desk.staff, desk.open_exceptions = STAFF, some_exceptions(desk)
    return desk


def some_exceptions(desk: PaperDesk) -> tuple[OpenException, ...]:
    """The newest first, as the desk reads them."""
    twice, late = (next(each for each in desk.orders.values() if each.table_id == desk.tables[at].id) for at in (6, 4))
    of_twice = (
        Concerned("checks", twice.check_id, ""),
        Concerned("orders", twice.id, twice.number),
        Concerned("receipts", key(21, 1), "A-00000412"),
        Concerned("receipts", key(21, 2), "B-00000077"),
    )
    of_late = (
        Concerned("checks", late.check_id, ""),
        Concerned("orders", late.id, late.number),
        Concerned("order_lines", late.lines[-1].root_id, late.lines[-1].item_name),
    )
    return (
        _exception(
            1,
            EventKind.WITHOUT_RIGHT,
            2,
            ends=(Ends.NOTE,),
            size=3,
            settled_up_to=2,
            who="Julio Mamani",
            device="Caja 2",
            reason=str(Permission.REFUND.value),
            rows=(Concerned("refunds", key(22, 1), "B-R0000012"),),
            amount_minor=1_800,
        ),
        _exception(
            2,
            Difference.ORDERED_AFTER_PAYING,
            7,
            ends=(Ends.PAY, Ends.VOID_LINE),
            rows=of_late,
            order_number=late.number,
            table_name=late.table_name,
            portions=(Portion(1_000, late.lines[-1].item_name),),
        ),
        _exception(
            3,
            Difference.PAID_TWICE,
            12,
            ends=(Ends.GIVE_BACK,),
            rows=of_twice,
            order_number=twice.number,
            table_name=twice.table_name,
            amount_minor=4_250,
            portions=(Portion(1_000, "Ceviche clásico"),),
        ),
        _exception(
            4,
            Difference.TABLE_OPENED_TWICE,
            15,
            ends=(Ends.JOIN,),
            rows=(Concerned("orders", twice.id, twice.number), Concerned("orders", late.id, late.number)),
            table_name=late.table_name,
        ),
        _exception(
            5,
            Difference.SHORT,
            31,
            ends=(Ends.WRITE_OFF,),
            rows=(Concerned("checks", key(23, 1), ""),),
            order_number="B-9",
            table_name=desk.tables[10].name,
            amount_minor=1_000,
        ),
        _exception(
            6,
            Difference.COOKED_NOT_CHARGED,
            60 * 30,
            ends=(Ends.NOTE,),
            order_number="A-88",
            portions=(Portion(2_000, "Lomo saltado"),),
        ),
    )


def _exception(at: int, kind: Difference | EventKind, ago: int, **more: object) -> OpenException:
    plain: dict[str, object] = {"size": 1_000, "settled_up_to": 0, "who": "Rosa Quispe", "rows": (), "currency": "PEN"}
    return OpenException(
        id=UUID(int=at),
        kind=kind,
        branch_id=key(9, 2),
        happened_at=NOON - timedelta(minutes=ago),
        **{**plain, **more},  # type: ignore[arg-type]
    )
