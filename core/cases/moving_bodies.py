"""What steps say that pause, resume and extend deadlines, and that ask, find and take back that a lateness is justified."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from core.law.instrument import TermFigure
from core.procedure import StepKind, Verb

Entry = tuple[str, Any] | tuple[str, Any, Any]
"""A field of a made type: name, type and, where it may be left out, its default."""
Reason = Annotated[str, Meta(min_length=1, max_length=2_000)]
REASON = Annotated[Reason, Meta(title="理由", description="Why; kept with the step.")]
REQUEST = Annotated[
    UUID | None,
    Meta(title="申请", description="The request that is decided; needed where several of its kind wait."),
]
_BASIS = Annotated[
    Reason | UnsetType, Meta(title="依据", description="What it rests on beside the clause; kept in the ledger.")
]
_LENGTH = Annotated[
    TermFigure,
    Meta(title="延长时间", description="How much longer: a length of its own, counted from the end so far, unrolled."),
]
_LENGTH_LEFT_OUT = Annotated[
    TermFigure | UnsetType,
    Meta(
        title="延长时间",
        description="How much longer: a length of its own, counted from the end so far, unrolled. Needed where there is a "
        "deadline to extend and none was asked for",
    ),
]
_DEADLINE = Annotated[
    UUID,
    Meta(
        title="期限",
        description="Of whose lateness it is: a deadline that ran out, met since or not, or that runs and cannot be kept.",
    ),
]
_BEYOND = Annotated[
    Reason | UnsetType, Meta(title="超出一般上限的理由", description="Why it goes beyond the general limit; needed then.")
]


def justification_entries(step: StepKind) -> list[Entry]:
    """The fields of a step that asks for a justification, decides on one, or takes one back; each says why."""
    if step.decides is not None:
        return [("reason", REASON), ("request_id", REQUEST, None)]
    return [("deadline_id", _DEADLINE), ("reason", REASON)]


def moving_entries(step: StepKind) -> list[Entry]:
    """The fields of such a step; of a grant those by which it departs from what was asked."""
    if step.verb in {Verb.PAUSE, Verb.RESUME}:
        return [("reason", REASON), ("basis", _BASIS, UNSET)]
    entries: list[Entry] = [("reason", REASON), ("length", _LENGTH)]
    if step.verb is Verb.EXTEND:
        entries = [("reason", REASON), ("basis", _BASIS, UNSET), ("length", _LENGTH_LEFT_OUT, UNSET)]
    if step.verb is Verb.GRANT:
        said: Entry = ("reason", Annotated[Reason | UnsetType, Meta(title="理由", description="Why, if said.")], UNSET)
        entries = [("request_id", REQUEST, None), said, ("basis", _BASIS, UNSET), ("length", _LENGTH_LEFT_OUT, UNSET)]
    return entries + ([("beyond_reason", _BEYOND, UNSET)] if step.beyond_limit else [])
