"""The welcome page of the demo: PINs, addresses, and the commands for other terminals."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shared.kernel.language import Texts
from terminal.commands.screen import DEMO
from terminal.demo.house import KITCHEN, RECEIPTS, DemoHouse
from terminal.demo.plan import Person, Plan, PlannedDevice
from terminal.device import CONFIGURATION
from terminal.dialogs.qr_code import half_blocks, modules_of

REPORTS_PAGE = "/reports/sales"
_ROLES = ("cashier", "waiter", "kitchen", "branch_manager", "organization_admin")


def show_welcome(console: Console, texts: Texts, house: DemoHouse, home: Path) -> None:
    """Print the page, PINs last: they stay in sight where 24 lines do not hold all. Text from the plan is no markup."""
    card = house.card(house.plan.device("till"))
    if card is not None:
        console.print(_square(card.url))
    console.print(Text(house.plan.name, "bold"))
    console.print(Padding(_places(texts, house, home), (1, 0, 1, 2)))
    console.print(Padding(_people(texts, house), (0, 0, 1, 2)))


def _square(url: str) -> Text:
    """The QR code of an address, dark on light whatever the terminal's colours."""
    return Text("\n".join(half_blocks(modules_of(url))), "#000000 on #ffffff")


def command_line(words: str) -> str:
    """The text that a person types at this terminal for a `comanda` command."""
    program = Path(sys.argv[0]).absolute()
    found = shutil.which("comanda")
    if program.name != "comanda":
        called = f"{Path(sys.executable).name} -m terminal.cli"
    elif found and Path(found).resolve() == program.resolve():
        called = "comanda"
    else:
        called = str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)
    own_home = os.environ.get("COMANDA_HOME", "")
    return f"{f'COMANDA_HOME={own_home} ' if own_home else ''}{called} {words}"


def screen_command(device: PlannedDevice, house: DemoHouse, home: Path) -> str:
    """The shortest command that opens a device's screen, with its name if another device has the same kind."""
    word = "kds" if device.kind == "kitchen" else "pos"
    others_here = any(home.glob(f"*/{CONFIGURATION}"))
    alone = [other.kind for other in house.plan.devices].count(device.kind) == 1
    return command_line(word if alone and not others_here else f"{word} --device {DEMO}/{device.folder}")


def _people(texts: Texts, house: DemoHouse) -> Table:
    plan = house.plan
    table = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    for heading in ("pin", "person", "role", "where"):
        table.add_column(texts(f"demo.column.{heading}"), header_style="dim")
    for person in sorted(plan.people, key=lambda one: _rank(one, plan)):
        places = [name for key, name in plan.branches.items() if person.works_in(key)]
        where = texts("demo.everywhere") if len(places) == len(plan.branches) > 1 else ", ".join(places)
        table.add_row(Text(person.pin, "bold"), Text(person.name), Text(texts(f"demo.role.{person.role}")), Text(where))
    return table


def _rank(person: Person, plan: Plan) -> tuple[bool, int, int]:
    """Sort key: people of the first branch first, those of all branches last; in a branch, those who sell first."""
    keys = list(plan.branches)
    where = [keys.index(key) for key in keys if person.works_in(key)]
    role = _ROLES.index(person.role) if person.role in _ROLES else len(_ROLES)
    return len(where) > 1, where[0] if where else len(keys), role


def _places(texts: Texts, house: DemoHouse, home: Path) -> Table:
    plan = house.plan
    table = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    till = plan.device("till")
    for device in plan.devices:
        if device is not till:
            title = f"{device.name} · {plan.branches[device.branch]}"
            command = texts("demo.another_terminal", command=screen_command(device, house, home))
            table.add_row(Text(title), Text(command))
    card = house.card(till)
    if card is not None:
        table.add_row(Text(texts("demo.guest", table=card.table)), Text(card.url))
    for account in plan.accounts:
        table.add_row(Text(texts("demo.reports")), Text(house.cloud.url + REPORTS_PAGE))
        table.add_row(Text(""), Text(texts("demo.account", email=account.email, password=account.password)))
    table.add_row(Text(texts("demo.mails")), Text(_shown(house.cloud.mails)))
    table.add_row(Text(texts("demo.receipts")), Text(_shown(house.paper(till, RECEIPTS))))
    table.add_row(Text(texts("demo.kitchen_papers")), Text(_shown(house.paper(till, KITCHEN))))
    return table


def _shown(path: Path | None) -> str:
    """A path as a person types it: short enough for its line in most homes. Empty where nothing is printed."""
    here = Path.home()
    return f"~/{path.relative_to(here)}" if path is not None and path.is_relative_to(here) else str(path or "")
