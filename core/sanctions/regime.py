"""The types in which a city says one accountability regime as data: one file, one instrument, dated by its versions (R7).

They refer to the instrument's clauses and repeat nothing of them: labels, choices, catch-alls, figures, bindings and whom a
clause reaches are read there. Citations may leave out the instrument; :mod:`core.sanctions.loader` makes them whole.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from msgspec import Meta, Struct, field

from core.law.instrument import Key, Text

Reference = Annotated[str, Meta(max_length=128)]
"""A citation, whole or relative to the regime's instrument."""
FactName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)")]


class SubjectKind(StrEnum):
    """Who is held accountable."""

    UNIT = "unit"
    PERSON = "person"


class Weight(StrEnum):
    """What a circumstance does: 从重、加重, or 从轻、减轻、免予."""

    AGGRAVATING = "aggravating"
    MITIGATING = "mitigating"


class Leniency(StrEnum):
    """What a mitigating circumstance allows: 从轻, 减轻, 免予."""

    LIGHTER = "lighter"
    REDUCED = "reduced"
    WAIVED = "waived"


class Gravity(StrEnum):
    """How grave the matter is: 情节较轻, 较重, 严重."""

    LIGHT = "light"
    HEAVIER = "heavier"
    SERIOUS = "serious"


class Share(StrEnum):
    """What somebody bears of the responsibility: 单独, 全部, 主要, 次要, 不承担."""

    SOLE = "sole"
    FULL = "full"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    NONE = "none"


class Ends(StrEnum):
    """How what a sanction brings comes to its end."""

    YEAR = "year"
    """With the calendar year in which it took effect."""
    TERM = "term"
    """After the term that the clause gives."""
    SETTING = "setting"
    """After the term that the tenant has set, or else the decision."""
    DECISION = "decision"
    """On the day that the decision names: the text gives none."""
    LIFTING = "lifting"
    """When it is lifted."""


class GroundList(Struct, frozen=True, forbid_unknown_fields=True):
    """Grounds of one category. Without ``items`` all that stand directly below it, or its choices, or the clause itself."""

    category: Reference
    items: tuple[Reference, ...] = ()
    open: bool = False
    """Whether the category itself stands for what its open list (等) does not name (R8, R15)."""


class CircumstanceList(Struct, frozen=True, forbid_unknown_fields=True):
    """Circumstances of one weight; for whom each is says the instrument. Without ``items`` all that stand below it."""

    clause: Reference
    weight: Weight
    items: tuple[Reference, ...] = ()
    allows: tuple[Leniency, ...] = ()


class CountedCircumstance(Struct, frozen=True, forbid_unknown_fields=True):
    """One that the system sets by itself: so many established grounds of different categories, for different acts."""

    clause: Reference
    minimum: Key
    """The clause's figure that says how many."""


class Effect(Struct, frozen=True, forbid_unknown_fields=True):
    """What a sanction brings that lasts for a time."""

    ends: Ends
    setting: Key | None = None


class Sanction(Struct, frozen=True, forbid_unknown_fields=True):
    """A sanction (问责方式) that can be imposed."""

    clause: Reference
    organ: bool = False
    """Whether another organ decides it, so that it is recorded with that organ's document (R14)."""
    open: bool = False
    """Whether it stands for a measure that the open list (等) does not name (R8, R15)."""
    either: bool = False
    """Whether the clause offers choices of which this is one yet to be named."""
    gravities: tuple[Gravity, ...] = ()
    """The degrees that it is for, the lightest first; all of them where none is named."""
    reading: Key | None = None
    """The setting by which the tenant confirms a doubtful reading before it is used."""
    effect: Effect | None = None


class SanctionList(Struct, frozen=True, forbid_unknown_fields=True):
    """The sanctions for one kind of subject, and the clause that lists them."""

    clause: Reference
    items: Annotated[tuple[Sanction, ...], Meta(min_length=1)]


