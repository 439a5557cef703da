"""A memory of what was used lately, with room for so many: what nobody has used for longest is forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key.

    Args:
        most: so many are remembered. Forgetting one must cost time and nothing else.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None if it is not remembered."""
        value = self._values.get(key)
        if value is not None:
            with suppress(KeyError):  # another thread has just forgotten it
                self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> K | None:
        """Remember a value, used now. Returns the key that was forgotten for it, if one was."""
        self._values.pop(key, None)
        self._values[key] = value
        return self._values.popitem(last=False)[0] if len(self._values) > self._most else None

    def forget(self, key: K) -> None:
        """Forget a value, if it is remembered."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._values))
