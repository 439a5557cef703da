"""What is remembered has room for so many."""

from __future__ import annotations

from cloud.kernel.recent import Recent


def test_what_nobody_used_for_longest_is_forgotten() -> None:
    recent: Recent[int, str] = Recent(2)
    recent.put(1, "one")
    recent.put(2, "two")
    assert recent.get(1) == "one"
    recent.put(3, "three")
    assert (recent.get(1), recent.get(2), recent.get(3)) == ("one", None, "three")
    recent.put(3, "again")
    recent.forget(1)
    recent.forget(2)
    assert list(recent) == [3]
    assert recent.get(3) == "again"
