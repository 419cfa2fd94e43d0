"""A city's tenant over real HTTP on each engine, and a worker beside the service."""

from __future__ import annotations

from tests.story.conftest import house, open_place

__all__ = ["house", "open_place"]
