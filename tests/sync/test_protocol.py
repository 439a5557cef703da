"""The two machines of a device, driven by events: whatever is lost, halved or forked, nothing is skipped or doubled."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import Written

from shared.kernel.ids import derived_id
from sync.assessing import Fresh, assess
from sync.change import Position, Vector
from sync.effects import (
    Agreed,
    CompareDigests,
    Effect,
    GiveBack,
    Learned,
    MarkAcked,
    ReadSuffix,
    Reauthor,
    ReportFork,
    Rest,
    Send,
    Stop,
    StoreFrames,
)
from sync.frame_limit import RAISE_LIMIT_AFTER_MS
from sync.messages import (
    MAX_PUSH_CHANGES,
    Ack,
    Behind,
    Differing,
    Forked,
    Hello,
    Judged,
    Mark,
    Pull,
    Push,
    Refused,
    ScopeDigest,
    Suffixes,
    TableDigest,
    Welcome,
    to_marks,
)
from sync.protocol import NOTHING_STORED, Downlink, Uplink, named_own

GENERATION = b"g" * 16
NOW = 1_795_000_000_000
HOUR = RAISE_LIMIT_AFTER_MS
DEVICE = derived_id("device", "ours")


def log(name: str, *sizes: int) -> Written:
    return Written.of(derived_id("device", name), sizes)


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


# -- what a restored cloud lost --------------------------------------------------------------------------------------


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


# -- digests ---------------------------------------------------------------------------------------------------------

DIGESTS = [ScopeDigest(b"s" * 16, {"orders": TableDigest(b"f" * 8, b"d" * 8)})]


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


# -- the receiver's half ---------------------------------------------------------------------------------------------


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
