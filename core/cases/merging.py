"""Merging (并案): a case about a matter that another case is about already ends in that one, and can be taken out again.

The merged case ends in a state of its own, its open deadlines lapse and its units are released; its petitioners count for
the other case, and their receipts tell how that one goes on. Taken out again it stands exactly where it stood: in its state,
with its units and with the due dates that it had, for the clock of a term runs on whatever case a matter is handled in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select, type_coerce, update

from core.attachments.access import works_with_originals
from core.cases.accounts import advance_case, settle
from core.cases.case import PAUSED, Case, DeadlineNote, Interruption, Standing
from core.cases.house_steps import LET_GO, MERGE, MERGED, MERGING, TAKE_IN, UNMERGE, house_step
from core.cases.life import Outcome
from core.cases.members import open_members
from core.cases.merging_rules import check_same_matter, check_terms
from core.cases.recusal import is_recused
from core.cases.rendition import check_for_newcomers
from core.cases.service import Desk, decide_step, find_case, store_step, take_step
from core.cases.splitting import count_open_parts, list_parts
from core.deadlines.derive import WINDOW_OPEN, Ending
from core.deadlines.watching import rewatch
from core.errors import NotFound, OutOfOrder, Refused
from core.store.tables import TENANT, attachment, cases, deadline
from core.store.types import Json
from core.supervision.reconsidering import Changed, reconsider
from core.tenants.names import Prose

_BY_NUMBER = select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.number == bindparam("of_number"))
_RUN_ON = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), ended_at=None, ended_by_step=None)
)
_MERGED_INTO = (
    select(
        cases.c.id,
        cases.c.number,
        cases.c.kind,
        cases.c.title,
        cases.c.closed_at,
        type_coerce(cases.c.standing, Json(Standing)).label("standing"),
    )
    .where(cases.c.tenant == TENANT, cases.c.merged_into == bindparam("of_case"))
    .order_by(cases.c.id)
)
_FILES = (
    select(*(attachment.c[name] for name in ("id", "case_id", "name", "media_type", "size")))
    .where(
        attachment.c.tenant == TENANT,
        cases.c.tenant == TENANT,
        cases.c.id == attachment.c.case_id,
        cases.c.merged_into == bindparam("of_case"),
    )
    .order_by(attachment.c.id)
)


class Merger(Struct, frozen=True, forbid_unknown_fields=True):
    """Into which case, and why."""

    into: Annotated[str, Meta(min_length=1, max_length=64, title="并入的事项", description="Its id or its number")]
    reason: Annotated[Prose, Meta(title="理由", description="Why both are about the same matter; kept with the step")]


class Separation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a case is taken out of another again."""

    reason: Annotated[Prose, Meta(title="理由", description="Why it is a matter of its own; kept with the step")]


class _Move(Struct, frozen=True):
    """What a step of merging says of the other case."""

    case_id: UUID
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class MergedCase:
    """A case that was merged into another, with what of its attachments the reader may know of."""

    case: dict[str, Any]
    petitioners: int
    attachments: tuple[dict[str, Any], ...]


async def merge_case(desk: Desk, source_id: UUID, asked: Merger, expected: int) -> Case:
    """Merges a case into another one of its kind; a step of both. Answers the merged one.

    Raises :class:`core.errors.Stale`, :class:`NotFound`, :class:`core.errors.Forbidden`, :class:`OutOfOrder` where either is
    over, parts of this one are still open or a term of it would end, and :class:`Refused` for a case that is not there, of
    another kind or about another unit, and where the other's confirmed rendition or title would tell who brings this one.
    """
    await find_case(desk, source_id)
    source, target = await _lock_both(desk, source_id, await _find_target(desk, asked.into))
    _check_target(source, target)
    if await count_open_parts(desk.session, source):
        raise OutOfOrder("merging.has-parts", clause=MERGING)
    await _check_words(desk, source, target)
    kind = desk.snapshot.jurisdiction.kind(source.kind)
    said = _Move(target.id, target.number, asked.reason)
    ended = interrupt(source, await decide_step(desk, source, house_step(kind, MERGE), said, expected))
    check_same_matter(source, target, kind)
    check_terms(source, target, desk.world(kind))
    standing = settle(ended.standing, ended.endings, ())
    after = msgspec.structs.replace(advance_case(source, ended, standing), merged_into=target.id)
    await store_step(desk, source, after, ended, refs={"other_case_id": str(target.id)})
    await _join(desk, target, source, asked.reason, joins=True)
    return after


async def unmerge_case(desk: Desk, source_id: UUID, asked: Separation, expected: int) -> Case:
    """Takes a case out of the one that it was merged into; a step of both. Answers the case as it goes on.

    Raises :class:`core.errors.Stale`, :class:`NotFound`, :class:`core.errors.Forbidden`, and :class:`OutOfOrder` for a case
    that is not merged and where the other one was itself merged since.
    """
    found = await find_case(desk, source_id)
    source, target = await _lock_both(desk, source_id, found.merged_into or source_id)
    if source.merged_into != target.id:
        raise OutOfOrder("merging.not-merged", clause=MERGING)
    if target.merged_into is not None:
        raise OutOfOrder("merging.other-merged", clause=MERGING, number=target.number)
    kind = desk.snapshot.jurisdiction.kind(source.kind)
    said = _Move(target.id, target.number, asked.reason)
    decided = await decide_step(desk, source, house_step(kind, UNMERGE), said, expected)
    resumed, running = resume(source, decided)
    after = msgspec.structs.replace(advance_case(source, resumed, resumed.standing), merged_into=None)
    await store_step(desk, source, after, resumed, refs={"other_case_id": str(target.id)})
    for note in running:
        await desk.session.execute(_RUN_ON, {"of_id": note.id, "new_state": note.state})
    await rewatch(desk.session, desk.snapshot, source.kind, running)
    late = (Changed(source.id, source.kind, note) for note in running)
    await reconsider(desk.session, desk.snapshot, desk.now, late, {})
    await _join(desk, target, source, asked.reason, joins=False)
    return after


