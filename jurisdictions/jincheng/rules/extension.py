"""Which findings can be given more time."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

RAPID = "jincheng:rapid-2017#2.2"
EXTENDABLE = "provincial-city"
CLAUSES = {
    "superior": "jincheng:rapid-2017#2.1",
    "cross-department": "jincheng:rapid-2017#2.3",
    "misconduct": "jincheng:rapid-2017#2.4",
    "sudden": "jincheng:rapid-2017#2.5",
}
_NOT_EXTENDED = Text(
    zh="该类事项的条款没有规定可以延长时间；只有第二部分第2项的事项经市政府同意可以延长",
    en="the clause of this track knows no extension; only a matter of 2.2 can be extended, by the government's consent",
)


def require_extendable(view: StepView) -> tuple[Objection, ...]:
    """Only matters of 2.2 are extended; those of another track are refused under its own clause (rapid 2.1-2.5)."""
    if view.track == EXTENDABLE:
        return ()
    return (Objection(CLAUSES.get(view.track or "", RAPID), _NOT_EXTENDED),)
