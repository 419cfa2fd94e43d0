"""One case, driven over HTTP: bodies that every kind accepts, and the shortest way through each kind's life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.story.house import Place

LEAD_ONLY: list[dict[str, Any]] = [{"unit_id": "@lead", "part": "lead"}]
BOTH: list[dict[str, Any]] = [{"unit_id": "@lead", "part": "lead"}, {"unit_id": "@second", "part": "cooperating"}]
Act = tuple[str, str, dict[str, Any]]
"""Who does what, with which body."""

_WORDS = {"title": "窗口办理时间过长", "narrative": "材料齐全，往返三次仍未办结。"}
_RENDITION = "反映材料齐全，往返三次仍未办结。"
_BROUGHT = frozenset({"complaint", "tip-off", "hotline-order"})
"""The kinds that somebody brings, of which units read a rendition."""
REGISTRATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "complaint": (
        "supervisor",
        {"channel": "online", "form": "written", "complained_of": "window", "receiving_office": "supervision-office"},
    ),
    "tip-off": ("clerk", {"channel": "letter", "subject": "某局", "acts": ["baoding:tip-offs-2010#4.5"]}),
    "hotline-order": ("operator", {"channel": "hotline"}),
    "inspection-matter": ("inspector", {"channel": "city", "source": "市政府工作报告"}),
    "finding": ("inspector", {"channel": "inspection", "source": "第三督查组"}),
}
"""Who registers a case of each kind, and with what."""

CITY_OF = {
    "complaint": "ankang",
    "tip-off": "baoding",
    "hotline-order": "ganzhou",
    "inspection-matter": "jincheng",
    "finding": "jincheng",
}
UNITS = {
    "complaint": ("social-security-window", "housing-window"),
    "tip-off": ("disclosure-office", "housing-bureau"),
    "hotline-order": ("urban-management", "water-company"),
    "inspection-matter": ("housing-bureau", "water-group"),
    "finding": ("transport-bureau", "road-centre"),
}
"""The unit that leads and the one that cooperates."""

LIVES: dict[str, tuple[Act, ...]] = {
    "complaint": (
        ("supervisor", "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]}),
        ("supervisor", "classify", {"track": "specialist", "complex": False}),
        ("supervisor", "dispatch", {"units": LEAD_ONLY}),
        ("window-head", "report-result", {"result": "已更正。"}),
        ("supervisor", "reply", {"text": "已更正，请查收。"}),
        ("supervisor", "close", {"substantiated": "yes", "fabricated": False}),
    ),
    "tip-off": (
        ("clerk", "accept", {"subject_class": "administrative-organ"}),
        ("clerk", "classify", {"track": "transfer"}),
        ("clerk", "transfer", {"units": LEAD_ONLY, "rendition": "反映某局目录未更新。", "identity_removed": True}),
        ("officer", "report-result", {"result": "已更新。"}),
        ("clerk", "inform-result", {"text": "已更新并公开。", "told_by": "receipt"}),
        ("clerk", "close", {"substantiated": "yes", "result_disclosed": True}),
    ),
    "hotline-order": (
        ("operator", "accept", {}),
        ("dispatcher", "dispatch", {"units": BOTH}),
        ("city-officer", "report-result", {"result": "已修复。", "evidence_note": "现场由诉求人确认。"}),
        ("dispatcher", "reply", {"text": "已修复。"}),
        ("operator", "call-back", {"reached": "reached", "satisfied": True}),
        ("dispatcher", "close", {}),
    ),
    "inspection-matter": (
        ("inspector", "accept", {"passive": False}),
        ("inspector", "classify", {"track": "ordinary"}),
        ("inspector", "dispatch", {"units": LEAD_ONLY}),
        ("housing-officer", "report-result", {"result": "已完工。"}),
        ("inspector", "assess", {"grade": "good"}),
        ("inspector", "close", {}),
    ),
    "finding": (
        ("inspector", "classify", {"track": "sudden"}),
        (
            "inspector",
            "dispatch",
            {
                "units": [
                    {"unit_id": "@lead", "part": "lead", "term": {"unit": "hour", "length": 6}, "term_reason": "要求"}
                ],
                "demand": "立即整改。",
                "group_head": "组长",
            },
        ),
        ("transport-officer", "report-rectification", {"report": "已整改。"}),
        ("inspector", "accept-rectification", {}),
        ("inspector", "close", {}),
    ),
}
"""From registration to the end, nobody being late."""


@dataclass
class Matter:
    """A case and its entity tag, as the last answer told them."""

    place: Place
    kind: str
    view: dict[str, Any]
    etag: str
    taken: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        found: str = self.view["id"]
        return found

    @property
    def path(self) -> str:
        """Its address below the tenant's API."""
        return f"/cases/{self.id}"

    def step_path(self, step: str) -> str:
        """The address of one of its steps."""
        return f"{self.path}/steps/{self.kind}/{step}"

    def attempt(self, who: str, step: str, body: dict[str, Any] | None = None, etag: str | None = None) -> httpx.Response:
        """Tries a step; decided on the version last seen unless told otherwise."""
        filled = self.place.fill(fill_parts(self.kind, body or {}))
        return self.place.client.post(who, self.step_path(step), filled, etag or self.etag)

    def take(self, who: str, step: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Takes a step that must succeed; answers the case as it stands then."""
        answer = self.attempt(who, step, (body or {}) | more)
        assert answer.status_code == 200, f"{step}: {answer.text}"
        self.view, self.etag = answer.json(), answer.headers["etag"]
        self.taken.append(step)
        return self.view

    def live(self, until: str) -> Matter:
        """Lives on by the shortest way until that state."""
        for who, step, body in LIVES[self.kind]:
            if self.view["state"] == until:
                break
            if step not in self.taken:
                self.take(who, step, body)
        assert self.view["state"] == until
        return self

    def steps(self) -> list[dict[str, Any]]:
        """Its steps."""
        return list(self.place.read(self.reader, f"{self.path}/steps")["items"])

    def refresh(self) -> dict[str, Any]:
        """Reads it anew."""
        answer = self.place.get(self.reader, self.path).raise_for_status()
        self.view, self.etag = answer.json(), answer.headers["etag"]
        return self.view

    @property
    def reader(self) -> str:
        """Somebody who sees every case."""
        return REGISTRATIONS[self.kind][0]

    def deadline(self, key: str, state: str | None = None) -> dict[str, Any]:
        """Its only deadline of that key (and state)."""
        (found,) = [item for item in self.view["deadlines"] if item["key"] == key and state in {None, item["state"]}]
        return dict(found)


def registration(kind: str, **more: Any) -> dict[str, Any]:
    """The body that registers a case of the kind."""
    rendition = {"rendition": _RENDITION} if kind in _BROUGHT else {}
    return {"kind": kind, **_WORDS, **rendition, **REGISTRATIONS[kind][1], **more}


def register(place: Place, kind: str, *, who: str | None = None, **more: Any) -> Matter:
    """Registers a case that must be taken."""
    answer = place.client.post(who or REGISTRATIONS[kind][0], "/cases", place.fill(registration(kind, **more)))
    assert answer.status_code == 201, answer.text
    return Matter(place, kind, answer.json(), answer.headers["etag"])


def fill_parts(kind: str, value: Any) -> Any:
    """The value with the kind's own units for ``@lead`` and ``@second``."""
    if isinstance(value, dict):
        return {name: fill_parts(kind, item) for name, item in value.items()}
    if isinstance(value, list):
        return [fill_parts(kind, item) for item in value]
    lead, second = UNITS[kind]
    return {"@lead": f"@{lead}", "@second": f"@{second}"}.get(value, value) if isinstance(value, str) else value


def shared(view: dict[str, Any]) -> dict[str, Any]:
    """What a case tells everybody alike: all but the steps that are the reader's own to take."""
    return {name: value for name, value in view.items() if name != "my_steps"}


def instant(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)
