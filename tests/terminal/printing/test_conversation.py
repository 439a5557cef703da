"""Whatever a printer says: it is well only if each question got exactly one right answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.printing import status
from terminal.printing.faults import PrinterFault
from terminal.printing.status import Answer, Listener
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.conversation import Conversation, Findings, Tongue, Unanswered

PUSHED = b"\x10\x00\x00\x00"
words = (
    st.sampled_from([b"\x12", b"\x12", b"\x16", b"\x12\x12", b"", PUSHED, PUSHED + b"\x12", b"\x12" + PUSHED, b"\x1a"])
    | st.sampled_from([b"\x11", b"\x12\x00", b"\x10\x04\x01", b"\x72", b"\x12\x10", b"\x00"])
    | st.binary(max_size=5)
)


async def _asked(replies: list[bytes], limit_s: float = 10.0) -> Findings | OSError:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)

    async def printer() -> None:
        loop = asyncio.get_running_loop()
        for reply in replies:
            if not await loop.sock_recv(theirs, 100):
                return
            await loop.sock_sendall(theirs, reply)
        await loop.sock_recv(theirs, 100)

    saying = asyncio.create_task(printer())
    channel = Channel(ours.fileno(), ours)
    try:
        return await Conversation(channel).inquire(Tongue.REAL_TIME, limit_s)
    except OSError as error:
        return error
    finally:
        saying.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await saying
        channel.close()
        theirs.close()


def _says_once(reply: bytes) -> int | None:
    listener = Listener()
    said = [each for each in listener.hear(reply) if not isinstance(each, status.Pushed)]
    if len(said) == 1 and isinstance(said[0], Answer) and status.is_answer(said[0].byte) and not listener.amid_pushed:
        return said[0].byte
    return None


@given(st.lists(words, min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_printer_is_well_only_after_one_right_answer_to_each_question(replies: list[bytes]) -> None:
    findings = asyncio.run(_asked(replies, 0.15))
    if not isinstance(findings, Findings) or findings.unanswered or findings.fault:
        return
    first, second = map(_says_once, replies[:2])
    assert first is not None
    assert second is not None
    assert status.fault_of(status.ONLINE, first) is None
    assert status.fault_of(status.PAPER, second) is None


def test_right_answers_are_taken() -> None:
    found = asyncio.run(_asked([b"\x12", PUSHED + b"\x1e"]))
    assert isinstance(found, Findings)
    assert (found.unanswered, found.fault) == (None, None)


def test_of_several_faults_the_one_is_told_that_a_person_can_cure() -> None:
    found = asyncio.run(_asked([b"\x1a", b"\x72", b"\x56", b"\x12"]))
    assert isinstance(found, Findings)
    assert found.fault is PrinterFault.COVER_OPEN
    assert PrinterFault.OFFLINE in found.faults


@pytest.mark.parametrize("said", [PUSHED, b"\x11\x13"], ids=["status", "flow control"])
async def test_a_printer_that_never_stops_talking_is_not_listened_to_for_long(tmp_path: Path, said: bytes) -> None:
    """It is read as fast as it talks, and answers nothing: others get their turn, and it is not well."""
    talk, turns = tmp_path / "talk", 0
    talk.write_bytes(said * (2_000_000 // len(said)))

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    descriptor = os.open(talk, os.O_RDWR)
    channel, waiting = Channel(descriptor), asyncio.create_task(others())
    try:
        findings = await Conversation(channel).inquire(Tongue.REAL_TIME, 10.0)
        read = os.lseek(descriptor, 0, os.SEEK_CUR)
    finally:
        waiting.cancel()
        channel.close()
    assert findings.unanswered is Unanswered.GARBLED
    assert read < 200_000
    assert turns > 0
