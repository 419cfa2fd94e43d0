"""The running service of the stories, with a tenant of each city."""

from __future__ import annotations

from tests.story.conftest import ankang, baoding, house, places

__all__ = ["ankang", "baoding", "house", "places"]