async def list_merged(desk: Desk, case_id: UUID) -> tuple[MergedCase, ...]:
    """The cases that are merged into a case; raises :class:`NotFound` for one that the person does not see."""
    kind = desk.snapshot.jurisdiction.kind((await find_case(desk, case_id)).kind)
    rows = await desk.session.all(_MERGED_INTO, {"of_case": case_id})
    sees = rows and works_with_originals(kind, desk.principal)
    sees = sees and not await is_recused(desk, kind, case_id)
    files = await desk.session.all(_FILES, {"of_case": case_id}) if sees else []
    return tuple(
        MergedCase(row, row["standing"].petitioners, tuple(file for file in files if file["case_id"] == row["id"]))
        for row in rows
    )


async def _find_target(desk: Desk, named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        row = await desk.session.one(_BY_NUMBER, {"of_number": named})
        if row is None:
            raise Refused("merging.no-such-case", field="/into", clause=MERGING) from None
        found: UUID = row["id"]
        return found


async def _lock_both(desk: Desk, source_id: UUID, target_id: UUID) -> tuple[Case, Case]:
    """Both cases as they stand, locked in the order of their ids, so that two mergers that cross wait and never block."""
    found: dict[UUID, Case] = {}
    for id_ in sorted({source_id, target_id}):
        try:
            found[id_] = await find_case(desk, id_, lock=True)
        except NotFound:
            if id_ == source_id:
                raise
            raise Refused("merging.no-such-case", field="/into", clause=MERGING) from None
    return found[source_id], found[target_id]


def _check_target(source: Case, target: Case) -> None:
    if source.id == target.id:
        raise Refused("merging.itself", field="/into", clause=MERGING)
    if source.kind != target.kind:
        raise Refused("merging.other-kind", field="/into", clause=MERGING)
    if target.closed_at is not None:
        raise OutOfOrder("merging.other-over", field="/into", clause=MERGING, number=target.number)


async def _check_words(desk: Desk, source: Case, target: Case) -> None:
    """What the units of the other case, and of its parts, read may not tell who brings this one."""
    kind, identities = desk.snapshot.jurisdiction.kind(target.kind), await open_members(desk.session, source.id)
    for read_by_units in (target, *await list_parts(desk.session, target)):
        check_for_newcomers(read_by_units, kind, identities, "/into")


def interrupt(source: Case, outcome: Outcome) -> Outcome:
    """The merged case is over: in a state of its own, without units, what was due lapsed, and all of it remembered."""
    at, running = outcome.order.occurred_at, [note for note in source.standing.deadlines if note.is_running]
    kept = Interruption(source.state, source.standing.units, tuple(note.id for note in running))
    standing = msgspec.structs.replace(outcome.standing, units=(), pending=(), merged=kept)
    endings = tuple(Ending(note, "lapsed", at) for note in running)
    return replace(outcome, after=MERGED.key, standing=standing, endings=endings, closed_at=at)


def resume(source: Case, outcome: Outcome) -> tuple[Outcome, tuple[DeadlineNote, ...]]:
    """The case stands where it stood when it was merged; and the deadlines that run on, with their dates as they were."""
    kept = source.standing.merged
    if kept is None:
        raise LookupError(f"case {source.id} is merged and nothing is known of what it was before")
    notes = tuple(_run_on(note) if note.id in kept.deadlines else note for note in outcome.standing.deadlines)
    standing: Standing = msgspec.structs.replace(outcome.standing, units=kept.units, merged=None, deadlines=notes)
    running = tuple(note for note in notes if note.id in kept.deadlines)
    return replace(outcome, after=kept.state, standing=standing, closed_at=None), running


def _run_on(note: DeadlineNote) -> DeadlineNote:
    state = WINDOW_OPEN if note.window else PAUSED if note.paused_at else "open"
    return msgspec.structs.replace(note, state=state, ended_at=None)


async def _join(desk: Desk, target: Case, source: Case, reason: str, *, joins: bool) -> None:
    """The other case's own step: its petitioners are more by those of the merged one, or fewer again."""
    change = source.standing.petitioners if joins else -source.standing.petitioners
    standing = msgspec.structs.replace(target.standing, petitioners=target.standing.petitioners + change)
    counted = msgspec.structs.replace(target, standing=standing)
    step = house_step(desk.snapshot.jurisdiction.kind(target.kind), TAKE_IN if joins else LET_GO)
    said = _Move(source.id, source.number, reason)
    await take_step(desk, counted, step, said, target.version, {"other_case_id": str(source.id)})
