"""How a whistleblower can be told something."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

REASONS, RESULT = "baoding:tip-offs-2010#7.6", "baoding:tip-offs-2010#7.2"
EXTENSION, STATUS = "baoding:tip-offs-2010#7.4", "baoding:tip-offs-2010#7.5"
_CLAUSES = {"tell-reasons": REASONS, "inform-result": RESULT, "extend-handling": EXTENSION}
_REACHABLE = {"phone": "phone", "fax": "written", "email": "written", "in-person": "in-person"}
"""By which way, beside the receipt, an anonymous whistleblower can be reached, by the channel that was used."""
_UNREACHABLE = Text(
    zh="匿名举报人无法以这种方式告知，请凭查询码公布，或用其来访、来电时的方式告知",
    en="an anonymous whistleblower cannot be told in this way; use the receipt code, or the channel they came by",
)
_NO_UNIT = Text(
    zh="该举报没有承办单位，请向投诉举报人说明延期理由",
    en="no unit handles this tip-off, so that none can have been told the reasons; tell the whistleblower",
)
_NOT_WRITTEN = Text(
    zh="实名举报须以书面形式告知：请书面告知理由，或先书面告知办理情况",
    en="a named whistleblower is told in writing: tell the reasons so, or first the status",
)


def require_reachable_way(view: StepView) -> tuple[Objection, ...]:
    """Who gave no name is told by receipt or by the channel used, a named person in any way (tip-offs 7.2, 7.4, 7.6)."""
    way = view.data.get("told_by")
    if way is None or not view.anonymous or way in {"receipt", _REACHABLE.get(view.channel)}:
        return ()
    return (Objection(_CLAUSES[view.step], _UNREACHABLE, "/told_by"),)


def require_unit_told(view: StepView) -> tuple[Objection, ...]:
    """The unit that is told the reasons of an extension is one that handles the tip-off (tip-offs 7.4)."""
    nobody = view.data.get("told") == "unit" and not view.units
    return (Objection(EXTENSION, _NO_UNIT, "/told"),) if nobody else ()


def require_written_status(view: StepView) -> tuple[Objection, ...]:
    """A named whistleblower has the status in writing, a refusal too; unless it was told before (tip-offs 7.5)."""
    written = view.data.get("told_by") == "written" or "inform-status" in view.taken
    return () if view.anonymous or written else (Objection(STATUS, _NOT_WRITTEN, "/told_by"),)
