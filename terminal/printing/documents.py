"""Documents: what a print job prints, as plain values. No layout, no bytes, no printer.

A document is a snapshot. It is made inside the sale's transaction and stored with its print job, so that a reprint next
week says the same as the first print, even if the menu has changed. Only whom an order is for is read when it is
printed, so that no stored job names somebody who was forgotten. Fields may be added with a default, and never renamed
or removed: jobs that an older version stored must still print.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from shared.kernel.quantity import ONE


class PaperKind(StrEnum):
    """Kind of the document in a stored job."""

    RECEIPT = "receipt"
    KITCHEN = "kitchen"
    REPORT = "report"
    TEST = "test"
    QR = "qr"
    PACKING = "packing"
    SLIP = "slip"


class KitchenRequest(StrEnum):
    """What a kitchen line asks for: to cook something, or to stop cooking it."""

    ADD = "add"
    VOID = "void"


class KitchenNews(StrEnum):
    """What a kitchen ticket is to its station: a new order, more of one it knows, a change of what it was told, a
    course that waited, or a note for all that it was told."""

    NEW = "new"
    ADDED = "added"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    FIRED = "fired"
    NOTED = "noted"
    ALLERGY = "allergy"
    """It knows the dishes, but not yet what a guest may not eat."""


CASH = "cash"
"""The payment method that opens the drawer."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The restaurant at the head of a receipt."""

    name: str
    """The trade name."""
    address: str = ""
    tax_number: str = ""
    """Without its label: `20512345678`."""
    tax_number_label: str = "RUC"
    phone: str = ""
    legal_name: str = ""
    """Where it differs from the trade name."""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptModifier:
    """A modifier of one piece of a line. Its price is already part of the line's amount."""

    name: str
    amount_minor: int = 0
    quantity_milli: int = ONE


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of a receipt: quantity in thousandths, amount in minor units, modifiers included.

    `unit`: that of the quantity, if it is no piece (`kg`). `unit_price_minor`: of one, modifiers included; said unless
    it is one piece.
    """

    name: str
    quantity_milli: int
    amount_minor: int
    modifiers: tuple[ReceiptModifier, ...] = ()
    note: str = ""
    unit: str = ""
    unit_price_minor: int = 0


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """A named row of the totals: `IGV 18%`, `Descuento de la casa` (negative)."""

    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptPayment:
    """Payment by one method (`cash`, `card`, `yape`, `plin`, `transfer`, or another with its `title`)."""

    method: str
    amount_minor: int
    title: str = ""
    reference: str = ""
    """The operation number or the last digits of a card."""
    earlier: bool = False
    """Taken before this document was made: its cash is in the drawer already."""


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A guest's receipt, or the slip of a part payment. Amounts are minor units of `currency`.

    `gross_minor` plus discounts is the sum of the lines, included taxes too. `subtotal_minor` plus taxes and tip is
    the total. `issued_at` is the branch's wall clock.
    """

    language: str
    currency: str
    letterhead: Letterhead
    number: str
    issued_at: datetime
    lines: tuple[ReceiptLine, ...]
    subtotal_minor: int
    total_minor: int
    taxes: tuple[NamedAmount, ...] = ()
    discounts: tuple[NamedAmount, ...] = ()
    tip_minor: int = 0
    rounding_minor: int = 0
    """Cash rounding, signed; not part of `total_minor`."""
    payments: tuple[ReceiptPayment, ...] = ()
    change_minor: int = 0
    title: str = ""
    """Replaces the word for receipt: `Boleta de venta`."""
    order_number: str = ""
    table: str = ""
    server: str = ""
    guests: int = 0
    contact_of: UUID | None = None
    """The order whose contact is printed. It is read at printing, since a stored job may hold nobody's name."""
    farewell: str = ""
    """Replaces the thank-you line."""
    gross_minor: int = 0
    """Sum of the lines before discounts. Printed only if there are discounts."""
    promised_at: datetime | None = None
    """The branch's wall clock, as the guest was told."""
    left_minor: int = 0
    """Still to be paid, on the slip of a part payment; what nobody paid, on a copy."""
    tips: tuple[NamedAmount, ...] = ()
    """What guests gave besides; not part of `total_minor`."""
    copy: int = 0
    """The number of a copy that was asked for; 0 for what is printed first."""
    of_number: str = ""
    """The receipt that a refund is of."""
    reason: str = ""
    """Why money was given back."""
    services: tuple[NamedAmount, ...] = ()
    """Service charges, by name."""
    is_bill: bool = False
    """A bill before it is paid: it says that it is no receipt."""
    bill_count: int = 0
    """The how manieth bill of its check it is."""
    is_gift: bool = False
    """It says what was bought, and no price."""
    is_fiscal: bool = False
    """Whether it is a document of the tax office. Until then it says that it is none."""

    @property
    def paid_in_cash(self) -> bool:
        """Whether the drawer has to open."""
        return any(payment.method == CASH and not payment.earlier for payment in self.payments)


