"""What a restored cloud lost is given back by whoever holds it, before what is one's own, and never without end."""

from __future__ import annotations

import pytest

from sync.change import Position
from sync.effects import (
    Agreed,
    GiveBack,
    ReadSuffix,
    ReportFork,
    Rest,
    Send,
)
from sync.messages import (
    MAX_PUSH_CHANGES,
    Ack,
    Forked,
    Mark,
    Pull,
    Push,
    Refused,
    Suffixes,
    Welcome,
    to_marks,
)
from sync.protocol import Downlink, Uplink
from tests.sync.logs_by_name import GENERATION, NOW, log


def test_what_the_cloud_lacks_of_others_is_given_back_before_our_own_and_marks_nothing() -> None:
    own, other = log("till", 1), log("another", 1, 1, 1)
    downlink, uplink = Downlink(20_000), Uplink()
    downlink.begin({own.key.id: own.head, other.key.id: other.head})
    lacks = to_marks({other.key.id: Position(1, other.chains[0])})
    assert downlink.received(Suffixes([], more=False, now_ms=1, lacks=lacks)) == [GiveBack({other.key.id: 1}), Rest()]
    (question,) = downlink.begin({})
    assert question.message.gives_back, "so that the answer may wait"  # type: ignore[union-attr]
    uplink.give_back({other.key.id: other.head}, {other.key.id: 1})
    uplink.begin({own.key.id: own.head}, NOW)
    assert uplink.received(Welcome(GENERATION, [], 1))[-1] == ReadSuffix(other.key.id, 1, MAX_PUSH_CHANGES)
    assert uplink.suffix(other.between(1, 3)) == [Send(Push(other.between(1, 3)))]
    effects = uplink.received(Ack(Mark(other.key.id.bytes, 3, other.head.chain)))
    assert effects == [ReadSuffix(own.key.id, 0, MAX_PUSH_CHANGES)]


def test_more_than_we_could_give_back_came_meanwhile_and_our_own_goes_on() -> None:
    """The author of what the cloud lacked may be quicker than we are, and has written on."""
    own, other = log("till", 1), log("another", 1, 1, 1)
    uplink = Uplink()
    uplink.give_back({other.key.id: Position(2, other.chains[1])}, {other.key.id: 1})
    uplink.begin({own.key.id: own.head}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    uplink.suffix(other.between(1, 2))
    effects = uplink.received(Ack(Mark(other.key.id.bytes, 3, other.head.chain)))
    assert effects == [ReadSuffix(own.key.id, 0, MAX_PUSH_CHANGES)]


def test_another_generation_is_asked_what_it_lacks_before_our_own_is_sent() -> None:
    own, other = log("till", 1), log("cloud", 1, 1)
    held = {own.key.id: own.head, other.key.id: other.head}
    uplink, question = Uplink(), Send(Pull(to_marks(held)))
    welcome = Welcome(GENERATION, to_marks({own.key.id: own.head}), 1)
    uplink.begin({own.key.id: own.head}, NOW, held)
    assert uplink.received(welcome)[-1] == question, "a program that starts does not know which it met last"
    assert uplink.received(Suffixes([], more=False, now_ms=1))[-1] == Rest()
    uplink.begin({own.key.id: own.head}, NOW, held)
    assert uplink.received(welcome)[-1] == Rest(), "nothing was restored"
    uplink.begin({own.key.id: own.head}, NOW, held)
    another = Welcome(b"h" * 16, [], 1)
    assert uplink.received(another)[-1] == question
    uplink.lost()
    uplink.begin({own.key.id: own.head}, NOW, held)
    assert uplink.received(another)[-1] == question, "asked again"
    lacks = to_marks({other.key.id: Position(1, other.chains[0])})
    effects = uplink.received(Suffixes([], more=False, now_ms=1, lacks=lacks))
    assert effects[-1] == ReadSuffix(other.key.id, 1, MAX_PUSH_CHANGES)


@pytest.mark.parametrize("answer", [Refused("FRAME_NOT_SIGNED"), Forked(Mark(b"s" * 16, 2, b"x" * 16))])
def test_what_the_cloud_will_not_take_back_is_told_and_stops_nothing_else(answer: Refused | Forked) -> None:
    first, second = sorted((log("a", 1), log("b", 1)), key=lambda each: each.key.id)
    uplink = Uplink()
    uplink.give_back({each.key.id: each.head for each in (first, second)}, {first.key.id: 0, second.key.id: 0})
    uplink.begin({}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    uplink.suffix(first.between(0, 1))
    expected = [ReportFork(first.key.id, first.head), ReadSuffix(second.key.id, 0, MAX_PUSH_CHANGES)]
    assert uplink.received(answer) == expected


def test_of_another_history_of_a_stream_of_others_it_learns_where_the_two_part() -> None:
    lost = log("a", 3)
    mark = Mark(lost.key.id.bytes, 3, b"x" * 16)
    uplink = Uplink()
    uplink.give_back({lost.key.id: lost.head}, {lost.key.id: 2})
    uplink.begin({}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    uplink.suffix(lost.between(2, 3))
    assert uplink.received(Forked(mark)) == [ReadSuffix(lost.key.id, 0, MAX_PUSH_CHANGES)], "from the beginning"
    uplink.suffix(lost.between(0, 1))
    assert uplink.received(Ack(mark)) == [ReadSuffix(lost.key.id, 1, MAX_PUSH_CHANGES)], "only that much is the same"
    uplink.suffix(lost.between(1, 3))
    assert uplink.received(Forked(mark, 1)) == [Agreed(lost.key.id, 1), Rest()]


def test_of_another_history_of_which_the_cloud_says_nothing_it_sends_all() -> None:
    lost = log("a", 2)
    mark = Mark(lost.key.id.bytes, 9, b"x" * 16)
    uplink = Uplink()
    uplink.give_back({lost.key.id: lost.head}, {lost.key.id: 0})
    uplink.begin({}, NOW)
    uplink.received(Welcome(GENERATION, [], 1))
    uplink.suffix(lost.between(0, 1))
    assert uplink.received(Ack(mark)) == [ReadSuffix(lost.key.id, 1, MAX_PUSH_CHANGES)]
    uplink.suffix(lost.between(1, 2))
    assert uplink.received(Ack(mark)) == [Agreed(lost.key.id, None), Rest()], "the cloud took it"
