"""Who bears which share: by the text's own path of decision and each person's part in it, or by a reasoned apportionment.

Pure. Facts that contradict one another, or that the path does not know, are refused and never guessed around.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct, field

from core.law.rulebook import Rulebook
from core.sanctions.dating import law_on, regime_on
from core.sanctions.proposal import Line, Reason
from core.sanctions.regime import DecisionPath, Part, Regime, Responsibility, Share, Turn

_ALONE = frozenset({Share.SOLE, Share.FULL})


class Participant(Struct, frozen=True):
    """Somebody who had a part: a role, and the facts that are established of them."""

    name: str
    role: str
    facts: frozenset[str] = frozenset()
    share: Share | None = None
    """A share that is stated by hand, for which a path leaves no room."""


class StatedShare(Struct, frozen=True):
    """What a person who apportions by hand gives somebody; ``labels`` tell the kind of responsibility if the text asks."""

    name: str
    share: Share
    labels: tuple[str, ...] = ()


class BorneShare(Struct, frozen=True):
    """What somebody bears, and the clause that says so."""

    name: str
    share: Share
    clause: str
    labels: tuple[str, ...] = ()


class Apportionment(Struct, frozen=True, kw_only=True):
    """The share of each, or why there is none: ``by_hand`` says that a reasoned apportionment is the way that is open."""

    regime: str
    clause: str
    version: str
    shares: tuple[BorneShare, ...] = ()
    reasons: tuple[Reason, ...] = ()
    by_hand: bool = False
    lines: tuple[Line, ...] = field(default_factory=tuple)

    @property
    def settled(self) -> bool:
        """Whether everybody has a share."""
        return not self.reasons


def apportion(
    regime: Regime, rulebook: Rulebook, path: str, people: tuple[Participant, ...], on: date | None = None
) -> Apportionment:
    """The shares that the text itself gives on a path of decision; by the version of the day of the conduct, where known."""
    version, law = regime_on(regime, rulebook, on), law_on(rulebook, regime.instrument, on).id
    told = version.responsibility
    if told is None or not told.paths:
        reason = Reason("sanctions.paths-none", _clause(regime, told), (), {"instrument": regime.instrument}, "/path")
        return _refuse(regime, told, law, (reason,), by_hand=True)
    way = told.path(path)
    if way is None:
        params = {"path": path, "known": ", ".join(item.key for item in told.paths)}
        return _refuse(
            regime, told, law, (Reason("sanctions.path-unknown", told.clause, (), params, "/path"),), by_hand=True
        )
    reasons = tuple(_check_people(way, people))
    if reasons:
        by_hand = any(reason.code == "sanctions.people-too-many" for reason in reasons)
        return _refuse(regime, told, law, reasons, by_hand=by_hand)
    shares = tuple(_share(way, person, people) for person in people)
    if all(item.share is Share.NONE for item in shares):
        return _refuse(regime, told, law, (Reason("sanctions.nobody-bears", way.clause, (told.clause,), {}, "/people"),))
    lines = tuple(_explain(way, people, shares))
    return Apportionment(regime=regime.key, clause=way.clause, version=law, shares=shares, lines=lines)


def apportion_by_hand(
    regime: Regime, rulebook: Rulebook, stated: tuple[StatedShare, ...], reason: str, on: date | None = None
) -> Apportionment:
    """A reasoned apportionment by a person, for where the text has no path; what contradicts itself is refused."""
    version, law = regime_on(regime, rulebook, on), law_on(rulebook, regime.instrument, on).id
    told = version.responsibility
    reasons = tuple(_check_stated(regime, told, stated, reason))
    if reasons:
        return _refuse(regime, told, law, reasons, by_hand=True)
    clause = _clause(regime, told)
    shares = tuple(BorneShare(item.name, item.share, clause, item.labels) for item in stated)
    lines = tuple(_line("sanctions.line.share-stated", item) for item in shares)
    return Apportionment(regime=regime.key, clause=clause, version=law, shares=shares, by_hand=True, lines=lines)


def _clause(regime: Regime, told: Responsibility | None) -> str:
    return told.clause if told else regime.instrument


def _refuse(
    regime: Regime, told: Responsibility | None, law: str, reasons: tuple[Reason, ...], *, by_hand: bool = False
) -> Apportionment:
    lines = tuple(Line(reason.code, reason.clause, reason.params) for reason in reasons)
    clause = _clause(regime, told)
    return Apportionment(regime=regime.key, clause=clause, version=law, reasons=reasons, by_hand=by_hand, lines=lines)


def _check_people(way: DecisionPath, people: tuple[Participant, ...]) -> Iterator[Reason]:
    yield from _check_names([person.name for person in people])
    roles = Counter(person.role for person in people)
    if any(person.share is not None for person in people):
        yield Reason("sanctions.path-given", way.clause, ("wenze:readings#r9",), {"path": way.key}, "/people")
    for index, person in enumerate(people):
        if way.part(person.role) is None:
            params = {"name": person.name, "role": person.role, "path": way.key}
            yield Reason("sanctions.role-of-another-path", way.clause, (), params, f"/people/{index}/role")
    for part in way.parts:
        yield from _check_number(way, part, roles[part.role])
    for index, person in enumerate(people):
        yield from _check_facts(way, person, f"/people/{index}")


def _check_names(names: list[str]) -> Iterator[Reason]:
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield Reason("sanctions.name-twice", "wenze:readings#r13", (), {"name": name}, "/people")


def _check_number(way: DecisionPath, part: Part, count: int) -> Iterator[Reason]:
    params: dict[str, str | int] = {"role": part.role, "path": way.key, "count": count}
    if count < part.least:
        yield Reason("sanctions.role-missing", way.clause, (), params, "/people")
    elif part.most is not None and count > part.most:
        yield Reason("sanctions.people-too-many", way.clause, (), params, "/people")


def _check_facts(way: DecisionPath, person: Participant, at: str) -> Iterator[Reason]:
    """Each fact is one that the path knows of that role, and no two turn the shares."""
    turns = {turn.fact: turn for turn in way.turns if turn.role == person.role}
    for fact in sorted(person.facts - turns.keys()):
        params = {"name": person.name, "role": person.role, "path": way.key, "fact": fact}
        yield Reason("sanctions.fact-of-another-path", way.clause, (), params, f"{at}/{fact}")
    known = sorted(person.facts & turns.keys())
    if len(known) > 1:
        params = {"name": person.name, "facts": ", ".join(known)}
        yield Reason("sanctions.facts-contradict", way.clause, (), params, at)


def _turn(way: DecisionPath, person: Participant) -> Turn | None:
    return next((turn for turn in way.turns if turn.role == person.role and turn.fact in person.facts), None)


def _share(way: DecisionPath, person: Participant, people: tuple[Participant, ...]) -> BorneShare:
    """The own share: turned by a fact of one's own, else by one of somebody else's, else the usual one of the role."""
    own = _turn(way, person)
    if own is not None:
        return BorneShare(person.name, own.own, way.clause)
    turned: Mapping[str, Share] = {
        role: share for other in people if (turn := _turn(way, other)) for role, share in turn.others.items()
    }
    part = way.part(person.role)
    usual = part.share if part else Share.NONE
    return BorneShare(person.name, turned.get(person.role, usual), way.clause)


def _check_stated(
    regime: Regime, told: Responsibility | None, stated: tuple[StatedShare, ...], reason: str
) -> Iterator[Reason]:
    clause = _clause(regime, told)
    if not reason.strip():
        yield Reason("sanctions.apportionment-bare", clause, (), {}, "/reason")
    yield from _check_names([item.name for item in stated])
    bearing = [item.share for item in stated if item.share is not Share.NONE]
    if not bearing:
        yield Reason("sanctions.nobody-bears", clause, (), {}, "/people")
    if len(bearing) > 1 and not _ALONE.isdisjoint(bearing):
        yield Reason("sanctions.share-alone", clause, (), {}, "/people")
    if Share.SECONDARY in bearing and Share.PRIMARY not in bearing:
        yield Reason("sanctions.share-without-primary", clause, (), {}, "/people")
    for index, item in enumerate(stated):
        for group in told.distinctions if told else ():
            if item.share is not Share.NONE and len(set(item.labels) & set(group)) != 1:
                params = {"offered": ", ".join(group)}
                yield Reason("sanctions.label-one-of", clause, group, params, f"/people/{index}/labels")


def _explain(way: DecisionPath, people: tuple[Participant, ...], shares: tuple[BorneShare, ...]) -> Iterator[Line]:
    yield Line("sanctions.line.path", way.clause, {"path": way.key})
    for person, borne in zip(people, shares, strict=True):
        turn = _turn(way, person)
        if turn is not None:
            params = {"name": person.name, "role": person.role, "zh": turn.title.zh, "en": turn.title.en}
            yield Line("sanctions.line.turn", way.clause, params)
        yield _line("sanctions.line.share", borne)


def _line(code: str, borne: BorneShare) -> Line:
    return Line(code, borne.clause, {"name": borne.name, "share": borne.share.value})
