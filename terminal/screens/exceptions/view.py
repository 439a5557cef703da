"""The content of the screen of exceptions: pure, from what waits and who may end it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.books.exception_views import LONG_AGO, Ends, OpenException
from shared.books.telling import kind_name, money, what_happened, what_to_do
from shared.books.views import LineView, OrderView
from shared.exceptions.rules import EventKind, Kind
from shared.kernel.permissions import Actor, Permission
from shared.menu.weights import portions_text
from shared.payments.accounts import Account, AccountView
from shared.payments.queries import MethodView
from shared.staff.queries import StaffView
from shared.truth.family import Difference
from terminal.screens.rights import names_with, who_may
from terminal.screens.voice import Voice
from terminal.widgets.tile import Tile

CHOSEN = "▶"
"""Marks the chosen exception, so that colour is not the only sign."""
MOST_NAMED = 3
"""So many portions are named; a row has no room for more."""
_DAY_SECONDS = 86_400

URGENCY: tuple[Kind, ...] = (
    Difference.PAID_TWICE,
    Difference.PAID_AFTER_ALL,
    Difference.PAID_THEN_TAKEN_OFF,
    Difference.TO_GIVE_BACK,
    Difference.ORDERED_AFTER_PAYING,
    Difference.GIVEN_BACK_YET_LIVE,
    Difference.SHORT,
    Difference.DISCOUNT_LEFT_BEHIND,
    EventKind.VOIDED,
    Difference.REFUNDED_TWICE,
    Difference.CHANGED_AFTER_PAYING,
    Difference.CHARGED_TOO_MUCH,
    Difference.CHARGED_TOO_LITTLE,
    Difference.ACCOUNT_OVERPAID,
    Difference.ACCOUNT_ABOVE_LIMIT,
    Difference.DISCOUNTS_ABOVE_LIMIT,
    Difference.REFUNDS_ABOVE_LIMIT,
    EventKind.SUMS_DIFFER,
    EventKind.NUMBER_TWICE,
    EventKind.AFTER_THE_CLOSE,
    EventKind.DRAWER_DIFFERS,
    EventKind.DRAWER_OPENED_TWICE,
    Difference.COOKED_NOT_CHARGED,
    Difference.CHANGED_AFTER_COOKING,
    Difference.OVERSOLD,
    Difference.TABLE_OPENED_TWICE,
    Difference.TABLE_PROMISED_TWICE,
    Difference.PARTY_SEATED_TWICE,
    EventKind.WITHOUT_RIGHT,
    EventKind.OTHER,
    EventKind.LOG_GAP,
    EventKind.STREAM_FORKED,
    EventKind.CLOUD_RESTORED,
    EventKind.QUARANTINED,
    EventKind.DIGESTS_DIFFER,
    EventKind.SERVER_CLOCK,
    EventKind.CLOCK_WRONG,
)
"""All kinds: first the money of guests who may still be there, then other money, the kitchen and the floor, devices."""
_RANK = {kind: at for at, kind in enumerate(URGENCY)}

RIGHTS: Mapping[Ends, Permission] = {
    Ends.GIVE_BACK: Permission.REFUND,
    Ends.LIFT_VOID: Permission.VOID_SENT_LINE,
    Ends.PAY: Permission.TAKE_PAYMENT,
    Ends.CHARGE: Permission.REFUND,
    Ends.WRITE_OFF: Permission.WRITE_OFF,
    Ends.LIFT_LOSS: Permission.REFUND,
    Ends.VOID_LINE: Permission.VOID_SENT_LINE,
    Ends.CONFIRM: Permission.WORK_KITCHEN,
    Ends.JOIN: Permission.TAKE_ORDER,
    Ends.NOTE: Permission.SETTLE_EXCEPTIONS,
}
_WITH_AMOUNT = frozenset({Ends.GIVE_BACK, Ends.WRITE_OFF})


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end an exception, or a way to look at its order.

    Attributes:
        ends: None only shows the order.
        method: by which money goes back; None: as it was paid.
        order_id: the order that is shown or paid.
    """

    ends: Ends | None
    title: str
    permission: Permission
    amount_minor: int = 0
    method: MethodView | None = None
    order_id: UUID | None = None

    def may(self, actor: Actor | None) -> bool:
        """Whether somebody may end it so."""
        return actor is not None and actor.may(self.permission, self.amount_minor)


