"""A city's tenant over real HTTP on each engine, with work to do."""

from __future__ import annotations

from tests.story.conftest import engine_kind, house, open_place

__all__ = ["engine_kind", "house", "open_place"]
