"""A city's tenant over real HTTP on each engine, with deadlines that run, fall due and are missed."""

from __future__ import annotations

from tests.story.conftest import ganzhou, house, open_place, places

__all__ = ["ganzhou", "house", "open_place", "places"]
