"""A hotline hall over HTTP: its people, what they work with, and in plain Python what they did in a day."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from core.procedure import Role
from tests.attachments import files
from tests.story.house import Place

ZONE = timezone(timedelta(hours=8))
DAY = date(2026, 5, 13)
"""A Wednesday in a week of five working days."""
MIDNIGHT = datetime(DAY.year, DAY.month, DAY.day, tzinfo=ZONE)
OPENS, ENDS = MIDNIGHT + timedelta(hours=8), MIDNIGHT + timedelta(hours=18)
HALF_HOUR = timedelta(minutes=30)
SLOTS = (ENDS - OPENS) // HALF_HOUR
_BASIS = "热线运行管理规定"
_SINCE = "2026-01-01"

OPERATORS = ("operator", "operator-2", "operator-3", "operator-4")
DISPATCHERS = ("dispatcher", "dispatcher-2", "dispatcher-3")
SUPERVISORS = ("supervisor", "supervisor-2")
OFFICERS = {
    "urban-management": "city-officer",
    "road-upkeep": "road-officer",
    "water-company": "water-officer",
    "traffic-police": "traffic-officer",
    "housing-bureau": "housing-officer",
    "estate-office": "estate-officer",
    "environment-bureau": "environment-officer",
    "nankang-office": "nankang-officer",
}
"""Who works for each unit."""
BELOW = {"urban-management": "road-upkeep", "housing-bureau": "estate-office"}
"""The units with one below them."""
_NEW_UNITS = {
    "traffic-police": "市公安局交警支队",
    "housing-bureau": "市住房和城乡建设局",
    "estate-office": "物业管理科",
    "environment-bureau": "市生态环境局",
    "nankang-office": "南康区城市管理局",
}
NANKANG = "360703"
DIVISIONS = ("360702", NANKANG, "360704", "360781")

DAYS = timedelta(days=7)
"""Where a term is of working days: any moment after the day that is told of."""
_CATEGORIES: dict[str, tuple[str, str | None, dict[str, Any] | None, dict[str, Any] | None]] = {
    "municipal.lights": ("路灯", None, None, None),
    "traffic": ("交通", None, None, None),
    "traffic.parking": ("停车", None, None, None),
    "utilities": ("公用事业", None, None, None),
    "utilities.water": ("供水", None, {"unit": "minute", "length": 340}, {"unit": "minute", "length": 20}),
    "utilities.gas": ("燃气", None, None, {"unit": "minute", "length": 20}),
    "housing": ("住房", None, None, None),
    "housing.estate": ("物业", None, None, None),
    "environment": ("环境", "environment-bureau", None, None),
    "environment.noise": ("噪声", None, {"unit": "same_day", "length": 0}, None),
    "livelihood": ("民生", None, None, None),
}
"""Title, default unit, handling limit and urgent response; those of the story of the city are there already."""
RULES: dict[str, dict[str, Any]] = {
    "municipal": {"category": "municipal", "unit_id": "@urban-management"},
    "nankang": {"category": "municipal", "division": NANKANG, "unit_id": "@nankang-office", "priority": 10},
    "traffic": {"category": "traffic", "unit_id": "@traffic-police"},
    "utilities": {"category": "utilities", "unit_id": "@water-company"},
    "housing": {"category": "housing", "unit_id": "@housing-bureau"},
    "last": {"category": "livelihood", "target": "last-of-matter"},
}
QUESTIONS = {
    "公积金提取需要什么材料": "携带身份证和购房合同到公积金中心窗口办理。",
    "居住证如何办理": "到居住地派出所申请，十五日内发放。",
    "新生儿落户流程": "出生一个月内到户籍派出所申报。",
    "失业金申领条件": "缴费满一年且非本人意愿中断就业的可以申领。",
    "老年卡年审地点": "各社区服务中心均可年审。",
    "电动车上牌预约": "在交警公众号预约后到带牌点办理。",
    "医保异地备案办法": "在国家医保服务平台备案，即时生效。",
    "学区划分查询": "每年六月由区教育局公布。",
    "残疾证申办手续": "向户籍地残联申请评残。",
    "营业执照注销步骤": "先清税，再在一网通办申请。",
}
"""What callers mostly ask, and what they are told."""
TEMPLATE = "hall-reply"


@dataclass
class Hall:
    """The hall at work. ``changes`` are the events that the script has caused, by type; ``told`` what officers got."""

    place: Place
    rules: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    tally: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Whatever else is counted: uses of answers, call-backs, requests, proposals, cases of a phone."""
    last: dict[str, str] = field(default_factory=dict)
    """Who led the last order about livelihood, by division."""
    told: list[tuple[str, str, str]] = field(default_factory=list)
    repeats: int = 0
    """How often somebody had to look again because another one had been faster."""
    now: datetime = OPENS
    lock: threading.Lock = field(default_factory=threading.Lock)

    def move(self, to: datetime) -> None:
        """Moves legal time."""
        self.place.move(to)
        self.now = to
        self.changes["clock.moved"] += 1

    def changed(self, *events: str) -> None:
        """Counts what must be found in the outbox."""
        with self.lock:
            self.changes.update(events)

    def count(self, *what: str) -> None:
        """Counts what must be found in lists and figures."""
        with self.lock:
            self.tally[what] += 1

    def unit(self, key: str) -> str:
        """The id of a unit."""
        return str(self.place.cast.units[key])

    def get(self, who: str, path: str, **query: Any) -> httpx.Response:
        """Reads what must be there."""
        return self._hear(who, path, self.place.get(who, path, **query), 200)

    def read(self, who: str, path: str, **query: Any) -> Any:
        """What a reading answers."""
        return self.get(who, path, **query).json()

    def post(self, who: str, path: str, body: Any, etag: str | None = None, status: int = 200) -> httpx.Response:
        """Changes something that must succeed."""
        return self._hear(who, path, self.place.client.post(who, path, self.place.fill(body), etag), status)

    def change(self, who: str, path: str, of: str, body: Any, etag: str, status: int = 200) -> httpx.Response:
        """Changes something that others change at the same time: who comes too late looks again, and decides again."""
        while (answer := self.place.client.post(who, path, self.place.fill(body), etag)).status_code == 412:
            with self.lock:
                self.repeats += 1
            etag = self.get(who, of).headers["etag"]
        return self._hear(who, path, answer, status)

    def upload(self, who: str, name: str) -> str:
        """Uploads a picture; answers its id."""
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "image/png"}
        answer = self.place.client.send(who, "POST", f"/attachments?name={quote(name)}", headers, files.png(200))
        self.changed("attachment.uploaded")
        return str(self._hear(who, "/attachments", answer, 201).json()["id"])

    def pages(self, who: str, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        page = self.read(who, path, **query)
        items = list(page["items"])
        while page["next"]:
            page = self.read(who, path, **query, cursor=page["next"])
            items += page["items"]
        return items

    def _hear(self, who: str, path: str, answer: httpx.Response, status: int) -> httpx.Response:
        assert answer.status_code == status, f"{who} {path}: {answer.status_code} {answer.text}"
        if who in OFFICERS.values():
            with self.lock:
                self.told.append((who, path, answer.text + str(answer.headers)))
        return answer


def open_hall(place: Place) -> Hall:
    """The hall before its day: units, people, categories, routing rules, answers and a template."""
    hall = Hall(place)
    place.move(OPENS - timedelta(minutes=10))
    _add_units(hall)
    _hire(place)
    for code in _CATEGORIES:
        _add_category(hall, code)
    for key, rule in RULES.items():
        body = {"target": "unit", "valid_from": _SINCE, "basis": _BASIS} | rule
        hall.rules[key] = hall.post("administrator", "/routing-rules", body, status=201).json()["id"]
    for question, answer in QUESTIONS.items():
        hall.articles[question] = _publish(hall, question, answer)
    _add_template(hall)
    return hall


def _add_units(hall: Hall) -> None:
    above = {below: unit for unit, below in BELOW.items()}
    for key, name in _NEW_UNITS.items():
        parent = {"parent_id": f"@{above[key]}"} if key in above else {}
        body = {"code": key, "name": name, "valid_from": _SINCE, "basis": _BASIS} | parent
        hall.place.cast.units[key] = hall.post("administrator", "/units", body, status=201).json()["id"]


def _hire(place: Place) -> None:
    for who, role in _staff():
        if who not in place.cast.clients:
            place.hire(who, role, unit="hotline-centre")
    for unit, who in OFFICERS.items():
        if who not in place.cast.clients:
            place.hire(who, Role.UNIT_OFFICER, unit=unit)
    place.hire("platform", Role.INTAKE_CLERK)


def _staff() -> Iterator[tuple[str, Role]]:
    yield from ((who, Role.INTAKE_CLERK) for who in OPERATORS)
    yield from ((who, Role.DISPATCHER) for who in DISPATCHERS)
    yield from ((who, Role.SUPERVISOR) for who in SUPERVISORS)


def _add_category(hall: Hall, code: str) -> None:
    title, unit, handling, urgent = _CATEGORIES[code]
    body: dict[str, Any] = {"code": code, "title_zh": title, "valid_from": _SINCE, "basis": _BASIS}
    body |= {"parent": code.partition(".")[0]} if "." in code else {}
    body |= {"default_unit_id": f"@{unit}"} if unit else {}
    body |= {"handling_limit": {"term": handling, "basis": _BASIS}} if handling else {}
    body |= {"urgent_response_limit": {"term": urgent, "basis": _BASIS}} if urgent else {}
    hall.post("administrator", "/categories", body, status=201)


def _publish(hall: Hall, question: str, answer: str) -> str:
    text = {"question": question, "answer": answer, "valid_from": _SINCE, "review_due_on": "2026-12-31"}
    made = hall.post("supervisor", "/knowledge", text | {"unit_id": "@hotline-centre"}, status=201)
    id_ = str(made.json()["id"])
    hall.post("supervisor-2", f"/knowledge/{id_}/publication", {}, made.headers["etag"])
    return id_


def _add_template(hall: Hall) -> None:
    body = {
        "key": TEMPLATE,
        "purpose": "reply",
        "case_kind": "hotline-order",
        "title": "答复",
        "body": "您反映的编号${number}的事项，由${lead_unit}办理：${asked.result}",
        "asked": [{"name": "result", "title": "结果"}],
        "valid_from": _SINCE,
        "reason": "统一口径",
    }
    hall.post("supervisor", "/templates", body, status=201)


def term_of(category: str, key: str) -> timedelta | None:
    """How long a unit has, in time of the clock; ``None`` for the end of the day."""
    _, _, handling, urgent = _CATEGORIES.get(category, ("", None, None, None))
    if key == "urgent-response":
        return timedelta(minutes=urgent["length"] if urgent else 30)
    if key == "supervision-by-message" or handling is None:
        return DAYS
    return timedelta(minutes=handling["length"]) if handling["unit"] == "minute" else None
