"""Templates as integrators see them, and the bodies in which a city's kinds of case stand."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.pages import PageQuery
from api.routes.organisation_views import Day
from core.cases.bodies import Instant
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.templates.template import (
    MOST_ASKED,
    Asked,
    AskedField,
    AskedName,
    AskedValue,
    Body,
    Template,
    TemplateKey,
    TemplatePurpose,
    TemplateText,
    TemplateVersion,
)

Purpose = Annotated[TemplatePurpose, Meta(title="用途", description="What kind of text it makes; can grow.")]
_KIND = Meta(title="事项类型", description="The kind of case that it is for; of every kind, if left out.")


class TemplateVersionView(Struct, frozen=True, kw_only=True):
    """A version of a template (模板的一个版本) as it was recorded."""

    number: int
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it is used")]
    title: str
    body: Annotated[str, Meta(title="正文", description="Plain text with `${name}` in it")]
    asked: Annotated[tuple[AskedField, ...], Meta(title="填写项", description="What the user fills in")]
    retired: Annotated[bool, Meta(title="停用", description="Whether the template is not used any more from that day on")]
    reason: str
    author_id: UUID
    recorded_at: Instant


class TemplateHead(Struct, frozen=True, kw_only=True):
    """A template (模板): what it is for."""

    key: Annotated[str, Meta(title="模板代码", description="The tenant's own short name of it; never changes")]
    purpose: Purpose
    case_kind: Annotated[str | None, Meta(title="事项类型", description="The kind of case that it is for; null for all")]
    version: Annotated[int, Meta(description="How many versions there are; the entity tag")]


class TemplateSummary(TemplateHead, frozen=True, kw_only=True):
    """A template with the essentials of the version that had begun last on the day; nulls before the first."""

    number: Annotated[int | None, Meta(title="版本号", description="The number of that version")]
    title: str | None
    valid_from: date | None
    retired: bool | None


class TemplateView(TemplateHead, frozen=True, kw_only=True):
    """A template with the version in force on the day (null where none is), and every version. Nothing is ever edited."""

    current: TemplateVersionView | None
    versions: tuple[TemplateVersionView, ...]


class TemplatePage(Struct, frozen=True):
    """A page of templates, by key. ``next`` is the cursor of the following page."""

    items: tuple[TemplateSummary, ...]
    next: str | None


class TemplateQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What templates are asked for."""

    purpose: Annotated[TemplatePurpose, Meta(title="用途", description="What kind of text they make")] | None = None
    case_kind: (
        Annotated[str, Meta(max_length=64, title="事项类型", description="Those for this kind and those for every kind")]
        | None
    ) = None
    on: Day = None


class FieldQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For which kind of case."""

    case_kind: (
        Annotated[str, Meta(max_length=64, title="事项类型", description="The kind; what every kind has, if left out")]
        | None
    ) = None
    purpose: Annotated[TemplatePurpose, Meta(title="用途", description="A message has fields of its own")] | None = None


class FieldView(Struct, frozen=True):
    """A name that can stand in a template (占位符): ``${name}``."""

    name: str
    title: Text
    source: Annotated[str, Meta(description="Where its value comes from: case, deadline, fact or message; can grow")]


class FieldList(Struct, frozen=True):
    """Every name that can stand in a template for the kind."""

    items: tuple[FieldView, ...]


class TemplateExample(Struct, frozen=True, kw_only=True):
    """What a template would make (示例): each place shows in brackets what will stand there."""

    text: str
    names: Annotated[tuple[str, ...], Meta(title="占位符", description="The names that it uses, in order, each once")]


class TextRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which template is to be filled for the case, and what the user fills in."""

    template: TemplateKey
    asked: Annotated[
        dict[AskedName, AskedValue],
        Meta(max_length=MOST_ASKED, title="填写内容", description="A text for each name that the template asks for."),
    ] = {}


class TextValueView(Struct, frozen=True):
    """What was put in a place of a text, and where it came from."""

    name: str
    value: str
    source: Annotated[str, Meta(description="case, deadline, fact or asked; can grow")]


class TextView(Struct, frozen=True, kw_only=True):
    """A text made of a template (文本). Nothing of it is saved."""

    text: str
    title: str
    template: str
    purpose: Purpose
    number: Annotated[int, Meta(title="版本号", description="The number of the template's version")]
    valid_from: date
    values: Annotated[tuple[TextValueView, ...], Meta(title="取值", description="Each value used, once, and its source")]


@lru_cache(maxsize=64)
def new_template_body(jurisdiction: Jurisdiction) -> type[Struct]:
    """The body that creates a template, in the city's kinds of case."""
    fields: list[Any] = [("key", TemplateKey), ("purpose", Purpose), ("case_kind", _kinds(jurisdiction), None)]
    return msgspec.defstruct(
        "NewTemplate",
        fields,
        bases=(TemplateText,),
        namespace={"__doc__": "A template that is not there yet, with its first version."},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )


@lru_cache(maxsize=64)
def template_check_body(jurisdiction: Jurisdiction) -> type[Struct]:
    """The body that tries a template out, in the city's kinds of case."""
    fields: list[Any] = [("body", Body), ("asked", Asked, ()), ("case_kind", _kinds(jurisdiction), None)]
    fields += [("purpose", Purpose | None, None)]
    return msgspec.defstruct(
        "TemplateDraft",
        fields,
        namespace={"__doc__": "The text of a template to be tried out."},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )


def _kinds(jurisdiction: Jurisdiction) -> Any:
    return Annotated[Literal[tuple(jurisdiction.kinds)] | None, _KIND]


def version_view(version: TemplateVersion) -> TemplateVersionView:
    """A version as it was recorded."""
    return TemplateVersionView(**msgspec.structs.asdict(version))


def head_of(template: Template) -> dict[str, Any]:
    """What every view of a template tells."""
    return {name: getattr(template, name) for name in TemplateHead.__struct_fields__}
