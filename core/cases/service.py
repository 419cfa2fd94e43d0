"""Cases in the store: registers, takes steps, finds. The only place of this package that does I/O.

Each function works in the caller's transaction: the step, the case, its deadlines, the audit row and the event are written
together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select, update

from core.attachments.attaching import Claimed, claim_files, record_attached
from core.cases import life
from core.cases.accounts import Arisen, advance_case, open_deadlines, settle
from core.cases.candidates import suggest_duplicates
from core.cases.capacity import choose_capacity, choose_deciding_capacity, may_see, visible_units
from core.cases.case import Case
from core.cases.case_file import close_file
from core.cases.deadline_rows import move_deadlines
from core.cases.desk import Desk as Desk
from core.cases.duplicates import Likely
from core.cases.evidence import freeze_evidence
from core.cases.intake import read_intake, read_order
from core.cases.joint import People, Receipts, seal_people
from core.cases.justification_rows import write_justification
from core.cases.matter_rows import find_sanctioned, write_matter
from core.cases.members import check_told
from core.cases.movement_rows import write_movements, write_replacements
from core.cases.order import Order
from core.cases.records import CASE_FIELDS, CHANGED_COLUMNS, case_row, changed_columns, read_case
from core.cases.recusal_rows import CONCERNED, settle_recusal
from core.cases.rendition import FIELD as RENDITION_FIELD
from core.cases.rendition import render
from core.cases.request_rows import write_requests
from core.cases.requests import complete
from core.cases.splitting import begin_parts
from core.cases.step_rows import NOTHING_MORE, write_step
from core.cases.step_world import load_world
from core.cases.subject_recusals import check_people, recuse_subjects
from core.cases.unit_rows import write_units
from core.corrections.adjusting import adjust_for_step
from core.errors import NotFound, Refused, Stale
from core.feedback.rows import write_answer
from core.ids import new_id
from core.messages.announcing import announce_step
from core.procedure import SENT_TO_UNITS, CaseKind, FieldType, Role, StepKind, Verb
from core.routing.service import note_decision
from core.search.indexing import index_case, number_words, reindex_case
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT
from core.supervision.following import follow_step
from core.tenants.category_checks import check_usable

_ONE = (cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"))
_LOCK_ONE = select(*CASE_FIELDS).where(*_ONE).with_for_update()
_FIND_MINE = select(*CASE_FIELDS, CONCERNED).where(*_ONE)
_LOCK_MINE = _FIND_MINE.with_for_update()
_CHANGE = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"), cases.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in CHANGED_COLUMNS})
)
_END = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), ended_at=bindparam("ended"), ended_by_step=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A case just registered; the receipt is told this once."""

    case: Case
    receipts: Receipts
    likely: tuple[Likely, ...] = ()
    """Cases that may be about the same matter, the likeliest first."""

    @property
    def receipt(self) -> str | None:
        """The first petitioner's."""
        return self.receipts.first


async def register_case(desk: Desk, kind: CaseKind, body: Any) -> Registered:
    """Registers a case: numbered, its first deadlines running, the petitioner's identity sealed apart.

    Raises :class:`core.errors.Forbidden`, :class:`core.errors.Refused` or :class:`core.errors.Invalid`.
    """
    capacity = choose_capacity(desk.principal, kind.registration)
    order = read_order(kind.registration, body, desk.now)
    _check_units(desk, order)
    _check_category(desk, kind, order)
    people = People.of(body)
    channel: str = getattr(body, "channel")  # noqa: B009 - the type is made at run time
    outcome = life.begin(order, order.occurred_at, capacity, channel, people.anonymous, desk.world(kind))
    opened = open_deadlines(outcome)
    told = render(kind, _new_case(desk, kind, body, outcome, opened), order.data.get(RENDITION_FIELD), people.all)
    draft, receipts = await seal_people(desk.session, kind, told, people)
    words = await number_words(desk.session, kind, draft)
    likely = await suggest_duplicates(desk, kind, draft, people.all, words) if body.suggest_duplicates else ()
    claimed = await _claim_files(desk, draft.id, outcome)
    year = desk.snapshot.local_day(desk.now).year
    number = f"{kind.number_prefix}{year}-{await desk.session.next_number(kind.key, year):06d}"
    case = msgspec.structs.replace(draft, number=number)
    await index_case(desk.session, case, words)
    desk.session.add(cases, case_row(case, receipts.first_hash))
    write_step(desk, case, outcome, opened)
    record_attached(desk.session, claimed, new_stream=True)
    adjust_for_step(desk, None, case, outcome)
    return Registered(case, receipts, likely)


