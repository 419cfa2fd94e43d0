"""What somebody proposes to correct, in whatever city: the body of a proposal, and what a decision says."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.cases.bodies import Instant, describe, one_of
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.corrections.correction import Correction, Swap
from core.errors import Invalid
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Option, Verb
from core.tenants.names import Prose


class UnitSwap(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that was recorded by mistake, and the one that the case has been with all the time (误登的承办单位)."""

    recorded_unit_id: Annotated[UUID, Meta(title="误登单位", description="The unit that the last dispatch names wrongly")]
    right_unit_id: Annotated[UUID, Meta(title="实际单位", description="The unit that it should have named")]


class CorrectionDecision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is decided on a correction (更正审批)."""

    grant: Annotated[bool, Meta(title="是否批准", description="Whether the correction is made")]
    reason: Annotated[Prose, Meta(title="审批意见", description="Why; kept with the correction")]
    consequences: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(
            title="所见后果",
            description="The digest of the consequences that it is decided on; needed to grant (422). Others by now: 409",
        ),
    ] = None
    into_closed_months: Annotated[
        bool,
        Meta(
            title="计入已封账月份",
            description="Whether it is made although figures of closed months change; they stay, with an adjustment beside",
        ),
    ] = False


_RECEIVED = Annotated[Instant | UnsetType, Meta(title="收到时间", description="When it was really received")]
_UNIT = Annotated[UnitSwap | UnsetType, Meta(title="承办单位", description="Which unit has really had it")]
_CATEGORY = Annotated[
    Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType,
    Meta(title="分类", description="The category that it really belongs to"),
]
_REASON = Annotated[Prose, Meta(title="更正理由", description="How it was found to be wrong; kept with the correction")]
_CASE = Annotated[UUID, Meta(title="事项", description="The case that would be corrected")]


@cache
def make_proposal_body(jurisdiction: Jurisdiction) -> type[Struct]:
    """The body by which a correction is proposed in a city."""
    return _define("CorrectionProposal", [*_facts(jurisdiction), ("reason", _REASON)], "What is to be corrected, and why.")


@cache
def make_question_body(jurisdiction: Jurisdiction) -> type[Struct]:
    """The body by which the consequences of a correction are asked for, without proposing it."""
    fields = [("case_id", _CASE), *_facts(jurisdiction)]
    return _define("CorrectionQuestion", fields, "What would be corrected of which case.")


def _facts(jurisdiction: Jurisdiction) -> list[Any]:
    kinds = jurisdiction.kinds.values()
    found: list[Any] = [("received_at", _RECEIVED, UNSET), ("category", _CATEGORY, UNSET)]
    if any(step.verb is Verb.DISPATCH for kind in kinds for step in kind.steps):
        found.append(("unit", _UNIT, UNSET))
    tracks = {option.key or option.clause: option for kind in kinds for option in kind.tracks}
    if tracks:
        found.append(("track", _track(tuple(tracks.values())), UNSET))
    return found


def _track(options: tuple[Option, ...]) -> Any:
    text = Text(zh="办理方式", en="The track on which it really belongs; one of its kind's.")
    return describe(one_of(options) | UnsetType, text, None, options)


def _define(name: str, fields: list[Any], doc: str) -> type[Struct]:
    ordered = sorted(fields, key=len)
    return msgspec.defstruct(
        name,
        ordered,
        namespace={"__doc__": doc},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )


def read_proposal(body: Any) -> Correction:
    """The correction that a body stands for; raises :class:`Invalid` for an instant that is no time of ours."""
    given = {name: getattr(body, name, UNSET) for name in ("received_at", "unit", "category", "track")}
    told = {name: value for name, value in given.items() if value is not UNSET}
    if "received_at" in told:
        if not FIRST_YEAR <= told["received_at"].year <= LAST_YEAR:
            raise Invalid("cases.instant-out-of-reach", field="/received_at", first=FIRST_YEAR, last=LAST_YEAR)
        told["received_at"] = told["received_at"].astimezone(UTC)
    if "unit" in told:
        told["unit"] = Swap(told["unit"].recorded_unit_id, told["unit"].right_unit_id)
    return Correction(**told)
