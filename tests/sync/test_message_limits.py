"""What a message may cost its receiver before it is refused."""

from __future__ import annotations

import msgspec
import pytest

from shared.kernel.records import Scope
from sync.messages import (
    MAX_DIFFERING,
    MAX_FRAMES,
    MAX_MESSAGE_BYTES,
    MAX_PARAMS,
    AnyMessage,
    AskKeys,
    BadMessage,
    Differing,
    Frame,
    Hello,
    Keys,
    MisdirectedMessage,
    Pull,
    Push,
    Refused,
    Suffixes,
    dump,
    load,
    load_asked,
    raw_size,
)

EMPTY = Frame(bytes(16), 0, Scope.BRANCH, bytes(16), 1, bytes(16), [])
ONE_CHANGE = Frame(bytes(16), 0, Scope.BRANCH, bytes(16), 1, bytes(16), [b"x"])


def test_the_cloud_decodes_no_answer_however_small_it_is_packed() -> None:
    """A million frames travel in a kilobyte: to refuse them must not cost what they hold."""
    answer = dump(Suffixes([EMPTY] * MAX_FRAMES, False, 0))
    assert load(answer) == Suffixes([EMPTY] * MAX_FRAMES, False, 0)
    with pytest.raises(MisdirectedMessage):
        load_asked(answer)
    unread = msgspec.msgpack.encode({"t": "suffixes", "frames": [[1, "not a frame"]] * 1_000})
    with pytest.raises(MisdirectedMessage):
        load_asked(b"\x00" + unread)


@pytest.mark.parametrize(
    "endless",
    [
        Suffixes([EMPTY] * (MAX_FRAMES + 1), False, 0),
        Pull([], differ=[Differing(bytes(16), "orders")] * (MAX_DIFFERING + 1)),
        Refused("X", {str(number): number for number in range(MAX_PARAMS + 1)}),
    ],
    ids=["frames", "differing", "params"],
)
def test_lists_have_an_end(endless: AnyMessage) -> None:
    with pytest.raises(BadMessage):
        load(dump(endless))


@pytest.mark.parametrize(
    "message",
    [Hello(1, 1, []), Pull([]), Push(ONE_CHANGE), Keys([]), AskKeys([])],
    ids=lambda message: type(message).__name__,
)
def test_what_a_device_asks_is_loaded_as_such(message: AnyMessage) -> None:
    assert load_asked(dump(message)) == message


@pytest.mark.parametrize("packed", [b"", b"\x01", b"\x02x", b"\x01not zstd", b"\x00" + bytes(MAX_MESSAGE_BYTES + 1)])
def test_bytes_that_are_no_message_say_no_size(packed: bytes) -> None:
    with pytest.raises(BadMessage):
        raw_size(packed)


def test_the_size_is_what_decompressing_gives() -> None:
    message = Suffixes([EMPTY] * 1_000, False, 0)
    assert raw_size(dump(message)) == len(msgspec.msgpack.encode(message))
