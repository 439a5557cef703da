"""The machine that pulls, driven by events: what it asks, what it makes of the answers, when it compares digests."""

from __future__ import annotations

import pytest
from streams import Written

from shared.kernel.ids import derived_id
from sync.change import Position
from sync.effects import (
    CompareDigests,
    MarkAcked,
    ReportFork,
    Rest,
    Send,
    Stop,
    StoreFrames,
)
from sync.messages import (
    Differing,
    Judged,
    Mark,
    Pull,
    ScopeDigest,
    Suffixes,
    TableDigest,
    Welcome,
    to_marks,
)
from sync.protocol import NOTHING_STORED, Downlink, Uplink, named_own
from tests.sync.logs_by_name import GENERATION, NOW, log

DEVICE = derived_id("device", "ours")
DIGESTS = [ScopeDigest(b"s" * 16, {"orders": TableDigest(b"f" * 8, b"d" * 8)})]


def test_the_first_question_after_a_lost_reply_does_not_wait_for_news() -> None:
    downlink = Downlink(20_000)
    downlink.begin({})
    downlink.lost()
    assert downlink.begin({}) == [Send(Pull([], 0))]
    assert downlink.received(Suffixes([], more=False, now_ms=1)) == [Rest()]
    assert downlink.begin({}) == [Send(Pull([], 20_000))]


def test_a_pull_asks_on_while_there_is_more_and_then_waits_for_news() -> None:
    written = log("cloud", 1, 1)
    first, second = written.frame(0, 1), written.frame(1, 1)
    downlink = Downlink(20_000)
    assert downlink.begin({}) == [Send(Pull([], 20_000))]
    assert downlink.received(Suffixes([first], more=True, now_ms=1)) == [StoreFrames([first])]
    held = {written.key.id: Position(1, written.chains[0])}
    assert downlink.stored(held) == [Send(Pull(to_marks(held), 0))]
    assert downlink.received(Suffixes([second], more=False, now_ms=1)) == [StoreFrames([second])]
    assert downlink.stored({written.key.id: written.head}) == [Rest()]
    assert downlink.begin({written.key.id: written.head})[0].message.wait_ms == 20_000  # type: ignore[union-attr]
    assert downlink.received(Suffixes([], more=False, now_ms=1)) == [Rest()]


def test_what_cannot_be_stored_is_named_as_held_and_told() -> None:
    written = log("cloud", 1)
    fork = ReportFork(written.key.id, written.head)
    downlink = Downlink(0)
    downlink.begin({})
    downlink.received(Suffixes([written.frame(0, 1)], more=False, now_ms=1))
    assert downlink.stored({}) == [fork, Rest()]
    assert downlink.begin({}) == [Send(Pull(to_marks({written.key.id: written.head}), 0))], "it is not sent again"
    assert downlink.received(Suffixes([], more=False, now_ms=1)) == [fork, Rest()], "it is said until it is cured"
    downlink.forget_skipped()
    assert downlink.begin({}) == [Send(Pull([], 0))]
    downlink.begin({written.key.id: written.head})
    assert downlink.received(Suffixes([], more=False, now_ms=1)) == [Rest()]


def test_a_cloud_that_sends_it_all_the_same_is_not_asked_without_end() -> None:
    frame = log("cloud", 1).frame(0, 1)
    downlink = Downlink(0)
    downlink.begin({})
    downlink.received(Suffixes([frame], more=True, now_ms=1))
    downlink.stored({})
    downlink.received(Suffixes([frame], more=True, now_ms=1))
    assert downlink.stored({})[-1] == Stop(NOTHING_STORED, {})


def test_a_long_fork_starves_nobody() -> None:
    forked, other = log("forked", 1, 1, 1), log("cloud", 1)
    downlink = Downlink(20_000)
    downlink.begin({})
    for at in range(3):
        frame = forked.between(at, at + 1)
        assert downlink.received(Suffixes([frame], more=True, now_ms=1)) == [StoreFrames([frame])]
        named = {forked.key.id: Position(at + 1, forked.chains[at])}
        assert downlink.stored({}) == [
            ReportFork(forked.key.id, named[forked.key.id]),
            Send(Pull(to_marks(named), 0)),
        ]
    frame = other.between(0, 1)
    assert downlink.received(Suffixes([frame], more=False, now_ms=1)) == [StoreFrames([frame])]
    assert downlink.stored({other.key.id: other.head}) == [Rest()]


