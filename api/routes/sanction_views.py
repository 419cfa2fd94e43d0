"""What comes of a question about accountability, with its reasoning: a refused proposal is an answer, too."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from core.law.instrument import Text
from core.sanctions.proposal import EffectInTime, FoundCircumstance, Reason, Verdict
from core.sanctions.regime import Leniency, Opens
from core.sanctions.responsibility import Apportionment, BorneShare
from core.sanctions.triggers import Evaluation, Firing
from core.sanctions.wording import render_lines, render_reason

_LINES = Annotated[tuple[str, ...], Meta(title="推理", description="The reasoning line by line, in the reader's language")]
_VERSION = Annotated[str | None, Meta(description="The version that holds; null where none was in force on the day")]


class SanctionReason(Struct, frozen=True):
    """Why something is refused, or what is remarked of it, and on which clauses."""

    code: str
    text: str
    clause: str
    cites: Annotated[tuple[str, ...], Meta(description="Further clauses that it is about")]
    field: Annotated[str | None, Meta(description="Which part of the question it is about (a JSON pointer)")]


class VerdictView(Struct, frozen=True, kw_only=True):
    """Whether a decision may be as it is proposed (问责决定试算)."""

    accepted: bool
    regime: str
    instrument: str
    version: _VERSION
    revision: int | None
    reasons: Annotated[tuple[SanctionReason, ...], Meta(description="Every reason against it, not only the first")]
    remarks: Annotated[tuple[SanctionReason, ...], Meta(description="What goes with it and stands in no way")]
    circumstances: Annotated[
        tuple[FoundCircumstance, ...], Meta(description="Those that count, with those added by the system")
    ]
    allows: Annotated[tuple[Leniency, ...], Meta(description="What the mitigating ones allow")]
    effects: Annotated[tuple[EffectInTime, ...], Meta(description="What lasts for a time, and until when")]
    documents: Annotated[tuple[str, ...], Meta(description="Sanctions that rest on another organ's document")]
    lines: _LINES


class ApportionmentView(Struct, frozen=True, kw_only=True):
    """Who bears which share (责任区分试算), or why the text gives none."""

    settled: bool
    regime: str
    clause: str
    version: str
    shares: tuple[BorneShare, ...]
    reasons: tuple[SanctionReason, ...]
    by_hand: Annotated[
        bool, Meta(description="Whether a reasoned apportionment by hand is the way that is open, or was taken")
    ]
    lines: _LINES


class EvaluationView(Struct, frozen=True, kw_only=True):
    """What comes of a clause's computed limb on the facts (触发试算)."""

    clause: str
    version: str
    fires: Firing
    opens: Opens
    borderline: Annotated[bool, Meta(description="Whether it would fire but for a count exactly at the figure")]
    flagged: Annotated[bool, Meta(description="Whether the group is so small that its last places say little")]
    finding: Annotated[Text | None, Meta(description="What a person has to find beside it")]
    lines: _LINES


class EvaluationList(Struct, frozen=True):
    """An answer to each question, in their order."""

    items: tuple[EvaluationView, ...]


def reason_view(reason: Reason, language: str) -> SanctionReason:
    """A reason in the reader's language."""
    return SanctionReason(reason.code, render_reason(reason, language), reason.clause, reason.cites, reason.at)


def verdict_view(verdict: Verdict, language: str) -> VerdictView:
    """A verdict in the reader's language."""
    return VerdictView(
        accepted=verdict.accepted,
        regime=verdict.regime,
        instrument=verdict.instrument,
        version=verdict.version,
        revision=verdict.revision,
        reasons=tuple(reason_view(reason, language) for reason in verdict.reasons),
        remarks=tuple(reason_view(reason, language) for reason in verdict.remarks),
        circumstances=verdict.circumstances,
        allows=verdict.allows,
        effects=verdict.effects,
        documents=verdict.documents,
        lines=tuple(render_lines(verdict.lines, language)),
    )


def apportionment_view(found: Apportionment, language: str) -> ApportionmentView:
    """Shares in the reader's language."""
    return ApportionmentView(
        settled=found.settled,
        regime=found.regime,
        clause=found.clause,
        version=found.version,
        shares=found.shares,
        reasons=tuple(reason_view(reason, language) for reason in found.reasons),
        by_hand=found.by_hand,
        lines=tuple(render_lines(found.lines, language)),
    )


def evaluation_view(found: Evaluation, clause: str, language: str) -> EvaluationView:
    """An evaluation in the reader's language, under the clause that was asked for."""
    return EvaluationView(
        clause=clause,
        version=found.version,
        fires=found.fires,
        opens=found.opens,
        borderline=found.borderline,
        flagged=found.flagged,
        finding=found.finding,
        lines=tuple(render_lines(found.lines, language)),
    )
