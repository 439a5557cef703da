"""What a dialog can ask, as plain values, and what comes back. No Textual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from terminal.printing.preview import PaperView

R = TypeVar("R")

Taken = Callable[[R], Awaitable[object]]
"""What to do with an answer, after the dialog has closed. If it raises, what was typed comes back with the sentence."""


class Question(Generic[R]):
    """A question whose answer is an `R`."""


# One of some rows


@dataclass(frozen=True, slots=True)
class Choice:
    """One row.

    Attributes:
        id: comes back.
        title: what it is called.
        detail: stands at the right: a key, an amount, a table.
        why_not: why it cannot be chosen now, in one sentence; it is dimmed then, and says so.
        key: the digit that picks it, in place of its number among the rows; empty: none does.
        also: other names under which it is found, with commas between.
    """

    id: Hashable
    title: str
    detail: str = ""
    why_not: str = ""
    key: str | None = None
    also: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """The chosen row: its id and its title. With an own text the id is None."""

    id: Hashable | None
    text: str

    @property
    def reason(self) -> str:
        """The reason that was chosen, as rows and papers keep it, or the own text."""
        return self.id if isinstance(self.id, str) else self.text


@dataclass(frozen=True, slots=True)
class Pick(Question[Picked]):
    """Choose one of some rows, or write another text.

    Attributes:
        title: what it is about.
        choices: the rows, in their order; those of a whole menu as `rows.IndexedRows`.
        asked: a sentence below the title.
        own_text: title of a last row that takes what somebody writes (another reason); empty for none.
        at: the row under the cursor at first. Without one, Enter takes nothing that nobody chose.
        near_amount: whether somebody may type an amount here, since one is asked next or stands in the rows. A number
            then only marks its row, and Enter takes it; a number that is no row chooses nothing.
        unseen: choices that have a key and no row.
        shortcuts: keys that take a row while nothing is typed, by name, with the row's id: those that the rows name.
        is_wide: whether rows need the whole width, however many there are.
    """

    title: str
    choices: Sequence[Choice]
    asked: str = ""
    own_text: str = ""
    at: int | None = None
    near_amount: bool = False
    unseen: tuple[Choice, ...] = ()
    shortcuts: Mapping[str, Hashable] = field(default_factory=lambda: MappingProxyType({}))
    is_wide: bool = False


# An amount


class AmountKind(StrEnum):
    """What an amount counts, and in which unit it comes back."""

    MONEY = auto()
    """Minor units of the currency."""
    PERCENT = auto()
    """Millionths: 10 % is 100,000."""
    QUANTITY = auto()
    """Thousandths."""
    WEIGHT = auto()
    """Thousandths of the unit of weight."""


@dataclass(frozen=True, slots=True)
class Given:
    """An entered amount, in the unit of its kind."""

    kind: AmountKind
    value: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What an instrument says now.

    Attributes:
        given: what Enter would take; None: nothing can be taken now.
        words: how it is, in one sentence; why nothing can be taken, and what to do.
    """

    given: Given | None
    words: str


class Instrument(Protocol):
    """Something that measures while somebody looks at it."""

    def begin(self) -> None:
        """Somebody looks."""
        ...

    def end(self) -> None:
        """Nobody looks any more."""
        ...

    def now(self) -> Measured:
        """What it says now; asked often."""
        ...


@dataclass(frozen=True, slots=True)
class Amount(Question[Given]):
    """Enter an amount on a keypad.

    Attributes:
        title: what it is about.
        kinds: one, or several to switch between with Tab or a tap.
        asked: a sentence below the title.
        usual: what Enter takes while nothing is typed; it is shown. None if something must be typed.
        quick: amounts to tap, which are taken at once.
        comes_to: says what an amount would come to, while it is typed; a `DomainError` says what is wrong with it.
        currency: of money; empty for the branch's.
        unit: what stands behind a weight or a quantity: `kg`.
        decimals: most decimals of a quantity; a weight has three, a percentage two, money those of its currency.
        instrument: says what is usual, again and again, until something is typed.
    """

    title: str
    kinds: tuple[AmountKind, ...] = (AmountKind.MONEY,)
    asked: str = ""
    usual: Given | None = None
    quick: tuple[Given, ...] = ()
    comes_to: Callable[[Given], str] | None = None
    currency: str = ""
    unit: str = ""
    decimals: int = 0
    instrument: Instrument | None = None


# A few fields


class FieldKind(StrEnum):
    """What may be typed into a field."""

    PIN = auto()
    """Digits that nobody reads along."""

    TEXT = auto()
    PHONE = auto()
    """Digits, and the signs between them."""
    NUMBER = auto()
    """Digits."""
    FIGURE = auto()
    """Digits, a decimal sign and a minus: what an instrument says."""
    MONEY = auto()
    """Digits and a decimal sign: `38`, `38.5`, `38,50`."""
    TIME = auto()
    """`1930`, `19:30`, `7`; comes back as `19:30`. In so many minutes: `+30`, which comes back as it is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled field.

    Attributes:
        id: names it in the answer.
        label: stands before it.
        kind: what may be typed.
        value: what stands in it at first.
        hint: shown while it is empty.
        needed: whether it may not stay empty.
        most: most characters.
    """

    id: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    value: str = ""
    hint: str = ""
    needed: bool = False
    most: int = 120


@dataclass(frozen=True, slots=True)
class Form(Question[Mapping[str, str]]):
    """Fill in a few fields; the answer is their texts by id.

    Attributes:
        title: what it is about.
        fields: one to seven, in their order.
        asked: a sentence below the title.
        understood: says what the texts mean, while they are typed; in place of `asked` if it says anything.
        proposed: asked when a field is left, with its id and all texts; what it knows stands in fields that are empty.
    """

    title: str
    fields: tuple[Field, ...]
    asked: str = ""
    understood: Callable[[Mapping[str, str]], str] | None = None
    proposed: Callable[[str, Mapping[str, str]], Awaitable[Mapping[str, str]]] | None = None


# A code for a guest's phone


@dataclass(frozen=True, slots=True)
class Preview(Question[bool]):
    """Show a paper as it will print.

    Attributes:
        title: what it is, and on which printer.
        paper: its rows.
        asked: a sentence below the title.
    """

    title: str
    paper: PaperView
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Qr(Question[bool]):
    """Show a QR code; the answer is that the guest has paid.

    Attributes:
        title: what it is about.
        text: what the code says.
        print_it: queues the paper with it.
        asked: a sentence below the title.
    """

    title: str
    text: str
    print_it: Callable[[], Awaitable[object]]
    asked: str = ""
