"""An order of the hall: what the script knows of it, in plain Python, and each thing that people do with it over HTTP."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.story.hall import MIDNIGHT, NANKANG, TEMPLATE, Hall, term_of

_LEADS_TO = {
    "accept": "accepted", "refuse": "refused", "withdraw": "withdrawn", "answer-at-once": "replied", "split": "split",
    "dispatch": "dispatched", "report-result": "handled", "reply": "replied", "reply-to-all-parts": "replied",
    "send-back": "dispatched", "supervise-by-message": "dispatched", "close": "closed",
}  # fmt: skip
_EVENTS = {
    "answer-at-once": "reply", "reply-to-all-parts": "reply", "report-result": "handle", "report-part": "handle",
    "report-interim": "record", "interim-reply": "inform", "supervise-by-message": "remind", "call-back": "feedback",
    "return": "ask", "grant-return": "grant", "decline-return": "decline", "ask-co-handler": "ask",
    "grant-co-handler": "grant", "decline-co-handler": "decline",
}  # fmt: skip
FINAL = frozenset({"closed", "refused", "withdrawn", "merged"})
_PROPOSED = {
    "municipal": "urban-management", "traffic": "traffic-police", "utilities": "water-company", "housing": "housing-bureau",
}  # fmt: skip
_NEVER_CLOSE = timedelta(minutes=5)
"""The script does nothing so near to the end of a term that it would hang on how fast the machine is."""


@dataclass
class Order:
    """One order as the script knows it. The HTTP answers are held to this, and never the other way about."""

    key: str
    title: str
    narrative: str
    category: str
    division: str
    address: str
    operator: str
    dispatcher: str
    caller: str
    """The phone of the call; an anonymous caller has one too, and it is kept nowhere."""
    name: str | None = None
    phone: str | None = None
    urgent: bool = False
    confidential: bool = False
    letter: bool = False
    files: int = 0
    id: str = ""
    number: str = ""
    etag: str = ""
    receipt: str = ""
    state: str = "registered"
    answer: str | None = None
    clerk: str = ""
    lead: str | None = None
    others: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)
    signed: dict[str, str] = field(default_factory=dict)
    returns: int = 0
    petitioners: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    dues: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    rendered: bool = False
    in_vain: bool = False
    """Whether it waits to be supervised as redone in vain."""
    turn: threading.RLock = field(default_factory=threading.RLock)

    @property
    def path(self) -> str:
        """Its address."""
        return f"/cases/{self.id}"

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.state not in FINAL

    @property
    def units(self) -> list[str]:
        """The units that have it, and those above that passed it on."""
        return [*([self.lead] if self.lead else []), *self.others, *self.via]

    @property
    def due(self) -> datetime | None:
        """When the next term runs out."""
        return min(self.dues.values(), default=None)

    def begin_term(self, now: datetime, key: str, unit: str) -> None:
        """A term begins."""
        length = term_of(self.category, key)
        self.dues[key, unit] = MIDNIGHT + timedelta(days=1) if length is None else now + length

    def end_terms(self, state: str) -> None:
        """Every term is over."""
        self.ended.update((key, state) for key, _ in self.dues)
        self.dues.clear()

    def meet(self, now: datetime, keys: Iterable[str], unit: str) -> None:
        """A unit's step meets its terms, in time or late."""
        for key in keys:
            due = self.dues.pop((key, unit), None)
            if due is not None:
                assert abs(due - now) > _NEVER_CLOSE, f"{self.key}: {key} is due too near to the step"
                self.ended[key, "met" if now < due else "met-late"] += 1


def register(hall: Hall, order: Order) -> dict[str, Any]:
    """Registers it in one call; answers the case, with its likely duplicates."""
    ids = [hall.upload(order.operator, f"来电材料{place}.png") for place in range(order.files)]
    made = hall.post(order.operator, "/cases", registration(order) | ({"attachments": ids} if ids else {}), status=201)
    hall.changed("case.register", *(["attachment.attached"] if ids else []))
    registered(hall, order, made.json(), made.headers["etag"])
    order.receipt = made.json()["receipt"] or ""
    if order.phone:
        hall.count("brought", order.phone)
    return dict(made.json())


def registration(order: Order) -> dict[str, Any]:
    """The body that registers it."""
    body: dict[str, Any] = {
        "kind": "hotline-order", "channel": "hotline", "title": order.title, "narrative": order.narrative,
        "urgent": order.urgent, "category": order.category, "wishes_confidentiality": order.confidential,
        "place": {"division": order.division, "address": order.address},
    }  # fmt: skip
    if order.phone:
        body["petitioner"] = {"name": order.name, "phone": order.phone}
    if order.letter:
        received = {"received_at": "2026-05-11T09:00:00+08:00", "received_reason": "群众来信，邮戳为5月11日"}
        body |= received
    return body


def registered(hall: Hall, order: Order, view: dict[str, Any], etag: str) -> None:
    """What is known of it from now on."""
    order.id, order.number, order.etag, order.clerk = view["id"], view["number"], etag, order.operator
    order.petitioners = 1
    order.steps["register"] += 1
    assert view["state"] == "registered"
    hall.count("orders")


def step(
    hall: Hall, order: Order, who: str, key: str, body: dict[str, Any] | None = None, *, tells: str | None = None
) -> dict[str, Any]:
    """Takes a step, and follows in the book what it must make of the order; ``tells`` is what the petitioner reads then."""
    with order.turn:
        answer = hall.change(who, f"{order.path}/steps/hotline-order/{key}", order.path, body or {}, order.etag)
        order.etag = answer.headers["etag"]
        with hall.lock:
            order.steps[key] += 1
        hall.changed(f"case.{_EVENTS.get(key, key)}")
        order.state, order.answer = _LEADS_TO.get(key, order.state), tells or order.answer
        if not order.open:
            order.end_terms("lapsed")
        return dict(answer.json())


