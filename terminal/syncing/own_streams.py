"""This device's own streams: what is pushed of them, what the cloud has of them, and what others say of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Vector
from sync.door import Door
from sync.effects import MarkAcked, ReadSuffix, Reauthor
from sync.heads import Marks, mark_acked
from sync.history import Contradictions, OwnStream, contradictions, own_streams
from sync.log import read_suffix, stream_keys, vector
from sync.messages import Frame
from sync.signing import Sign, signs_with
from terminal.store.incarnations import LOG_GAP, HistoryEvent, note_event, own_key
from terminal.store.store import Committed, Store

logger = logging.getLogger(__name__)


class OwnStreams:
    """The streams that one store's device writes, and those that it wrote in earlier incarnations.

    Args:
        signer: signs what is pushed; None if nobody checks it.
    """

    def __init__(self, store: Store, signer: Ed25519PrivateKey | None) -> None:
        self._store = store
        self._organization = store.identity.organization_id.bytes
        self._device = store.identity.device_id
        self._sign = signs_with(signer) if signer is not None else None
        self._marked: dict[UUID, Marks] = {}
        self._agreed: Vector = {}

    async def heads(self) -> Vector:
        """Return the head of each own stream."""
        own = await self._store.look(own_streams, self._organization, self._device)
        return {stream: each.head for stream, each in own.items() if each.head.seq}

    async def suffix(self, wanted: ReadSuffix) -> Frame | None:
        """Return the next frame of a stream, signed here or sealed by its author; None if there is nothing."""
        return await self._store.look(_suffix, self._organization, self._device, wanted, self._sign)

    async def others(self, held: Mapping[UUID, int]) -> Vector:
        """Return the heads of those streams of others that we hold more of."""
        heads = await self._store.look(vector, self._organization, list(held))
        own = await self._store.look(own_streams, self._organization, self._device)
        return {stream: at for stream, at in heads.items() if at.seq > held[stream] and stream not in own}

    async def mark(self, mark: MarkAcked) -> None:
        """Note how far the cloud has stored and folded a stream. What it has not acknowledged counts as not folded.

        Marks never go back, except to what a cloud says that it holds: one that was restored may have lost some. A mark
        that says nothing new costs no write transaction.
        """
        if not self._is_news(mark):
            return
        marks = await self._store.through(_mark, self._organization, mark, self._store.clock.milliseconds())
        if marks is not None:
            self._marked[mark.stream] = marks
            self._store.history.has_news |= marks.lost > 0
            self._store.announce(Committed(frozenset(), local=False))

    def _is_news(self, mark: MarkAcked) -> bool:
        known = self._marked.get(mark.stream)
        if known is None or (mark.judged or 0) > known.judged:
            return True
        return mark.seq != known.acked if mark.is_all else mark.seq > known.acked

    async def meet(self, theirs: Vector, latest: int) -> tuple[bool, dict[UUID, int]]:
        """Hold what somebody else holds of our streams against our log, before anything else that they say.

        If the present one is longer there, or another, nobody but us should have written it: our history was cut, and a
        new incarnation begins.

        Args:
            latest: the greatest of our incarnations that they name.

        Returns:
            Whether a new incarnation was begun; the streams of which they hold another history, and from where to send
            them again to learn where the two part.
        """
        news = {stream: at for stream, at in theirs.items() if self._agreed.get(stream) != at}
        if not news:
            return False, {}
        found, own = await self._store.look(_contradictions, self._organization, self._device, news)
        present = own_key(self._store.identity, self._store.history.incarnation).id
        self._agreed |= {stream: at for stream, at in news.items() if stream not in found.longer | found.other}
        is_cut = present in found.longer | found.other
        if is_cut:
            why = {"why": "others hold more" if present in found.longer else "others hold another"}
            await self._store.cut(latest, why)
        disputed = {
            stream: min(own[stream].acked, theirs[stream].seq)
            for stream in sorted(found.longer | found.other)
            if stream in own and own[stream].head.seq > own[stream].acked
        }
        return is_cut, disputed

    async def reauthor(self, parted: Reauthor) -> None:
        """Write our part of a stream with two histories again, at the end of the present one."""
        if parted.stream == own_key(self._store.identity, self._store.history.incarnation).id:
            await self._store.cut(0, {"why": "others hold another"})
        self._agreed.pop(parted.stream, None)
        self._marked.pop(parted.stream, None)
        moved = await self._store.move_history(parted.stream, parted.after)
        logger.warning("%d changes of stream %s after %d were written again", moved, parted.stream, parted.after)


def _contradictions(
    door: Door, organization: bytes, device_id: UUID, theirs: Vector
) -> tuple[Contradictions, dict[UUID, OwnStream]]:
    return contradictions(door, organization, theirs), own_streams(door, organization, device_id)


def _mark(door: Door, organization: bytes, mark: MarkAcked, now_ms: int) -> Marks | None:
    marks = mark_acked(door, organization, mark.stream.bytes, mark.seq, mark.judged or 0, is_all=mark.is_all)
    if marks is not None and marks.lost:
        cause = f"{mark.stream} {marks.acked + marks.lost}"
        params = {"stream": str(mark.stream), "held": marks.acked, "lost": marks.lost}
        note_event(door, HistoryEvent(LOG_GAP, cause, params, now_ms))
    return marks


def _suffix(door: Door, organization: bytes, device: UUID, wanted: ReadSuffix, sign: Sign | None) -> Frame | None:
    key = next(key for key in stream_keys(door, organization) if key.id == wanted.stream)
    sign = sign if key.device_id == device else None
    return read_suffix(door, organization, key, wanted.after, wanted.limit, sign)
