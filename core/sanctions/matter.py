"""What an accountability case is about and has come to: one frozen value, which follows from its steps and nothing else.

People and units that are held accountable have short names of the case's own (``ref``), by which its steps speak of them; so
have acts, grounds, circumstances and evidence. Nothing of a city stands here: grounds, circumstances and sanctions are
citations of the regime that the kind of case names.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from core.law.instrument import TermFigure
from core.sanctions.regime import SubjectKind as SubjectKind

Ref = Annotated[str, Meta(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$(?!\n)", max_length=40)]
"""What a case calls a part of its matter."""
Moment = Annotated[datetime, Meta(tz=True)]


class MatterSubject(Struct, frozen=True, kw_only=True):
    """A unit or a person who is held accountable (追责对象). ``unit_id`` is the unit itself, or the person's home unit."""

    ref: str
    kind: SubjectKind
    unit_id: UUID
    subject_class: str | None = None
    name: str | None = None
    post: str | None = None
    person_id: UUID | None = None
    """Who it is on the tenant's staff; that person takes no part in the case (R12)."""


class MatterAct(Struct, frozen=True, kw_only=True):
    """What was done or left undone. ``ended_on`` is the day by which the version of the law is found (R7)."""

    ref: str
    what: str
    ended_on: date


class Finding(StrEnum):
    """What became of a ground or a circumstance that was alleged."""

    ALLEGED = "alleged"
    ESTABLISHED = "established"
    NOT_ESTABLISHED = "not-established"


class MatterGround(Struct, frozen=True, kw_only=True):
    """A ground (问责情形) on which some of the subjects are held accountable for an act."""

    ref: str
    clause: str
    act: str
    subjects: tuple[str, ...]
    version: str
    """The version of the instrument by which it is judged (R7)."""
    evidence: tuple[str, ...] = ()
    finding: Finding = Finding.ALLEGED
    reason: str | None = None
    """Why it is established, or not."""
    catch_all_reason: str | None = None
    catch_all_basis: str | None = None


class MatterCircumstance(Struct, frozen=True, kw_only=True):
    """A circumstance (情节) of one of the subjects."""

    ref: str
    clause: str
    subject: str
    facts: str
    finding: Finding = Finding.ALLEGED
    reason: str | None = None
    catch_all_reason: str | None = None
    catch_all_basis: str | None = None


class MatterEvidence(Struct, frozen=True, kw_only=True):
    """What something is proved by, as it was when it was taken up: ``frozen`` its essentials, ``digest`` of all of it."""

    ref: str
    kind: str
    what: str
    taken_at: Moment
    id: UUID | None = None
    frozen: dict[str, Any] = {}
    digest: str | None = None


class MatterShare(Struct, frozen=True, kw_only=True):
    """What one subject bears of the responsibility."""

    subject: str
    share: str
    role: str | None = None
    clause: str | None = None
    labels: tuple[str, ...] = ()
    """Which kinds of responsibility it is, where the text tells them apart."""


class MatterApportionment(Struct, frozen=True, kw_only=True):
    """Who bears what of some acts, by a path of the instrument or, where it has none, with reasons."""

    acts: tuple[str, ...]
    shares: tuple[MatterShare, ...]
    path: str | None = None
    reason: str | None = None
    """Why, where a person has apportioned it and not the rule."""
    explanation: dict[str, Any] = {}


class HearingOutcome(StrEnum):
    """What came of the offer to be heard (陈述、申辩)."""

    OFFERED = "offered"
    STATED = "stated"
    WAIVED = "waived"
    SILENT = "silent"
    """Nothing was said in the time that was given for it."""


class Hearing(Struct, frozen=True, kw_only=True):
    """A subject's statement and defence, and the answer to it."""

    subject: str
    outcome: HearingOutcome
    offered_on: date
    statement: str | None = None
    answer: str | None = None
    adopted: bool | None = None
    """Whether what was said changed anything."""


class DecisionState(StrEnum):
    """Whether a decision stands."""

    STANDS = "stands"
    CHANGED = "changed"
    REVOKED = "revoked"


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided about one subject. A decision that was changed stays beside the one in its place."""

    id: UUID
    number: int
    subject: str
    sanctions: tuple[str, ...]
    reasons: str
    decided_at: Moment
    effective_on: date
    decided_by: UUID | None
    role: str
    version: str
    grounds: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    """The citations on which it relies, those that the system adds by itself among them."""
    severity: str | None = None
    gravity: str | None = None
    correction_term: TermFigure | None = None
    correction_term_reason: str | None = None
    points: Decimal | None = None
    """What is taken off the year's assessment, exact; ``None`` where the text takes nothing off."""
    points_reason: str | None = None
    overriding_norm: str | None = None
    """A higher norm that prevails, with its text."""
    explanation: dict[str, Any] = {}
    """How the rules judged it, as it was judged (promise 1)."""
    state: DecisionState = DecisionState.STANDS
    replaces: UUID | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing has taken its place."""
        return self.state is DecisionState.STANDS


class MatterEffect(Struct, frozen=True, kw_only=True):
    """What a sanction brings for a time: no awards that year, three months' training."""

    number: int
    decision: UUID
    subject: str
    clause: str
    from_on: date
    until_on: date | None
    lifted_on: date | None = None
    lifted_why: str | None = None

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        over = [item for item in (self.until_on and self.until_on < day, self.lifted_on and self.lifted_on <= day) if item]
        return self.from_on <= day and not over