class Measures(Struct, frozen=True, forbid_unknown_fields=True):
    """What a tier imposes: all of ``all`` together, and exactly one of the groups of ``one`` (some or all of that group)."""

    all: tuple[Reference, ...] = ()
    one: tuple[tuple[Reference, ...], ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Every sanction of the tier."""
        return (*self.all, *(item for group in self.one for item in group))


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """A degree of severity that the text itself has, with what it imposes on either kind of subject."""

    clause: Reference
    measures: Annotated[dict[SubjectKind, Measures], Meta(min_length=1)]


class Prerequisite(Struct, frozen=True, forbid_unknown_fields=True):
    """What must be done or found before a decision: for all, or for some grounds, sanctions or a kind of subject alone."""

    key: Key
    clause: Reference
    title: Text
    sanctions: tuple[Reference, ...] = ()
    """A clause names its choices, too."""
    grounds: tuple[Reference, ...] = ()
    subject: SubjectKind | None = None
    blocks: bool = True
    """Whether a decision is refused without it; else its absence is remarked."""
    short_way: bool = False
    """Whether the regime's short way goes past it."""
    of_result: bool = False
    """Whether it is needed before the result is used (copied, published) and not before the decision itself."""


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A role on a path, its usual share, and how many people can have it."""

    role: Key
    share: Share
    least: int = 0
    most: int | None = None


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """A fact of somebody that turns the shares: the own one, and those of others by their role."""

    role: Key
    fact: FactName
    title: Text
    own: Share
    others: dict[Key, Share] = field(default_factory=dict)


class DecisionPath(Struct, frozen=True, forbid_unknown_fields=True):
    """A way in which something came to be decided, and what each bears. Path, roles and shares are choices of the clause."""

    key: Key
    clause: Reference
    parts: Annotated[tuple[Part, ...], Meta(min_length=1)]
    turns: tuple[Turn, ...] = ()

    def part(self, role: str) -> Part | None:
        """What the text says of a role."""
        return next((part for part in self.parts if part.role == role), None)


class Responsibility(Struct, frozen=True, forbid_unknown_fields=True):
    """How responsibility is told apart: by paths, or by distinctions of which each subject is given one label each."""

    clause: Reference
    paths: tuple[DecisionPath, ...] = ()
    distinctions: tuple[Annotated[tuple[Reference, ...], Meta(min_length=2)], ...] = ()
    needed_by: Reference | None = None
    """The clause by which each subject is apportioned before a sanction."""

    def path(self, key: str) -> DecisionPath | None:
        """The path of that name."""
        return next((path for path in self.paths if path.key == key), None)


class Bound(StrEnum):
    """How a condition compares a fact."""

    AT_LEAST = "at-least"
    ABOVE = "above"
    TRUE = "true"
    FALSE = "false"


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition of a trigger on one recorded fact, in the words of the law's own figure."""

    fact: FactName
    title: Text
    bound: Bound
    value: Key | None = None
    """The figure of the trigger's clause; of a yes-or-no fact none."""
    by_month: bool = False
    """Whether the fact is counted month by month; one month that reaches the figure is enough."""


class RankRun(Struct, frozen=True, forbid_unknown_fields=True):
    """So many consecutive years, each at or below a total and among the last of the group. Figures by their key."""

    years: Key
    last: Key
    """Among how many of the last: fewer units than that rank strictly lower."""
    base_clause: Reference
    """The clause that has the total, and the key of its figure."""
    base: Key
    flag_groups_up_to: int = 0
    """Of how many units a group is so small that being among its last says little."""


class Opens(StrEnum):
    """What comes of a trigger that fires."""

    PROPOSAL = "proposal"
    SUPERVISION = "supervision"
    REMINDER = "reminder"
    NOTHING = "nothing"
    """An evidence helper: its facts are shown on a case that a person opened, and it opens nothing."""


class Trigger(Struct, frozen=True, forbid_unknown_fields=True):
    """The limb of a clause that is computed from recorded facts; what a person has to find is told beside it."""

    clause: Reference
    opens: Opens
    when: tuple[Condition, ...] = ()
    run: RankRun | None = None
    consent: Reference | None = None
    """The clause by which it waits for consent."""
    finding: Text | None = None
    """What a person has to find beside it."""
    also: tuple[Reference, ...] = ()
    """Clauses read together with it, under which the same question can be asked."""


class Consequence(Struct, frozen=True, forbid_unknown_fields=True):
    """What follows by the text itself beside the sanctions, once a ground is established."""

    clause: Reference
    title: Text


class RegimeVersion(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The regime under one version of its instrument. A later version without one of its own goes on with it."""

    version: Key
    grounds: Annotated[tuple[GroundList, ...], Meta(min_length=1)]
    sanctions: Annotated[dict[SubjectKind, SanctionList], Meta(min_length=1)]
    circumstances: tuple[CircumstanceList, ...] = ()
    counted: tuple[CountedCircumstance, ...] = ()
    tiers: tuple[Tier, ...] = ()
    severity: Reference | None = None
    """The clause by which a decision names its tier."""
    gravity: dict[SubjectKind, Reference] = field(default_factory=dict)
    """The clause by which a decision says how grave the matter is."""
    together: tuple[Annotated[tuple[Reference, ...], Meta(min_length=2)], ...] = ()
    """Sanctions of which none is imposed without the others; the first is the clause that says so."""
    before: tuple[Prerequisite, ...] = ()
    short_way: Reference | None = None
    referrals: tuple[Reference, ...] = ()
    """Transfers to other organs, which are recorded as such and are no sanctions."""
    consequences: tuple[Consequence, ...] = ()
    responsibility: Responsibility | None = None
    triggers: tuple[Trigger, ...] = ()

    @cached_property
    def categories(self) -> dict[str, str]:
        """The category of each ground."""
        return {item: group.category for group in self.grounds for item in group.items}

    @cached_property
    def circumstance_lists(self) -> dict[str, CircumstanceList]:
        """The list of each circumstance."""
        return {item: group for group in self.circumstances for item in group.items}

    @cached_property
    def allows_waiver(self) -> bool:
        """Whether any circumstance allows that no sanction is imposed."""
        return any(Leniency.WAIVED in group.allows for group in self.circumstances)

    def sanction(self, kind: SubjectKind, clause: str) -> Sanction | None:
        """The sanction as it is listed for that kind of subject."""
        listed = self.sanctions.get(kind)
        return next((item for item in listed.items if item.clause == clause), None) if listed else None

    def tier(self, clause: str) -> Tier | None:
        """The tier of that clause."""
        return next((tier for tier in self.tiers if tier.clause == clause), None)

    def trigger(self, clause: str) -> Trigger | None:
        """The trigger of that clause, or the one that is read together with it."""
        return next((item for item in self.triggers if clause in {item.clause, *item.also}), None)


class Regime(Struct, frozen=True, forbid_unknown_fields=True):
    """One accountability regime of a city: its instrument, and what it holds under each version."""

    key: Key
    instrument: str
    versions: Annotated[tuple[RegimeVersion, ...], Meta(min_length=1)]
