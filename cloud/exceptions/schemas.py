"""What the API says of exceptions, and what it takes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from cloud.edge.body import Body
from shared.books.exception_views import OpenException
from shared.books.telling import what_happened, what_to_do
from shared.kernel.language import Texts
from shared.kernel.text import MAX_NOTE_CHARACTERS


class RowConcerned(BaseModel):
    """A row that an exception is about."""

    table: str
    id: UUID
    name: str = Field(description="by which people know it; may be empty")


class DishConcerned(BaseModel):
    """Portions of a dish."""

    quantity_milli: int
    name: str


class ExceptionShown(BaseModel):
    """Something that waits for a person."""

    id: UUID
    kind: str
    branch_id: UUID
    happened: str = Field(description="a sentence in the language of the request")
    to_do: str = Field(description="a sentence in the language of the request")
    happened_at: datetime
    who: str
    device: str
    order_number: str
    table_name: str
    size: int = Field(description="portions in thousandths, minor units, orders, or how often it happened")
    settled_up_to: int = Field(description="above 0: somebody settled it, and it has grown since")
    currency: str
    amount_minor: int
    dishes: list[DishConcerned]
    rows: list[RowConcerned]
    ends: list[str] = Field(description="the actions that end it, what is usual first; `note`: a note settles it")

    @classmethod
    def of(cls, texts: Texts, each: OpenException) -> ExceptionShown:
        """An exception in the words of a reader's language."""
        return cls(
            id=each.id,
            kind=str(each.kind),
            branch_id=each.branch_id,
            happened=what_happened(texts, each),
            to_do=what_to_do(texts, each),
            happened_at=each.happened_at,
            who=each.who,
            device=each.device,
            order_number=each.order_number,
            table_name=each.table_name,
            size=each.size,
            settled_up_to=each.settled_up_to,
            currency=each.currency,
            amount_minor=each.amount_minor,
            dishes=[DishConcerned(quantity_milli=dish.quantity_milli, name=dish.name) for dish in each.portions],
            rows=[RowConcerned(table=row.table, id=row.id, name=row.name) for row in each.rows],
            ends=[str(end) for end in each.ends],
        )


class ExceptionsShown(BaseModel):
    """A part of what waits."""

    exceptions: list[ExceptionShown]
    total: int = Field(description="in all parts")
    next: str = Field(description="ask with `after` for the next part; empty if this is the last")


class Settle(Body):
    """A note that settles an exception up to its size now."""

    note: str = Field(max_length=MAX_NOTE_CHARACTERS)


class Settled(BaseModel):
    """What was written."""

    settlement_id: UUID
    exception_id: UUID
    branch_id: UUID
    up_to: int
    note: str
    settled_at: datetime
    settled_by_name: str
