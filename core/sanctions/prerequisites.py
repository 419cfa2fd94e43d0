"""What must be there before a decision: hearing, opinion, consent, the subject's share of the responsibility."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.sanctions.grounds import KIND_NAMES
from core.sanctions.proposal import Matter, Reason
from core.sanctions.reach import kinds_reached
from core.sanctions.regime import Prerequisite, Responsibility, Share


def check_before(matter: Matter) -> Iterator[Reason]:
    """Every prerequisite that the regime asks for in this matter; the short way goes past some, with a recorded reason."""
    for item in matter.regime.before:
        if item.blocks and (matter.proposal.result_used or not item.of_result) and _is_missing(matter, item):
            yield _missing(item, "sanctions.before-missing")
    proposal = matter.proposal
    if not proposal.short_way:
        return
    if matter.regime.short_way is None:
        yield Reason("sanctions.short-way-none", matter.instrument, (), {"instrument": matter.instrument}, "/short_way")
    elif not proposal.short_way_reason.strip():
        yield Reason("sanctions.short-way-bare", matter.regime.short_way, (), {}, "/short_way_reason")


def remark_missing(matter: Matter) -> Iterator[Reason]:
    """What is not there and stands in no decision's way: what is only tracked, or is needed for its use alone."""
    if matter.proposal.in_order:
        return
    for item in matter.regime.before:
        if not item.blocks and _is_missing(matter, item):
            yield _missing(item, "sanctions.before-tracked")
        elif item.of_result and not matter.proposal.result_used and _is_missing(matter, item):
            yield _missing(item, "sanctions.before-use")


def _is_missing(matter: Matter, item: Prerequisite) -> bool:
    """Whether it is asked for here and not there."""
    proposal = matter.proposal
    if item.key in proposal.done or (item.short_way and proposal.short_way):
        return False
    if item.subject not in {None, proposal.subject}:
        return False
    grounds = {ground.clause for ground in proposal.grounds}
    return (not item.sanctions or _touches(item.sanctions, proposal.sanctions)) and (
        not item.grounds or not grounds.isdisjoint(item.grounds)
    )


def _touches(named: Iterable[str], sanctions: tuple[str, ...]) -> bool:
    """Whether one of the sanctions is named, by itself or by its clause."""
    wanted = set(named)
    return any(item in wanted or item.partition("/")[0] in wanted for item in sanctions)


def _missing(item: Prerequisite, code: str) -> Reason:
    params = {"key": item.key, "zh": item.title.zh, "en": item.title.en}
    return Reason(code, item.clause, (), params, "/done")


def check_share(matter: Matter) -> Iterator[Reason]:
    """Who bears no share cannot be sanctioned, and where the text tells responsibility apart, that is done before."""
    proposal, told = matter.proposal, matter.regime.responsibility
    bears = told.clause if told else matter.instrument
    if proposal.share is Share.NONE and proposal.sanctions:
        cites = tuple(way.clause for way in told.paths) if told else ()
        yield Reason("sanctions.share-none", bears, cites, {}, "/share")
    if told is None:
        return
    if proposal.share is None and told.paths and not proposal.in_order:
        yield Reason("sanctions.share-missing", told.needed_by or told.clause, (told.clause,), {}, "/share")
    yield from _check_labels(matter, told)


def _check_labels(matter: Matter, told: Responsibility) -> Iterator[Reason]:
    """Of each distinction exactly one label, and one that is for such a subject."""
    labels = matter.proposal.responsibility
    known = {label for group in told.distinctions for label in group}
    for index, label in enumerate(labels):
        at = f"/responsibility/{index}"
        if label not in known:
            yield Reason("sanctions.label-unknown", told.clause, (label,), {"what": label}, at)
        elif matter.kind not in kinds_reached(matter.law, label):
            yield Reason("sanctions.not-for-kind", label, (), matter.named(label) | KIND_NAMES[matter.kind], at)
    for group in told.distinctions:
        chosen = [label for label in labels if label in group]
        if len(chosen) > 1 or (not chosen and not matter.proposal.in_order):
            params = {"offered": ", ".join(group)}
            yield Reason("sanctions.label-one-of", told.needed_by or told.clause, group, params, "/responsibility")
