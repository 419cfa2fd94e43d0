"""The replies about cases with a city's own enumerations and facts: for the document; the values are the same."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from api.routes.case_views import CasePage, CaseSummary, CaseView, RegisteredCase
from core.cases.bodies import camel, describe, make_registration_union, type_of, value_of
from core.cases.house_steps import MERGED
from core.facts import establishable
from core.feedback.forms import SATISFACTION, SENT_BACK, Satisfaction
from core.jurisdictions import Jurisdiction
from core.procedure import Field, FieldType, Option, Verb

_SATISFACTION = Annotated[Satisfaction, Meta(title="满意情况", description="What was said of the last reply")]
_SENT_BACK = Annotated[bool, Meta(title="因不满意发回重办", description="Whether it went back for want of satisfaction")]
_GROWS = "The values of the present rules; more can come."


@lru_cache(maxsize=64)
def case_reply(jurisdiction: Jurisdiction) -> type[Struct]:
    """A case as it stands, in the city's words."""
    return _narrow("CityCase", CaseView, jurisdiction, facts=True)


@lru_cache(maxsize=64)
def registered_reply(jurisdiction: Jurisdiction) -> type[Struct]:
    """A case just registered, in the city's words."""
    return _narrow("CityRegisteredCase", RegisteredCase, jurisdiction, facts=True)


@lru_cache(maxsize=64)
def page_reply(jurisdiction: Jurisdiction) -> type[Struct]:
    """A page of cases, in the city's words."""
    summary = _narrow("CityCaseSummary", CaseSummary, jurisdiction, facts=False)
    items = ("items", tuple[summary, ...])  # type: ignore[valid-type]  # made at run time
    plain = [("next", str | None), ("unit_names", get_type_hints(CasePage, include_extras=True)["unit_names"])]
    return msgspec.defstruct("CityCasePage", [items, *plain], namespace={"__doc__": CasePage.__doc__})


@lru_cache(maxsize=64)
def registration_body(jurisdiction: Jurisdiction) -> Any:
    """The body that registers a case, of whichever kind; the same type for every operation that takes it."""
    return make_registration_union(jurisdiction.kinds.values())


def _narrow(name: str, base: type[Struct], jurisdiction: Jurisdiction, *, facts: bool) -> type[Struct]:
    kinds = tuple(jurisdiction.kinds.values())
    tracks = _one_of_all(kind.tracks for kind in kinds)
    fields: list[Any] = [
        ("kind", _enum([kind.key for kind in kinds], "类型", "The kind of case.")),
        ("state", _enum([*(state.key for kind in kinds for state in kind.states), MERGED.key], "状态", "The state.")),
        ("channel", _enum(_one_of_all(kind.channels for kind in kinds), "渠道", "The channel.")),
        ("track", _enum(tracks, "办理方式", "The track; null before it is decided.", nullable=True)),
    ]
    if facts:
        fields.append(("facts", _facts(jurisdiction)))
    return msgspec.defstruct(name, fields, bases=(base,), namespace={"__doc__": base.__doc__}, frozen=True, kw_only=True)


def _enum(values: list[str], title: str, description: str, *, nullable: bool = False) -> Any:
    meta = Meta(title=title, description=f"{description} {_GROWS}")
    if not values:
        return Annotated[str | None, meta]
    literal = Literal[tuple(dict.fromkeys(values))]  # type: ignore[valid-type]  # values known only at run time
    return Annotated[literal | None if nullable else literal, meta]


def _one_of_all(options: Iterable[tuple[Option, ...]]) -> list[str]:
    return [value_of(option) for group in options for option in group]


@lru_cache(maxsize=64)
def _facts(jurisdiction: Jurisdiction) -> type[Struct]:
    """Every fact that a step of any kind can establish; which of them a case has follows from its steps."""
    kinds = tuple(jurisdiction.kinds.values())
    fields: dict[str, list[Field]] = {}
    settled: dict[str, set[type]] = {}
    for kind in kinds:
        for step in kind.steps:
            for key, value in establishable(step):
                settled.setdefault(key, set()).add(type(value))
            for field in step.fields:
                if field.keep:
                    fields.setdefault(field.key, []).append(field)
    entries = [(key, _fact(found, settled.get(key, set())) | UnsetType, UNSET) for key, found in fields.items()]
    entries += [(key, str | bool | UnsetType, UNSET) for key in sorted(settled.keys() - fields.keys())]
    if any(step.verb is Verb.FEEDBACK for kind in kinds for step in kind.steps):
        entries += [(SATISFACTION, _SATISFACTION | UnsetType, UNSET), (SENT_BACK, _SENT_BACK | UnsetType, UNSET)]
    name = camel("-".join(kind.key for kind in kinds)) + "Facts"
    return msgspec.defstruct(name, entries, namespace={"__doc__": "The facts established by a case's steps. Can grow."})


def _fact(found: list[Field], settled: set[type]) -> Any:
    first = found[0]
    held = {FieldType.BOOLEAN: bool, FieldType.ENUM: str, FieldType.TEXT: str}.get(first.type)
    if len({repr(type_of(field)) for field in found}) > 1 or settled - {held}:
        return Any
    return describe(type_of(first), first.title, first.clause, first.options)
