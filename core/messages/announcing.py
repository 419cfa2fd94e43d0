"""Queues what the tenant's rules have sent: of warnings as they are noted, and of steps as they are taken.

It is written with what it is about, in the same transaction. What is looked up is looked up once for all of it, and nothing
at all where no rule fits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from core.cases.case import Case, DeadlineNote
from core.ids import new_id
from core.messages.addressing import Concerned, Directory, Recipient
from core.messages.composing import Matter, Surroundings, compose
from core.messages.contacts import open_address
from core.messages.hours import opens_at
from core.messages.records import Content, Message, MessageState, add_message, seal_content
from core.messages.rules import MessageRule, Occasion, Recipients
from core.messages.stock import Stock, load_cases, load_recused, load_stock
from core.rungs import Level
from core.store.envelope import TenantKeys
from core.store.session import TenantSession
from core.templates.template import TemplateVersion
from core.tenants.snapshot import Snapshot
from core.timers.arming import arm
from core.timers.timer import TimerKind

if TYPE_CHECKING:
    from core.cases.service import Desk
    from core.work import Shift


NOBODY, NO_ADDRESS, NO_TEMPLATE = "nobody", "no-address", "no-template"
"""Why nothing goes out: nobody is in office, nobody has an address of the kind, no version of the template is in force."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A warning that was noted."""

    notice_id: UUID
    case_id: UUID
    deadline_id: UUID
    kind: str
    level: Level
    rung: str
    clause: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule has to say of one matter."""

    rule: MessageRule
    case: Case
    clause: str | None
    deadline: DeadlineNote | None
    notice: Reached | None = None
    step_id: UUID | None = None
    step: str | None = None
    named: tuple[UUID, ...] = ()
    """The units that the step names."""

    def deadline_of(self, unit_id: UUID | None) -> DeadlineNote | None:
        """What who is written to for a unit is told of: of a step the earliest that is open and the unit's own."""
        if self.notice or unit_id is None or self.rule.recipients is Recipients.SUPERIOR:
            return self.deadline
        return _earliest(self.case, {unit_id})


async def announce_notices(shift: Shift, reached: Sequence[Reached]) -> None:
    """Queues what is to be sent of these warnings."""
    rules = shift.snapshot.messages.on(shift.snapshot.local_day(shift.now))
    fitting = [
        (rule, item)
        for item in reached
        for rule in rules
        if rule.is_for(item.kind, {(Occasion.LEVEL, item.level.value), (Occasion.RUNG, item.rung)})
    ]
    if not fitting:
        return
    held = await load_cases(shift.session, {item.case_id for _, item in fitting})
    told = [Told(rule, held[item.case_id], item.clause, _note(held[item.case_id], item), item) for rule, item in fitting]
    await _queue(shift.session, shift.snapshot, shift.now, told)


async def announce_step(
    desk: Desk, case: Case, step: str, step_id: UUID, clause: str | None, named: tuple[UUID, ...] = ()
) -> None:
    """Queues what is to be sent of a step that was taken, which may name the units that it is about. What it tells of a
    deadline is of the earliest that is open."""
    rules = desk.snapshot.messages.on(desk.snapshot.local_day(desk.now))
    fitting = [rule for rule in rules if rule.is_for(case.kind, {(Occasion.STEP, step)})]
    if not fitting:
        return
    note = _earliest(case, named)
    told = [Told(rule, case, clause, note, step_id=step_id, step=step, named=named) for rule in fitting]
    await _queue(desk.session, desk.snapshot, desk.now, told)


def _earliest(case: Case, holders: Collection[UUID]) -> DeadlineNote | None:
    """The duty that ends first, of these units where some are named."""
    duties = (item for item in case.standing.open_deadlines if not item.window)
    theirs = (item for item in duties if not holders or item.holder_unit_id in holders)
    return min(theirs, key=lambda item: item.due_at, default=None)


def _note(case: Case, reached: Reached) -> DeadlineNote | None:
    return next((item for item in case.standing.deadlines if item.id == reached.deadline_id), None)


async def _queue(session: TenantSession, snapshot: Snapshot, now: datetime, told: Sequence[Told]) -> None:
    around = _surroundings(snapshot, now)
    directory = Directory(snapshot.organisation, around.today)
    everybody = [(item, directory.find(item.rule, _concerned(item))) for item in told]
    recused = await load_recused(session, _pairs(everybody))
    found = [(item, directory.find(item.rule, _concerned(item, recused.get(item.case.id)))) for item in told]
    every = {recipient for _, recipients in found for recipient in recipients}
    stock = await load_stock(
        session,
        around.today,
        {item.rule.template_id for item in told},
        {item.person_id for item in every if item.person_id},
        {item.unit_id for item in every if item.unit_id},
        {note.id for item, recipients in found for unit in _units_of(recipients) if (note := item.deadline_of(unit))},
    )
    writer = _Writer(session, snapshot, around, stock, await session.keys())
    for item, recipients in found:
        writer.write(item, recipients)


