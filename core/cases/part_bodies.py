"""The parts into which a case is split, as they come in."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from core.tenants.names import VISIBLE

LongText = Annotated[str, Meta(min_length=1, max_length=20_000)]
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
FEWEST, MOST = 2, 10


class NewPart(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the matters in a case that has several; it becomes a case of its own."""

    title: Annotated[ShortText, Meta(title="标题", description="What it is about, in a line.")]
    narrative: Annotated[LongText, Meta(title="诉求内容", description="What was told of it.")]
    category: Annotated[
        ShortText | None, Meta(title="分类", description="The code of a category; the case's own, if left out.")
    ] = None


class NewRenderedPart(NewPart, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the matters in a case that has several, of a kind that somebody brings."""

    rendition: Annotated[
        Annotated[LongText, Meta(pattern=VISIBLE)] | None,
        Meta(title="脱敏文本", description="What units read in place of the narrative; made by the service, if left out."),
    ] = None


def parts_of(rendered: bool) -> Any:
    """The type of the field; ``rendered`` where units read something else than the narrative."""
    bounds = Meta(min_length=FEWEST, max_length=MOST, title="拆分后的各部分", description="Each becomes a case of its own.")
    return Annotated[list[NewRenderedPart] if rendered else list[NewPart], bounds]
