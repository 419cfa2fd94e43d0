"""The events from which a finding's terms run."""

from __future__ import annotations

from datetime import date

from core.law.instrument import Text
from core.law.zone import SHANGHAI, find_zone, parse_instant
from core.procedure import Objection, StepView

TIME = "wenze:house#time"
STARTS = ("demand_received_at", "inspection_ended_at")
_NOT_YET = Text(
    zh="期限的起算事件不得晚于交办之日，请核对日期",
    en="the event from which the term runs cannot lie after the day of the dispatch; check the date",
)


def require_past_start(view: StepView) -> tuple[Objection, ...]:
    """Neither the receipt of the demand nor the inspection's end lies after the dispatch (rapid 2.1-2.4; house)."""
    given = {name: view.data[name] for name in STARTS if view.data.get(name)}
    return tuple(
        Objection(TIME, _NOT_YET, f"/{name}") for name, at in given.items() if _local_day(str(at)) > view.occurred_on
    )


def _local_day(instant: str) -> date:
    return parse_instant(instant).astimezone(find_zone(SHANGHAI)).date()
