"""The garbage collector while a process starts: what it loads stays, and to look through that over and over takes long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Nothing is collected within, or until :func:`collect_from_now_on` where that comes first."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def collect_from_now_on() -> None:
    """For a process that is ready: what it has loaded is never looked through again."""
    gc.freeze()
    gc.enable()
