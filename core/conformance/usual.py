"""What every kind of case has, whatever a city's text says: the rules of the house."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City, steps_of
from core.conformance.finding import Finding
from core.procedure import CaseKind, Verb

_WANTED = {
    Verb.REMIND: "a reminder (wenze:house#reminder, unless the text has its own)",
    Verb.REOPEN: "a reopening (wenze:house#reopening)",
    Verb.REFUSE: "a refusal, or what was brought to the wrong place stays for ever",
    Verb.CLOSE: "a closing",
}
ELSEWHERE = "wenze:house#elsewhere/"


def check_usual_steps(city: City) -> Iterator[Finding]:
    """Reminder, reopening, refusal and closing exist, a petitioner can withdraw, and a refusal can name the way open."""
    for kind in city.kinds:
        wanted = _WANTED | ({} if kind.petitioner == "none" else {Verb.WITHDRAW: "a withdrawal (wenze:house#withdrawal)"})
        verbs = {step.verb for step in kind.steps}
        for verb, name in wanted.items():
            if verb not in verbs:
                yield Finding(
                    f"usual.no-{verb.value}", f"kind {kind.key}", f"lacks {name}; add a step with the verb {verb.value}"
                )
        yield from _check_elsewhere(kind)
    for place, kind, step in steps_of(city.kinds):
        final = kind.final_states
        if step.verb is Verb.REOPEN and (step.to in final | {None} or not final.intersection(step.after)):
            yield Finding("usual.reopen-nothing", place, "must lead from a final state to one that is not")
        if step.verb in {Verb.WITHDRAW, Verb.CLOSE} and step.to not in final:
            yield Finding("usual.not-ended", place, f"a {step.verb.value} ends the case; let it lead to a final state")


def _check_elsewhere(kind: CaseKind) -> Iterator[Finding]:
    refusals = [step for step in kind.steps if step.verb is Verb.REFUSE]
    options = {option.clause or "" for step in refusals for field in step.fields for option in field.options}
    if refusals and kind.petitioner != "none" and not any(clause.startswith(ELSEWHERE) for clause in options):
        advice = f"what belongs elsewhere is refused with the way that is open; add options such as {ELSEWHERE}litigation"
        yield Finding("usual.no-elsewhere", f"kind {kind.key}", advice)
