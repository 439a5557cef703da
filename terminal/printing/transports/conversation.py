"""One conversation with a printer over an open channel: is it ready, here is a job, is it still well.

A confirmation is exactly one right answer to each question that was asked after the job. Silence, half an answer, more
answers than questions, noise and what was pushed unasked confirm nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from terminal.printing import status
from terminal.printing.faults import PrinterFault, PrinterNotice
from terminal.printing.status import Answer, Listener, Pushed
from terminal.printing.transports.channel import Channel

_QUIET_S = 0.03
"""After an answer: what else is under way shows by then, and the answer is no answer to an earlier question."""
_LAST_WORD_S = 0.3
"""For the reset of a printer that closed the connection."""
_MOST_HEARD_BYTES = 4_096
"""After a question. A printer that says more, of whatever kind, talks without end: it answers nothing."""


class Tongue(StrEnum):
    """The questions that a printer answers."""

    UNKNOWN = "unknown"
    """It was not asked yet."""
    REAL_TIME = "real_time"
    """DLE EOT."""
    IN_ORDER = "in_order"
    """Only GS r 1."""
    NONE = "none"


class Unanswered(Enum):
    """What came instead of an answer."""

    SILENCE = "silence"
    GARBLED = "garbled"


@dataclass
class Findings:
    """What a printer said to a round of questions.

    Attributes:
        unanswered: set if it is not known whether the printer is well.
    """

    faults: list[PrinterFault] = field(default_factory=list)
    notices: list[PrinterNotice] = field(default_factory=list)
    unanswered: Unanswered | None = None

    @property
    def fault(self) -> PrinterFault | None:
        """The fault that a person can cure at once."""
        return status.most_useful(self.faults)


class Conversation:
    """See the module. It belongs to one channel and is used up with it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._listener = Listener()
        self._pushed: PrinterFault | None = None
        self._is_noisy = False

    @property
    def pushed(self) -> PrinterFault | None:
        """The fault in the last status that the printer pushed. Noise can look like one, so it counts only without."""
        return None if self._is_noisy else self._pushed

    async def learn_tongue(self, limit_s: float) -> Tongue:
        """Find out which questions the printer answers.

        Raises:
            OSError: the line is broken.
        """
        half = limit_s / 2
        answer = await self._ask(status.query(status.ONLINE), half)
        if not isinstance(answer, Unanswered) and status.is_answer(answer):
            return Tongue.REAL_TIME
        answer = await self._ask(status.ASK_PAPER, half)
        known = not isinstance(answer, Unanswered) and status.is_paper_answer(answer)
        return Tongue.IN_ORDER if known else Tongue.NONE

    async def inquire(self, tongue: Tongue, limit_s: float, *, strictly: bool = True) -> Findings:
        """Ask how the printer is.

        Args:
            strictly: wait a moment after each answer for what contradicts it. A confirmation needs that.

        Raises:
            OSError: the line is broken.
        """
        until = asyncio.get_running_loop().time() + limit_s
        quiet_s = _QUIET_S if strictly else 0.0
        findings = Findings()
        if tongue is Tongue.IN_ORDER:
            answer = await self._ask(status.ASK_PAPER, limit_s, quiet_s)
            if isinstance(answer, Unanswered):
                findings.unanswered = answer
            elif status.is_paper_answer(answer):
                fault, notices = status.paper_answer(answer)
                findings.faults += [fault] if fault else []
                findings.notices += notices
            else:
                findings.unanswered = Unanswered.GARBLED
        else:
            await self._inquire_in_real_time(findings, until, quiet_s)
        if self.pushed is not None and (findings.unanswered or findings.faults):
            findings.faults.append(self.pushed)
            findings.unanswered = None
        return findings

    async def _inquire_in_real_time(self, findings: Findings, until: float, quiet_s: float) -> None:
        clock = asyncio.get_running_loop().time
        numbers = [status.ONLINE, status.PAPER]
        while numbers:
            number = numbers.pop(0)
            answer = await self._ask(status.query(number), max(0.0, until - clock()), quiet_s)
            if not isinstance(answer, Unanswered) and not status.is_answer(answer):
                answer = Unanswered.GARBLED
            if isinstance(answer, Unanswered):
                if not findings.faults:
                    findings.unanswered = answer
                return
            fault = status.fault_of(number, answer)
            findings.notices += status.notices_of(number, answer)
            if fault is not None:
                findings.faults.append(fault)
                if number == status.ONLINE:
                    numbers = [status.PAPER, status.COVER_AND_PAPER, status.ERRORS]

    async def breaks_within(self, limit_s: float) -> bool:
        """Whether the other side resets the connection. An orderly end does not count."""
        until = asyncio.get_running_loop().time() + limit_s
        try:
            while (left_s := until - asyncio.get_running_loop().time()) > 0:
                if not self._channel.ended:
                    self._heed(await self._channel.read(left_s))
                elif self._channel.broken():
                    return True
                else:
                    await asyncio.sleep(min(0.01, left_s))
        except TimeoutError:
            return False
        except OSError:
            return True
        return False

    # -- one question ------------------------------------------------------------------------------------------------

    async def _ask(self, question: bytes, limit_s: float, quiet_s: float = _QUIET_S) -> int | Unanswered:
        """The one answer to one question.

        Raises:
            OSError: the line is broken.
        """
        words: list[int | None] = []
        try:
            self._heed(self._channel.read_away())
            self._listener = Listener()
            if self._channel.ended:
                return await self._silence()
            async with asyncio.timeout(limit_s):
                await self._channel.write(question, limit_s)
                await self._hear(words, limit_s, quiet_s)
        except TimeoutError:
            return Unanswered.GARBLED if words else Unanswered.SILENCE
        if not words:
            return await self._silence()
        first = words[0]
        return Unanswered.GARBLED if len(words) > 1 or first is None or self._listener.amid_pushed else first

    async def _silence(self) -> Unanswered:
        """The other side says nothing more. If it has gone altogether, the question was answered with a reset.

        Raises:
            ConnectionResetError: it has gone.
        """
        if await self.breaks_within(_LAST_WORD_S):
            raise ConnectionResetError
        return Unanswered.SILENCE

    async def _hear(self, words: list[int | None], limit_s: float, quiet_s: float) -> None:
        """Hear bytes that may be answers, None for what no printer says, until it has been quiet for `quiet_s`.

        A flood of anything ends with a None.

        Raises:
            TimeoutError: nothing was said.
        """
        bytes_heard = 0
        while bytes_heard < _MOST_HEARD_BYTES:
            try:
                heard = await self._channel.read(max(quiet_s, _QUIET_S) if words else limit_s)
            except TimeoutError:
                if words:
                    return
                raise
            bytes_heard += len(heard)
            words += self._heed(heard)
            if not heard or (words and not quiet_s and not self._listener.amid_pushed):
                return
        words.append(None)

    def _heed(self, heard: bytes) -> list[int | None]:
        words: list[int | None] = []
        for said in self._listener.hear(heard):
            if isinstance(said, Pushed):
                self._pushed = status.pushed_fault(said.block)
            else:
                words.append(said.byte if isinstance(said, Answer) else None)
        self._is_noisy = self._is_noisy or None in words
        return words
