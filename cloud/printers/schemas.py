"""What the API says of printers, and what it takes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from cloud.edge.body import Body
from shared.printers.queries import PrinterTable
from shared.printers.rules import Paper
from shared.printers.settings import PrinterSettings

MOST_PRINTED = 100
"""Documents of a printer: there are some ten kinds, and one for each station."""


class PrintedShown(BaseModel):
    """A document that a printer prints."""

    document: Paper
    station_id: UUID | None = Field(default=None, description="of one kitchen station; null: of all that have no rule")
    device_id: UUID | None = Field(default=None, description="for one device; null: for all")
    place: int = Field(default=0, description="counts the printers of one document")


class PrinterShown(BaseModel):
    """A printer: its settings as in `device.toml`, and what it prints."""

    name: str
    settings: dict[str, Any]
    prints: list[PrintedShown]

    @classmethod
    def of(cls, settings: PrinterSettings, table: PrinterTable) -> PrinterShown:
        """A printer of a branch."""
        said = asdict(settings)
        rules = (rule for rule in table.rules if rule.printer == settings.name)
        prints = [
            PrintedShown(document=rule.document, station_id=rule.station_id, device_id=rule.device_id, place=rule.place)
            for rule in rules
        ]
        return cls(name=said.pop("name"), settings=said, prints=prints)


class PrintersShown(BaseModel):
    """The printers of a branch by name, those that are switched off too."""

    printers: list[PrinterShown]


class Printed(Body):
    """A document that a printer is to print for all devices."""

    document: Paper
    station_id: UUID | None = None


class PutPrinter(Body):
    """A printer as it is to be. What is not said is as usual."""

    settings: dict[str, Any] = Field(description="as in `device.toml`; `device_id`: where it hangs")
    prints: list[Printed] | None = Field(
        default=None, max_length=MOST_PRINTED, description="all that it prints; null leaves that as it is"
    )
