"""Ganzhou's hotline over real HTTP on each engine, with replies to be satisfied with or not."""

from __future__ import annotations

from tests.story.conftest import ganzhou, house, open_place, places

__all__ = ["ganzhou", "house", "open_place", "places"]