@dataclass(frozen=True, slots=True)
class KitchenLine:
    """One dish for a station.

    `modifiers` are the names that the cook reads, twice what was chosen twice; `additions` those of them that cost
    more; `unit` is that of the quantity, if it is no piece.
    """

    name: str
    quantity_milli: int
    modifiers: tuple[str, ...] = ()
    note: str = ""
    change: KitchenRequest = KitchenRequest.ADD
    additions: tuple[str, ...] = ()
    unit: str = ""
    code: str = ""
    """The dish's code, for printers that have no letters for its name."""
    category: str = ""
    seats: tuple[int, ...] = ()
    """For which guests, where somebody said so."""
    course: str = ""
    """Said where one paper has several courses."""
    combo: str = ""
    """The combo of which it is a part."""
    dangers: str = ""
    """What is in it that a guest of its table may not eat."""


@dataclass(frozen=True, slots=True)
class KitchenWait:
    """A course that waits, with its dishes as their station calls them."""

    course: str
    lines: tuple[KitchenLine, ...]


@dataclass(frozen=True, slots=True)
class KitchenDocument:
    """Kitchen ticket: what one station has to cook, or no more, after one send or change.

    `sent_at` is the branch's wall clock. `service` is `dine_in`, `takeout` or `delivery`; `part` of `parts` counts the
    papers that one sending made, for all stations.
    """

    language: str
    station: str
    order_number: str
    sent_at: datetime
    lines: tuple[KitchenLine, ...]
    service: str = "dine_in"
    table: str = ""
    server: str = ""
    guests: int = 0
    course: str = ""
    note: str = ""
    revision: int = 1
    part: int = 1
    parts: int = 1
    contact_of: UUID | None = None
    """As on a receipt; a kitchen prints only the name."""
    promised_at: datetime | None = None
    """The branch's wall clock, as the guest was told."""
    news: KitchenNews = KitchenNews.NEW
    category: str = ""
    """The category of its dishes, where each category has a slip of its own."""
    waiting: tuple[KitchenWait, ...] = ()
    """What its station makes later: the courses that wait."""
    allergies: str = ""
    """What guests of the order may not eat: `maní (A2), leche`."""


@dataclass(frozen=True, slots=True)
class QrDocument:
    """The house's QR, for a guest to pay to. `amount` as people write it; empty where none is asked."""

    language: str
    letterhead: Letterhead
    title: str
    text: str
    amount: str = ""
    note: str = ""
    """What to do with it: `Escanea para ver la carta`."""
    table: str = ""
    """Of a card that stands on a table."""


@dataclass(frozen=True, slots=True)
class PackingDocument:
    """Label for a bag of an order that is taken away: `part` of `parts`, and what is in it, if somebody said so."""

    language: str
    letterhead: Letterhead
    order_number: str
    printed_at: datetime
    service: str = "takeout"
    part: int = 1
    parts: int = 1
    lines: tuple[KitchenLine, ...] = ()
    note: str = ""
    due: str = ""
    """What the guest still pays, as people write it; empty if it is paid."""
    contact_of: UUID | None = None
    """As on a receipt: it is read at printing."""
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of a report: a name left and a value right, or one sentence."""

    name: str
    value: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A paper for the house: an X, a Z, a day, or the slip of a cash movement. Its rows are formatted already.

    `sections` are parted by a rule. `printed_at` is the branch's wall clock. `reprint` counts its earlier printings.
    """

    language: str
    letterhead: Letterhead
    title: str
    printed_at: datetime
    sections: tuple[tuple[ReportRow, ...], ...]
    number: str = ""
    signed: bool = False
    """Whether somebody signs it."""
    opens_drawer: bool = False
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class TestDocument:
    """Test page: shows whether width, letters, sizes and cut of a printer are set right."""

    __test__ = False  # pytest would take the name for a test class

    language: str
    restaurant: str
    printer: str
    address: str
    printed_at: datetime
    currency: str = "PEN"


@dataclass(frozen=True, slots=True)
class PassStation:
    """What one station makes of an order; without a name: what no station makes."""

    name: str
    is_ready: bool
    lines: tuple[KitchenLine, ...]


@dataclass(frozen=True, slots=True)
class PassDocument:
    """The slip of an order at the pass: what goes with the tray, what is missing. `printed_at` is the wall clock."""

    language: str
    order_number: str
    printed_at: datetime
    stations: tuple[PassStation, ...]
    service: str = "dine_in"
    table: str = ""
    server: str = ""
    guests: int = 0
    note: str = ""
    contact_of: UUID | None = None
    """As on a receipt: it is read at printing."""
    promised_at: datetime | None = None


Document = (
    ReceiptDocument | KitchenDocument | ReportDocument | TestDocument | QrDocument | PackingDocument | PassDocument
)

_TYPES: dict[PaperKind, type[Document]] = {
    PaperKind.RECEIPT: ReceiptDocument,
    PaperKind.KITCHEN: KitchenDocument,
    PaperKind.REPORT: ReportDocument,
    PaperKind.TEST: TestDocument,
    PaperKind.QR: QrDocument,
    PaperKind.PACKING: PackingDocument,
    PaperKind.SLIP: PassDocument,
}


def kind_of(document: Document) -> PaperKind:
    """The kind under which a document is stored."""
    return next(kind for kind, its_type in _TYPES.items() if isinstance(document, its_type))


def encode(document: Document) -> bytes:
    """Encode a document for its print job (msgpack)."""
    return msgspec.msgpack.encode(document)


def decode(kind: PaperKind, payload: bytes) -> Document:
    """Decode the document of a stored job. Fields of a newer version are ignored.

    Raises:
        msgspec.DecodeError: not a document of that kind.
    """
    return msgspec.msgpack.decode(payload, type=_TYPES[kind])
