"""Orders that run out of time, and what the service then says must be supervised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.story.house import Place
from tests.story.matters import Matter, instant, register

CITED = "ganzhou:hotline-2022#"
DONE = {"result": "已修复。", "evidence_note": "现场由诉求人确认。"}
BY_MESSAGE = {"method": f"{CITED}7.1/phone", "text": "请尽快办结。"}
TERM = {"term": {"unit": "working_day", "length": 3}, "term_reason": "现场确定"}
WAYS: dict[str, dict[str, Any]] = {
    "supervise-by-message": BY_MESSAGE,
    "supervise-in-writing": {"letter_number": "赣市热线督〔2026〕1号", "text": "请办结。"},
    "supervise-on-site": {
        "participants": ["市城市管理局"], "duties": "城管局修复路面。", "confirmation": "确认单", "text": "请办结。", **TERM,
    },
    "supervise-by-leader": {"leader": "分管副市长", "text": "请办结。", **TERM},
}  # fmt: skip
"""The four ways of article 7, each with what it asks for."""


def own_term(days: int) -> dict[str, Any]:
    """A term of so many working days."""
    return {"term": {"unit": "working_day", "length": days}, "term_reason": "情况需要"}


def dispatched(place: Place, *days: int) -> Matter:
    """An order with a lead unit, and a cooperating one where a second term is told, each on its own term."""
    matter = register(place, "hotline-order")
    matter.take("operator", "accept")
    named = zip(("@lead", "@second"), ("lead", "cooperating"), days or (2,), strict=False)
    matter.take(
        "dispatcher", "dispatch", units=[{"unit_id": unit, "part": part, **own_term(own)} for unit, part, own in named]
    )
    return matter


def due_of(matter: Matter, unit: str | None = None, key: str = "handling") -> datetime:
    """When a deadline of a unit, or the only one of that key, runs out."""
    id_ = matter.place.fill(unit) if unit else None
    (found,) = (
        item
        for item in matter.refresh()["deadlines"]
        if item["key"] == key and item["state"] == "open" and id_ in {None, item["holder_unit_id"]}
    )
    return instant(found["due_at"])


def overdue(place: Place, *days: int) -> Matter:
    """An order whose lead unit has let its term run out, a worker having come by."""
    matter = dispatched(place, *days)
    come_by(place, due_of(matter, "@urban-management"))
    return matter


def come_by(place: Place, at: datetime) -> None:
    """A worker comes by at a legal time."""
    place.move(at)
    place.house.work()


def items(matter: Matter, who: str = "supervisor") -> list[dict[str, Any]]:
    """What had to be supervised of a case."""
    found: list[dict[str, Any]] = matter.place.read(who, f"{matter.path}/supervision-items")["items"]
    return found


def states(matter: Matter) -> list[tuple[str, str, str | None]]:
    """The rule, the state and the ending of each, the oldest first."""
    return [(item["rule"], item["state"], item["ending"]) for item in items(matter)]


def waiting(place: Place, who: str = "supervisor", **query: Any) -> list[dict[str, Any]]:
    """The list of what waits to be supervised."""
    found: list[dict[str, Any]] = place.read(who, "/worklists/supervision", **query)["items"]
    return found


def told(place: Place) -> list[tuple[str, str | None]]:
    """The events about such matters in the order in which they were written, each with the ending that it tells."""
    rows = sorted(place.rows("outbox"), key=lambda row: row["id"])
    return [(row["type"], row["refs"].get("ending")) for row in rows if row["type"].startswith("supervision.")]


def supervise(matter: Matter, way: str = "supervise-by-message", clause: str = "6.3", **more: Any) -> dict[str, Any]:
    """Supervises it in one of the four ways."""
    return matter.take("supervisor", way, WAYS[way] | {"matter": CITED + clause} | more)


def depart(item: dict[str, Any], place: Place, who: str = "supervisor", etag: str = '"1"') -> httpx.Response:
    """Departs from one, with a reason."""
    return place.client.post(who, f"/supervision-items/{item['id']}/departure", {"reason": "当日即将办结。"}, etag)


def unhappy_after_redo(place: Place) -> Matter:
    """An order that was sent back for want of satisfaction, redone, and still does not satisfy."""
    matter = register(place, "hotline-order").live("replied")
    unsatisfied(matter)
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    matter.take("city-officer", "report-result", DONE)
    matter.take("dispatcher", "reply", text="已返工。")
    unsatisfied(matter)
    return matter


def unsatisfied(matter: Matter) -> None:
    """The petitioner says that they are not satisfied."""
    said = {"reached": "reached", "satisfied": False, "dissatisfaction": "not-solved"}
    matter.take("operator", "call-back", said)


MINUTE = timedelta(minutes=1)