async def take_step(
    desk: Desk, case: Case, step: StepKind, body: Struct, expected: int, refs: Mapping[str, str] = NOTHING_MORE
) -> Case:
    """Takes a step of a case; ``expected`` is the version on which it was decided. ``refs`` are told with its event.

    Raises what :func:`decide_step` raises.
    """
    outcome = await decide_step(desk, case, step, body, expected)
    opened = open_deadlines(outcome)
    after = advance_case(case, outcome, settle(outcome.standing, outcome.endings, opened, outcome.movements))
    await store_step(desk, case, after, outcome, opened, refs)
    if step.verb is Verb.SPLIT:
        await begin_parts(desk, after, outcome)
    return after


async def decide_step(desk: Desk, case: Case, step: StepKind, body: Struct, expected: int) -> life.Outcome:
    """What a step makes of a case, nothing written yet.

    Raises :class:`core.errors.Stale` for another version, and what :func:`core.cases.life.take` raises.
    """
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    order = complete(read_order(step, body, desk.now), case.standing)
    capacity = replace(choose_deciding_capacity(desk.principal, order, case.standing), hands=desk.hands)
    if expected != case.version:
        raise Stale("cases.stale", current=case.version)
    _check_units(desk, order)
    _check_category(desk, kind, order)
    await check_people(desk, order)
    order = await freeze_evidence(desk, case, order, find_case)
    order = await close_file(desk, case, order, kind)
    sanctioned = await find_sanctioned(desk, case, order)
    world = replace(await load_world(desk, case, step), sanctioned_acts=sanctioned)
    outcome = life.take(case, order, capacity, world)
    await check_told(desk.session, case, order)
    return outcome


async def store_step(
    desk: Desk,
    before: Case,
    after: Case,
    outcome: life.Outcome,
    opened: tuple[Arisen, ...] = (),
    refs: Mapping[str, str] = NOTHING_MORE,
) -> None:
    """Writes a step that was decided, and all that comes of it; raises :class:`core.errors.Stale`."""
    step = outcome.order.step
    await _write_case(desk, before, after)
    step_id = write_step(desk, after, outcome, opened, refs)
    await move_deadlines(desk.session, after, opened, step_id)
    await _write_endings(desk, outcome, step_id)
    await write_movements(desk, after, outcome)
    await write_replacements(desk, after, outcome, opened)
    await write_justification(desk, before, after, outcome)
    await write_units(desk.session, before, after, outcome.order)
    await write_requests(desk.session, before, after, outcome)
    adjust_for_step(desk, before, after, outcome)
    record_attached(desk.session, await _claim_files(desk, after.id, outcome))
    await write_matter(desk, before, after, step_id)
    await recuse_subjects(desk, after, outcome.order)
    if step.verb is Verb.FEEDBACK:
        await write_answer(desk, after, outcome)
    if step.verb is Verb.DISPATCH:
        await note_decision(desk.session, desk.snapshot, before, after, step_id)
    await follow_step(desk, before, after, outcome)
    await announce_step(desk, after, step.key, step_id, step.clause, outcome.order.named_units)
    await reindex_case(desk.session, desk.snapshot.jurisdiction.kind(after.kind), before, after)


async def lock_case(session: TenantSession, case_id: UUID) -> Case:
    """The case, which nobody else changes until the transaction ends; whoever may see it. Raises :class:`NotFound`."""
    row = await session.one(_LOCK_ONE, {"of_id": case_id})
    if row is None:
        raise NotFound("cases.unknown")
    return read_case(row)


