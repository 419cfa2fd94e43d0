"""What a registration and a step of a case can be refused with, by the class that gives the status."""

from __future__ import annotations

from api.routes.matter_refusals import REFUSED_MATTERS
from core.errors import Forbidden, Invalid, OutOfOrder, Refused, WenzeError

_ANY_STEP: dict[type[WenzeError], tuple[str, ...]] = {
    Invalid: (
        "cases.value-twice",
        "cases.unit-twice",
        "cases.instant-out-of-reach",
        "deadlines.length-impossible",
        "attachments.id-twice",
    ),
    Forbidden: (
        "cases.role-missing",
        "cases.not-your-unit",
        "cases.part-wrong",
        "requests.for-unit-above",
        "recusals.recused",
    ),
    OutOfOrder: (
        "cases.step-out-of-order",
        "cases.step-not-for-this",
        "cases.step-missing",
        "cases.parts-open",
        "requests.nothing-asked",
        "requests.asked-already",
        "requests.signed-already",
        "deadlines.nothing-to-move",
        "deadlines.paused-already",
        "deadlines.not-paused",
        "feedback.not-replied",
    ),
    Refused: (
        "cases.time-in-future",
        "cases.time-before-last-step",
        "cases.fact-missing",
        "cases.catch-all-bare",
        "cases.lead-unit",
        "cases.unit-unknown",
        "cases.rendition-unconfirmed",
        "cases.rendition-tells",
        "categories.not-there",
        "categories.closed",
        "categories.not-for-kind",
        "cases.evidence-missing",
        "cases.city-objects",
        "requests.unnamed",
        "requests.own",
        "requests.window-over",
        "requests.not-below",
        "requests.has-it-already",
        "deadlines.holder-unknown",
        "deadlines.start-unknown",
        "deadlines.term-not-set",
        "deadlines.term-not-stated",
        "deadlines.term-not-asked",
        "deadlines.term-without-reason",
        "deadlines.replaced-too-late",
        "deadlines.ran-out",
        "deadlines.not-permitted",
        "deadlines.length-missing",
        "deadlines.extension-no-length",
        "deadlines.limit-not-set",
        "deadlines.limit-exceeded",
        "deadlines.limit-exceeded-bare",
        "deadlines.limit-other-unit",
        "law.before-first-version",
        "attachments.not-attachable",
        "feedback.satisfied-missing",
        "feedback.satisfied-untold",
        "feedback.reason-missing",
        "feedback.reason-untold",
        "feedback.words-missing",
        "feedback.no-such-petitioner",
        "feedback.no-such-merged-case",
        "feedback.answered-before",
    ),
}
REFUSED_STEPS = {kind: (*codes, *REFUSED_MATTERS.get(kind, ())) for kind, codes in _ANY_STEP.items()}
REFUSED_REGISTRATIONS = _ANY_STEP | {
    Refused: (
        *_ANY_STEP[Refused],
        "cases.received-in-future",
        "cases.back-dated-bare",
        "petitioners.nobody-named",
        "petitioners.id-number-wrong",
    )
}
