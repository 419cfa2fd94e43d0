"""Settings over HTTP: the figures that the regulation leaves to the tenant, each from a day on and with its basis (R11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import ADMINISTRATORS, STAFF, administration_of, day_of
from api.routes.organisation_views import DayQuery
from core.cases.bodies import Instant
from core.errors import Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Term, TermFigure, Text
from core.procedure import SettingKind
from core.rungs import Rung
from core.tenants.commands import Basis
from core.tenants.figures import DECIMAL_PATTERN, LONGEST_TEXT, MOST_RUNGS
from core.tenants.names import VISIBLE, Prose
from core.tenants.scopes import Scope
from core.tenants.service.settings import record_setting
from core.tenants.settings import DatedSettings, Setting

TAG = "settings"
_LARGEST = 2**53 - 1


class SettingValueView(Struct, frozen=True):
    """One value of a setting, from a day on, with what it rests on (设置值). Never edited."""

    id: UUID
    key: str
    effective_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds")]
    value: Annotated[Any, Meta(title="值", description="By the setting's type: a term, an integer, a decimal as text, …")]
    basis: Annotated[str, Meta(title="依据", description="The decision or document that it rests on")]
    reason: Annotated[str, Meta(title="理由", description="Why this figure")]
    recorded_at: Instant
    recorded_by: Annotated[UUID | None, Meta(title="记录人", description="The person who recorded it")]


class SettingView(Struct, frozen=True, kw_only=True):
    """A figure that the regulation leaves open (设置项), with the value that holds on the day; there is no default."""

    key: str
    title: Text
    type: Annotated[str, Meta(description="term, integer, decimal, boolean, text, date or ladder")]
    clause: Annotated[str, Meta(description="The clause that leaves it open")]
    minimum: int | None
    maximum: int | None
    current: Annotated[SettingValueView | None, Meta(description="null where the tenant had set none on the day")]
    history: Annotated[
        tuple[SettingValueView, ...],
        Meta(description="Every value ever recorded, by day; of two for one day the later recorded one holds"),
    ]


class SettingList(Struct, frozen=True):
    """Every setting that the city has."""

    items: tuple[SettingView, ...]


@cache
def _bodies(kinds: tuple[SettingKind, ...]) -> Any:
    bodies = [_body(kind) for kind in kinds]
    union: Any = bodies[0]
    for body in bodies[1:]:
        union = union | body
    return union


def _body(kind: SettingKind) -> type[Struct]:
    name = "".join(part.capitalize() for part in kind.key.replace(".", "-").split("-"))
    meta = Meta(title=kind.title.zh, description=kind.title.en)
    fields: list[tuple[str, Any]] = [
        ("value", Annotated[_figure(kind), meta]),
        ("effective_from", Annotated[date, Meta(title="生效日", description="The first local day on which it holds")]),
        ("basis", Basis),
        ("reason", Annotated[Prose, Meta(title="理由", description="Why this figure")]),
    ]
    return msgspec.defstruct(
        f"Set{name}",
        fields,
        namespace={"__doc__": f"{kind.title.zh}。{kind.title.en}. {kind.clause}"},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        tag=kind.key,
        tag_field="key",
    )


def _figure(kind: SettingKind) -> Any:
    match kind.type:
        case "term":
            return TermFigure
        case "integer":
            low = -_LARGEST if kind.minimum is None else kind.minimum
            return Annotated[int, Meta(ge=low, le=_LARGEST if kind.maximum is None else kind.maximum)]
        case "decimal":
            return Annotated[str, Meta(pattern=DECIMAL_PATTERN, max_length=20)]
        case "boolean":
            return bool
        case "date":
            return date
        case "ladder":
            return Annotated[tuple[Rung, ...], Meta(max_length=MOST_RUNGS)]
        case _:
            return Annotated[str, Meta(pattern=VISIBLE, min_length=1, max_length=LONGEST_TEXT)]


def _body_of(jurisdiction: Jurisdiction) -> Any:
    return _bodies(tuple(jurisdiction.settings.values()))


def _has_settings(jurisdiction: Jurisdiction) -> bool:
    return bool(jurisdiction.settings)


def _examples(jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    return {kind.key: _example(kind) for kind in jurisdiction.settings.values()}


def _example(kind: SettingKind) -> dict[str, Any]:
    low = max(kind.minimum or 1, 1) if kind.maximum is None else min(max(kind.minimum or 1, 1), kind.maximum)
    values: dict[str, Any] = {
        "term": {"unit": "working_day", "length": 5},
        "integer": low,
        "decimal": str(Decimal(low)),
        "boolean": True,
        "date": f"{kind.minimum or 2026}-06-01",
        "text": "按市政府办公室通知执行",
        "ladder": [
            {"key": "tomorrow", "level": "due-soon", "distance": {"unit": "working_day", "length": 1}},
            {"key": "two-days", "level": "key", "distance": {"unit": "working_day", "length": 2}},
        ],
    }
    said = {"effective_from": "2026-12-01", "basis": "市政府办公室〔2026〕8号", "reason": "法规未定数字，依据授权确定。"}
    return {"key": kind.key, "value": values[kind.type], **said}


def _value(setting: Setting) -> SettingValueView:
    plain = {name: getattr(setting, name) for name in SettingValueView.__struct_fields__}
    value = setting.value
    return SettingValueView(**plain | {"value": TermFigure(value.unit, value.length) if isinstance(value, Term) else value})


def _view(settings: DatedSettings, kind: SettingKind, day: date) -> SettingView:
    return SettingView(
        key=kind.key,
        title=kind.title,
        type=kind.type,
        clause=kind.clause,
        minimum=kind.minimum,
        maximum=kind.maximum,
        current=_value(found) if (found := settings.on(kind.key, day)) else None,
        history=tuple(map(_value, settings.history(kind.key))),
    )


async def _list(call: Call) -> Reply:
    settings, day = call.snapshot.settings, day_of(call, call.query.on)
    return Reply(SettingList(tuple(_view(settings, kind, day) for kind in call.jurisdiction.settings.values())))


async def _record(call: Call) -> Reply:
    body: Any = call.body
    key: str = type(body).__struct_config__.tag
    value = msgspec.to_builtins(body.value)
    made = await record_setting(administration_of(call), key, value, body.effective_from, body.basis, body.reason)
    return Reply(_value(made))


OPERATIONS = (
    Operation(
        id="listSettings",
        method=Method.GET,
        path="/settings",
        tag=TAG,
        title=Text(zh="设置列表", en="List the settings"),
        description=Text(
            zh="法规未定、由本机构确定的数字，及其在某日的值和全部历史。未设置的没有默认值。",
            en="The figures that the regulations leave open, each with the value that holds on a day and all that were ever "
            "recorded. Nothing has a default.",
        ),
        handler=_list,
        scope=Scope.SETTINGS_READ,
        roles=STAFF,
        query=DayQuery,
        reply=SettingList,
        clause="wenze:readings#r11",
    ),
    Operation(
        id="recordSetting",
        method=Method.POST,
        path="/settings",
        tag=TAG,
        title=Text(zh="确定设置值", en="Record a setting"),
        description=Text(
            zh="自某日起确定一项数字，须写明依据和理由。原值保留；同日再记的以后记的为准；已起算的期限不受影响。",
            en="Sets a figure from a day on, with its basis and reason. Earlier values stay; of two for one day the later "
            "recorded one holds. A term that already runs keeps the figure that it began with.",
        ),
        handler=_record,
        scope=Scope.SETTINGS_WRITE,
        roles=ADMINISTRATORS,
        body=_body_of,
        reply=SettingValueView,
        status=201,
        idempotent=True,
        clause="wenze:readings#r11",
        available=_has_settings,
        errors={
            Refused: ("tenants.figure-out-of-bounds", "tenants.term-length", "tenants.ladder-key", "tenants.ladder-distance")
        },
        examples=_examples,
    ),
)
