"""Whom an accountability case is about, for what, and on which grounds: what must fit together. Pure.

Everything has a name of its own in the case, what it names exists, and each ground stands in the version of the law by which
the act is judged (R7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.cases.options import value_of
from core.cases.order import Order
from core.cases.world import World
from core.errors import Invalid, Refused
from core.law.citation import Citation
from core.sanctions.matter import Matter, SubjectKind

CATCH_ALL, VERSIONS = "wenze:readings#r8", "wenze:readings#r7"
_PARTS = ("subjects", "acts", "evidence", "grounds", "circumstances")
Item = Mapping[str, Any]


def check_charge(matter: Matter, order: Order, world: World) -> Order:
    """The order with the version of the law for each ground; raises :class:`Invalid` and :class:`Refused`."""
    clause = order.step.clause
    if not any(order.data.get(part) for part in _PARTS):
        raise Refused("matters.nothing-said", clause=clause)
    _check_names(matter, order)
    for place, item in _listed(order, "subjects"):
        _check_subject(place, item, order, world)
    for place, item in _listed(order, "acts"):
        _check_act(place, item, order, world)
    for place, item in _listed(order, "circumstances"):
        _check_named(place, "subject", [item["subject"]], _refs(matter, order, "subjects"), clause)
    for place, item in (*_listed(order, "grounds"), *_listed(order, "circumstances")):
        check_reasoned(place, item, world, "grounds" if "act" in item else "circumstances")
    judged = [_judge(place, item, matter, order, world) for place, item in _listed(order, "grounds")]
    return replace(order, data=order.data | {"grounds": judged}) if judged else order


def _listed(order: Order, part: str) -> Iterator[tuple[str, Item]]:
    return ((f"/{part}/{index}", item) for index, item in enumerate(order.data.get(part, ())))


def _refs(matter: Matter, order: Order, part: str) -> set[str]:
    return {item.ref for item in getattr(matter, part)} | {item["ref"] for _, item in _listed(order, part)}


def _check_names(matter: Matter, order: Order) -> None:
    for part in _PARTS:
        taken = {item.ref for item in getattr(matter, part)}
        for place, item in _listed(order, part):
            if item["ref"] in taken:
                raise Refused("matters.ref-taken", field=f"{place}/ref", clause=order.step.clause, ref=item["ref"])
            taken.add(item["ref"])


def _check_subject(place: str, item: Item, order: Order, world: World) -> None:
    """A person has a name, and the class of subjects is one of units or of people."""
    clause = order.step.clause
    if item["kind"] == SubjectKind.PERSON and not item.get("name"):
        raise Refused("matters.person-unnamed", field=f"{place}/name", clause=clause)
    of_people = [name for name in ("name", "post", "person_id") if item.get(name)]
    if item["kind"] == SubjectKind.UNIT and of_people:
        raise Refused("matters.unit-is-nobody", field=f"{place}/{of_people[0]}", clause=clause)
    named = item.get("subject_class")
    subjects = world.rulebook.instrument(world.kind.instrument).versions[-1].subjects
    if named and not any(it.key == named and item["kind"] in it.kinds for it in subjects):
        raise Refused("matters.class-of-others", field=f"{place}/subject_class", clause=clause, named=named)


def _check_act(place: str, item: Item, order: Order, world: World) -> None:
    if date.fromisoformat(item["ended_on"]) > world.local_day(order.occurred_at):
        raise Refused("matters.act-in-future", field=f"{place}/ended_on", clause=order.step.clause)


def _check_named(place: str, name: str, refs: list[str], known: set[str], clause: str) -> None:
    for ref in refs:
        if ref not in known:
            raise Refused("matters.ref-unknown", field=f"{place}/{name}", clause=clause, ref=ref)


def check_reasoned(place: str, item: Item, world: World, choices: str) -> None:
    """A catch-all is used with its reason and basis (R8)."""
    chosen = item.get("clause") or item.get("sanctions") or ()
    for option in world.kind.choices.get(choices, ()):
        if option.needs_reason and value_of(option) in ({chosen} if isinstance(chosen, str) else set(chosen)):
            for needed in ("catch_all_reason", "catch_all_basis"):
                if not (item.get(needed) or "").strip():
                    raise Refused(
                        "cases.catch-all-bare", field=f"{place}/{needed}", clause=CATCH_ALL, option=value_of(option)
                    )


def _judge(place: str, item: Item, matter: Matter, order: Order, world: World) -> dict[str, Any]:
    """The ground with the version in force on the day of the act."""
    clause = order.step.clause
    _check_named(place, "act", [item["act"]], _refs(matter, order, "acts"), clause)
    _check_named(place, "subjects", item["subjects"], _refs(matter, order, "subjects"), clause)
    _check_named(place, "evidence", item.get("evidence", []), _refs(matter, order, "evidence"), clause)
    for name in ("subjects", "evidence"):
        if len(set(item.get(name, []))) != len(item.get(name, [])):
            raise Invalid("cases.value-twice", field=f"{place}/{name}", value=item[name][0])
    acts = {it.ref: it.ended_on for it in matter.acts}
    acts |= {it["ref"]: date.fromisoformat(it["ended_on"]) for _, it in _listed(order, "acts")}
    passage = world.rulebook.passage(Citation.parse(item["clause"]), acts[item["act"]])
    return dict(item) | {"version": passage.version.id}
