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
CONSENT = "jincheng:rapid-2017#2.3"
_NOT_GIVEN_YET = Text(
    zh="同意之日不得晚于记录之日，请核对日期",
    en="the day of the consent cannot lie after the day on which it is recorded; check the date",
)
_CONSENT_TOO_LATE = Text(
    zh="实地调查须在市政府同意之后进行，督查结束不得早于同意之日",
    en="the inquiry follows the government's consent, so it cannot have ended before the day of the consent",
)


def require_past_start(view: StepView) -> tuple[Objection, ...]:
    """Neither the receipt of the demand nor the inspection's end lies after the dispatch (rapid 2.1-2.4; house)."""
    given = {name: view.data[name] for name in STARTS if view.data.get(name)}
    return tuple(
        Objection(TIME, _NOT_YET, f"/{name}") for name, at in given.items() if _local_day(str(at)) > view.occurred_on
    )


def require_given_consent(view: StepView) -> tuple[Objection, ...]:
    """A consent that is recorded has been given (rapid 2.3; house)."""
    future = date.fromisoformat(view.data["consented_on"]) > view.occurred_on
    return (Objection(TIME, _NOT_GIVEN_YET, "/consented_on"),) if future else ()


def require_consent_before_inquiry(view: StepView) -> tuple[Objection, ...]:
    """The inquiry on site did not end before the day on which the government consented to it (rapid 2.3)."""
    ended, consented = view.data.get("inspection_ended_at"), view.facts.get("consented_on")
    if view.track != "cross-department" or not ended or not consented:
        return ()
    before = _local_day(str(ended)) < date.fromisoformat(consented)
    return (Objection(CONSENT, _CONSENT_TOO_LATE, "/inspection_ended_at"),) if before else ()


def _local_day(instant: str) -> date:
    return parse_instant(instant).astimezone(find_zone(SHANGHAI)).date()
