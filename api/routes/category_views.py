"""Categories as integrators see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.routes.organisation_views import Day
from core.cases.bodies import Instant
from core.law.instrument import Key, TermFigure
from core.procedure import CategoryLimit
from core.tenants.categories import Categories, CategoryDay, CategoryVersion, Limit


class LimitView(Struct, frozen=True):
    """A figure that the tenant gives the matters of a category, and what it rests on (R11)."""

    term: TermFigure
    basis: Annotated[str, Meta(title="依据", description="What the figure rests on")]


class CategoryVersionView(Struct, frozen=True, kw_only=True):
    """A category as it stands from a day on (分类的一个版本), in its own words: null and empty is what it does not say."""

    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds")]
    title_zh: Annotated[str, Meta(title="分类名称", description="The name in Chinese")]
    title_en: Annotated[str | None, Meta(title="英文名称", description="The name in English")]
    parent: Annotated[str | None, Meta(title="上级分类", description="The code of the category above it")]
    closed: Annotated[bool, Meta(title="停用", description="Whether it takes no new matters")]
    merged_into: Annotated[str | None, Meta(title="并入分类", description="What its matters count as since it is closed")]
    kinds: Annotated[tuple[str, ...], Meta(title="适用事项类型", description="The kinds of case that it is for")]
    default_unit_id: Annotated[UUID | None, Meta(title="默认承办单位", description="The unit proposed by default")]
    urgent: Annotated[bool, Meta(title="默认紧急", description="What the intake form begins with")]
    handling_limit: Annotated[LimitView | None, Meta(title="办理时限", description="The handling limit")]
    urgent_response_limit: Annotated[LimitView | None, Meta(title="紧急类响应时限", description="The response limit")]
    basis: Annotated[str, Meta(title="依据", description="What the version rests on")]
    recorded_at: Annotated[Instant | None, Meta(title="记录时间", description="When it was recorded")]


class LimitInEffect(LimitView, frozen=True):
    """A figure as it holds for a category, with the category that says it (沿用自)."""

    said_by: Annotated[str, Meta(description="The code of the category that says it: this one, or one above it")]


class CategoryInEffect(Struct, frozen=True, kw_only=True):
    """What holds for matters of the category on the day: its own word, or that of the nearest category above it.

    Of a closed category that was merged it is what holds for the one that takes its place.
    """

    kinds: Annotated[tuple[str, ...], Meta(description="The kinds of case; empty for all")]
    default_unit_id: UUID | None
    default_unit_said_by: str | None
    handling_limit: LimitInEffect | None
    urgent_response_limit: LimitInEffect | None


class CategorySummary(CategoryVersionView, frozen=True, kw_only=True):
    """A category (分类) as it stands on the day that was asked for."""

    code: Annotated[str, Meta(title="分类代码", description="The tenant's own short name of it; never changes")]
    depth: Annotated[int, Meta(title="层级", description="How many categories stand above it")]
    in_effect: CategoryInEffect


class CategoryTree(Struct, frozen=True):
    """The categories of a day in the order of the tree: each stands after the one above it, siblings by code."""

    items: tuple[CategorySummary, ...]


class CategoryView(CategorySummary, frozen=True, kw_only=True):
    """A category with every version, superseded ones too, in the order of their days. Nothing is ever edited."""

    version: Annotated[int, Meta(description="How many versions there are; the entity tag")]
    versions: tuple[CategoryVersionView, ...]


class CategoriesQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the tree; all that are given must hold on the day."""

    on: Day = None
    kind: Annotated[Key | None, Meta(title="事项类型", description="Only categories for this kind of case")] = None
    closed: Annotated[bool | None, Meta(title="停用", description="Only closed categories, or only open ones")] = None


def tree_view(view: CategoryDay, query: CategoriesQuery) -> CategoryTree:
    """The tree of a day, narrowed."""
    shown = (code for code in _in_order(view, None) if _fits(view, code, query))
    return CategoryTree(tuple(_summary(view, view.versions[code]) for code in shown))


def _in_order(view: CategoryDay, above: str | None) -> list[str]:
    """The codes below one, each before those below it; not recursive, so that depth costs nothing."""
    ordered, waiting = [], list(reversed(view.children.get(above, ())))
    while waiting:
        code = waiting.pop()
        ordered.append(code)
        waiting.extend(reversed(view.children.get(code, ())))
    return ordered


def _fits(view: CategoryDay, code: str, query: CategoriesQuery) -> bool:
    kinds = view.kinds(code)
    wanted = query.kind is None or not kinds or query.kind in kinds
    return wanted and query.closed in {None, view.versions[code].closed}


def category_view(categories: Categories, code: str, day: date) -> CategoryView:
    """A category as it stands on ``day``; one that begins later is shown as it will begin.

    Raises :class:`core.errors.NotFound`.
    """
    category = categories.category(code)
    version = category.on(day) or category.versions[0]
    view = categories.on(max(day, version.valid_from))
    return CategoryView(
        **_summary_of(view, version), version=len(category.versions), versions=tuple(map(_version_view, category.versions))
    )


def _summary(view: CategoryDay, version: CategoryVersion) -> CategorySummary:
    return CategorySummary(**_summary_of(view, version))


def _summary_of(view: CategoryDay, version: CategoryVersion) -> dict[str, Any]:
    place = {"code": version.code, "depth": len(view.path(version.code)) - 1, "in_effect": _in_effect(view, version.code)}
    return _said(version) | place


def _version_view(version: CategoryVersion) -> CategoryVersionView:
    return CategoryVersionView(**_said(version))


def _said(version: CategoryVersion) -> dict[str, Any]:
    same = set(CategoryVersionView.__struct_fields__) & set(CategoryVersion.__slots__)
    limits = version.limits
    return {name: getattr(version, name) for name in same} | {
        "handling_limit": _limit(limits.get(CategoryLimit.HANDLING)),
        "urgent_response_limit": _limit(limits.get(CategoryLimit.URGENT_RESPONSE)),
    }


def _limit(limit: Limit | None) -> LimitView | None:
    return LimitView(TermFigure(limit.term.unit, limit.term.length), limit.basis) if limit else None


def _in_effect(view: CategoryDay, code: str) -> CategoryInEffect:
    unit = view.default_unit(code)
    return CategoryInEffect(
        kinds=view.kinds(code),
        default_unit_id=unit[1] if unit else None,
        default_unit_said_by=unit[0] if unit else None,
        handling_limit=_limit_in_effect(view, code, CategoryLimit.HANDLING),
        urgent_response_limit=_limit_in_effect(view, code, CategoryLimit.URGENT_RESPONSE),
    )


def _limit_in_effect(view: CategoryDay, code: str, which: CategoryLimit) -> LimitInEffect | None:
    found = view.limit(code, which)
    if found is None:
        return None
    said_by, limit = found
    return LimitInEffect(TermFigure(limit.term.unit, limit.term.length), limit.basis, said_by)
