"""The desk on paper takes what the real one takes, so that a wrong call of a screen is found."""

from __future__ import annotations

from inspect import Parameter, getattr_static, isfunction, signature

import pytest

from terminal.desks.bill import BillDesk
from terminal.desks.correction import CorrectionDesk
from terminal.desks.customer import CustomerDesk
from terminal.desks.desk import Desk
from terminal.desks.floor import FloorDesk
from terminal.desks.hours import HoursDesk
from terminal.desks.house_menu import HouseMenuDesk
from terminal.desks.pins import PinDesk
from terminal.desks.receipt import ReceiptDesk
from terminal.desks.shift import ShiftDesk
from terminal.desks.tender import TenderDesk
from terminal.desks.today import TodayDesk
from tests.terminal.screens.paper_bills import PaperBills
from tests.terminal.screens.paper_corrections import PaperCorrections
from tests.terminal.screens.paper_customers import PaperCustomers
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_floor import PaperFloor
from tests.terminal.screens.paper_hours import PaperHours
from tests.terminal.screens.paper_house_menu import PaperHouseMenu, PaperPins
from tests.terminal.screens.paper_receipts import PaperPast
from tests.terminal.screens.paper_shifts import PaperShifts
from tests.terminal.screens.paper_tenders import PaperTenders
from tests.terminal.screens.paper_today import PaperToday

PAIRS = [
    (PaperDesk, Desk),
    (PaperBills, BillDesk),
    (PaperCorrections, CorrectionDesk),
    (PaperCustomers, CustomerDesk),
    (PaperFloor, FloorDesk),
    (PaperHours, HoursDesk),
    (PaperHouseMenu, HouseMenuDesk),
    (PaperPins, PinDesk),
    (PaperPast, ReceiptDesk),
    (PaperShifts, ShiftDesk),
    (PaperTenders, TenderDesk),
    (PaperToday, TodayDesk),
]


def parameters(kind: type, name: str) -> list[tuple[str, object, bool]]:
    """Name, way of passing, and whether it may be left out, of what a method takes."""
    every = signature(getattr(kind, name)).parameters.values()
    return [(each.name, each.kind, each.default is not Parameter.empty) for each in every]


@pytest.mark.parametrize(("paper", "real"), PAIRS, ids=[real.__name__ for _paper, real in PAIRS])
def test_every_command_of_the_paper_desk_takes_what_the_real_one_takes(paper: type, real: type) -> None:
    shared = [
        name
        for name in dir(paper)
        if not name.startswith("_") and hasattr(real, name) and isfunction(getattr_static(paper, name))
    ]
    assert shared
    different = {
        name: (parameters(paper, name), parameters(real, name))
        for name in shared
        if parameters(paper, name) != parameters(real, name)
    }
    assert different == {}
