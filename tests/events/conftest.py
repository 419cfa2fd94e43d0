"""A city's tenant over real HTTP on each engine, in which something happens."""

from __future__ import annotations

from tests.story.conftest import house, open_place, places

__all__ = ["house", "open_place", "places"]
