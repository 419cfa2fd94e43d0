"""A city's tenant over real HTTP on each engine, in which somebody has an interest."""

from __future__ import annotations

from tests.story.conftest import house, open_place, places

__all__ = ["house", "open_place", "places"]
