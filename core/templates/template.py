"""A template: what it is for, and its text from a day on."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.tenants.names import VISIBLE, Name, Prose

LONGEST_BODY, LONGEST_ANSWER, MOST_ASKED = 20_000, 2_000, 20
KEY_PATTERN = r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$(?!\n)"
TemplateKey = Annotated[
    str,
    Meta(max_length=64, pattern=KEY_PATTERN, title="模板代码", description="The tenant's own short name; never changes."),
]
AskedName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)")]
AskedValue = Annotated[str, Meta(min_length=1, max_length=LONGEST_ANSWER, pattern=VISIBLE)]
Body = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_BODY,
        pattern=VISIBLE,
        title="正文",
        description="Plain text. `${name}` is filled in, see GET /template-fields; `$$` is a dollar sign.",
    ),
]


class TemplatePurpose(StrEnum):
    """What kind of text a template makes."""

    REPLY = "reply"
    INTERIM_REPLY = "interim-reply"
    NOTICE = "notice"
    RENDITION = "rendition"
    REMINDER = "reminder"
    CALL_BACK = "call-back"
    MESSAGE = "message"
    """What staff are written by message rules; it has fields of its own."""


class AskedField(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the user is asked for when a text is made: ``${asked.name}``."""

    name: Annotated[AskedName, Meta(title="名称", description="Its name in the text: `${asked.name}`.")]
    title: Annotated[Name, Meta(title="标题", description="What the user is asked for.")]


Asked = Annotated[
    tuple[AskedField, ...],
    Meta(max_length=MOST_ASKED, title="填写项", description="What the user fills in; each must stand in the text."),
]


class TemplateText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The text of a template from a day on, said whole."""

    title: Annotated[Name, Meta(title="标题", description="What the template is called.")]
    body: Body
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it is used.")]
    reason: Annotated[Prose, Meta(title="理由", description="Why the text is as it is; kept with the version.")]
    asked: Asked = ()
    retired: Annotated[
        bool, Meta(title="停用", description="Whether the template is not used any more from that day on.")
    ] = False


class TemplateVersion(Struct, frozen=True, kw_only=True):
    """A version of a template as it was recorded."""

    number: int
    valid_from: date
    title: str
    body: str
    asked: tuple[AskedField, ...]
    retired: bool
    reason: str
    author_id: UUID
    recorded_at: datetime


class Template(Struct, frozen=True, kw_only=True):
    """A template. ``version`` counts the versions of its text; without ``case_kind`` it is for cases of every kind."""

    id: UUID
    key: str
    purpose: TemplatePurpose
    case_kind: str | None
    version: int


def version_on(versions: tuple[TemplateVersion, ...], day: date) -> TemplateVersion | None:
    """The version in force on a day, of two from one day the later recorded; ``None`` before the first and once retired."""
    begun = [version for version in versions if version.valid_from <= day]
    last = max(begun, key=lambda version: (version.valid_from, version.number), default=None)
    return None if last is None or last.retired else last