class _Writer:
    """Writes messages of one moment."""

    def __init__(
        self, session: TenantSession, snapshot: Snapshot, around: Surroundings, stock: Stock, keys: TenantKeys
    ) -> None:
        self._session, self._snapshot, self._around, self._stock, self._keys = session, snapshot, around, stock, keys
        self._opening = opens_at(around.now, around.calendar)

    def write(self, told: Told, recipients: Sequence[Recipient]) -> None:
        """A message for each who can be reached; where nobody of a unit can, one that says so."""
        version = self._stock.templates.get(told.rule.template_id)
        if not recipients or version is None:
            self._drop(told, Recipient(None, None), NOBODY if version else NO_TEMPLATE)
            return
        for of_unit in _by_unit(recipients):
            addressed = [(item, address) for item in of_unit if (address := self._address(told.rule, item)) is not None]
            for item, address in addressed:
                self._send(told, item, address, version)
            if not addressed:
                self._drop(told, of_unit[0] if len(of_unit) == 1 else Recipient(None, of_unit[0].unit_id), NO_ADDRESS)

    def _address(self, rule: MessageRule, recipient: Recipient) -> str | None:
        """Where somebody is reached; empty for a channel that leads to one place, and where a worker is to find it out."""
        plugin = self._stock.channels[rule.channel_id].plugin
        if plugin is None or plugin.address_kind is None:
            return ""
        contact = self._stock.addresses.find(plugin.address_kind, recipient.person_id, recipient.unit_id)
        return open_address(self._keys, contact) if contact else None

    def _send(self, told: Told, recipient: Recipient, address: str, version: TemplateVersion) -> None:
        made, matter = self._message(told, recipient), self._matter(told, recipient.unit_id)
        words = compose(version, matter, recipient.unit_id, self._around)
        add_message(self._session, made, seal_content(self._keys, made.id, Content(address, words.subject, words.text)))
        waits = self._opening if made.office_hours else None
        if waits is not None:
            arm(self._session, TimerKind.MESSAGE, made.id, waits, offset=self._snapshot.offset)
        else:
            arm(self._session, TimerKind.MESSAGE, made.id, self._session.recorded_at)

    def _drop(self, told: Told, recipient: Recipient, why: str) -> None:
        dropped = replace(self._message(told, recipient), state=MessageState.DROPPED, why=why)
        add_message(self._session, dropped, None)

    def _message(self, told: Told, recipient: Recipient) -> Message:
        deadline = told.deadline_of(recipient.unit_id)
        return Message(
            id=new_id(),
            channel_id=told.rule.channel_id,
            created_at=self._session.recorded_at,
            case_id=told.case.id,
            deadline_id=deadline.id if deadline else None,
            notice_id=told.notice.notice_id if told.notice else None,
            step_id=told.step_id,
            case_version=told.case.version,
            rule_id=told.rule.id,
            person_id=recipient.person_id,
            unit_id=recipient.unit_id,
            office_hours=told.rule.office_hours,
        )

    def _matter(self, told: Told, unit_id: UUID | None) -> Matter:
        deadline = told.deadline_of(unit_id)
        return Matter(
            number=told.case.number,
            kind=self._snapshot.jurisdiction.kind(told.case.kind),
            clause=told.clause,
            deadline=deadline,
            unit_of_term=self._stock.terms.get(deadline.id) if deadline else None,
            level=told.notice.level if told.notice else None,
            step=told.step,
        )


def _by_unit(recipients: Iterable[Recipient]) -> list[list[Recipient]]:
    """Those for each unit together, and the holders of a role."""
    found: dict[UUID | None, list[Recipient]] = {}
    for item in recipients:
        found.setdefault(item.unit_id, []).append(item)
    return list(found.values())


def _units_of(recipients: Iterable[Recipient]) -> set[UUID | None]:
    return {item.unit_id for item in recipients}


def _pairs(found: Iterable[tuple[Told, Sequence[Recipient]]]) -> set[tuple[UUID, UUID]]:
    """Who would be written to about which case."""
    return {(told.case.id, item.person_id) for told, recipients in found for item in recipients if item.person_id}


def _concerned(told: Told, recused: frozenset[UUID] | None = None) -> Concerned:
    standing = told.case.standing
    holder = told.deadline.holder_unit_id if told.notice and told.deadline else standing.lead
    units = tuple(dict.fromkeys(item.unit_id for item in standing.units))
    return Concerned(told.named or ((holder,) if holder else ()), standing.lead, units, recused or frozenset())


def _surroundings(snapshot: Snapshot, now: datetime) -> Surroundings:
    today = snapshot.local_day(now)
    organisation = snapshot.organisation.on(today)
    return Surroundings(now, today, snapshot.tenant.name.zh, snapshot.calendar, snapshot.rulebook, organisation)
