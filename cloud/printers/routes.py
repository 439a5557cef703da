"""GET /api/v1/branches/{id}/printers and PUT /api/v1/branches/{id}/printers/{name}."""

from __future__ import annotations

from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Again, Area, Example, command, query
from cloud.lookups.houses import Houses
from cloud.printers.commands import PrinterSetup
from cloud.printers.schemas import PrinterShown, PrintersShown, PutPrinter
from shared.kernel.permissions import Permission
from shared.printers.commands import Prints
from shared.printers.queries import printer_table
from shared.printers.settings import settings_of

Caller = NamedDependency[SkipValidation[Person]]
Organization = NamedDependency[UUID]
_PUT_PROBLEMS = """
    BRANCH_UNKNOWN NOT_FOUND PRINTER_NAME_WRONG PRINTER_ADDRESS_MISSING PRINTER_ADDRESS_WRONG PRINTER_ADDRESS_IS_A_FILE
    PRINTER_COLUMNS_WRONG PRINTER_PAGE_UNKNOWN PRINTER_NUMBER_WRONG PRINTER_WORD_UNKNOWN PRINTER_SETTING_UNKNOWN
    PRINTER_SUBSTITUTES_ITSELF PRINTER_NEEDS_ITS_DEVICE PRINT_RULE_WRONG
"""


@query(
    "list_printers",
    "/branches/{branch_id:uuid}/printers",
    area=Area.PRINTERS,
    rights=Permission.MANAGE_PRINTERS,
    summary="Printers of a branch",
    problems="BRANCH_UNKNOWN",
)
async def printers(
    branch_id: FromPath[UUID],
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
) -> PrintersShown:
    """Give all printers of a branch with what they print."""
    chosen((await houses.of(organization_id, read)).seen_by(person), branch_id)
    table = await printer_table(read, organization_id, branch_id)
    return PrintersShown(printers=[PrinterShown.of(each, table) for each in table.printers.values()])


@command(
    "put_printer",
    "PUT /branches/{branch_id:uuid}/printers/{name:str}",
    area=Area.PRINTERS,
    rights=Permission.MANAGE_PRINTERS,
    again=Again.SAME,
    summary="Add or change a printer",
    example=Example({"settings": {"address": "192.168.1.50", "columns": "42"}}),
    problems=_PUT_PROBLEMS,
)
async def put_printer(
    branch_id: FromPath[UUID],
    name: FromPath[str],
    data: JSONBody[PutPrinter],
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    printer_setup: NamedDependency[SkipValidation[PrinterSetup]],
) -> PrinterShown:
    """Add a printer, or let the one with this name be so. The devices of the branch learn of it by sync."""
    chosen((await houses.of(organization_id)).seen_by(person), branch_id)
    settings = settings_of(name, data.settings)
    prints = None if data.prints is None else [Prints(each.document, each.station_id) for each in data.prints]
    table = await printer_setup.put(organization_id, person, branch_id, settings, prints)
    return PrinterShown.of(table.printers[name], table)
