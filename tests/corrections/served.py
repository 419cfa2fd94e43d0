"""Corrections over HTTP: asked for, looked at and decided as people do."""

from __future__ import annotations

from typing import Any

import httpx

from tests.story.house import Place
from tests.story.matters import Matter, instant, register

ACCEPT = {"grounds": ["ankang:complaints-2018#3/accept.3"]}
WHY = "信封邮戳与登记日期不符。"


MONDAY = "2026-03-02T10:00:00+08:00"


def complaint(place: Place, at: str | None = MONDAY, track: str = "specialist", **more: Any) -> Matter:
    """A complaint that was registered and classified at that moment; now, where none is said."""
    if at is not None:
        place.move(instant(at))
    matter = register(place, "complaint", who="duty-clerk", **more)
    matter.take("supervisor", "accept", ACCEPT)
    facts = {"complex": False} if track == "specialist" else {}
    matter.take("supervisor", "classify", {"track": track, **facts})
    return matter


def dispatched(place: Place, at: str | None = MONDAY) -> Matter:
    """A complaint that is with the social security window, which has five working days from receipt."""
    matter = complaint(place, at)
    matter.take("supervisor", "dispatch", {"units": [{"unit_id": "@social-security-window", "part": "lead"}]})
    return matter


def ask(matter: Matter, who: str = "duty-clerk", **what: Any) -> httpx.Response:
    """Asks for a correction."""
    body = matter.place.fill(what | {"reason": what.get("reason", WHY)})
    return matter.place.client.post(who, f"{matter.path}/corrections", body)


def asked(matter: Matter, who: str = "duty-clerk", **what: Any) -> dict[str, Any]:
    """A correction that waits."""
    answer = ask(matter, who, **what)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def decide(
    matter: Matter, correction: dict[str, Any], who: str = "supervisor", etag: str | None = None, **more: Any
) -> httpx.Response:
    """Decides it, on the consequences that it shows: grants it unless told otherwise."""
    shown = correction["current"] or correction["consequences"]
    body = {"grant": True, "reason": "经核对属实。", "consequences": shown["digest"]} | more
    return matter.place.client.post(who, f"{matter.path}/corrections/{correction['id']}/decision", body, etag or matter.etag)


def corrected(matter: Matter, **what: Any) -> dict[str, Any]:
    """Asks for a correction and grants it; answers it, the case read anew."""
    answer = decide(matter, asked(matter, **what))
    assert answer.status_code == 200, answer.text
    matter.refresh()
    assert matter.etag == answer.headers["etag"]
    return dict(answer.json())


def deadlines(matter: Matter, who: str = "supervisor") -> list[dict[str, Any]]:
    """The deadlines with their explanations and ledgers."""
    return list(matter.place.read(who, f"{matter.path}/deadlines")["items"])
