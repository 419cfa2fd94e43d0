"""From which source a finding reaches which of the five tracks."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

RAPID = "jincheng:rapid-2017"
SOURCES: dict[str, tuple[str, frozenset[str]]] = {
    "superior": ("2.1", frozenset({"instruction", "inspection", "handover"})),
    "provincial-city": ("2.2", frozenset({"instruction", "inspection"})),
    "cross-department": ("2.3", frozenset({"grassroots"})),
}
"""The clause and the sources that it names; items 4 and 5 of part 2 name none."""
_OTHER_SOURCE = Text(
    zh="该类事项的条款不包括这一来源，请按来源另选类别",
    en="the clause of this track does not name this source; choose the track that does",
)


def require_fitting_source(view: StepView) -> tuple[Objection, ...]:
    """A finding is classified under a clause that names its source (rapid 2.1, 2.2, 2.3)."""
    clause, sources = SOURCES.get(str(view.data.get("track")), ("", frozenset({view.channel})))
    return () if view.channel in sources else (Objection(f"{RAPID}#{clause}", _OTHER_SOURCE, "/track"),)
