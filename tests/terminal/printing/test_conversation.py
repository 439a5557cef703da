"""Whatever a printer says: it is well only if each question got exactly one right answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.printing import status
from terminal.printing.faults import PrinterFault
from terminal.printing.status import Answer, Listener
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.conversation import Conversation, Findings, Tongue

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
