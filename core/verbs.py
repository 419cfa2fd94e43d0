"""What a step does to a case, whatever a city calls it."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What a step does to a case, whatever a city calls it. ``record`` only adds evidence."""

    REGISTER = "register"
    ACCEPT = "accept"
    REFUSE = "refuse"
    CLASSIFY = "classify"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    REPLY = "reply"
    CLOSE = "close"
    SEND_BACK = "send-back"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    REMIND = "remind"
    RECORD = "record"
    SIGN = "sign"
    ASK = "ask"
    GRANT = "grant"
    DECLINE = "decline"
    PASS_ON = "pass-on"  # noqa: S105  no password
    INFORM = "inform"
    FEEDBACK = "feedback"
    SPLIT = "split"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    # Of an accountability case (:mod:`core.sanctions.matter`):
    CHARGE = "charge"
    ESTABLISH = "establish"
    APPORTION = "apportion"
    HEAR = "hear"
    DECIDE = "decide"
    SERVE = "serve"
    APPEAL = "appeal"
    REVIEW = "review"
    REFER = "refer"
    COPY = "copy"
    MEASURE = "measure"
    REPORT_BACK = "report-back"
    LIFT = "lift"
    CONSENT = "consent"


SENT_TO_UNITS = frozenset({Verb.DISPATCH, Verb.SEND_BACK, Verb.REMIND})
"""What the centre sends to units by a step of these, they see: its facts, and the attachments that it brings."""


OF_MATTERS = frozenset({
    Verb.CHARGE, Verb.ESTABLISH, Verb.APPORTION, Verb.HEAR, Verb.DECIDE, Verb.SERVE, Verb.APPEAL, Verb.REVIEW, Verb.REFER,
    Verb.COPY, Verb.MEASURE, Verb.REPORT_BACK, Verb.LIFT, Verb.CONSENT,
})  # fmt: skip
"""The verbs that only a kind of case with a regime has: what they change is the case's matter."""
