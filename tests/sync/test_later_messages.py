"""A program takes the messages of a later one: what it does not know in them disturbs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from shared.kernel.records import Scope
from sync.change import Change, decode, encode
from sync.messages import (
    Ack,
    AnyMessage,
    Frame,
    Hello,
    Judged,
    Mark,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    dump,
    load,
)

MARK = Mark(b"s" * 16, 1, b"c" * 16)
FRAME = Frame(b"d" * 16, 1, Scope.BRANCH, b"s" * 16, first=1, previous=b"p" * 16, bodies=[b"x"], signature=b"s")
MESSAGES: list[AnyMessage] = [
    Hello(1, 1, [MARK], 7),
    Welcome(b"g" * 16, [MARK], 1, [Judged(b"s" * 16, 1)], 1),
    Push(FRAME),
    Ack(MARK),
    Pull([MARK], 5),
    Suffixes([FRAME], more=False, now_ms=1),
    Refused("NO", {"why": 1}),
]


def _later(value: Any) -> Any:
    """The same message of a later program: a field more in every map, an element more at the end of every struct."""
    if type(value) is dict:
        return {**{name: _later(inner) for name, inner in value.items()}, "moon": {"phase": [1, b"x"]}}
    if type(value) is list:
        inner = [_later(each) for each in value]
        is_struct = len(inner) > 1 and type(value[0]) is bytes
        return [*inner, {"moon": 1}] if is_struct else inner
    return value


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_of_a_later_program_is_read_as_far_as_this_one_knows_it(message: AnyMessage) -> None:
    later = _later(msgspec.msgpack.decode(dump(message)[1:]))
    if isinstance(message, Refused):
        del later["params"]["moon"]
    assert load(b"\x00" + msgspec.msgpack.encode(later)) == message


@pytest.mark.parametrize("shorten", [lambda shape: shape.pop("epoch"), lambda shape: shape.pop("judged")])
def test_a_welcome_of_an_earlier_program_lacks_what_came_later(shorten: Callable[[dict[str, Any]], Any]) -> None:
    shape = msgspec.msgpack.decode(dump(Welcome(b"g" * 16, [MARK], 1))[1:])
    shorten(shape)
    assert load(b"\x00" + msgspec.msgpack.encode(shape)) == Welcome(b"g" * 16, [MARK], 1)


def test_a_change_of_a_later_program_is_read_as_far_as_this_one_knows_it() -> None:
    change = Change(1, 1, 1, True, 9, "t", 0, b"r" * 16, None, {"n": 1})
    later = msgspec.msgpack.encode([*msgspec.msgpack.decode(encode(change)), "moon"])
    assert decode(later) == change
