"""The domains of the restaurant, the lowest first: the one place where they are listed.

A new domain needs its folder, a line here and one in the layers of `pyproject.toml`, a step of the device's schema and
a revision of the cloud's. The layers say what a domain may import. Reading this list imports no domain, because the
log-in screen needs the sentences before the database layer is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from shared.kernel.derivations import Derivation
    from shared.kernel.sums import Declared


@dataclass(frozen=True, slots=True)
class Domain:
    """A folder of `shared/`.

    Attributes:
        name: of the folder.
        has_records: whether its module `records` declares tables.
        has_texts: whether it has a folder `texts` with sentences (for the codes of its errors).
        has_sums: whether its module `sums` declares `SUMS`: sums and comparisons.
        has_derivations: whether its module `derived` declares `DERIVATIONS`.
        more_records: names of its other modules with records.
    """

    name: str
    has_records: bool = True
    has_texts: bool = False
    has_sums: bool = False
    has_derivations: bool = False
    more_records: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The domain's package, which is also the room of its texts."""
        return f"shared.{self.name}"

    @property
    def sums(self) -> tuple[Declared, ...]:
        """The sums and comparisons that every replica keeps for this domain."""
        return cast("tuple[Declared, ...]", import_module(f"{self.package}.sums").SUMS) if self.has_sums else ()

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The rows that this domain derives from facts of lower ones."""
        if not self.has_derivations:
            return ()
        return cast("tuple[Derivation, ...]", import_module(f"{self.package}.derived").DERIVATIONS)

    def load_records(self) -> None:
        """Import the records, so that their tables are in the metadata."""
        for module in (*(("records",) if self.has_records else ()), *self.more_records):
            import_module(f"{self.package}.{module}")


DOMAINS = (
    Domain("countries", has_records=False),
    Domain("truth"),
    Domain("exceptions", has_texts=True),
    Domain("tenancy", has_texts=True),
    Domain("staff", has_texts=True, more_records=("pin_records",)),
    Domain("taxes", has_texts=True),
    Domain("menu", has_texts=True, more_records=("branch_records", "availability_records", "combo_records")),
    Domain("floor"),
    Domain("safety", has_texts=True),
    Domain("drawers", has_texts=True),
    Domain("pricing", has_texts=True),
    Domain("orders", has_texts=True, more_records=("contacts", "combo_records", "service_records")),
    Domain(
        "kitchen", has_texts=True, has_sums=True, more_records=("message_records", "display_records", "time_records")
    ),
    Domain(
        "payments",
        has_texts=True,
        has_derivations=True,
        more_records=("adjustment_records", "refund_records", "bill_records", "exchange", "tips", "accounts"),
    ),
    Domain("reservations", has_texts=True),
    Domain("guests", has_texts=True),
    Domain("shifts", has_texts=True),
    Domain("printers", has_texts=True),
    Domain("sales"),
    Domain("books", has_records=False, has_sums=True),
)

TEXT_ROOMS = ("shared.kernel", *(domain.package for domain in DOMAINS if domain.has_texts))
"""The packages with the sentences of the restaurant, for `shared.kernel.language.Texts`."""
