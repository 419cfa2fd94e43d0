"""The whistleblower's protection when a tip-off leaves the reporting centre."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

CONFIDENTIALITY = "baoding:tip-offs-2010#8"
RECUSAL = "wenze:readings#r12"
_IDENTITY_LEFT = Text(
    zh="转交前须核对并去除线索中的举报人身份信息，确认后再转交",
    en="before a transfer, take everything out of the account that tells who reported it, and confirm it",
)
_TO_THE_REPORTED = Text(
    zh="被举报单位不得办理对自己的举报，请转交其上级或其他有关单位",
    en="the unit that is reported cannot handle the tip-off about itself; transfer it to its superior or another unit",
)


def require_identity_removed(view: StepView) -> tuple[Objection, ...]:
    """Nothing of the whistleblower's identity goes along with a transfer (tip-offs 8)."""
    removed = view.data.get("identity_removed") is True
    return () if removed else (Objection(CONFIDENTIALITY, _IDENTITY_LEFT, "/identity_removed"),)


def keep_from_unit_reported(view: StepView) -> tuple[Objection, ...]:
    """The unit reported is none of the units that a tip-off is transferred to (R12, tip-offs 8)."""
    concerned = view.facts.get("subject_unit") in view.units
    return (Objection(RECUSAL, _TO_THE_REPORTED, "/units"),) if concerned else ()