# -- our own streams in an answer ------------------------------------------------------------------------------------


def test_an_answer_names_what_is_held_of_our_streams() -> None:
    own = Written.of(DEVICE, [1, 1, 1])
    device, at = DEVICE.bytes, Position(1, own.chains[0])
    assert named_own(Welcome(GENERATION, to_marks({own.key.id: at}), 1, latest=4), device) == ({own.key.id: at}, 4)
    answer = Suffixes([], more=False, now_ms=1, own=to_marks({own.key.id: at}), latest=4)
    assert named_own(answer, device) == ({own.key.id: at}, 4)
    longer = Suffixes([own.between(1, 3)], more=False, now_ms=1, own=to_marks({own.key.id: at}))
    assert named_own(longer, device) == ({own.key.id: own.head}, 1), "whoever sends it holds it"
    assert named_own(Suffixes([log("cloud", 1).between(0, 1)], more=False, now_ms=1), device) == ({}, 0)


def test_the_cloud_tells_how_far_it_has_judged_our_streams() -> None:
    own = log("till", 1, 1, 1)
    uplink, downlink, judged = Uplink(), Downlink(0), [Judged(own.key.id.bytes, 1)]
    uplink.begin({own.key.id: own.head}, NOW)
    held = [Mark(own.key.id.bytes, 2, own.chains[1])]
    assert MarkAcked(own.key.id, 2, 1, is_all=True) in uplink.received(Welcome(GENERATION, held, 1, judged))
    downlink.begin({own.key.id: own.head})
    answer = Suffixes([], more=False, now_ms=1, judged=judged)
    assert downlink.received(answer) == [MarkAcked(own.key.id, 0, 1), Rest()]


def test_what_the_cloud_has_judged_of_another_history_is_not_taken_for_ours() -> None:
    own = log("till", 1, 1)
    uplink = Uplink()
    uplink.begin({own.key.id: own.head}, NOW)
    held, judged = [Mark(own.key.id.bytes, 5, b"x" * 16)], [Judged(own.key.id.bytes, 5)]
    assert not any(isinstance(each, MarkAcked) for each in uplink.received(Welcome(GENERATION, held, 1, judged)))


# -- digests ---------------------------------------------------------------------------------------------------------


def test_digests_are_compared_at_the_vector_that_they_answer() -> None:
    held = {log("cloud", 1).key.id: log("cloud", 1).head}
    downlink = Downlink(0)
    downlink.begin(held)
    answer = Suffixes([], more=False, now_ms=1, digests=DIGESTS)
    assert downlink.received(answer) == [CompareDigests(held, DIGESTS), Rest()]


@pytest.mark.parametrize("trouble", ["frames", "more", "asked to fold", "fork"])
def test_digests_are_not_compared_when_they_may_say_something_else(trouble: str) -> None:
    forked, other = log("forked", 1), log("cloud", 1)
    downlink = Downlink(0)
    if trouble == "fork":
        downlink.begin({})
        downlink.received(Suffixes([forked.between(0, 1)], more=False, now_ms=1))
        downlink.stored({})
    downlink.begin({}, [Differing(b"s" * 16, "orders")] if trouble == "asked to fold" else ())
    frames = [other.between(0, 1)] if trouble == "frames" else []
    effects = downlink.received(Suffixes(frames, more=trouble == "more", now_ms=1, digests=DIGESTS))
    assert not any(isinstance(each, CompareDigests) for each in effects)


def test_a_question_to_fold_anew_does_not_wait_for_news() -> None:
    differ = [Differing(b"s" * 16, "orders")]
    downlink = Downlink(20_000)
    assert downlink.begin({}, differ) == [Send(Pull([], 0, differ))]
    downlink.received(Suffixes([], more=False, now_ms=1))
    assert downlink.begin({}) == [Send(Pull([], 20_000))]
