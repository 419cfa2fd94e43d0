"""Deadlines as integrators see them, briefly with their case and each with its whole explanation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from core.cases.bodies import Instant
from core.cases.case import DeadlineNote
from core.cases.ledger import LedgerEntry
from core.deadlines.explanation import Explanation
from core.deadlines.wording import render
from core.law.instrument import Text
from core.law.zone import find_zone
from core.procedure import CaseKind
from core.texts import render as render_text


class JustifiedBrief(Struct, frozen=True):
    """That the lateness of a deadline was found justified (认定有正当理由): by which step, and when in legal time."""

    step_id: UUID
    at: Instant


class JustifiedView(JustifiedBrief, frozen=True):
    """The same with who found it, and why; null where the matter is not entrusted to the reader."""

    person_id: Annotated[UUID | None, Meta(title="认定人")]
    reason: Annotated[str | None, Meta(title="理由")]


JUSTIFIED = Meta(
    title="有正当理由",
    description="Whether its lateness was found justified; null where it was not. It stays late, and counts as justified",
)


class DeadlineBrief(Struct, frozen=True):
    """One deadline (期限) of a case. ``due_on`` is the last local day, ``due_at`` the first instant that is too late."""

    id: UUID
    key: str
    clause: Annotated[str, Meta(description="The citation of the clause that sets it")]
    holder: str
    holder_unit_id: UUID | None
    original_due_on: date
    due_on: date
    due_at: Instant
    state: Annotated[
        str,
        Meta(
            description="open, paused, met, met-late, lapsed or replaced; released where the unit gave the case back, "
            "passed-on where a unit below took it over; corrected-away where it was never due; of a window available or "
            "used. Can grow"
        ),
    ]
    overdue: bool
    window: Annotated[
        bool, Meta(title="权利期限", description="Whether it limits a right and not a duty: nobody is ever late for it")
    ]
    provisional: Annotated[bool, Meta(description="A year that it touches is not announced yet")]
    ended_at: Instant | None
    paused_at: Annotated[
        Instant | None,
        Meta(
            title="中止时间",
            description="Since when it is paused, or was when it ended. Until it is resumed nobody is late for it, and its "
            "dates are those that it had: they move by what is paused",
        ),
    ] = None
    justified: Annotated[JustifiedBrief | None, JUSTIFIED] = None


class DeadlineView(DeadlineBrief, frozen=True, kw_only=True):
    """A deadline with the whole explanation of its date (promise: Why), enough to recompute it from it alone."""

    justified: Annotated[JustifiedView | None, JUSTIFIED]
    title: Annotated[Text | None, Meta(description="What the rule calls it; null where the present rules have it no more")]
    explanation: Explanation
    lines: Annotated[tuple[str, ...], Meta(description="The explanation line by line, in the reader's language.")]
    ledger: Annotated[
        tuple[LedgerEntry, ...],
        Meta(title="期限台账", description="What has become of it since it arose, with what was replaced; mostly empty"),
    ]


class DeadlineList(Struct, frozen=True):
    """The deadlines of a case, in the order in which they arose."""

    items: tuple[DeadlineView, ...]


def brief(note: DeadlineNote, now: datetime) -> DeadlineBrief:
    """One deadline, as it stands."""
    return DeadlineBrief(**_row(note, now))


def justified_brief(step_id: UUID | None, at: datetime | None) -> JustifiedBrief | None:
    """That a lateness was found justified, where it was."""
    return JustifiedBrief(step_id, at) if step_id and at else None


def explained(
    note: DeadlineNote,
    why: Explanation,
    kind: CaseKind,
    now: datetime,
    language: str,
    ledger: tuple[LedgerEntry, ...] = (),
) -> DeadlineView:
    """One deadline with its explanation, for programs and for people."""
    title = next((rule.title for rule in kind.deadlines if rule.key == note.key), None)
    found = note.justified
    told = {"justified": JustifiedView(found.step_id, found.at, found.person_id, found.reason) if found else None}
    lines = (*render(why, language), *_justification(note, why, language))
    return DeadlineView(**_row(note, now) | told, title=title, explanation=why, lines=lines, ledger=ledger)


def _justification(note: DeadlineNote, why: Explanation, language: str) -> tuple[str, ...]:
    if note.justified is None:
        return ()
    day = note.justified.at.astimezone(find_zone(why.zone)).date().isoformat()
    return (render_text("justifications.line", {"day": day}, language),)


def _row(note: DeadlineNote, now: datetime) -> dict[str, Any]:
    return {
        "id": note.id,
        "key": note.key,
        "clause": note.clause,
        "holder": note.holder,
        "holder_unit_id": note.holder_unit_id,
        "original_due_on": note.original_due_on,
        "due_on": note.due_on,
        "due_at": note.due_at,
        "state": note.state,
        "overdue": note.overdue_at(now),
        "window": note.window,
        "provisional": note.provisional,
        "ended_at": note.ended_at,
        "paused_at": note.paused_at,
        "justified": JustifiedBrief(note.justified.step_id, note.justified.at) if note.justified else None,
    }
