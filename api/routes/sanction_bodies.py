"""The questions about accountability that a city can be asked, as types of its own clauses: made once per city."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from api.routes.regime_lists import RegimeLists
from core.cases.bodies import camel
from core.cases.options import describe, one_of
from core.cases.part_bodies import ShortText
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Option
from core.sanctions.reach import find_clause
from core.sanctions.regime import Bound, Gravity, Regime, Share, SubjectKind, Trigger
from core.tenants.figures import DECIMAL_PATTERN
from core.tenants.names import Prose

Entry = tuple[str, Any] | tuple[str, Any, Any]
MOST = 30
_MOST_QUESTIONS, _MOST_MONTHS, _MOST_YEARS = 20, 60, 20
_Day = Annotated[
    date | None, Meta(title="日期", description="The local day whose version is meant; the newest where left out.")
]
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Words = Annotated[Prose | None, Meta(title="理由")]


class MonthCount(Struct, frozen=True, forbid_unknown_fields=True):
    """How many in a month."""

    month: Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)", title="月份", description="YYYY-MM")]
    count: Annotated[_Count, Meta(title="件数")]


class YearPlace(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit's place in its group in a year, said by who ranks above and below it, and its total."""

    year: Annotated[int, Meta(ge=2000, le=2200, title="年度")]
    higher: Annotated[_Count, Meta(title="名次更高的单位数", description="How many units of the group rank strictly higher")]
    lower: Annotated[_Count, Meta(title="名次更低的单位数", description="How many units of the group rank strictly lower")]
    total: Annotated[str, Meta(pattern=DECIMAL_PATTERN, max_length=20, title="总分", description="Exact, base included")]
    tied: Annotated[_Count, Meta(title="并列的其他单位数", description="How many others share the place")] = 0


class Ground(Struct, frozen=True, forbid_unknown_fields=True):
    """An established ground and the act that it is about; the same name for the same act (R13)."""

    clause: str
    act: Annotated[ShortText, Meta(title="行为", description="What names the act: the same for grounds about one act")]


def decision_question(city: Jurisdiction) -> Any:
    """A proposed decision under one of the city's regimes."""
    return _decision_question(city)


@lru_cache(maxsize=64)
def _decision_question(city: Jurisdiction) -> Any:
    return _union(_decision(city, regime) for regime in city.regimes.values())


def responsibility_question(city: Jurisdiction) -> Any:
    """Who had which part, under one of the city's regimes."""
    return _responsibility_question(city)


@lru_cache(maxsize=64)
def _responsibility_question(city: Jurisdiction) -> Any:
    return _union(_responsibility(city, regime) for regime in city.regimes.values())


def trigger_question(city: Jurisdiction) -> Any:
    """Facts for the computed limbs of the city's clauses."""
    return _trigger_question(city)


@lru_cache(maxsize=64)
def _trigger_question(city: Jurisdiction) -> Any:
    triggers = {clause: item for regime in city.regimes.values() for item in _triggers(regime) for clause in _asked_by(item)}
    questions: Any = _union(_trigger(city, clause, trigger) for clause, trigger in triggers.items())
    listed = Annotated[list[questions], Meta(min_length=1, max_length=_MOST_QUESTIONS, title="条款和事实")]
    return _define("TriggerQuestions", [("questions", listed), ("on", _Day, None)], "Which computed limbs fire on facts.")


def has_regimes(city: Jurisdiction) -> bool:
    """Whether the city holds anybody accountable here."""
    return bool(city.regimes)


def has_triggers(city: Jurisdiction) -> bool:
    """Whether any clause of the city has a computed limb."""
    return any(_triggers(regime) for regime in city.regimes.values())


def _triggers(regime: Regime) -> tuple[Trigger, ...]:
    return tuple({item.clause: item for version in regime.versions for item in version.triggers}.values())


def _asked_by(trigger: Trigger) -> tuple[str, ...]:
    return (trigger.clause, *trigger.also)


def _union(types: Iterable[Any]) -> Any:
    union: Any = None
    for type_ in types:
        union = type_ if union is None else union | type_
    return union


