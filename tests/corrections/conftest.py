"""Tenants over real HTTP on each engine, in which something was recorded wrongly."""

from __future__ import annotations

import pytest

from tests.story.conftest import house, open_place, places

pytest.register_assert_rewrite("tests.corrections.lives", "tests.corrections.served")

__all__ = ["house", "open_place", "places"]
