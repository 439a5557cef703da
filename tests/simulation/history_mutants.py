"""Planted bugs of logs and histories: what is stored, acknowledged, signed, and continued."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from cloud.replication import responder
from sync import log
from sync.assessing import Fork, Gap, Replay, assess
from sync.change import Position, Vector
from sync.door import Door
from sync.history import forget_after
from sync.messages import Ack, Frame, Mark
from terminal.store import history
from terminal.syncing import agent, cloud_history, own_streams


@contextmanager
def no_replay_check() -> Iterator[None]:
    """A frame that was received before is stored once more, and the log ends with it."""
    honest = log.receive

    def receive(door: Door, organization: bytes, frame: Frame, now_ms: int, chains: Any = None) -> Any:
        head = log._locked_head(door, organization, frame.key.id.bytes)
        if head is not None and isinstance(assess(frame, head), Replay):
            forget_after(door, organization, frame.key.id, frame.first - 1)
        return honest(door, organization, frame, now_ms, chains)

    with patch.object(responder, "receive", receive), patch.object(cloud_history, "receive", receive):
        yield


@contextmanager
def acknowledged_without_storing() -> Iterator[None]:
    """The cloud says that it holds a frame which it has thrown away."""
    honest, pushes = log.receive, [0]

    def receive(door: Door, organization: bytes, frame: Frame, now_ms: int, chains: Any = None) -> Any:
        pushes[0] += 1
        if pushes[0] % 5 == 0:
            return Ack(Mark(frame.key.id.bytes, frame.last, bytes(16)))
        return honest(door, organization, frame, now_ms, chains)

    with patch.object(responder, "receive", receive):
        yield


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """The cloud answers a push before the transaction that stores it has ended."""
    honest = responder.Responder._push

    async def push(self: responder.Responder, device: Any, frame: Frame) -> Any:
        task = asyncio.ensure_future(honest(self, device, frame))
        await asyncio.wait({task}, timeout=0.001)
        if task.done():
            return task.result()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return Ack(Mark(frame.key.id.bytes, frame.last, bytes(16)))

    with patch.object(responder.Responder, "_push", push):
        yield


@contextmanager
def gap_accepted() -> Iterator[None]:
    """A frame that does not join what is held is stored all the same."""

    def assessed(frame: Frame, head: Position, _chains: Any = None) -> Any:
        outcome = assess(frame, head)
        return assess(frame, Position(frame.first - 1, frame.previous)) if isinstance(outcome, Gap) else outcome

    async def all_but_one(self: agent.Agent, frames: list[Frame]) -> Vector:
        lost = [at for at, (frame, after) in enumerate(pairwise(frames)) if frame.key == after.key][:1]
        return await store_frames(self, [frame for at, frame in enumerate(frames) if at not in lost])

    store_frames = agent.Agent._store_frames
    with patch.object(log, "assess", assessed), patch.object(agent.Agent, "_store_frames", all_but_one):
        yield


@contextmanager
def fork_forgotten() -> Iterator[None]:
    """A till that was put back or cloned writes on in its old stream, whatever its mark and the others say."""

    async def meet(self: own_streams.OwnStreams, theirs: Vector, latest: int) -> tuple[bool, dict[Any, int]]:
        return False, {}

    with ExitStack() as stack:
        stack.enter_context(patch.object(history.History, "_misfit", lambda *_arguments: ""))
        stack.enter_context(patch.object(own_streams.OwnStreams, "meet", meet))
        yield


@contextmanager
def signature_not_checked() -> Iterator[None]:
    """The cloud believes whoever brings a frame that its author wrote it."""
    with patch.object(responder, "is_signed", lambda *_arguments: True):
        yield


@contextmanager
def chain_not_checked() -> Iterator[None]:
    """A frame that continues another history is appended."""

    def assessed(frame: Frame, head: Position, _chains: Any = None) -> Any:
        outcome = assess(frame, head)
        return assess(frame, Position(frame.first - 1, frame.previous)) if isinstance(outcome, Fork) else outcome

    with patch.object(log, "assess", assessed):
        yield