async def find_case(desk: Desk, case_id: UUID, *, lock: bool = False) -> Case:
    """The case, if the person may see it; raises :class:`NotFound`, the same for what is foreign and what is not there."""
    asked = {"of_id": case_id, **desk.me.asked}
    row = await desk.session.one(_LOCK_MINE if lock else _FIND_MINE, asked)
    case = read_case(row) if row else None
    if case is None or not may_see(case, visible_units(desk.principal)):
        raise NotFound("cases.unknown")
    return await settle_recusal(desk.session, case, desk.me)


def find_step(kind: CaseKind, key: str) -> StepKind:
    """The step of a kind; raises :class:`NotFound` with the steps there are."""
    step = kind.step(key)
    if step is None or step is kind.registration:
        known = ", ".join(item.key for item in kind.steps if item is not kind.registration)
        raise NotFound("cases.step-unknown", step=key, known=known)
    return step


async def _claim_files(desk: Desk, case_id: UUID, outcome: life.Outcome) -> Claimed:
    """Claims what the step brought. Units see what they brought themselves and what was sent to them with the step."""
    order = outcome.order
    disclosed = outcome.capacity.role is Role.UNIT_OFFICER or order.step.verb in SENT_TO_UNITS
    return await claim_files(desk.session, desk.principal, order.attachments, case_id, order.id, disclosed=disclosed)


def _new_case(
    desk: Desk,
    kind: CaseKind,
    body: Any,
    outcome: life.Outcome,
    opened: tuple[Arisen, ...],
) -> Case:
    """The case before it is numbered, and before anybody is told who brings it."""
    return Case(
        id=new_id(),
        number="",
        kind=kind.key,
        state=outcome.after,
        channel=body.channel,
        track=None,
        title=body.title,
        narrative=body.narrative,
        received_at=outcome.order.occurred_at,
        registered_at=desk.now,
        closed_at=None,
        anonymous=True,
        petitioner_id=None,
        facts=outcome.facts,
        facts_version=kind.facts_version,
        law_version=outcome.rules_version,
        version=1,
        standing=settle(outcome.standing, (), opened),
        category=outcome.category,
        division=body.place.division if body.place else None,
        urgent=outcome.facts.get("urgent") is True,
        intake=read_intake(body),
        clerk_id=desk.principal.person_id,
    )


def _check_units(desk: Desk, order: Order) -> None:
    """Every unit that the step names must be there on the day: those it goes to and those that are its facts."""
    view = desk.snapshot.organisation.on(desk.snapshot.local_day(order.occurred_at))
    named = [(f"/units/{index}/unit_id", item.unit_id) for index, item in enumerate(order.dispatches)]
    for place, unit_id in [*named, *_unit_facts(order)]:
        if not view.is_active(unit_id):
            raise Refused("cases.unit-unknown", field=place, clause=order.step.clause)


def _check_category(desk: Desk, kind: CaseKind, order: Order) -> None:
    """The category that a step names must be open today: also of a letter of last week it is chosen from today's list."""
    for code in (order.data.get(life.CATEGORY), *(part.category for part in order.parts)):
        if code is not None:
            check_usable(desk.snapshot.categories, code, kind.key, desk.snapshot.local_day(desk.now))


def _unit_facts(order: Order) -> Iterator[tuple[str, UUID]]:
    for item in order.step.fields:
        given = order.data.get(item.key)
        if item.type is FieldType.UNIT and given is not None:
            yield f"/{item.key}", UUID(given)
        if item.type is FieldType.UNITS:
            yield from ((f"/{item.key}/{index}", UUID(unit)) for index, unit in enumerate(given or ()))
    if "unit_id" in order.data:
        yield "/unit_id", UUID(order.data["unit_id"])
    if order.joining is not None:
        yield "/request_id", order.joining


async def _write_case(desk: Desk, before: Case, after: Case) -> None:
    """Writes the case where nobody else has changed it since; the version is the fence."""
    values = {f"new_{name}": value for name, value in changed_columns(after).items()}
    values |= {"of_id": before.id, "expected": before.version}
    if await desk.session.execute(_CHANGE, values) != 1:
        raise Stale("cases.stale", current=before.version + 1)


async def _write_endings(desk: Desk, outcome: life.Outcome, step_id: UUID) -> None:
    for ending in outcome.endings:
        values = {"of_id": ending.note.id, "new_state": ending.state, "ended": ending.ended_at, "by": step_id}
        await desk.session.execute(_END, values)
