"""What a decision is proposed to be, and what comes of the question whether it may be: frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from core.law.citation import Citation
from core.law.instrument import Text, Version
from core.law.rulebook import Rulebook
from core.sanctions.reach import find_clause
from core.sanctions.regime import Gravity, Leniency, RegimeVersion, Share, SubjectKind, Weight
from core.texts import Params


class EstablishedGround(Struct, frozen=True):
    """A ground that is established, and the act that it is about. Two grounds about one act count once (R13)."""

    clause: str
    act: str


class CatchAll(Struct, frozen=True):
    """Why a catch-all is used, and on what (R8)."""

    reason: str = ""
    basis: str = ""

    @property
    def whole(self) -> bool:
        """Whether both are there."""
        return bool(self.reason.strip() and self.basis.strip())


class Proposal(Struct, frozen=True, kw_only=True):
    """A proposed decision on one subject. ``done`` names the prerequisites that are there, ``documented`` the sanctions for
    which the other organ's document is there (R14)."""

    subject: SubjectKind
    grounds: tuple[EstablishedGround, ...]
    sanctions: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    conduct_on: date | None = None
    """The day of the conduct, or on which continuing conduct ended (R7)."""
    version: str | None = None
    """A later version, because it is lighter, and ``lighter_reason`` says why (R7)."""
    lighter_reason: str = ""
    subject_class: str | None = None
    severity: str | None = None
    gravity: Gravity | None = None
    share: Share | None = None
    responsibility: tuple[str, ...] = ()
    catch_all: CatchAll = CatchAll()
    done: frozenset[str] = frozenset()
    documented: frozenset[str] = frozenset()
    short_way: bool = False
    short_way_reason: str = ""
    sanctioned_acts: frozenset[str] = frozenset()
    """The acts for which the subject was sanctioned before (R13)."""
    effective_on: date | None = None
    result_used: bool = False
    """Whether the question is about the use of the result, too: its copies and its publication."""
    in_order: bool = False
    """Whether everything that is not said counts as in order, as in a rule table, and not as missing."""


class Reason(Struct, frozen=True):
    """Why a proposal is refused, or what is remarked of it: a text with its parameters, and the clauses it rests on."""

    code: str
    clause: str
    cites: tuple[str, ...] = ()
    """Further clauses, such as the sanction or ground that it is about."""
    params: Mapping[str, str | int] = field(default_factory=dict)
    at: str | None = None
    """Which part of the proposal it is about (a JSON pointer)."""


class FoundCircumstance(Struct, frozen=True):
    """A circumstance that counts, and what it does."""

    clause: str
    weight: Weight
    binding: str | None
    added: bool
    """Whether the system set it by itself; then nobody can leave it out."""
    allows: tuple[Leniency, ...] = ()


class EffectInTime(Struct, frozen=True):
    """What a sanction brings that lasts: until when, and how it ends."""

    sanction: str
    ends: str
    begins_on: date | None
    ends_on: date | None
    """The last day; ``null`` where neither the text nor the proposal tells."""
    setting: str | None = None


class Line(Struct, frozen=True):
    """One line of the reasoning."""

    code: str
    clause: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a decision may be as it is proposed, with every reason, and what goes with it."""

    accepted: bool
    regime: str
    instrument: str
    version: str | None
    revision: int | None
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()
    circumstances: tuple[FoundCircumstance, ...] = ()
    allows: tuple[Leniency, ...] = ()
    """What the mitigating circumstances allow, all together."""
    effects: tuple[EffectInTime, ...] = ()
    documents: tuple[str, ...] = ()
    """The sanctions that are recorded with another organ's document (R14)."""
    lines: tuple[Line, ...] = ()


class Matter(Struct, frozen=True):
    """A proposal beside the law that it is judged by."""

    proposal: Proposal
    regime: RegimeVersion
    law: Version
    """The version of the instrument whose grounds, circumstances and sanctions hold."""
    instrument: str
    rulebook: Rulebook
    confirmed: frozenset[str] = frozenset()
    """The readings that the tenant has confirmed."""

    @property
    def kind(self) -> SubjectKind:
        """Whether it is about a unit or a person."""
        return self.proposal.subject

    @property
    def list_clause(self) -> str:
        """The clause that lists the sanctions for the subject."""
        listed = self.regime.sanctions.get(self.kind)
        return listed.clause if listed else self.instrument

    def label(self, citation: str) -> Text:
        """Our words for a clause of the regime; the citation itself where it is of another instrument."""
        cited = Citation.parse(citation)
        found = find_clause(self.law, citation) if cited.instrument == self.instrument else None
        if found is None:
            return Text(citation, citation)
        return found[1].label if found[1] else found[0].label

    def named(self, citation: str) -> Params:
        """Parameters that name a clause: its citation, and its label in both languages."""
        label = self.label(citation)
        return {"what": citation, "what_zh": label.zh, "what_en": label.en}
