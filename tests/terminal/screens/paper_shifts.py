"""Drawers and shifts on paper: a session, its movements and counts in memory; sums and comparing of `shared`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.branch_day import BranchDay
from shared.drawers.commands import Cash
from shared.drawers.queries import DrawerView, SessionView
from shared.drawers.records import MovementKind
from shared.drawers.rules import OpenSession
from shared.kernel.permissions import Permission
from shared.kernel.work import BranchContext
from shared.payments.rules import TenderKind
from shared.shifts.adding import added
from shared.shifts.commands import Counted
from shared.shifts.rules import (
    NO_COUNTS,
    Counts,
    Expected,
    MethodSum,
    MovementSum,
    Purse,
    PurseToCount,
    SalesSum,
    SessionReport,
    compared,
    expected,
)
from terminal.snapshots.sources import Drawers
from tests.terminal.screens.paper_menu import key

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk

DEVICE = key(9, 3)
ONE_DRAWER = (DrawerView(key(14, 1), "Caja principal", 0),)
TWO_DRAWERS = (*ONE_DRAWER, DrawerView(key(14, 2), "Caja de la barra", 0))
SALES = SalesSum(3, 3, "A-00000001", "A-00000003", 12_750, 0, 0, 10_805, 1_945, 12_750, 0)
METHODS = (MethodSum(key(16, 1), "A cuenta", TenderKind.ACCOUNT, "PEN", payments=3, amount_minor=12_750),)


class PaperShifts:
    """One session of this device at a time. What it sold is always the same."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        premises = desk.premises
        zone, cutoff = (premises.zone, premises.cutoff_minutes) if premises else ("America/Lima", 240)
        context = BranchContext(key(9, 1), key(9, 2), DEVICE, "A", zone, cutoff, currency="PEN")
        self.store = SimpleNamespace(branch_context=context, identity=SimpleNamespace(device_id=DEVICE))
        self.known = Drawers(ONE_DRAWER)
        self._movements: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._rounds: list[Mapping[Purse, tuple[int, int]]] = []
        self._openings = 0
        self._closed: list[SessionReport] = []

    @property
    def days(self) -> tuple[date, ...]:
        return (self._desk.local_now().date(),)

    async def open(self, drawer_id: UUID | None, counted: Sequence[Cash]) -> int:
        await self._desk._turn("open_shift", Permission.WORK_DRAWER)
        drawer = next((each.name for each in self.known.all if each.id == drawer_id), "Caja 1")
        session = OpenSession(key(15, len(self._closed)), drawer_id, DEVICE, self.days[0], declared=True)
        actor = self._desk.actor
        view = SessionView(session, drawer, "Caja 1", self._desk.now(), actor.name if actor else "")
        self._movements.clear()
        self._rounds.clear()
        for cash in counted:
            self._move(MovementKind.FLOAT, cash.currency, cash.total_minor)
        self._show(replace(self.known, sessions=(view,)))
        return 0

    async def cash_in(self, cash: Cash, reason: str) -> None:
        await self._desk._turn("cash_in", Permission.WORK_DRAWER)
        self._move(MovementKind.IN, cash.currency, cash.total_minor)

    async def cash_out(self, cash: Cash, reason: str, kind: MovementKind = MovementKind.OUT) -> None:
        await self._desk._turn("cash_out", Permission.CASH_OUT)
        self._move(kind, cash.currency, -cash.total_minor)

    async def drop(self, cash: Cash) -> None:
        await self._desk._turn("drop", Permission.SAFE_DROP)
        self._move(MovementKind.DROP, cash.currency, -cash.total_minor)

    async def hand_over(self, drawer_id: UUID, cash: Cash) -> None:
        await self._desk._turn("hand_over", Permission.SAFE_DROP)
        self._move(MovementKind.HANDED_OVER, cash.currency, -cash.total_minor)

    async def open_without_sale(self, reason: str) -> None:
        await self._desk._turn("no_sale", Permission.OPEN_WITHOUT_SALE)
        self._openings += 1

    async def report(self, session_id: UUID) -> SessionReport:
        await self._desk._turn("x_report", Permission.SEE_DRAWER)
        return self._report()

    async def to_count(self, session_id: UUID) -> tuple[PurseToCount, ...]:
        await self._desk._turn("to_count", Permission.WORK_DRAWER)
        return self._report().to_count

    async def count(self, session_id: UUID, counted: Sequence[Counted]) -> SessionReport:
        await self._desk._turn("count", Permission.WORK_DRAWER)
        due = self._due()
        purses = {Purse(each.method_id, each.cash.currency): each.cash.total_minor for each in counted}
        self._rounds.append({purse: (total, _amount(due, purse)) for purse, total in purses.items()})
        return self._report()

    async def close(self, session_id: UUID, reason: str) -> SessionReport:
        await self._desk._turn("close_shift", Permission.WORK_DRAWER)
        actor, number = self._desk.actor, f"A-Z{len(self._closed) + 1:08}"
        closed = {"closed_at": self._desk.now(), "closed_by": actor.name if actor else ""}
        report = replace(
            self._report(), number=number, reason=reason, head_seq=418, head_chain="5e1f00d5" * 4, **closed
        )
        self._closed.append(report)
        self._show(replace(self.known, sessions=()))
        return report

    async def zs(self) -> list[SessionReport]:
        return self._closed[::-1]

    async def print_x(self, session_id: UUID) -> bool:
        return False

    async def reprint(self, report: SessionReport) -> bool:
        return False

    async def day(self, day: date) -> BranchDay:
        open_now = tuple(view.drawer for view in self.known.sessions)
        return BranchDay(day, tuple(self._closed), added(self._closed), SALES.total_minor, open_now)

    async def close_day(self, day: date) -> bool:
        await self._desk._turn("close_day", Permission.CLOSE_DAY)
        return False

    def _show(self, known: Drawers) -> None:
        self.known = known
        self._desk.publish("drawers")

    def _move(self, kind: MovementKind, currency: str, amount_minor: int) -> None:
        self._movements[str(kind), currency].append(amount_minor)

    def _sums(self) -> tuple[MovementSum, ...]:
        return tuple(MovementSum(*of, len(found), sum(found)) for of, found in self._movements.items())

    def _due(self) -> dict[Purse, Expected]:
        return expected(METHODS, self._sums(), "PEN")

    def _report(self) -> SessionReport:
        (view,) = self.known.sessions
        due, rounds = self._due(), self._rounds
        counts = NO_COUNTS
        if rounds:
            counts = Counts(
                len(rounds),
                {purse: total for purse, (total, _) in rounds[-1].items()},
                {purse: due_minor for purse, (_, due_minor) in rounds[-1].items()},
                {purse: total - due_minor for purse, (total, due_minor) in rounds[0].items()},
            )
        return SessionReport(
            session_id=view.session.id,
            device_id=DEVICE,
            drawer=view.drawer,
            device=view.device,
            business_date=view.session.business_date,
            opened_at=view.opened_at,
            opened_by=view.opened_by,
            currency="PEN",
            declared=True,
            sales=SALES,
            taxes=(),
            methods=METHODS,
            movements=self._sums(),
            openings=self._openings,
            counted=compared(due, (), counts),
        )


def _amount(due: Mapping[Purse, Expected], purse: Purse) -> int:
    return due[purse].amount_minor if purse in due else 0