def accept(hall: Hall, order: Order) -> None:
    """It is a matter for the hotline."""
    assert step(hall, order, order.operator, "accept")["state"] == "accepted"


def dispatch(hall: Hall, order: Order, to: str | None = None, *others: str) -> None:
    """Dispatched where the rules propose, or elsewhere; the first time with the rendition that units will read."""
    rule, proposed = _expected_proposal(hall, order)
    told = hall.read(order.dispatcher, f"{order.path}/routing")
    assert told["lead_unit_id"] == (hall.unit(proposed) if proposed else None), order.key
    assert told["rule_id"] == (hall.rules[rule] if rule else None), order.key
    lead = to or proposed
    assert lead is not None
    units = [{"unit_id": f"@{lead}", "part": "lead"}, *({"unit_id": f"@{one}", "part": "cooperating"} for one in others)]
    step(hall, order, order.dispatcher, "dispatch", {"units": units} | _rendition(hall, order))
    if rule:
        for what in ("proposed", "followed" if lead == proposed else "departed"):
            hall.count("routing", rule, what)
    order.lead, order.others, order.via, order.signed = lead, list(others), [], {}
    for unit in (lead, *others):
        begin_at(hall, order, unit)
    if order.category == "livelihood":
        hall.last[order.division] = lead


def _expected_proposal(hall: Hall, order: Order) -> tuple[str | None, str | None]:
    top = order.category.partition(".")[0]
    if top == "environment":
        return None, "environment-bureau"
    if top == "livelihood":
        return ("last" if order.division in hall.last else None), hall.last.get(order.division)
    rule = "nankang" if (top, order.division) == ("municipal", NANKANG) else top
    return rule, "nankang-office" if rule == "nankang" else _PROPOSED[top]


def _rendition(hall: Hall, order: Order) -> dict[str, str]:
    if order.rendered:
        return {}
    order.rendered = True
    return {"rendition": hall.read(order.dispatcher, order.path)["narrative"]}


def begin_at(hall: Hall, order: Order, unit: str) -> None:
    """The terms that begin when a unit gets the order."""
    order.begin_term(hall.now, "handling", unit)
    if order.urgent:
        order.begin_term(hall.now, "urgent-response", unit)


def reply(hall: Hall, order: Order, *, by_template: bool = False) -> None:
    """The centre tells the petitioner what came of it."""
    text = f"{order.key}已办理，感谢您的反映。"
    if by_template:
        asked = {"template": TEMPLATE, "asked": {"result": f"{order.key}已修复"}}
        made = hall.post(order.dispatcher, f"{order.path}/texts", asked).json()
        text = made["text"]
        assert order.number in text
        assert text.endswith(f"{order.key}已修复")
    step(hall, order, order.dispatcher, "reply", {"text": text}, tells=text)


def call_back(hall: Hall, order: Order, satisfied: bool | None) -> None:
    """The petitioner is called, with the phone read for it; ``None`` where nobody answers."""
    purpose = {"purpose": "call-back", "note": "回访", "petitioner_number": 1}
    read = hall.post(order.operator, f"{order.path}/petitioner/readings", purpose, status=201).json()
    assert read["petitioner"]["phone"] == order.phone
    hall.changed("petitioner.read")
    body: dict[str, Any] = (
        {"reached": "not-reached"} if satisfied is None else {"reached": "reached", "satisfied": satisfied}
    )
    if satisfied is False:
        body |= {"dissatisfaction": "not-solved", "words": f"我是{order.name}，根本没有修好，电话{order.phone}。"}
    step(hall, order, order.operator, "call-back", body)
    _heard(hall, order, satisfied)


def answer_by_receipt(hall: Hall, order: Order, *, satisfied: bool) -> None:
    """The petitioner answers by receipt."""
    hall.post(order.operator, "/receipts/feedback", {"receipt": order.receipt, "satisfied": satisfied})
    with hall.lock:
        order.steps["call-back"] += 1
    hall.changed("case.feedback")
    _heard(hall, order, satisfied)


def _heard(hall: Hall, order: Order, satisfied: bool | None) -> None:
    unit = order.lead or ""
    hall.count("feedback", unit, "asked")
    if satisfied is not None:
        hall.count("feedback", unit, "reached")
        hall.count("feedback", unit, "satisfied" if satisfied else "unsatisfied")
    if satisfied is False and order.steps["send-back"] and not order.in_vain:
        order.in_vain = True
        hall.changed("supervision.found")


def _seen_to(hall: Hall, order: Order) -> None:
    if order.in_vain:
        order.in_vain = False
        hall.changed("supervision.ended")


def send_back(hall: Hall, order: Order) -> None:
    """Sent back to be redone, once."""
    assert order.lead is not None
    step(hall, order, order.dispatcher, "send-back", {"reason": "诉求人不满意，请核实后重办。"})
    order.begin_term(hall.now, "redo-handling", order.lead)


def supervise(hall: Hall, order: Order) -> None:
    """Redone in vain by the unit's fault: supervised by text message."""
    assert order.lead is not None
    body = {
        "method": "ganzhou:hotline-2022#7.1/text-message", "matter": "ganzhou:hotline-2022#6.4", "unit_at_fault": True,
        "text": "请在两个工作日内办结。",
    }  # fmt: skip
    step(hall, order, "supervisor", "supervise-by-message", body)
    _seen_to(hall, order)
    order.begin_term(hall.now, "supervision-by-message", order.lead)


def close(hall: Hall, order: Order, **why: str) -> None:
    """Filed."""
    assert step(hall, order, order.dispatcher, "close", why)["state"] == "closed"
    _seen_to(hall, order)
