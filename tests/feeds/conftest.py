"""A city's tenant over real HTTP on each engine, whose deadlines somebody follows in a calendar."""

from __future__ import annotations

from tests.story.conftest import ganzhou, house, open_place, places

__all__ = ["ganzhou", "house", "open_place", "places"]
