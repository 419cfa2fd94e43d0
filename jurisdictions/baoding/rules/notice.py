"""How a whistleblower can be told something."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

REASONS, RESULT = "baoding:tip-offs-2010#7.6", "baoding:tip-offs-2010#7.2"
_REACHABLE = {"phone": "phone", "fax": "written", "email": "written", "in-person": "in-person"}
"""By which way, beside the receipt, an anonymous whistleblower can be reached, by the channel that was used."""
_UNREACHABLE = Text(
    zh="匿名举报人无法以这种方式告知，请凭查询码公布，或用其来访、来电时的方式告知",
    en="an anonymous whistleblower cannot be told in this way; use the receipt code, or the channel they came by",
)


def require_reachable_way(view: StepView) -> tuple[Objection, ...]:
    """Who gave no name is told by receipt or by the channel used, a named person in any way (tip-offs 7.2, 7.6)."""
    way = view.data.get("told_by")
    if not view.anonymous or way in {"receipt", _REACHABLE.get(view.channel)}:
        return ()
    clause = REASONS if view.step == "tell-reasons" else RESULT
    return (Objection(clause, _UNREACHABLE, "/told_by"),)
