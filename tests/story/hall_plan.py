"""The plan of a day in the hall: 200 calls and when they come, the same in every run; and the day itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random

from tests.story import hall_calls as calls
from tests.story import hall_fates as fates
from tests.story.hall import DISPATCHERS, DIVISIONS, ENDS, HALF_HOUR, NANKANG, OPENS, OPERATORS, QUESTIONS, SLOTS, Hall
from tests.story.hall_calls import Call, Course
from tests.story.hall_fates import Fate
from tests.story.hall_orders import Order
from tests.story.hall_splitting import split_in

AT_ONCE = 6
"""So many people work at the same moment."""
_SURNAMES = ("欧", "蔺", "郗", "逄", "鄢", "宓", "亓", "瞿", "卞", "邬")
_GIVEN = ("翊珩", "珞妍", "骁琛", "芮瑄", "昶霖", "璟煊", "沁菡", "彧衡", "滢玥", "霁朗")
_ROADS = ("红旗", "文明", "长征", "兴国", "章江", "客家", "登峰", "水东")
_KINDS_OF_ROAD = ("大道", "路", "北路", "南路", "东路", "西路", "巷", "街")
_MATTERS = {
    "municipal": "井盖破损", "traffic": "违停占道", "utilities": "水管爆裂", "housing": "电梯停运",
    "environment": "夜间施工扰民", "livelihood": "早餐摊点搬迁",
}  # fmt: skip


@dataclass(frozen=True)
class Lot:
    """So many orders with one fate; when they may come, and what they are about."""

    fate: Fate
    count: int
    category: str
    latest: int
    earliest: int = 0
    division: str | None = None
    urgent: bool = False
    anonymous: int = 0


def lots(book: list[Order]) -> tuple[Lot, ...]:
    """The 60 orders; the parts of those that are split are added to the book."""
    return (
        Lot(fates.closed, 3, "municipal.roads", 12),
        Lot(fates.closed, 2, "traffic.parking", 12),
        Lot(fates.closed, 2, "utilities.water", 12, urgent=True),
        Lot(fates.closed_by_receipt, 2, "housing.estate", 12),
        Lot(fates.told_meanwhile, 1, "environment.noise", 10),
        Lot(fates.told_meanwhile, 1, "municipal.lights", 10, urgent=True),
        Lot(fates.answered_at_once, 2, "livelihood", 16, division="360704"),
        Lot(fates.refused, 2, "housing.estate", 17),
        Lot(fates.withdrawn, 1, "traffic.parking", 16, anonymous=1),
        Lot(fates.left_registered, 2, "municipal.roads", 18, anonymous=1),
        Lot(fates.left_accepted, 1, "housing.estate", 17, anonymous=1),
        Lot(fates.from_platform, 1, "municipal.lights", 12),
        Lot(split_in(2, book), 1, "municipal", 10),
        Lot(split_in(3, book), 1, "municipal", 10, division=NANKANG),
        Lot(fates.returned(1), 3, "traffic.parking", 9),
        Lot(fates.returned(2), 1, "utilities.water", 8),
        Lot(fates.return_declined, 3, "housing.estate", 10),
        Lot(fates.return_waiting, 1, "traffic.parking", 15, anonymous=1),
        Lot(fates.passed_on("road-upkeep"), 1, "municipal.roads", 11, division="360702"),
        Lot(fates.passed_on("estate-office"), 1, "housing.estate", 11),
        Lot(fates.passed_on("road-upkeep", returned_up=True), 1, "municipal.roads", 10, division="360704"),
        Lot(fates.left_passed_on, 1, "municipal.roads", 15, division="360781", anonymous=1),
        Lot(fates.co_handled(granted=True), 2, "utilities.water", 10, urgent=True),
        Lot(fates.co_handled(granted=False), 1, "utilities.gas", 10),
        Lot(fates.redone, 3, "municipal.roads", 9),
        Lot(fates.supervised(done=True), 1, "municipal.lights", 7),
        Lot(fates.supervised(done=False), 1, "housing.estate", 8),
        Lot(fates.not_reached, 2, "traffic.parking", 12),
        Lot(fates.left_not_reached, 1, "municipal.lights", 13),
        Lot(fates.unsatisfied_and_closed, 1, "environment.noise", 12),
        Lot(fates.unanswered, 3, "utilities.gas", 14, urgent=True, anonymous=1),
        Lot(fates.late_response, 1, "traffic", 11, urgent=True),
        Lot(fates.reminded, 1, "utilities.water", 5),
        Lot(fates.left_at_unit, 2, "environment.noise", 16, anonymous=1),
        Lot(fates.left_at_unit, 2, "utilities.water", 16, earliest=10),
        Lot(fates.left_with("nankang-office"), 1, "traffic", 16),
        Lot(fates.left_with("urban-management"), 1, "livelihood", 4, division="360781"),
        Lot(fates.left_at_unit, 1, "livelihood", 16, earliest=8, division="360781"),
        Lot(fates.corrected, 1, "municipal.lights", 5, division="360702"),
        Lot(fates.correction_waiting, 1, "municipal.lights", 15),
    )


@dataclass
class Plan:
    """Which call comes when. ``at`` tells when each of the 60 orders does, ``open`` those that stay open."""

    book: list[Order] = field(default_factory=list)
    timetable: list[tuple[int, Call]] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    joined: list[Order] = field(default_factory=list)
    repeated: list[tuple[Order, Order]] = field(default_factory=list)


class Planner:
    """Draws the plan; all that is left to chance is drawn here, from one seed, before the day begins."""

    def __init__(self, seed: int) -> None:
        self.random, self.plan, self._callers = Random(seed), Plan(), 0

    def draw(self) -> Plan:
        """The whole plan."""
        self._draw_orders()
        self._draw_wishes()
        self._draw_second_callers()
        self._draw_questions()
        return self.plan

    def _draw_orders(self) -> None:
        drawn = [(lot, place < lot.anonymous) for lot in lots(self.plan.book) for place in range(lot.count)]
        streets = [f"{road}{kind}" for road in _ROADS for kind in _KINDS_OF_ROAD]
        self.random.shuffle(streets)
        for number, (lot, anonymous) in enumerate(drawn, 1):
            division = lot.division or self.random.choice([one for one in DIVISIONS if one != NANKANG or number % 2])
            order = self._order(f"第{number}号件", lot.category, division, streets[number - 1], anonymous=anonymous)
            order.urgent = lot.urgent
            at = self.random.randint(lot.earliest, lot.latest)
            self.plan.book.append(order)
            self.plan.at[order.key], self.plan.fates[order.key] = at, lot.fate
            self.plan.timetable.append((at, partial(lot.fate, order=order)))

    def _order(self, key: str, category: str, division: str, street: str, *, anonymous: bool = False) -> Order:
        name, phone = self._person()
        matter = f"{street}{_MATTERS[category.partition('.')[0]]}"
        told = f"我叫{name}，电话{phone}，{matter}，请尽快处理。{name[0]}女士等候回复。"
        return Order(
            key, matter, told, category, division, f"{street}{self.random.randint(1, 90)}号",
            self.random.choice(OPERATORS), self.random.choice(DISPATCHERS), phone,
            None if anonymous else name, None if anonymous else phone,
        )  # fmt: skip

    def _person(self) -> tuple[str, str]:
        number = self._callers
        self._callers += 1
        return f"{_SURNAMES[number % 10]}{_GIVEN[number // 10 % 10]}", f"137{20_260_000 + number * 37}"

    def _draw_wishes(self) -> None:
        for order in self.random.sample(self.plan.book, 8):
            order.confidential = True
        for order in self.random.sample([order for order in self.plan.book if order.phone], 8):
            order.title += f"，请回电{order.phone}"
        sent = [order for order in self.plan.book if self.plan.fates[order.key] is not fates.from_platform]
        for order in self.random.sample(sent, 8):
            order.files = self.random.randint(1, 2)
        for order in self.random.sample(sent, 3):
            order.letter = True

    def _draw_second_callers(self) -> None:
        known = [order for order in self.plan.book if order.phone and not order.letter]
        in_flight = self._of(known, fates.closed, fates.redone, fates.return_declined)
        staying = self._of(known, fates.unanswered, fates.left_at_unit, fates.reminded, fates.correction_waiting)
        self.plan.joined = [*in_flight[:4], *staying[:2]]
        for order in self.plan.joined:
            caller = self._again(order)
            self.plan.timetable.append((self.plan.at[order.key] + 1, calls.joining(order, caller)))
        for place, order in enumerate(staying[2:6]):
            caller = self._again(order)
            self.plan.repeated.append((order, caller))
            at = min(self.plan.at[order.key] + 2, SLOTS - 3)
            self.plan.timetable.append((at, calls.repeating(order, caller, parted=place == 0)))
            self.plan.book.append(caller)
        asked = self._of(known, *(set(self.plan.fates.values()) - {fates.from_platform, fates.told_meanwhile}))
        for order in self.random.sample(asked, 10):
            self.plan.timetable.append((self.random.randint(self.plan.at[order.key] + 1, SLOTS - 1), calls.asking(order)))

    def _of(self, orders: Iterable[Order], *wanted: Fate) -> list[Order]:
        return [order for order in orders if self.plan.fates[order.key] in wanted and self.plan.at[order.key] < SLOTS - 4]

    def _again(self, order: Order) -> Order:
        caller = self._order(f"{order.key}之二", order.category, order.division, "")
        caller.title = f"再次反映{order.title.partition('，')[0]}"
        caller.address = order.address
        return caller

    def _draw_questions(self) -> None:
        split = {key for key, fate in self.plan.fates.items() if "split" in fate.__qualname__}
        callers = [order for order in self.plan.book if order.phone and order.key in self.plan.at and order.key not in split]
        before = self.random.sample(callers, 15)
        for number in range(120):
            question, helped = self.random.choice(list(QUESTIONS)), self.random.random() < 0.9
            phone, at = self._person()[1], self.random.randrange(SLOTS)
            if number < len(before):
                phone, at = before[number].caller, self.random.randint(self.plan.at[before[number].key] + 1, SLOTS - 1)
            who = self.random.choice(OPERATORS)
            self.plan.timetable.append((at, calls.answered(who, phone, question, helped=helped)))


def live(hall: Hall, plan: Plan) -> None:
    """The day: in each half hour everybody does at the same time what is to be done then."""
    agenda: dict[int, list[Course]] = defaultdict(list)
    for at, call in plan.timetable:
        agenda[at].append(call(hall))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for slot in range(SLOTS):
            hall.move(OPENS + slot * HALF_HOUR)
            while courses := agenda.pop(slot, []):
                for course, pause in zip(courses, pool.map(_go_on, courses), strict=True):
                    if pause is not None:
                        agenda[slot + pause].append(course)
    assert not agenda, f"the day is too short: {sorted(agenda)}"
    hall.move(ENDS)


def _go_on(course: Iterator[int]) -> int | None:
    return next(course, None)
