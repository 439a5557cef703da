"""The job of a transport that talks with its printer: reach it, ask, send, ask again. Subclasses only open the line."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from enum import Enum

from terminal.printing.faults import (
    PrinterError,
    PrinterFault,
    PrinterGarbled,
    PrinterHungUp,
    PrinterMute,
    PrinterNotReady,
    PrinterUnreachable,
)
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports.base import (
    AboutToSend,
    Delivery,
    Knows,
    Patience,
    Readiness,
    Report,
    StatusPolicy,
    nothing_to_note,
)
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.conversation import Conversation, Findings, Tongue, Unanswered
from terminal.printing.transports.turns import IDLE_GAP_S, turn

_PROBE_TURN_S = 5.0
"""For a job that is being sent to end, when only the state is asked."""
_ASK_AGAIN_S = 60.0
"""After which a printer that said nothing is asked again, behind a job, where nobody waits."""


class _Standing(Enum):
    READY = 1
    NOT_READY = 2
    SILENT = 3


class TalkingTransport(ABC):
    """See the module.

    Args:
        policy: what it means if the printer does not answer.
        patience: limits of all waits.
    """

    gone = PrinterFault.UNREACHABLE
    """The fault of a printer that is not there."""

    def __init__(self, policy: StatusPolicy, patience: Patience) -> None:
        self._policy = policy
        self._patience = patience
        self._tongue = Tongue.UNKNOWN
        self._asked_at = 0.0

    @property
    def knows(self) -> Knows:
        """What the last conversation showed."""
        if self._tongue in (Tongue.REAL_TIME, Tongue.IN_ORDER):
            return Knows.STATUS
        return self._silent_knows

    @property
    @abstractmethod
    def address(self) -> str:
        """Names the printer among all of this machine."""

    @property
    @abstractmethod
    def _silent_knows(self) -> Knows:
        """What can be known of a printer that says nothing."""

    @abstractmethod
    async def _open(self) -> Channel:
        """Open the line.

        Raises:
            PrinterError: the printer is not there, or may not be used. Nothing was sent.
        """

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Send a job in a conversation of its own.

        Raises:
            PrinterUnreachable: nobody is there, so nothing was sent.
            PrinterNotReady: the printer says that it cannot print, before the job (nothing was sent) or after it.
            PrinterMute: the printer does not answer or does not read.
            PrinterGarbled: it says what no printer says.
            PrinterHungUp: it broke the connection.
            PrinterBusy: another program is talking with it.
        """
        async with turn(self.address, self._patience.turn_s):
            channel = await self._reached()
            well = False
            try:
                delivery = await self._talk(channel, payload, about_to_send)
                well = True
            finally:
                channel.close(abort=not well)
        return delivery

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        """Give a drawer's pulse: to a printer that is ready in order, to any other at once or never.

        A network printer that says nothing gets it only after it showed that somebody there reads.

        Raises:
            PrinterError: as of `deliver`. PrinterMute: also after `limit_s`; the line is aborted then.
        """
        until, is_sending = asyncio.get_running_loop().time() + limit_s, False

        async def sending() -> None:
            nonlocal is_sending
            await about_to_send()
            is_sending = True

        async with turn(self.address, min(limit_s, self._patience.turn_s)):
            try:
                async with asyncio.timeout_at(until):
                    return await self._signal(signal, sending)
            except TimeoutError as error:
                raise PrinterMute(bytes_left=is_sending) from error

    async def probe(self) -> Report:
        """Ask the printer how it is, without printing. A printer that said nothing earlier is asked anew."""
        try:
            async with turn(self.address, min(_PROBE_TURN_S, self._patience.turn_s)):
                channel = await self._reached()
                try:
                    return await self._ask(channel)
                finally:
                    channel.close()
        except PrinterError as error:
            return Report(Readiness.FAULT, error.fault)

    async def _reached(self) -> Channel:
        try:
            return await self._open()
        except PrinterError:
            self._tongue = Tongue.UNKNOWN  # tomorrow another printer may be here
            raise

    async def _ask(self, channel: Channel) -> Report:
        if self._policy is StatusPolicy.NEVER or channel.ended:
            return Report(Readiness.CANNOT_TELL)
        conversation = Conversation(channel)
        try:
            if self._tongue in (Tongue.UNKNOWN, Tongue.NONE):
                await self._learn_tongue(conversation)
            if self._tongue is Tongue.NONE:
                return Report(Readiness.CANNOT_TELL) if conversation.pushed is None else _report_of(conversation.pushed)
            findings = await conversation.inquire(self._tongue, self._patience.status_s)
        except OSError as error:
            raise PrinterUnreachable(self.gone) from error
        if findings.unanswered is Unanswered.GARBLED:
            return _report_of(PrinterFault.GARBLED)
        if findings.unanswered is Unanswered.SILENCE:
            return _report_of(PrinterFault.MUTE)  # it used to answer
        return Report(Readiness.FAULT if findings.fault else Readiness.READY, findings.fault, tuple(findings.notices))

    # -- a pulse -----------------------------------------------------------------------------------------------------

    async def _signal(self, signal: DrawerSignal, about_to_send: AboutToSend) -> Delivery:
        channel, is_well = await self._reached(), False
        try:
            conversation = Conversation(channel)
            standing = await self._standing(channel, conversation, signal)
            if standing is _Standing.SILENT and channel.is_connection:
                if not await self._is_read_out(channel):
                    raise PrinterMute
                channel.close()
                await asyncio.sleep(IDLE_GAP_S)
                channel = await self._reached()
                conversation = Conversation(channel)
            await about_to_send()
            await self._send(channel, signal.in_order if standing is _Standing.READY else signal.unasked)
            if standing is _Standing.READY:
                delivery = await self._confirm(conversation)
                is_well = True
                return delivery
            await self._see_it_taken(channel, conversation, standing)
            is_well = standing is not _Standing.SILENT  # what a silent one has not taken by now is dropped
        finally:
            channel.close(abort=not is_well)
        return Delivery.SENT

    async def _standing(self, channel: Channel, conversation: Conversation, signal: DrawerSignal) -> _Standing:
        """How the printer says that it is. What it would keep for later is not sent to one that cannot print."""
        try:
            is_ready = await self._is_ready(channel, conversation)
        except PrinterNotReady:
            if signal.at_once is None:
                raise
            return _Standing.NOT_READY
        return _Standing.READY if is_ready else _Standing.SILENT

    async def _see_it_taken(self, channel: Channel, conversation: Conversation, standing: _Standing) -> None:
        if standing is _Standing.SILENT and channel.is_connection:
            if not await self._is_read_out(channel):
                raise PrinterMute(bytes_left=True)
        elif await conversation.breaks_within(self._patience.farewell_s):
            raise PrinterHungUp(bytes_left=True)

    async def _is_read_out(self, channel: Channel) -> bool:
        try:
            return await channel.is_read_out(self._patience.status_s)
        except OSError as error:
            raise PrinterUnreachable(self.gone) from error

    # -- a job -------------------------------------------------------------------------------------------------------

    async def _talk(self, channel: Channel, payload: bytes, about_to_send: AboutToSend) -> Delivery:
        conversation = Conversation(channel)
        well = await self._is_ready(channel, conversation)
        await about_to_send()
        await self._send(channel, payload)
        if well:
            return await self._confirm(conversation)
        if await self._breaks(channel, conversation):
            raise PrinterHungUp(bytes_left=True)
        return Delivery.SENT

    async def _is_ready(self, channel: Channel, conversation: Conversation) -> bool:
        """Whether the printer says that it is ready. False: it says nothing. Nothing was sent yet, so every fault is
        safe to retry."""
        if self._policy is StatusPolicy.NEVER or (channel.ended and self._tongue is Tongue.UNKNOWN):
            return False
        try:
            if self._tongue is Tongue.UNKNOWN:
                await self._learn_tongue(conversation)
            if self._tongue is Tongue.NONE:
                if self._policy is StatusPolicy.REQUIRED:
                    self._tongue = Tongue.UNKNOWN
                    raise PrinterMute
                findings = Findings([conversation.pushed] if conversation.pushed else [])
            else:
                findings = await conversation.inquire(self._tongue, self._patience.status_s, strictly=False)
        except OSError as error:
            raise PrinterUnreachable(self.gone) from error  # busy with another computer; nothing was sent
        if findings.unanswered is not None:
            raise _unanswered(findings.unanswered, bytes_left=False)
        if findings.fault is not None:
            raise PrinterNotReady(findings.fault)
        return self._tongue is not Tongue.NONE

    async def _learn_tongue(self, conversation: Conversation) -> None:
        self._asked_at = asyncio.get_running_loop().time()
        self._tongue = await conversation.learn_tongue(self._patience.status_s)

    async def _send(self, channel: Channel, payload: bytes) -> None:
        before = channel.taken
        try:
            await channel.write(payload, self._patience.write_s)
        except OSError as error:  # TimeoutError is one
            sent = channel.taken - before - channel.close(abort=True)
            if isinstance(error, TimeoutError):
                raise PrinterMute(bytes_left=sent > 0, sent=max(0, sent)) from error
            if sent <= 0:
                raise PrinterUnreachable(self.gone) from error
            raise PrinterHungUp(bytes_left=True, sent=sent) from error

    async def _confirm(self, conversation: Conversation) -> Delivery:
        try:
            findings = await conversation.inquire(self._tongue, self._patience.confirm_s)
        except OSError as error:
            raise PrinterHungUp(bytes_left=True) from error
        if findings.unanswered is not None:
            raise _unanswered(findings.unanswered, bytes_left=True)
        if findings.fault is not None:
            raise PrinterNotReady(findings.fault, bytes_left=True)
        return Delivery.CONFIRMED

    async def _breaks(self, channel: Channel, conversation: Conversation) -> bool:
        """Whether the printer breaks the connection after a job. It is asked once more from time to time."""
        clock = asyncio.get_running_loop().time
        is_due = self._tongue is Tongue.NONE and clock() - self._asked_at > _ASK_AGAIN_S
        if not is_due or channel.ended or self._policy is StatusPolicy.NEVER:
            return await conversation.breaks_within(self._patience.farewell_s)
        self._asked_at = clock()
        try:
            self._tongue = await conversation.learn_tongue(2 * self._patience.farewell_s)
        except OSError:
            return True
        return False


def _unanswered(how: Unanswered, *, bytes_left: bool) -> PrinterError:
    kind = PrinterGarbled if how is Unanswered.GARBLED else PrinterMute
    return kind(bytes_left=bytes_left)


def _report_of(fault: PrinterFault) -> Report:
    return Report(Readiness.FAULT, fault)