@dataclass(frozen=True, slots=True)
class Fact:
    """One paragraph about an exception. `strong` ones are what happened and what to do."""

    text: str
    strong: bool = False


def by_urgency(found: Iterable[OpenException]) -> tuple[OpenException, ...]:
    """Money first; of one kind the newest first."""
    return tuple(sorted(found, key=lambda each: (_RANK[each.kind], -each.happened_at.timestamp(), each.id)))


def exception_tiles(found: Sequence[OpenException], chosen: UUID | None, voice: Voice) -> tuple[Tile, ...]:
    """A row for each: its number, kind, order and table, amount and time."""
    return tuple(
        Tile(
            id=each.id,
            title=" · ".join(filter(None, (kind_name(voice.texts, each.kind), _place(each, voice)))),
            hint=f"{at} {CHOSEN}" if each.id == chosen else f"{at}  ",
            detail=" · ".join(filter(None, (_amount(each), _when(each, voice)))),
        )
        for at, each in enumerate(found, start=1)
    )


def facts_of(
    about: OpenException,
    actor: Actor | None,
    staff: Sequence[StaffView],
    voice: Voice,
    accounts: Sequence[AccountView] = (),
) -> tuple[Fact, ...]:
    """What happened; who, when, where, which papers; what to do; and who may, if this person may not.

    Args:
        accounts: whose name is told of what is about one: no row may hold it.
    """
    texts = voice.texts
    papers = [row.name for row in about.rows if row.table in ("receipts", "refunds") and row.name]
    account = about.first(Account.__tablename__)
    owes = next((each.name for each in accounts if account is not None and each.id == account.id), "")
    circumstances = (_when(about, voice), owes, about.who, about.device, _place(about, voice), _amount(about), *papers)
    facts = [
        Fact(what_happened(texts, about), strong=True),
        Fact(" · ".join(dict.fromkeys(filter(None, circumstances)))),
        Fact(what_to_do(texts, about), strong=True),
    ]
    if about.settled_up_to:
        facts.append(Fact(texts("exception_screen.grown")))
    if not any(actor is not None and actor.may(RIGHTS[each], _at_stake(each, about)) for each in about.ends):
        facts.append(Fact(who_may(RIGHTS[about.ends[0]], staff, texts)))
    return tuple(facts)


def what_for(voice: Voice) -> tuple[Fact, ...]:
    """What comes to this screen, for who finds it empty."""
    return Fact(voice.texts("exception_screen.nothing_asks"), strong=True), Fact(voice.texts("exception_screen.comes"))


def endings_of(
    about: OpenException, methods: Sequence[MethodView], orders: Collection[UUID], voice: Voice
) -> tuple[Ending, ...]:
    """The ways to end an exception, in words; then its open orders, to look at them.

    Args:
        orders: the open orders.
    """
    found: list[Ending] = []
    order = about.first("orders")
    order_id = order.id if order is not None and order.id in orders else None
    for ends in about.ends:
        if ends is Ends.GIVE_BACK:
            found += _ways_back(about, methods, voice)
        elif ends is Ends.CHARGE:
            found += _by_method(ends, 0, about, methods, voice)
        elif ends is not Ends.PAY or order_id is not None:
            found.append(Ending(ends, _title(ends, about, voice), RIGHTS[ends], _at_stake(ends, about), None, order_id))
    if about.ends_by_note:
        return tuple(found)
    looked_at = [row for row in about.rows if row.table == "orders" and row.id in orders]
    return (*found, *(_look(row.id, row.name, voice) for row in looked_at))


