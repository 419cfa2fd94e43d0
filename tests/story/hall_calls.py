"""The calls that make no order of their own: questions answered, status told, and second callers on a matter that is known.

A call is a generator: what is done before a ``yield`` is done in one half hour, and the number says how many pass by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.story import hall_orders as do
from tests.story.hall import Hall
from tests.story.hall_orders import Order

Course = Iterator[int]
Call = Callable[[Hall], Course]


def look_up(hall: Hall, who: str, phone: str) -> None:
    """The caller is looked up by phone: as many cases as the script knows of."""
    with hall.lock:
        known = hall.tally["brought", phone]
    found = hall.post(who, "/callers/lookups", {"phone": phone})
    hall.changed("petitioner.looked-up")
    assert found.json()["total"] == known, phone
    assert phone not in found.text


def ask_status(hall: Hall, order: Order) -> None:
    """The petitioner asks by receipt, and is told where the matter stands."""
    with order.turn:
        told = hall.post(order.operator, "/receipts/status", {"receipt": order.receipt}).json()
        assert (told["number"], told["state"], told["answer"]) == (order.number, order.state, order.answer), order.key


def asking(order: Order) -> Call:
    """A caller who asks how far the matter is."""

    def call(hall: Hall) -> Course:
        look_up(hall, order.operator, order.caller)
        ask_status(hall, order)
        yield 0

    return call


def answered(operator: str, phone: str, question: str, *, helped: bool) -> Call:
    """A caller who is answered from the knowledge base, and no case made of it."""

    def call(hall: Hall) -> Course:
        look_up(hall, operator, phone)
        found = hall.read(operator, "/knowledge", q=question[:6])["items"]
        assert hall.articles[question] in [item["id"] for item in found]
        hall.post(operator, f"/knowledge/{hall.articles[question]}/uses", {"helped": helped}, status=201)
        hall.changed("knowledge.used")
        hall.count("use", question)
        if helped:
            hall.count("helped", question)
        yield 0

    return call


def joining(order: Order, caller: Order) -> Call:
    """A second caller on a matter that is known: found by the draft, and added to it."""

    def call(hall: Hall) -> Course:
        look_up(hall, caller.operator, caller.caller)
        draft = {
            "kind": "hotline-order", "title": caller.title, "category": caller.category, "phone": caller.phone,
            "place": {"division": caller.division, "address": caller.address},
        }  # fmt: skip
        likely = hall.post(caller.operator, "/calculations/duplicates", draft).json()["items"]
        hall.changed("petitioner.looked-up")
        assert likely[0]["case_id"] == order.id, [caller.key, likely]
        body = {"petitioner": {"name": caller.name, "phone": caller.phone}}
        etag = hall.get(caller.operator, order.path).headers["etag"]
        made = hall.change(caller.operator, f"{order.path}/petitioners", order.path, body, etag, 201).json()
        assert made["receipt"] != order.receipt
        with hall.lock:
            order.petitioners += 1
            order.steps["add-petitioner"] += 1
        hall.changed("case.add-petitioner")
        hall.count("brought", caller.phone or "")
        yield 0

    return call


def repeating(order: Order, caller: Order, *, parted: bool) -> Call:
    """A second caller whose call is registered anew, suggested as a likely duplicate, merged, and perhaps parted again."""

    def call(hall: Hall) -> Course:
        look_up(hall, caller.operator, caller.caller)
        likely = do.register(hall, caller)["likely_duplicates"]
        assert likely[0]["case_id"] == order.id, [caller.key, likely]
        yield 1
        _merge(hall, caller, order)
        if parted:
            yield 1
            _part_again(hall, caller, order)

    return call


def _merge(hall: Hall, source: Order, target: Order) -> None:
    body = {"into": target.number, "reason": "反映同一处问题"}
    merged = hall.change(source.dispatcher, f"{source.path}/merge", source.path, body, source.etag)
    source.etag, source.state = merged.headers["etag"], "merged"
    _joined(hall, source, target, "merge", "take-in", 1)


def _part_again(hall: Hall, source: Order, target: Order) -> None:
    body = {"reason": "经核实为两处问题"}
    parted = hall.change(source.dispatcher, f"{source.path}/unmerge", source.path, body, source.etag)
    source.etag, source.state = parted.headers["etag"], "registered"
    _joined(hall, source, target, "unmerge", "let-go", -1)


def _joined(hall: Hall, source: Order, target: Order, own: str, others: str, more: int) -> None:
    with hall.lock:
        source.steps[own] += 1
        target.steps[others] += 1
        target.petitioners += more
    hall.changed(f"case.{own}", f"case.{others}")