def _define(name: str, entries: list[Entry], words: str, tag: str | None = None, tag_field: str = "regime") -> type[Struct]:
    return msgspec.defstruct(
        name,
        entries,
        namespace={"__doc__": words},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        tag=tag,
        tag_field=tag_field if tag else None,
    )


def _listed(options: tuple[Option, ...], zh: str, en: str) -> Any:
    values: Any = list[one_of(options)]  # type: ignore[misc]  # values known only at run time
    return describe(Annotated[values, Meta(max_length=MOST)], Text(zh, en), None, options)


def _decision(city: Jurisdiction, regime: Regime) -> type[Struct]:
    lists, name = RegimeLists(city, regime), camel(regime.key)
    grounds = lists.options(lists.grounds())
    clause = describe(one_of(grounds), Text("问责情形", "The ground"), None, grounds)
    ground: Any = msgspec.defstruct(
        f"{name}Ground",
        [("clause", clause)],
        bases=(Ground,),
        namespace={"__doc__": Ground.__doc__},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
    )
    entries: list[Entry] = [
        ("subject", Annotated[SubjectKind, Meta(title="对象", description="A unit or a person")]),
        ("grounds", Annotated[list[ground], Meta(max_length=MOST, title="情形")]),
        ("sanctions", _listed(lists.options(lists.sanctions()), "问责方式", "What is imposed; none is a waiver.")),
        (
            "conduct_on",
            Annotated[date, Meta(title="行为日", description="The day of the conduct, or on which it ended (R7)")],
        ),
        *_about_law(lists),
        *_about_subject(lists),
        *_about_matter(regime, lists),
        *_done(lists),
    ]
    return _define(f"{name}Decision", entries, f"{_title(city, regime)}: a decision on one subject, as proposed", regime.key)


def _title(city: Jurisdiction, regime: Regime) -> str:
    return city.rulebook.instrument(regime.instrument).title.zh


def _about_law(lists: RegimeLists) -> list[Entry]:
    ids: Any = Literal[tuple(lists.laws)]
    return [
        (
            "version",
            Annotated[ids | None, Meta(title="版本", description="A later version, because it is lighter (R7)")],
            None,
        ),
        ("lighter_reason", Annotated[Prose | None, Meta(title="较轻的理由", description="Why it is lighter")], None),
        (
            "effective_on",
            Annotated[date | None, Meta(title="生效日", description="The day of effect, for lasting ones")],
            None,
        ),
    ]


def _about_subject(lists: RegimeLists) -> list[Entry]:
    classes = lists.classes()
    entries: list[Entry] = []
    if classes:
        type_ = describe(one_of(classes) | None, Text("对象类别", "The subject's class, where known."), None, classes)
        entries.append(("subject_class", type_, None))
    entries.append(("share", Annotated[Share | None, Meta(title="责任份额", description="What the subject bears")], None))
    labels = lists.options(lists.labels())
    if labels:
        entries.append(("responsibility", _listed(labels, "责任类别", "One of each distinction."), ()))
    return entries


def _about_matter(regime: Regime, lists: RegimeLists) -> list[Entry]:
    entries: list[Entry] = []
    circumstances, tiers = lists.options(lists.circumstances()), lists.options(lists.tiers())
    if circumstances:
        entries.append(("circumstances", _listed(circumstances, "情节", "Circumstances that are found."), ()))
    if tiers:
        type_ = describe(one_of(tiers) | None, Text("情节档次", "The tier of severity."), None, tiers)
        entries.append(("severity", type_, None))
    if any(version.gravity for version in regime.versions):
        entries.append(("gravity", Annotated[Gravity | None, Meta(title="情节轻重", description="How grave it is")], None))
    return [
        *entries,
        ("catch_all_reason", Annotated[Prose | None, Meta(title="兜底项理由", description="Needed with a catch-all")], None),
        ("catch_all_basis", Annotated[Prose | None, Meta(title="兜底项依据", description="Needed with a catch-all")], None),
        ("sanctioned_acts", _ACTS, ()),
        ("result_used", _USED, False),
    ]


_USED = Annotated[
    bool, Meta(title="并问结果运用", description="Whether what is needed before copies and publication is asked about, too")
]
_ACTS = Annotated[
    list[ShortText],
    Meta(max_length=MOST, title="已问责的行为", description="Acts for which the subject was sanctioned before (R13)"),
]


