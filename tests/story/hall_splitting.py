"""Orders with several matters: each becomes a case of its own, and the petitioner is told of all of them together."""

from __future__ import annotations

from typing import Any

from tests.story import hall_orders as do
from tests.story import hall_units as units
from tests.story.hall import Hall
from tests.story.hall_calls import Course
from tests.story.hall_fates import Fate, taken_in
from tests.story.hall_orders import Order


def split_in(count: int, book: list[Order]) -> Fate:
    """Several matters in one call, each a case of its own from then on; of two all are over within the day."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from taken_in(hall, order)
        parts = _split(hall, order, count)
        book.extend(parts)
        for part in parts:
            do.dispatch(hall, part)
            units.sign(hall, part)
        yield 1
        for part in parts[:2]:
            units.report(hall, part)
            yield 0
            do.reply(hall, part)
            do.call_back(hall, part, satisfied=True)
            do.close(hall, part)
        yield 1
        if count == 2:
            said = "各部分均已办结。"
            do.step(hall, order, order.dispatcher, "reply-to-all-parts", {"text": said}, tells=said)
            do.call_back(hall, order, satisfied=True)
            do.close(hall, order)

    return fate


def _split(hall: Hall, order: Order, count: int) -> list[Order]:
    categories = ("municipal.roads", "utilities.water", "housing.estate")[:count]
    told = [
        {"title": f"{order.title}之{place}", "narrative": f"{order.name}反映的第{place}个问题。", "category": category}
        for place, category in enumerate(categories, 1)
    ]
    do.step(hall, order, order.dispatcher, "split", {"parts": told})
    hall.changed(*["case.split"] * count)
    items = hall.read(order.dispatcher, f"{order.path}/parts")["items"]
    return [_part(hall, order, item, place) for place, item in enumerate(items, 1)]


def _part(hall: Hall, order: Order, item: dict[str, Any], place: int) -> Order:
    part = Order(
        f"{order.key}.{place}", item["title"], "", item["category"], order.division, order.address, order.operator,
        order.dispatcher, order.caller, order.name, order.phone, urgent=order.urgent, confidential=order.confidential,
    )  # fmt: skip
    part.id, part.number, part.etag, part.clerk = item["id"], item["number"], '"1"', order.dispatcher
    part.state, part.petitioners = "accepted", 1
    part.steps["split"] += 1
    hall.count("orders")
    if part.phone:
        hall.count("brought", part.phone)
    return part
