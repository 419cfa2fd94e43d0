"""Orders that were replied to, and what is said of the reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.story.house import Place
from tests.story.matters import Matter, register

FIRST = {"name": "温国平", "phone": "13900000000"}
SECOND = {"name": "曾小妹", "phone": "13911112222"}
THIRD = {"name": "刘大勇"}
CONTENT: dict[str, Any] = {"satisfied": True}
UNHAPPY: dict[str, Any] = {"satisfied": False, "dissatisfaction": "not-solved"}
CALLED: dict[str, Any] = {"reached": "reached"}
REDONE = {"result": "已返工。", "evidence_note": "现场确认。"}
AGAIN = {"text": "已返工，请查看。"}


@dataclass
class Replied(Matter):
    """An order with the receipts that were told at its registration."""

    receipts: list[str] = field(default_factory=list)


def replied(place: Place, *others: dict[str, Any], **more: Any) -> Replied:
    """An order of somebody, and of others, whose reply waits for answers."""
    brought = {"petitioner": FIRST} | ({"co_petitioners": list(others)} if others else {})
    made = register(place, "hotline-order", **brought | more)
    receipts = [made.view["receipt"], *made.view["co_receipts"]]
    matter = Replied(place, made.kind, made.view, made.etag, receipts=receipts)
    matter.live("replied")
    return matter


def answer(place: Place, receipt: str, key: str | None = None, **said: Any) -> httpx.Response:
    """An answer by receipt."""
    return place.client.post("operator", "/receipts/feedback", {"receipt": receipt} | said, key=key)


def feedback(matter: Matter, who: str = "operator") -> dict[str, Any]:
    """What was said of a case, as somebody is told."""
    found: dict[str, Any] = matter.place.read(who, f"{matter.path}/feedback")
    return found


def satisfaction(matter: Matter) -> Any:
    """The fact of the case, read anew."""
    return matter.refresh()["facts"].get("satisfaction")


def code(answer: httpx.Response) -> tuple[int, str | None]:
    """How something was refused."""
    return answer.status_code, answer.json().get("code")


def redo(matter: Matter) -> None:
    """Sent back, done again, replied to again."""
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    matter.take("city-officer", "report-result", **REDONE)
    matter.take("dispatcher", "reply", **AGAIN)