def _done(lists: RegimeLists) -> list[Entry]:
    entries: list[Entry] = []
    before, organ = lists.prerequisites(), lists.options(lists.sanctions(organ=True))
    if before:
        entries.append(("done", _listed(before, "已具备的前提", "The prerequisites that are there."), ()))
    if organ:
        entries.append(("documented", _listed(organ, "已有其他机关文书的方式", "Sanctions with the organ's document."), ()))
    if any(version.short_way for version, _ in lists.versions):
        told = Meta(title="免予核查", description="Whether the short way is taken")
        entries.append(("short_way", Annotated[bool, told], False))
        entries.append(("short_way_reason", Annotated[Prose | None, Meta(title="免予核查的理由")], None))
    return entries


def _responsibility(city: Jurisdiction, regime: Regime) -> type[Struct]:
    lists, name = RegimeLists(city, regime), camel(regime.key)
    told = [version.responsibility for version, _ in lists.versions if version.responsibility]
    ways = {way.key: way for item in told for way in item.paths}
    person: Any = _person(name, [way for item in told for way in item.paths], lists)
    entries: list[Entry] = [("people", Annotated[list[person], Meta(max_length=MOST, title="相关对象")])]
    if ways:
        options = tuple(
            Option(key=way.key, clause=way.clause, title=_choice(lists, way.clause, way.key)) for way in ways.values()
        )
        words = Text("决定方式", "The path of decision; without one it is apportioned by hand.")
        entries.append(("path", describe(one_of(options) | None, words, None, options), None))
    entries += [("reason", _Words, None), ("conduct_on", _Day, None)]
    return _define(f"{name}Responsibility", entries, f"{_title(city, regime)}: who had which part", regime.key)


def _person(name: str, ways: list[Any], lists: RegimeLists) -> type[Struct]:
    entries: list[Entry] = [("name", Annotated[ShortText, Meta(title="称呼", description="What names the subject")])]
    roles = {
        part.role: Option(key=part.role, title=_choice(lists, way.clause, part.role)) for way in ways for part in way.parts
    }
    if roles:
        options = tuple(roles.values())
        type_ = describe(one_of(options) | None, Text("角色", "The role on the path."), None, options)
        entries.append(("role", type_, None))
    for fact, title in {turn.fact: turn.title for way in ways for turn in way.turns}.items():
        entries.append((fact, Annotated[bool, Meta(title=title.zh, description=title.en)], False))
    entries.append(("share", Annotated[Share | None, Meta(title="责任份额", description="By hand: what is borne")], None))
    labels = lists.options(lists.labels())
    if labels:
        entries.append(("labels", _listed(labels, "责任类别", "By hand: one of each distinction."), ()))
    return _define(f"{name}Part", entries, "Somebody who had a part, or the share that they are given by hand.")


def _choice(lists: RegimeLists, clause: str, key: str) -> Text:
    found = find_clause(lists.versions[-1][1], f"{clause}/{key}")
    return found[1].label if found and found[1] else Text(key, key)


def _trigger(city: Jurisdiction, clause: str, trigger: Trigger) -> type[Struct]:
    found = find_clause(city.rulebook.instrument(clause.partition("#")[0]).versions[-1], clause)
    words = f"{found[0].label.zh}。{found[0].label.en}" if found else clause
    entries = [(item.fact, _fact_type(item.bound, item.by_month, item.title)) for item in trigger.when]
    if trigger.run is not None:
        entries.append(("years", Annotated[list[YearPlace], Meta(max_length=_MOST_YEARS, title="各年度")]))
    instrument, _, ref = clause.partition(":")[2].partition("#")
    name = f"{camel(instrument)}Clause{camel(ref.replace('.', 'Item').replace('/', '-'))}"
    return _define(f"{name}Facts", list(entries), words, clause, "clause")


def _fact_type(bound: Bound, by_month: bool, title: Text) -> Any:
    told = Meta(title=title.zh, description=title.en)
    if by_month:
        return Annotated[Annotated[list[MonthCount], Meta(max_length=_MOST_MONTHS)], told]
    return Annotated[bool, told] if bound in {Bound.TRUE, Bound.FALSE} else Annotated[_Count, told]
