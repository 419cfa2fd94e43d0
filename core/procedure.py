"""The types in which a city says how its cases live: kinds, states, steps, deadlines, settings and its story.

They are the hook types: frozen values, read from the city's data files, that the core interprets. Citations may leave
out the instrument (``#6.2``) where the kind names one.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from msgspec import Meta, Struct, field

from core.copies import CopyRule
from core.law.instrument import Key, Text
from core.rungs import LawfulRung
from core.supervisions import SupervisionRule
from core.verbs import OF_MATTERS as OF_MATTERS
from core.verbs import SENT_TO_UNITS as SENT_TO_UNITS  # the hook types are had from here, whichever file holds them
from core.verbs import Verb as Verb
from core.views import Objection as Objection
from core.views import StepView as StepView

Reference = Annotated[str, Meta(max_length=128)]
"""A citation, whole or relative to the kind's instrument."""
Condition = dict[str, str | list[str]]
"""Facts and the value (or one of the values) each must have: ``{track: joint, complex: "true"}``. All must hold.

Beside the facts of the case and of the step itself: ``channel``, ``track``, ``state``, ``anonymous`` and ``overdue``
(``true`` or ``false``). A fact that is not there reads as the empty text."""


class Role(StrEnum):
    """Who a person may be to the system (promise 8)."""

    PETITIONER = "petitioner"
    INTAKE_CLERK = "intake-clerk"
    DISPATCHER = "dispatcher"
    UNIT_OFFICER = "unit-officer"
    SUPERVISOR = "supervisor"
    INVESTIGATOR = "investigator"
    DECIDING_AUTHORITY = "deciding-authority"
    APPEAL_OFFICER = "appeal-officer"
    INSPECTION_OFFICE = "inspection-office"
    SCORER = "scorer"
    AUDITOR = "auditor"
    TENANT_ADMINISTRATOR = "tenant-administrator"
    PLATFORM_OPERATOR = "platform-operator"


class Part(StrEnum):
    """What a unit is to a case (牵头单位, 配合/协办单位)."""

    LEAD = "lead"
    COOPERATING = "cooperating"


RETURN, CO_HANDLER, EXTENSION = "return", "co-handler", "extension"
"""The requests whose granting the core itself carries out: a unit gives the case back (退单), another joins it (协办), or
it gets more time (延期)."""
JUSTIFICATION = "justification"
"""The request that a lateness be found justified (正当理由): it stays a fact, and does not count as unjustified."""


class CategoryLimit(StrEnum):
    """The figures that a tenant can give the matters of one of its categories (R11)."""

    HANDLING = "handling"
    URGENT_RESPONSE = "urgent-response"


