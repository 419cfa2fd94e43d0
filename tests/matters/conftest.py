"""Baoding's tenant over real HTTP on each engine, in which somebody is held accountable."""

from __future__ import annotations

from tests.story.conftest import house, open_place, places

__all__ = ["house", "open_place", "places"]
