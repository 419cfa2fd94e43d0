"""Whether the grounds and circumstances of a proposal are ones of the regime, and reach its subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from core.law.citation import Citation
from core.law.instrument import Version
from core.sanctions.proposal import FoundCircumstance, Matter, Reason
from core.sanctions.reach import classes_reached, find_clause, kinds_of, kinds_reached, subject_class
from core.sanctions.regime import CircumstanceList, RegimeVersion, SubjectKind
from core.texts import Params

CATCH_ALL, VERSIONS, ONCE = "wenze:readings#r8", "wenze:readings#r7", "wenze:readings#r13"
KIND_NAMES: dict[SubjectKind, Params] = {
    SubjectKind.UNIT: {"kind": "unit", "kind_zh": "单位", "kind_en": "a unit"},
    SubjectKind.PERSON: {"kind": "person", "kind_zh": "人员", "kind_en": "a person"},
}


def check_grounds(matter: Matter) -> Iterator[Reason]:
    """At least one ground, each once for one act, of this regime, reaching the subject, and not sanctioned before (R13)."""
    proposal = matter.proposal
    if not proposal.grounds:
        yield Reason("sanctions.ground-missing", matter.instrument, at="/grounds")
    seen: set[tuple[str, str]] = set()
    for index, ground in enumerate(proposal.grounds):
        at = f"/grounds/{index}"
        if ground.clause not in matter.regime.categories:
            elsewhere = (ONCE,) if Citation.parse(ground.clause).instrument != matter.instrument else ()
            yield _unknown(matter, "sanctions.ground-unknown", ground.clause, at, _categories(matter), elsewhere)
            continue
        yield from check_reached(matter, ground.clause, ground.clause, at)
        if (ground.clause, ground.act) in seen:
            yield Reason("sanctions.ground-twice", ONCE, (ground.clause,), matter.named(ground.clause), at)
        seen.add((ground.clause, ground.act))
        if ground.act in proposal.sanctioned_acts:
            params = matter.named(ground.clause) | {"act": ground.act}
            yield Reason("sanctions.act-sanctioned", ONCE, (ground.clause,), params, at)
    yield from _check_class(matter)


def check_reached(matter: Matter, citation: str, clause: str, at: str) -> Iterator[Reason]:
    """A clause must reach units, or persons, and the subject's class where that is known. Refused under ``clause``."""
    if matter.kind not in kinds_reached(matter.law, citation):
        params = matter.named(citation) | KIND_NAMES[matter.kind]
        yield Reason("sanctions.not-for-kind", clause, (citation,), params, at)
        return
    wanted, known = classes_reached(matter.law, citation, matter.kind), matter.proposal.subject_class
    found = subject_class(matter.law, known) if known else None
    if wanted is not None and found is not None and found.key not in wanted:
        params = matter.named(citation) | {"class_zh": found.label.zh, "class_en": found.label.en}
        yield Reason("sanctions.not-for-class", clause, (citation, _whole(matter, found.clause)), params, at)


def _check_class(matter: Matter) -> Iterator[Reason]:
    """The class is one of the subject's kind, and somebody is reached by all grounds at once."""
    known = matter.proposal.subject_class
    found = subject_class(matter.law, known) if known else None
    if known and found is None:
        yield Reason("sanctions.class-unknown", matter.instrument, (), {"class": known}, "/subject_class")
    elif found is not None and matter.kind not in kinds_of(matter.law, found.key):
        params = KIND_NAMES[matter.kind] | {"class_zh": found.label.zh, "class_en": found.label.en}
        yield Reason("sanctions.class-of-other-kind", _whole(matter, found.clause), (), params, "/subject_class")
    reached = [
        (ground.clause, classes)
        for ground in matter.proposal.grounds
        if ground.clause in matter.regime.categories and (classes := classes_reached(matter.law, ground.clause, matter.kind))
    ]
    if reached and not frozenset.intersection(*(classes for _, classes in reached)):
        cites = tuple(clause for clause, _ in reached)
        yield Reason("sanctions.grounds-apart", cites[0], cites[1:], {"grounds": ", ".join(cites)}, "/grounds")


def check_circumstances(matter: Matter) -> Iterator[Reason]:
    """Each circumstance is one of this regime, is meant for the subject, and can be; none stands twice."""
    lists = matter.regime.circumstance_lists
    named = matter.proposal.circumstances
    for index, citation in enumerate(named):
        at = f"/circumstances/{index}"
        if citation not in lists:
            known = [group.clause for group in matter.regime.circumstances]
            code = "sanctions.circumstance-unknown" if lists else "sanctions.circumstances-none"
            yield _unknown(matter, code, citation, at, known)
            continue
        yield from check_reached(matter, citation, lists[citation].clause, at)
        if citation in named[:index]:
            yield Reason("sanctions.circumstance-twice", citation, (), matter.named(citation), at)
        yield from _check_counted(matter, citation, at)


