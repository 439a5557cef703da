"""The machine that pushes, driven by events: whatever is lost, halved or forked, nothing is skipped or doubled."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import Written

from sync.assessing import Fresh, assess
from sync.change import Position, Vector
from sync.effects import (
    Effect,
    Learned,
    MarkAcked,
    ReadSuffix,
    Reauthor,
    ReportFork,
    Rest,
    Send,
    Stop,
)
from sync.messages import (
    MAX_PUSH_CHANGES,
    Ack,
    Behind,
    Forked,
    Hello,
    Mark,
    Pull,
    Push,
    Refused,
    Welcome,
    to_marks,
)
from sync.protocol import Downlink, Uplink
from tests.sync.logs_by_name import GENERATION, NOW, log


class Cloud:
    """The receiver's half: holds chains in memory and answers as `sync.log.receive` does."""

    def __init__(self) -> None:
        self.held: dict[UUID, list[bytes]] = {}

    def position(self, written: Written, stream: UUID) -> Position:
        chains = self.held.get(stream, [])
        return Position(len(chains), chains[-1] if chains else written.key.genesis)

    def answer(self, message: object, logs: dict[UUID, Written]) -> object:
        if isinstance(message, Hello):
            marks = [mark.stream for mark in message.own]
            vector = {
                UUID(bytes=stream): Position(len(chains), chains[-1])
                for stream in marks
                if (chains := self.held.get(UUID(bytes=stream)))
            }
            return Welcome(GENERATION, to_marks(vector), 1)
        assert isinstance(message, Push)
        frame = message.frame
        stream = frame.key.id
        at = self.position(logs[stream], stream)
        outcome = assess(frame, at)
        if isinstance(outcome, Fresh):
            self.held.setdefault(stream, []).extend(outcome.chains)
            at = self.position(logs[stream], stream)
            return Ack(Mark(stream.bytes, at.seq, at.chain))
        kinds = {"Replay": Ack, "Gap": Behind, "Fork": Forked}
        return kinds[type(outcome).__name__](Mark(stream.bytes, at.seq, at.chain))


def vector_of(logs: dict[UUID, Written]) -> Vector:
    return {stream: each.head for stream, each in logs.items()}


@given(
    st.lists(st.lists(st.integers(1, 4), max_size=8), min_size=1, max_size=3),
    st.lists(st.sampled_from(["kept", "kept", "request lost", "reply lost", "too large"]), max_size=30),
)
def test_whatever_is_lost_the_cloud_ends_with_each_change_once(sizes: list[list[int]], luck: list[str]) -> None:
    logs = {each.key.id: each for number, some in enumerate(sizes) if (each := log(str(number), *some)).bodies}
    cloud, uplink, acked = Cloud(), Uplink(), dict.fromkeys(logs, 0)
    luck = [*luck]
    for _round in range(200):
        queue: list[Effect] = uplink.begin(vector_of(logs), NOW)
        while queue:
            effect = queue.pop(0)
            if isinstance(effect, Send):
                fate = luck.pop(0) if luck else "kept"
                if fate == "request lost":
                    queue = uplink.lost()
                    continue
                if fate == "too large":
                    smaller = uplink.too_large(NOW) if isinstance(effect.message, Push) else []
                    queue = queue + smaller if smaller else uplink.lost()
                    continue
                answer = cloud.answer(effect.message, logs)
                queue = queue + (uplink.received(answer) if fate == "kept" else uplink.lost())
            elif isinstance(effect, ReadSuffix):
                queue += uplink.suffix(logs[effect.stream].frame(effect.after, effect.limit))
            elif isinstance(effect, MarkAcked):
                assert effect.seq <= len(cloud.held.get(effect.stream, [])), "acknowledged means stored"
                acked[effect.stream] = effect.seq if effect.is_all else max(acked[effect.stream], effect.seq)
            else:
                assert isinstance(effect, Rest | Learned), effect
        if not luck and acked == {stream: each.head.seq for stream, each in logs.items()}:
            break
    assert {stream: chains[-1] for stream, chains in cloud.held.items()} == {
        stream: each.head.chain for stream, each in logs.items()
    }
    assert acked == {stream: each.head.seq for stream, each in logs.items()}


def test_the_handshake_tells_what_the_cloud_already_holds_and_only_the_rest_is_read() -> None:
    own = log("till", 1, 1, 1)
    uplink = Uplink()
    (hello,) = uplink.begin({own.key.id: own.head}, NOW)
    assert isinstance(hello, Send)
    assert hello.message.own == [Mark(own.key.id.bytes, 3, own.chains[2])]  # type: ignore[union-attr]
    effects = uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 2, own.chains[1])], 77))
    assert effects == [
        Learned(GENERATION, 77),
        MarkAcked(own.key.id, 2, is_all=True),
        ReadSuffix(own.key.id, 2, MAX_PUSH_CHANGES),
    ]


def test_a_fork_that_shows_while_pushing_is_parted_where_both_agree() -> None:
    own = log("till", 1, 1, 1)
    uplink = Uplink()
    uplink.begin({own.key.id: own.head}, NOW)
    uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 1, own.chains[0])], 1))
    uplink.suffix(own.between(1, 3))
    assert uplink.received(Forked(Mark(own.key.id.bytes, 9, b"x" * 16), 2)) == [Reauthor(own.key.id, 2)]


