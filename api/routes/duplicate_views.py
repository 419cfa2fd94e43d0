"""Likely duplicates as integrators see them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.cases.duplicates import Likely, Likeness


class ShareView(Struct, frozen=True):
    """One thing that two cases share (相似之处), and its points."""

    likeness: Annotated[Likeness, Meta(title="相似之处", description="What both have; can grow")]
    points: int


class LikelyView(Struct, frozen=True):
    """A case that may be about the same matter (疑似重复)."""

    case_id: UUID
    number: str
    title: str
    state: str
    score: Annotated[
        int, Meta(ge=0, le=100, title="相似度", description="The points of `why`, a hundred at most; a rule of thumb")
    ]
    why: tuple[ShareView, ...]


def likely(found: Likely) -> LikelyView:
    """A likely duplicate."""
    other = found.candidate
    why = tuple(ShareView(share.likeness, share.points) for share in found.why)
    return LikelyView(other.id, other.number, other.matter.title, other.state, found.score, why)