def _check_counted(matter: Matter, citation: str, at: str) -> Iterator[Reason]:
    """What is counted can be found by a person, too, but never of fewer acts."""
    needed = _minimum(matter, citation)
    acts = {ground.act for ground in matter.proposal.grounds}
    if needed is not None and matter.kind in kinds_reached(matter.law, citation) and len(acts) < needed:
        params = matter.named(citation) | {"needed": needed, "found": len(acts)}
        yield Reason("sanctions.circumstance-uncounted", citation, (ONCE,), params, at)


def counted(matter: Matter) -> tuple[str, ...]:
    """The circumstances that the system sets by itself: so many categories of grounds, established for different acts."""
    return tuple(
        item.clause
        for item in matter.regime.counted
        if matter.kind in kinds_reached(matter.law, item.clause) and _holds(matter, _minimum(matter, item.clause) or 0)
    )


def _holds(matter: Matter, needed: int) -> bool:
    categories = matter.regime.categories
    pairs = {(categories[ground.clause], ground.act) for ground in matter.proposal.grounds if ground.clause in categories}
    return any(
        len({category for category, _ in group}) == needed == len({act for _, act in group})
        for group in combinations(sorted(pairs), needed)
    )


def _minimum(matter: Matter, citation: str) -> int | None:
    """How many grounds a counted circumstance needs, by the clause's own figure."""
    item = next((item for item in matter.regime.counted if item.clause == citation), None)
    found = find_clause(matter.law, citation) if item else None
    if item is None or found is None:
        return None
    return next(int(value.amount) for value in found[0].values if value.key == item.minimum)


def found_circumstances(matter: Matter) -> tuple[FoundCircumstance, ...]:
    """Every circumstance that counts: those set by the system, and those named that the regime has for the subject."""
    added, lists = counted(matter), matter.regime.circumstance_lists
    named = [
        item
        for item in dict.fromkeys(matter.proposal.circumstances)
        if item in lists and item not in added and matter.kind in kinds_reached(matter.law, item)
    ]
    return tuple(_describe(matter, item, lists[item], item in added) for item in (*added, *named))


def _describe(matter: Matter, citation: str, group: CircumstanceList, added: bool) -> FoundCircumstance:
    found = find_clause(matter.law, citation)
    binding = (found[1] or found[0]).binding if found else None
    return FoundCircumstance(citation, group.weight, binding, added, group.allows)


def check_catch_alls(matter: Matter) -> Iterator[Reason]:
    """What the text leaves open needs a written reason and a cited basis (R8)."""
    if matter.proposal.catch_all.whole:
        return
    for at, citation in _chosen(matter):
        if leaves_open(matter.regime, matter.law, citation):
            yield Reason("sanctions.catch-all-bare", CATCH_ALL, (citation,), matter.named(citation), at)


def leaves_open(regime: RegimeVersion, law: Version, citation: str) -> bool:
    """Whether a clause stands for what the text does not name: a catch-all, or an open list that is cited as a whole."""
    found = find_clause(law, citation)
    if found is None:
        return False
    clause, choice = found
    if choice is not None:
        return choice.catch_all
    listed = any(item.clause == citation and item.open for one in regime.sanctions.values() for item in one.items)
    return clause.catch_all or listed or any(group.open and group.category == citation for group in regime.grounds)


def _chosen(matter: Matter) -> Iterator[tuple[str, str]]:
    proposal = matter.proposal
    grounds = [ground.clause for ground in proposal.grounds]
    for name, citations in (
        ("grounds", grounds),
        ("circumstances", proposal.circumstances),
        ("sanctions", proposal.sanctions),
    ):
        for index, citation in enumerate(citations):
            yield f"/{name}/{index}", citation


def _categories(matter: Matter) -> list[str]:
    return [group.category for group in matter.regime.grounds]


def _unknown(matter: Matter, code: str, citation: str, at: str, known: Iterable[str], also: tuple[str, ...] = ()) -> Reason:
    """A citation that is not on a list of the regime, refused under the list where there is one."""
    listed = tuple(known)
    params: Params = {"what": citation, "instrument": matter.instrument, "known": ", ".join(listed) or "–"}
    return Reason(code, listed[0] if len(listed) == 1 else matter.instrument, (citation, *listed, *also), params, at)


def _whole(matter: Matter, ref: str) -> str:
    return f"{matter.instrument}#{ref}"
