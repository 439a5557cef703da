"""What devices give back of the streams that the cloud wrote itself.

A frame that bears the cloud's signature and stands in none of its streams proves that this database came back from a
backup, whether an operator has said so or not. The cloud then does what a device does (`sync/history.py`): it begins a
new generation, takes what it lost, and writes what it has written since the backup again at the end of its new stream.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from cloud.replication.generations import Generations
from cloud.replication.judgements import CloudJudgements, Question
from cloud.replication.stream_owners import StreamOwners
from shared.exceptions.rules import EventKind
from sync.author import Author
from sync.change import StreamKey
from sync.door import Door
from sync.feed import tell
from sync.history import close_stream, is_closed, reauthor
from sync.log import receive, vector
from sync.messages import Ack, AnyMessage, Forked, Frame

logger = logging.getLogger(__name__)


class TakenBack(NamedTuple):
    """What became of a frame of the cloud's own.

    Attributes:
        begun: the generation that was begun, if it proved a restore that nobody told of.
    """

    answer: AnyMessage
    begun: int | None = None


def take_back(
    door: Door, author: Author, generations: Generations, branch: UUID, frame: Frame, chains: Sequence[bytes]
) -> TakenBack:
    """Store what the cloud wrote and lost. Runs while nobody folds this organization.

    A stream is cut once. A third history of it (two restores that nobody told of, each followed by own writing) is
    answered as forked; so is a device's copy of what the cloud has moved to its new stream.

    Args:
        author: the cloud, in the present generation.
        branch: of the device that brings the frame; its people are told.
        frame: bears the cloud's signature.
    """
    organization, key, now_ms = author.organization_id.bytes, frame.key, author.clock.milliseconds()
    held = vector(door, organization, [key.id]).get(key.id)
    answer = receive(door, organization, frame, now_ms, chains)
    is_longer = isinstance(answer, Ack) and (held is None or answer.mark.seq > held.seq)
    is_other = isinstance(answer, Forked) and answer.common is not None
    if not (is_longer or is_other) or is_closed(door, organization, key.id):
        return TakenBack(answer)
    newest = generations.newest(door)
    if is_longer and key.incarnation < newest:
        return TakenBack(answer)
    begun = newest if key.incarnation < newest else key.incarnation + 1
    if begun > newest:
        generations.begin(door, begun, now_ms)
    close_stream(door, organization, key)
    if isinstance(answer, Forked) and answer.common is not None:
        into = StreamKey(key.device_id, begun, key.scope, key.scope_id)
        moved = reauthor(door, organization, key.id, answer.common, into, now_ms)
        logger.warning("%d changes of the cloud's stream %s were written again", moved, key.id)
        answer = receive(door, organization, frame, now_ms, chains)
    if begun > newest:
        logger.warning("this database came back from a backup and nobody said so: generation %d begins", begun)
        _tell_people(door, replace(author, incarnation=begun), branch, key)
    return TakenBack(answer, begun)


def _tell_people(door: Door, author: Author, branch: UUID, lost: StreamKey) -> None:
    question = Question(
        EventKind.CLOUD_RESTORED,
        (author.incarnation, branch),
        None,
        lost.id.bytes,
        "",
        {"before": lost.incarnation, "now": author.incarnation},
    )
    owners = StreamOwners(author.organization_id.bytes)
    feed = CloudJudgements(author, owners).ask_once(door, [(branch.bytes, question)])
    tell(door, feed, author.listeners)