def test_a_stream_whose_histories_part_before_what_was_sent_is_sent_from_its_beginning() -> None:
    own = log("till", 1, 1, 1)
    uplink, forked = Uplink(), Mark(own.key.id.bytes, 9, b"x" * 16)
    uplink.begin({own.key.id: own.head}, NOW)
    uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 2, own.chains[1])], 1))
    uplink.suffix(own.between(2, 3))
    assert uplink.received(Forked(forked)) == [ReadSuffix(own.key.id, 0, MAX_PUSH_CHANGES)]
    uplink.suffix(own.between(0, 1))
    agreed = uplink.received(Ack(forked))
    assert agreed == [MarkAcked(own.key.id, 1), ReadSuffix(own.key.id, 1, MAX_PUSH_CHANGES)], "what was sent, no more"
    uplink.suffix(own.between(1, 3))
    assert uplink.received(Forked(forked, 1)) == [Reauthor(own.key.id, 1)]


def test_a_disputed_stream_is_sent_again_from_where_both_agreed() -> None:
    """The cloud's is longer, so there would be nothing to send; nothing of it counts as acknowledged."""
    own = log("till", 1, 1, 1)
    uplink = Uplink()
    uplink.dispute(own.key.id, 1)
    uplink.begin({own.key.id: own.head}, NOW)
    effects = uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 9, b"x" * 16)], 1))
    assert effects == [Learned(GENERATION, 1), ReadSuffix(own.key.id, 1, MAX_PUSH_CHANGES)]
    uplink.suffix(own.between(1, 3))
    assert uplink.received(Ack(Mark(own.key.id.bytes, 9, b"x" * 16))) == [MarkAcked(own.key.id, 3), Rest()]
    uplink.begin({own.key.id: own.head}, NOW)
    assert uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 9, b"x" * 16)], 1))[-1] == Rest()


def test_a_fork_that_nobody_can_part_is_told_and_the_other_streams_go_on() -> None:
    forked, good = sorted((log("a", 1), log("b", 1)), key=lambda each: each.key.id)
    uplink = Uplink()
    uplink.begin({each.key.id: each.head for each in (forked, good)}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    effects = uplink.received(Forked(Mark(forked.key.id.bytes, 1, b"x" * 16)))
    assert effects == [ReportFork(forked.key.id, Position(1, b"x" * 16)), ReadSuffix(good.key.id, 0, MAX_PUSH_CHANGES)]


def test_what_the_cloud_holds_of_another_history_is_not_taken_for_ours() -> None:
    own = log("till", 1, 1)
    uplink = Uplink()
    uplink.begin({own.key.id: own.head}, NOW)
    effects = uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 5, b"x" * 16)], 1))
    assert not any(isinstance(each, MarkAcked) for each in effects)


def test_a_stream_with_nothing_to_read_does_not_hold_up_the_next() -> None:
    first, second = sorted((log("a", 1), log("b", 1)), key=lambda each: each.key.id)
    uplink = Uplink()
    uplink.begin({each.key.id: each.head for each in (first, second)}, NOW)
    assert uplink.received(Welcome(GENERATION, [], 1))[-1] == ReadSuffix(first.key.id, 0, MAX_PUSH_CHANGES)
    assert uplink.suffix(None) == [ReadSuffix(second.key.id, 0, MAX_PUSH_CHANGES)]
    assert uplink.suffix(None) == [Rest()]


def test_a_receiver_that_is_behind_is_sent_what_it_lacks() -> None:
    own = log("till", 1, 1, 1)
    uplink = Uplink()
    uplink.begin({own.key.id: own.head}, NOW)
    uplink.received(Welcome(GENERATION, [Mark(own.key.id.bytes, 2, own.chains[1])], 1))
    assert uplink.received(Behind(Mark(own.key.id.bytes, 0, own.key.genesis))) == [
        ReadSuffix(own.key.id, 0, MAX_PUSH_CHANGES)
    ]


@pytest.mark.parametrize("machine", [Uplink(), Downlink(0)])
def test_a_refusal_and_nonsense_stop(machine: Uplink | Downlink) -> None:
    assert machine.received(Refused("DEVICE_REVOKED", {"since": 1})) == [Stop("DEVICE_REVOKED", {"since": 1})]
    assert machine.received(Pull([], 0)) == [Stop("UNEXPECTED_MESSAGE", {})]


def under_way() -> tuple[Uplink, Written]:
    """An uplink that has sent the first frame of two."""
    own = log("till", 1, 1)
    uplink = Uplink()
    uplink.begin({own.key.id: own.head}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    uplink.suffix(own.between(0, 1))
    return uplink, own


@pytest.mark.parametrize(
    ("answer", "seq"),
    [(Ack, 0), (Ack, 1_000_000), (Behind, 0), (Behind, 5)],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_cloud_that_repeats_itself_or_makes_things_up_is_not_asked_without_end(
    answer: type[Ack | Behind], seq: int
) -> None:
    uplink, own = under_way()
    assert uplink.received(answer(Mark(own.key.id.bytes, seq, bytes(16)))) == [Stop("UNEXPECTED_MESSAGE", {})]


def test_an_answer_about_another_stream_than_the_one_that_was_sent_stops() -> None:
    uplink, _own = under_way()
    assert uplink.received(Ack(Mark(bytes(16), 1, bytes(16)))) == [Stop("UNEXPECTED_MESSAGE", {})]
