"""A map that forgets what was unused longest. Every key has the tenant in it (PITFALLS 6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
CAPACITY = 8_192


class Bounded(OrderedDict[K, V]):
    """Keeps at most :data:`CAPACITY` values."""

    def keep(self, key: K, value: V) -> V:
        """Keeps a value, in the place of what was unused longest."""
        self[key] = value
        if len(self) > CAPACITY:
            self.popitem(last=False)
        return value

    def recall(self, key: K, make: Callable[[], V]) -> V:
        """The value kept, or a new one."""
        if key in self:
            self.move_to_end(key)
            return self[key]
        return self.keep(key, make())
