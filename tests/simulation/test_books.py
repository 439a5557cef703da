"""The books that close a schedule: what they complain of, and what is in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from shared.kernel.permissions import Permission
from shared.kernel.records import SCHEMA_EPOCH
from sync.change import Change, encode, link
from tests.simulation.balance_books import sales_are_those
from tests.simulation.books import answers_follow_questions, approvals_hold
from tests.simulation.house import WAITRESS
from tests.simulation.observer import Broken, Union
from tests.simulation.reference import Reference

TILL, OTHER_TILL, CLOUD = b"t" * 16, b"o" * 16, b"c" * 16
ACCOUNT, CHARGE, EVENT = b"a" * 16, b"h" * 16, b"e" * 16
CHECK, RECEIPT = b"k" * 16, b"r" * 16


def say(union: Union, stream: bytes, stamp: int, table: str, row: bytes, kind: int = 0, **fields: Any) -> None:
    """Write one change at the end of a stream."""
    seq = len(union.bodies[stream]) + 1
    body = encode(Change(seq, stamp, seq, True, SCHEMA_EPOCH, table, kind, row, None, fields))
    union.take(stream, seq, body, link(union.chains[stream][-1] if seq > 1 else stream, body))


@pytest.mark.parametrize(("stamp", "is_early"), [(9, True), (11, False)])
def test_who_charges_an_account_is_stamped_after_the_first_who_opened_it(stamp: int, is_early: bool) -> None:
    """Two tills without a network open the account of the same person, and a third saw only one of them."""
    union = Union()
    say(union, OTHER_TILL, 10, "accounts_receivable", ACCOUNT)
    say(union, CLOUD, 50, "accounts_receivable", ACCOUNT)
    say(union, TILL, stamp, "account_charges", CHARGE, account_id=ACCOUNT)
    if is_early:
        with pytest.raises(Broken, match="stamped before the accounts_receivable"):
            answers_follow_questions(union, {TILL: 0})
    else:
        answers_follow_questions(union, {TILL: 0})


@pytest.mark.parametrize(
    ("right", "was_dismissed", "is_wrong"),
    [
        (Permission.TAKE_ORDER, False, True),
        (Permission.TAKE_ORDER, True, False),
        (Permission.OVERRIDE_PRICE, True, True),  # that she never had: it was approved
    ],
)
def test_people_may_ask_about_all_that_a_dismissed_waitress_did(
    right: Permission, was_dismissed: bool, is_wrong: bool
) -> None:
    union = Union()
    if was_dismissed:
        say(union, CLOUD, 1, "staff", WAITRESS.bytes, 1, active=False)
    say(union, CLOUD, 2, "exceptions", EVENT, person_id=WAITRESS.bytes, stream_id=TILL, reason=str(right))
    if is_wrong:
        with pytest.raises(Broken, match=str(right)):
            approvals_hold(union, Reference())
    else:
        approvals_hold(union, Reference())


@pytest.mark.parametrize(
    ("lifted", "sums", "is_right"),
    [
        (False, (0, -10, 1_010), True),
        (False, (1, 1_000, 0), False),
        (True, (1, 1_000, 0), True),
        (True, (0, -10, 1_010), False),
    ],
)
def test_what_a_party_left_unpaid_is_no_sale_until_they_pay(
    lifted: bool, sums: tuple[int, ...], is_right: bool
) -> None:
    eye = sqlite3.connect(":memory:")
    eye.execute("CREATE TABLE sales_by_hour (checks, total_minor, lost_minor)")
    eye.execute("CREATE TABLE sales_by_item (total_minor)")
    eye.execute("INSERT INTO sales_by_hour VALUES (?, ?, ?)", sums)
    eye.execute("INSERT INTO sales_by_item VALUES (1000)")
    loss = {"receipt_id": RECEIPT, "amount_minor": 1_010, "is_whole": True, "lifted": lifted}
    rows: Mapping[tuple[str, bytes], Mapping[str, Any]] = {
        ("receipts", RECEIPT): {"check_id": CHECK},
        ("write_offs", b"w" * 16): loss,
    }
    if is_right:
        sales_are_those("till", eye, rows, 1_000)
    else:
        with pytest.raises(Broken, match="receipts and losses say"):
            sales_are_those("till", eye, rows, 1_000)
