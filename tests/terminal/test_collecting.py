"""A till searches everything for garbage only while nobody presses a key."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from terminal import collecting


class Cell:
    """Garbage that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def as_a_till(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    thresholds = gc.get_threshold()
    monkeypatch.setattr(collecting, "WORTH_IT_SEARCHES", 0)
    collecting.collect_later()
    collecting.collect_again()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def old_garbage() -> weakref.ref[Cell]:
    cell = Cell()
    gc.collect(1)  # it survives among the old
    return weakref.ref(cell)


@pytest.mark.usefixtures("as_a_till")
def test_garbage_waits_until_nobody_presses_a_key() -> None:
    garbage = old_garbage()
    collecting.collect_if_quiet(0)
    assert garbage() is not None
    collecting.collect_if_quiet(collecting.QUIET_SECONDS)
    assert garbage() is None


@pytest.mark.usefixtures("as_a_till")
def test_keys_without_end_do_not_keep_garbage_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_SEARCHES", 0)
    garbage = old_garbage()
    collecting.collect_if_quiet(0)
    assert garbage() is None
