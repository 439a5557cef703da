"""What a replica lets into a log: frames of any order once each, another history never, nothing malformed."""

from __future__ import annotations

import itertools
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from streams import Written

from shared.kernel.ids import derived_id
from sync.assessing import Fresh, assess
from sync.change import Position
from sync.messages import Frame, Refused

DEVICE = derived_id("device", "till")


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(), st.integers(1, 12))
def test_any_frames_of_a_log_in_any_order_store_each_change_once(sizes: list[int], seed: int, copies: int) -> None:
    """Overlapping, replayed, out of order: the receiver ends with a prefix, and with all of it once all have come."""
    written, random = Written.of(DEVICE, sizes), Random(seed)
    ends = [0, *written.ends]
    frames = []
    for _copy in range(copies):
        begin, end = sorted(random.sample(range(len(ends)), 2)) if len(ends) > 2 else (0, 1)
        frames.append(written.between(ends[begin], ends[end]))
    random.shuffle(frames)
    stored: list[bytes] = []
    chains: list[bytes] = []
    for frame in [*frames, *(written.between(a, b) for a, b in itertools.pairwise(ends))]:
        head = Position(len(chains), chains[-1] if chains else written.key.genesis)
        outcome = assess(frame, head)
        if isinstance(outcome, Fresh):
            assert outcome.changes[0].seq == head.seq + 1
            stored += outcome.bodies
            chains += outcome.chains
        else:
            name = type(outcome).__name__
            assert name == ("Replay" if frame.last <= head.seq else "Gap")
    assert stored == written.bodies
    assert chains == written.chains


@given(st.lists(st.integers(1, 3), min_size=2, max_size=6), st.data())
def test_another_history_under_the_same_name_never_gets_in(sizes: list[int], data: st.DataObject) -> None:
    mine = Written.of(DEVICE, sizes)
    theirs = mine.rewritten(data.draw(st.integers(0, len(mine.bodies) - 1)))
    held = data.draw(st.sampled_from(mine.ends))
    head = Position(held, mine.chains[held - 1])
    begin, end = data.draw(
        st.tuples(st.sampled_from([0, *mine.ends]), st.sampled_from(mine.ends)).filter(lambda each: each[0] < each[1])
    )
    outcome = assess(theirs.between(begin, end), head)
    if begin <= held and theirs.chains[held - 1] != mine.chains[held - 1]:
        if end <= held:
            assert outcome.seq == end  # type: ignore[union-attr]
            assert (outcome.chain == mine.chains[end - 1]) == (theirs.chains[end - 1] == mine.chains[end - 1])  # type: ignore[union-attr]
        else:
            assert type(outcome).__name__ == "Fork"


def test_a_frame_that_is_empty_cut_malformed_or_out_of_sequence_is_refused() -> None:
    written = Written.of(DEVICE, (2, 1))
    genesis = Position(0, written.key.genesis)

    def code(frame: Frame, head: Position = genesis) -> str:
        outcome = assess(frame, head)
        assert isinstance(outcome, Refused), outcome
        return outcome.code

    assert code(written.between(0, 0)) == "FRAME_EMPTY"
    assert code(written.between(0, 1)) == "FRAME_CUTS_A_TRANSACTION"
    for body in (b"", b"\xff", b"\x91" * 100_000, written.bodies[0][:-1]):
        assert code(written.carrying([body])) == "FRAME_MALFORMED"
    assert code(written.carrying([written.bodies[2]])) == "FRAME_OUT_OF_SEQUENCE"
    assert code(written.carrying([written.bodies[0], written.bodies[0]])) == "FRAME_OUT_OF_SEQUENCE"
