"""A way that takes no large messages: a limit is learnt from few refusals, holds, and is raised once an hour."""

from __future__ import annotations

from streams import Written

from shared.kernel.ids import derived_id
from sync.effects import MarkAcked, ReadSuffix, Send
from sync.frame_limit import RAISE_LIMIT_AFTER_MS
from sync.messages import MAX_PUSH_CHANGES, Ack, Hello, Mark, Push, Welcome
from sync.protocol import Uplink

NOW = 1_795_000_000_000
HOUR = RAISE_LIMIT_AFTER_MS


class Way:
    """A cloud behind a proxy that takes no push of more than `limit` changes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.uplink = Uplink()
        self.taken: list[int] = []
        self.refused: list[int] = []
        self._sold = 0

    def sell(self, *sizes: int, now_ms: int = NOW) -> bool:
        """Push a stream of transactions of these sizes; whether all of it was taken."""
        self._sold += 1
        own = Written.of(derived_id("device", self._sold), sizes)
        held = 0
        effects = self.uplink.begin({own.key.id: own.head}, now_ms)
        while effects:
            effect = effects.pop(0)
            match effect:
                case Send(Hello()):
                    effects += self.uplink.received(Welcome(b"g" * 16, [], 1))
                case Send(Push(frame)) if len(frame.bodies) <= self.limit:
                    self.taken.append(len(frame.bodies))
                    held = frame.last
                    effects += self.uplink.received(Ack(Mark(own.key.id.bytes, held, own.chains[held - 1])))
                case Send(Push(frame)):
                    self.refused.append(len(frame.bodies))
                    smaller = self.uplink.too_large(now_ms)
                    if not smaller:
                        self.uplink.lost()
                        return False
                    effects += smaller
                case ReadSuffix():
                    effects += self.uplink.suffix(own.frame(effect.after, effect.limit))
                case MarkAcked():
                    assert effect.seq == held
        return held == len(own.bodies)


ONES = [1] * 6_000


def test_a_backlog_costs_a_few_refusals_and_then_none() -> None:
    way = Way(limit=300)
    assert way.sell(*ONES)
    assert way.refused == [4_000, 2_000, 1_000, 500]
    assert way.taken == [250] * 24


def test_the_limit_holds_and_is_tried_upward_once_an_hour() -> None:
    way = Way(limit=300)
    way.sell(*ONES)
    way.refused.clear()
    for minutes in range(0, 59, 15):
        way.sell(*ONES, now_ms=NOW + minutes * 60_000)
    assert way.refused == []
    for hours in range(1, 4):
        for _again in range(2):
            way.sell(*ONES, now_ms=NOW + hours * HOUR)
    assert way.refused == [500] * 3


def test_once_nothing_is_in_the_way_the_limit_is_soon_what_it_was() -> None:
    way = Way(limit=10)
    way.sell(*ONES)
    way.limit = MAX_PUSH_CHANGES
    way.taken.clear()
    way.sell(*ONES, now_ms=NOW + HOUR)
    assert way.taken[:4] == [14, 28, 56, 112]
    way.sell(*ONES, now_ms=NOW + HOUR)
    assert MAX_PUSH_CHANGES in way.taken


def test_small_frames_do_not_show_that_large_ones_would_be_taken() -> None:
    way = Way(limit=300)
    way.sell(*ONES)
    way.refused.clear()
    for sale in range(20):
        assert way.sell(3, now_ms=NOW + HOUR + sale)
    way.sell(*ONES, now_ms=NOW + HOUR + 20)
    assert way.refused == [500]


def test_a_clock_that_jumps_costs_at_most_one_refused_frame() -> None:
    way = Way(limit=300)
    way.sell(*ONES)
    way.refused.clear()
    year = 365 * 24 * HOUR
    for now_ms in (NOW - year, NOW - year + HOUR // 2, NOW - year + HOUR - 1):
        way.sell(*ONES, now_ms=now_ms)
    assert way.refused == []
    way.sell(*ONES, now_ms=NOW - year + HOUR)
    way.sell(*ONES, now_ms=NOW + year)
    assert way.refused == [500, 500]


def test_a_unit_of_work_that_cannot_be_cut_is_refused_once_and_not_tried_on_and_on() -> None:
    way = Way(limit=300)
    assert not way.sell(400)
    assert way.refused == [400, 400]
    way.refused.clear()
    assert not way.sell(400, now_ms=NOW + 1)
    assert way.refused == [400]
    assert way.sell(*ONES)


def test_a_single_change_that_is_too_large_ends_the_halving() -> None:
    way = Way(limit=0)
    assert not way.sell(*ONES)
    assert way.refused == [4_000, 2_000, 1_000, 500, 250, 125, 62, 31, 15, 7, 3, 1]
