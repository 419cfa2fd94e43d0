"""What the government has consented to, or the public has been told, is not taken back in passing."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

REOPENING = "wenze:house#reopening"
TOLD = frozenset({"consent-to-report", "report-up", "publish"})
_ALREADY_TOLD = Text(
    zh="整改情况已经市政府同意上报、已上报或已公布，不能再退回；发现未整改到位的，请销号后重新启动",
    en="the rectification has been consented to, reported up or published; close the finding and reopen it instead",
)


def require_not_told_yet(view: StepView) -> tuple[Objection, ...]:
    """A rectification is sent back only before it was consented to, reported up or published (rapid 2.1, 2.4; house)."""
    return (Objection(REOPENING, _ALREADY_TOLD),) if TOLD & set(view.taken) else ()