class FieldType(StrEnum):
    """What a field of a step holds."""

    TEXT = "text"
    ENUM = "enum"
    ENUMS = "enums"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DATE = "date"
    INSTANT = "instant"
    UNIT = "unit"
    UNITS = "units"
    TERM = "term"
    TEXTS = "texts"
    CATEGORY = "category"
    """The code of one of the tenant's categories; the field's key is ``category``, and the case's category becomes it."""


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One value of an enumeration. Without a ``key`` its citation is the value; without a title the law's label is."""

    key: Key | None = None
    clause: Reference | None = None
    title: Text | None = None
    needs_reason: bool = False
    """A catch-all: usable only with a written reason and a cited basis (R8)."""
    sets: dict[str, str | bool] = field(default_factory=dict)
    """Facts that a step establishes in which it is chosen, beside those of the step itself."""


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A fact that a step asks for. ``required_when`` makes it required under a condition only."""

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)")]
    type: FieldType
    title: Text
    required: bool = False
    required_when: Condition = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    max_length: Annotated[int, Meta(ge=1, le=20_000)] = 2_000
    minimum: int = 0
    maximum: int = 1_000_000
    clause: Reference | None = None
    keep: bool = True
    """Whether the value becomes a fact of the case; what is kept alone in the step is evidence."""
    example: str | None = None
    told: bool = False
    """Whether it is told to the petitioner with the answer: the way that is open to one who is refused, say."""


class State(Struct, frozen=True, forbid_unknown_fields=True):
    """A state of a case; a final one ends its deadlines."""

    key: Key
    title: Text
    final: bool = False


class Prerequisite(Struct, frozen=True, forbid_unknown_fields=True):
    """A step that must have been taken before, and the clause that asks for it."""

    step: Key
    clause: Reference
    when: Condition = field(default_factory=dict)


class StepKind(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A step that a case of this kind can take: from which states, by whom, with which facts, on which clause."""

    key: Key
    verb: Verb
    title: Text
    clause: Reference
    by: Annotated[tuple[Role, ...], Meta(min_length=1)]
    after: tuple[Key, ...] = ()
    """The states from which the step can be taken; none for ``register``."""
    to: Key | None = None
    """The state it leads to; without one the state stays. So it does where a reminder names units and the lead is none of
    them: the work of the others is not the lead's."""
    when: Condition = field(default_factory=dict)
    requires: tuple[Prerequisite, ...] = ()
    fields: tuple[Field, ...] = ()
    part: Part | None = None
    """The part that a unit officer's unit must have in the case."""
    sets: dict[str, str | bool] = field(default_factory=dict)
    """Facts that the step establishes by being taken. Data writes yes and no as texts; a completed kind holds them so."""
    releases: bool = False
    """Whether the units that have the case lose it, until it is dispatched anew."""
    asks: Key | None = None
    """The request that the step (``ask``) makes and somebody else decides: ``return``, ``co-handler``, a city's own."""
    decides: Key | None = None
    """The request that the step (``grant`` or ``decline``) decides on. Nobody decides an own request (R12)."""
    revokes: Key | None = None
    """The granted request that the step (``record``) takes back: a ``justification``."""
    to_vacant: Key | None = None
    """The state it leads to where it leaves the case without a lead unit, to be dispatched anew."""
    within: Key | None = None
    """The window (:attr:`DeadlineRule.window`) of the acting unit, after which the step is refused."""
    parts_begin: Key | None = None
    """The state in which the parts begin, into which the step (``split``) divides the case."""
    after_parts: bool = False
    """Whether the step waits until every part of the case is over."""
    moves: tuple[Key, ...] = ()
    """The deadlines that the step pauses, resumes or extends: of a unit officer's own unit, of the unit that asked for it,
    of those that it names, else of every unit of its part. What has run out is not moved."""
    permitted_by: Key | None = None
    """The setting (``boolean``) by which the tenant permits the step at all; without it the step is refused (R11)."""
    limit: Key | None = None
    """The setting with the longest time by which a deadline can be extended in all; without it nothing is extended (R11).
    Without a ``limit``, the term that the step's clause gives as at most."""
    beyond_limit: bool = False
    """Whether an extension can go beyond that for a recorded reason (一般不超过)."""
    sanctions: tuple[Reference, ...] = ()
    """Of a report on a correction (``report-back``): after which sanctions it is due; after any, where none is named."""
    copies: tuple[CopyRule, ...] = ()
    """Who must be sent a copy of it; each is missing until it is recorded as sent."""
    evidence: Reference | None = None
    """The clause for which the step needs attachments, or the reason why there are none (``evidence_note``)."""

    @cached_property
    def is_about_lateness(self) -> bool:
        """Whether it asks for a justification, decides on one, or takes one back."""
        return JUSTIFICATION in {self.asks, self.decides, self.revokes}

    @cached_property
    def settled_when(self) -> Condition:
        """The part of its condition that is settled before the step's own facts and its day are known."""
        open_yet = {"overdue", *(item.key for item in self.fields)}
        return {name: value for name, value in self.when.items() if name not in open_yet}


class DeadlineRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline: which step makes it arise, from which event it counts, who holds it, what meets or ends it.

    It can arise on ``add-petitioner`` too, by which somebody joins; ``joined_by_name`` (``true``, ``false``) is a fact then.
    The term is that of ``clause``; with ``setting`` the tenant's dated figure (R11); with ``given_by`` the figure that the
    step states (for ``each-unit`` and the like: the one stated for that unit). A stated figure goes before the setting, and
    with ``category_limit`` so does, after a stated one, the limit that the tenant gives the case's category. Only a figure
    that the text leaves open can come from a category: the rule must name a setting.
    """

    key: Key
    title: Text
    clause: Reference
    arises_on: Annotated[tuple[Key, ...], Meta(min_length=1)]
    starts: str
    """``receipt`` (the case's day of receipt), ``step`` (the step's own time) or ``fact:<field>``."""
    holder: str
    """``office:<key>`` of the tenant, ``fact:<field>`` that names an office, ``lead-unit``, ``cooperating-units``,
    ``each-unit``, or ``named-units``: those that the step names in its field of type ``units``, and where it names none the
    lead. A deadline that a unit holds is met by that unit's own step alone. Of an accountability case also
    ``each-subject``: the subjects that the step is about, each for itself."""
    met_by: tuple[Key, ...] = ()
    lapses_on: tuple[Key, ...] = ()
    when: Condition = field(default_factory=dict)
    replaces: Key | None = None
    setting: Key | None = None
    given_by: str | None = None
    category_limit: CategoryLimit | None = None
    optional: bool = False
    """A duty that the text gives no figure, and that arises only where the tenant has set one (R11)."""
    window: bool = False
    """A limit of a right and not of a duty: nobody is ever late for it. Stored and explained like any other; where neither
    the text nor the tenant gives a figure it does not arise, and the right has no limit."""


class UsedStep(Struct, frozen=True, forbid_unknown_fields=True):
    """A step of the house that a kind takes over (:mod:`core.shared_steps`), with what is its own to say of it."""

    step: Key
    after: tuple[Key, ...] = ()
    """Only a step about a justification can leave them out: then it can be taken in all states of the kind."""
    by: tuple[Role, ...] = ()
    to_vacant: Key | None = None
    within: Key | None = None
    moves: tuple[Key, ...] = ()
    permitted_by: Key | None = None
    limit: Key | None = None


class CaseKind(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A kind of case: its instrument, channels, tracks, states, steps and deadlines. One file of a city's data."""

    key: Key
    title: Text
    instrument: str
    number_prefix: Annotated[str, Meta(pattern=r"^[A-Z]{1,6}$(?!\n)")]
    facts_version: Annotated[int, Meta(ge=1)]
    channels: Annotated[tuple[Option, ...], Meta(min_length=1)]
    states: Annotated[tuple[State, ...], Meta(min_length=2)]
    steps: Annotated[tuple[StepKind, ...], Meta(min_length=2)]
    uses: tuple[UsedStep, ...] = ()
    deadlines: tuple[DeadlineRule, ...] = ()
    tracks: tuple[Option, ...] = ()
    petitioner: str = "optional"
    """``optional``, ``none`` (an inspection has no petitioner)."""
    confidential: bool = False
    """Whether units, and others who do not work on such cases, see only what was dispatched: no title, narrative, intake."""
    identity_roles: tuple[Role, ...] = (Role.INTAKE_CLERK,)
    """Who may read a petitioner's identity, for a stated purpose (promise 7)."""
    warnings: tuple[LawfulRung, ...] = ()
    """What the regulation itself says of lateness, beside the ladder that each tenant sets (R11)."""
    supervisions: tuple[SupervisionRule, ...] = ()
    """What must be supervised and the service can find by itself."""
    regime: str | None = None
    """The regime of accountability of which its cases are; such a case has a matter (:mod:`core.sanctions.matter`)."""
    points: Key | None = None
    """The setting (``decimal``) with what each established ground takes off the year's assessment (R11)."""
    remedy_organ: Key | None = None
    """The setting (``text``) with the organ to which a notice says that a decision can be appealed (R11)."""
    retention: Key | None = None
    """The setting (``text``) with the class by which the tenant keeps the files of such cases: for ever, 30 years, 10."""
    choices: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    """What the regime lists (grounds, circumstances, sanctions …), filled in from it when the kind is completed."""

    def step(self, key: str) -> StepKind | None:
        """The step of that name, or ``None``."""
        return next((step for step in self.steps if step.key == key), None)

    @cached_property
    def registration(self) -> StepKind:
        """The step by which a case of this kind begins."""
        return next(step for step in self.steps if step.verb is Verb.REGISTER)

    @cached_property
    def final_states(self) -> frozenset[str]:
        """The states in which nothing is due any more."""
        return frozenset(state.key for state in self.states if state.final)

    @cached_property
    def kept_facts(self) -> dict[FieldType, tuple[str, ...]]:
        """The facts that its cases keep, by what they hold: words that somebody wrote, the unit that is reported …"""
        kept = sorted({(item.key, item.type) for step in self.steps for item in step.fields if item.keep})
        return {type_: tuple(key for key, held in kept if held is type_) for type_ in FieldType}

    @cached_property
    def workers(self) -> frozenset[Role]:
        """The roles that work on cases of this kind, other than for a unit."""
        at_work = {role for step in self.steps for role in step.by} - {Role.UNIT_OFFICER}
        return frozenset(at_work | set(self.identity_roles))


class SettingKind(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that the regulation leaves open (R11): what it means, its type, the clause that leaves it open."""

    key: Key
    title: Text
    type: Annotated[str, Meta(pattern=r"^(term|integer|decimal|boolean|text|date|ladder)$(?!\n)")]
    clause: Reference
    minimum: int | None = None
    """The bounds of a number; of a date, those of its year."""
    maximum: int | None = None


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a jurisdiction is: its id (equal to its folder and entry point) and the hook contract it is written for."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,30}$(?!\n)")]
    title: Text
    division_code: Annotated[str, Meta(pattern=r"^[0-9]{6}$(?!\n)")]
    contract: int
    zone: str = "Asia/Shanghai"


HOOK_CONTRACT = 1
"""The version of the hooks and of these types. A manifest written for another one is refused at start-up."""
