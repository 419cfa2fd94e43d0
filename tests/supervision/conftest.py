"""A city's tenant over real HTTP on each engine, with a worker that comes by when it is called."""

from __future__ import annotations

from tests.story.conftest import house, open_place

__all__ = ["house", "open_place"]