def ending_tiles(
    endings: Sequence[Ending], actor: Actor | None, staff: Sequence[StaffView], voice: Voice
) -> tuple[Tile, ...]:
    """The ways to end it, each with its number; at the right who may, if this person may not."""
    return tuple(
        Tile(
            id=at,
            title=each.title,
            hint=f"{at}  ",
            detail=""
            if each.may(actor)
            else voice.texts("app.if_approved", names=names_with(each.permission, staff, 1) or "–"),
        )
        for at, each in enumerate(endings, start=1)
    )


def owed_lines(about: OpenException, order: OrderView | None) -> tuple[LineView, ...]:
    """The lines of an order that an exception says are owed."""
    roots = {row.id for row in about.rows if row.table == "order_lines"}
    check = about.first("checks")
    return tuple(
        line
        for line in (order.lines if order is not None else ())
        if line.root_id in roots and line.owed_milli and (check is None or line.check_id == check.id)
    )


def rows_named(about: OpenException, table: str) -> tuple[UUID, ...]:
    """The ids of its rows of one table, each once."""
    return tuple(dict.fromkeys(row.id for row in about.rows if row.table == table))


def _ways_back(about: OpenException, methods: Sequence[MethodView], voice: Voice) -> list[Ending]:
    """As it was paid, or in cash. Where no money is to be handed out, one way that only credits the receipt."""
    texts, stake = voice.texts, about.amount_minor
    if not stake:
        return [Ending(Ends.GIVE_BACK, texts("exception_screen.end.credit"), RIGHTS[Ends.GIVE_BACK])]
    amount, as_paid = money(stake, about.currency), texts("exception_screen.end.as_it_was_paid")
    title = texts("exception_screen.end.give_back", amount=amount, method=as_paid)
    cash = [method for method in methods if method.is_house_cash]
    return [
        Ending(Ends.GIVE_BACK, title, RIGHTS[Ends.GIVE_BACK], stake),
        *_by_method(Ends.GIVE_BACK, stake, about, cash, voice),
    ]


def _by_method(
    ends: Ends, stake: int, about: OpenException, methods: Sequence[MethodView], voice: Voice
) -> list[Ending]:
    """One way for each method by which money moves."""
    amount = money(about.amount_minor, about.currency)
    return [
        Ending(
            ends,
            voice.texts(f"exception_screen.end.{ends}", amount=amount, method=method.title),
            RIGHTS[ends],
            stake,
            method,
        )
        for method in methods
    ]


def _look(order_id: UUID, number: str, voice: Voice) -> Ending:
    title = voice.texts("exception_screen.end.look", number=number)
    return Ending(None, title, Permission.TAKE_ORDER, order_id=order_id)


def _title(ends: Ends, about: OpenException, voice: Voice) -> str:
    orders = [row.name for row in about.rows if row.table == "orders"]
    return voice.texts(
        f"exception_screen.end.{ends}",
        portions=", ".join(
            portions_text(each.quantity_milli, each.name, each.unit) for each in about.portions[:MOST_NAMED]
        ),
        amount=money(about.amount_minor, about.currency),
        number=about.order_number,
        numbers=", ".join(orders),
        first=orders[0] if orders else "",
    )


def _at_stake(ends: Ends, about: OpenException) -> int:
    return about.amount_minor if ends in _WITH_AMOUNT else 0


def _amount(about: OpenException) -> str:
    return money(about.amount_minor, about.currency) if about.amount_minor else ""


def _place(about: OpenException, voice: Voice) -> str:
    place = voice.place("dine_in", about.table_name) if about.table_name else ""
    return " · ".join(filter(None, (place, about.order_number)))


def _when(about: OpenException, voice: Voice) -> str:
    """The time of day, with the date if it is more than a day ago; empty if nobody knows."""
    if about.happened_at == LONG_AGO:
        return ""
    at = about.happened_at.astimezone(voice.wall.tzinfo)
    return f"{at:%H:%M}" if voice.seconds_since(about.happened_at) < _DAY_SECONDS else f"{at:%d/%m %H:%M}"