class Service(Struct, frozen=True, kw_only=True):
    """A written notice that was served (送达)."""

    subject: str
    decision: UUID
    manner: str
    served_on: date
    receiver: str | None = None
    proof: str | None = None


class AppealOutcome(StrEnum):
    """What became of an appeal."""

    UPHELD = "upheld"
    CHANGED = "changed"
    REVOKED = "revoked"


class Appeal(Struct, frozen=True, kw_only=True):
    """An appeal (申诉) or application for review (复核、复议) against a decision."""

    id: UUID
    subject: str
    decision: UUID
    step: str
    clause: str
    filed_at: Moment
    reasons: str
    outcome: AppealOutcome | None = None
    answered_at: Moment | None = None
    answered_by: UUID | None = None
    answer: str | None = None


class Referral(Struct, frozen=True, kw_only=True):
    """A transfer to discipline or to the judicial organs (移送); its receipt is tracked like a copy's."""

    ref: str
    step: str
    clause: str
    subjects: tuple[str, ...]
    receiver: str
    reference: str
    referred_on: date
    reason: str


class Copy(Struct, frozen=True, kw_only=True):
    """Something that must come to somebody's knowledge: missing, sent, or received."""

    ref: str
    clause: str
    to: str
    step: str
    arose_at: Moment
    sent_on: date | None = None
    received_on: date | None = None
    reference: str | None = None

    @property
    def state(self) -> str:
        """``missing``, ``sent`` or ``received``."""
        if self.received_on is not None:
            return "received"
        return "sent" if self.sent_on is not None else "missing"


class Measure(Struct, frozen=True, kw_only=True):
    """What another organ has decided, by its own competence and with its own document (R14)."""

    subject: str
    sanction: str
    organ: str
    document: str
    decided_on: date


class CorrectionReport(Struct, frozen=True, kw_only=True):
    """A subject's written report on what was put right."""

    subject: str
    report: str
    reported_on: date


class Consent(Struct, frozen=True, kw_only=True):
    """Whether the result may be published, by whom that was said, and what is kept out of it."""

    granted: bool
    organ: str
    document: str
    said_on: date
    kept_out: str | None = None


class Matter(Struct, frozen=True, kw_only=True):
    """All that an accountability case has beside what every case has."""

    subjects: tuple[MatterSubject, ...] = ()
    acts: tuple[MatterAct, ...] = ()
    grounds: tuple[MatterGround, ...] = ()
    circumstances: tuple[MatterCircumstance, ...] = ()
    evidence: tuple[MatterEvidence, ...] = ()
    apportionments: tuple[MatterApportionment, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    decisions: tuple[Decision, ...] = ()
    effects: tuple[MatterEffect, ...] = ()
    services: tuple[Service, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    referrals: tuple[Referral, ...] = ()
    copies: tuple[Copy, ...] = ()
    measures: tuple[Measure, ...] = ()
    corrections: tuple[CorrectionReport, ...] = ()
    consent: Consent | None = None

    def subject(self, ref: str) -> MatterSubject | None:
        """The subject of that name, or ``None``."""
        return next((item for item in self.subjects if item.ref == ref), None)

    def standing_decision(self, ref: str) -> Decision | None:
        """The decision about a subject that stands, or ``None``."""
        return next((item for item in self.decisions if item.subject == ref and item.stands), None)

    def established(self, ref: str) -> tuple[MatterGround, ...]:
        """The grounds that are established against a subject."""
        return tuple(item for item in self.grounds if item.finding is Finding.ESTABLISHED and ref in item.subjects)

    def hearing(self, ref: str) -> Hearing | None:
        """The last that is known of a subject's hearing."""
        return next((item for item in reversed(self.hearings) if item.subject == ref), None)

    def share(self, ref: str) -> MatterShare | None:
        """What a subject bears by the last apportionment that names it."""
        found = (share for item in reversed(self.apportionments) for share in item.shares if share.subject == ref)
        return next(found, None)

    def appeal_pending(self, ref: str) -> Appeal | None:
        """A subject's appeal that nobody has decided yet."""
        return next((item for item in self.appeals if item.subject == ref and item.outcome is None), None)

    def but(self, **changes: Any) -> Matter:
        """The matter with some of its parts in place of others."""
        return msgspec.structs.replace(self, **changes)


NOTHING = Matter()
