"""What becomes of the orders of a day in the hall, half hour by half hour; each is a course as in the calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tests.story import hall_orders as do
from tests.story import hall_units as units
from tests.story.hall import Hall, term_of
from tests.story.hall_calls import Course, ask_status, look_up
from tests.story.hall_orders import Order

Fate = Callable[[Hall, Order], Course]


def taken_in(hall: Hall, order: Order) -> Course:
    """Looked up, registered and accepted."""
    look_up(hall, order.operator, order.caller)
    do.register(hall, order)
    do.accept(hall, order)
    yield 1


def handled(hall: Hall, order: Order, *, shown: bool = False) -> Course:
    """Dispatched as proposed, signed, done."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    units.sign(hall, order)
    yield 1
    units.report(hall, order, shown=shown)


def finished(hall: Hall, order: Order, satisfied: bool | None = True, **why: str) -> Course:
    """Replied to, called back, filed."""
    do.reply(hall, order)
    yield 1
    do.call_back(hall, order, satisfied)
    do.close(hall, order, **why)


def closed(hall: Hall, order: Order) -> Course:
    yield from handled(hall, order, shown=True)
    yield from finished(hall, order)


def closed_by_receipt(hall: Hall, order: Order) -> Course:
    yield from handled(hall, order)
    do.reply(hall, order, by_template=True)
    yield 1
    do.answer_by_receipt(hall, order, satisfied=True)
    do.close(hall, order)


def told_meanwhile(hall: Hall, order: Order) -> Course:
    """The petitioner is told how far it is, before it is done."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    assert order.lead is not None
    units.officer_step(hall, order, order.lead, "report-interim", {"progress": "已勘查，材料已订购。"})
    yield 1
    said = f"{order.key}正在处理。"
    do.step(hall, order, order.dispatcher, "interim-reply", {"text": said}, tells=said)
    ask_status(hall, order)
    yield 2
    units.report(hall, order)
    yield from finished(hall, order)


def answered_at_once(hall: Hall, order: Order) -> Course:
    yield from taken_in(hall, order)
    said = "该事项已列入本周计划。"
    do.step(hall, order, order.operator, "answer-at-once", {"text": said}, tells=said)
    do.call_back(hall, order, satisfied=True)
    do.close(hall, order)


def refused(hall: Hall, order: Order) -> Course:
    look_up(hall, order.operator, order.caller)
    do.register(hall, order)
    yield 1
    why, way = "法院已立案。", "请在诉讼中主张。"
    body = {"grounds": ["wenze:house#elsewhere/litigation"], "reason": why, "open_way": way}
    do.step(hall, order, order.operator, "refuse", body, tells=f"{why}\n{way}")


def withdrawn(hall: Hall, order: Order) -> Course:
    yield from taken_in(hall, order)
    do.step(hall, order, order.operator, "withdraw", {"reason": "来电人称已解决。"})


def unanswered(hall: Hall, order: Order) -> Course:
    """Dispatched, and nobody has looked at it when the day ends."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)


def left_registered(hall: Hall, order: Order) -> Course:
    look_up(hall, order.operator, order.caller)
    do.register(hall, order)
    yield 0


def left_accepted(hall: Hall, order: Order) -> Course:
    yield from taken_in(hall, order)


def left_at_unit(hall: Hall, order: Order) -> Course:
    """Signed and open when the day ends."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    units.sign(hall, order)


def left_with(unit: str) -> Fate:
    """Open when the day ends, at a unit that the dispatcher chose where nothing was proposed or something else was."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from taken_in(hall, order)
        do.dispatch(hall, order, unit)

    return fate


def reminded(hall: Hall, order: Order) -> Course:
    """Late, and reminded of it; still not done when the day ends."""
    yield from left_at_unit(hall, order)
    yield 12
    body = {"cause": "overdue", "proposal": "请立即派员到场。", "text": f"{order.key}已逾期，请即办理。"}
    do.step(hall, order, "supervisor", "remind", body)


def late_response(hall: Hall, order: Order) -> Course:
    """Urgent, and answered an hour later; done in the end."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    yield 2
    units.report(hall, order)
    yield from finished(hall, order)


def returned(times: int) -> Fate:
    """Given back as dispatched wrongly, and dispatched anew elsewhere, so often; then done."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from taken_in(hall, order)
        do.dispatch(hall, order)
        yield 1
        for turn, other in enumerate(("estate-office", "environment-bureau")[:times]):
            units.ask_return(hall, order, other)
            yield 1
            units.grant_return(hall, order, followed=None if turn else order.category.partition(".")[0])
            do.dispatch(hall, order, other)
            yield 1
        units.report(hall, order)
        yield from finished(hall, order)

    return fate


def return_declined(hall: Hall, order: Order) -> Course:
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    yield 1
    units.ask_return(hall, order)
    yield 1
    units.decline_return(hall, order)
    yield 1
    units.report(hall, order)
    yield from finished(hall, order)


def return_waiting(hall: Hall, order: Order) -> Course:
    """Nobody has decided when the day ends."""
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    yield 1
    units.ask_return(hall, order)


def passed_on(below: str, *, returned_up: bool = False) -> Fate:
    """Passed on to a unit below, that does it, or gives it back to the one above."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from taken_in(hall, order)
        do.dispatch(hall, order)
        units.sign(hall, order)
        units.pass_on(hall, order, below)
        yield 1
        if returned_up:
            units.give_back_up(hall, order)
            yield 1
        units.report(hall, order, shown=True)
        yield from finished(hall, order)

    return fate


def left_passed_on(hall: Hall, order: Order) -> Course:
    yield from taken_in(hall, order)
    do.dispatch(hall, order)
    units.pass_on(hall, order, "road-upkeep")
    yield 1
    units.sign(hall, order)


def co_handled(*, granted: bool) -> Fate:
    """The lead unit asks for another beside it."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from taken_in(hall, order)
        do.dispatch(hall, order)
        units.sign(hall, order)
        yield 1
        units.ask_co_handler(hall, order, "traffic-police", granted=granted)
        yield 1
        if granted:
            units.officer_step(hall, order, "traffic-police", "report-part", {"result": "已疏导。"})
        units.report(hall, order)
        yield from finished(hall, order)

    return fate


def redone(hall: Hall, order: Order) -> Course:
    """Not satisfied, sent back, redone, satisfied."""
    yield from handled(hall, order)
    do.reply(hall, order)
    yield 1
    do.call_back(hall, order, satisfied=False)
    do.send_back(hall, order)
    yield 1
    units.report(hall, order, shown=True)
    yield from finished(hall, order)


def supervised(*, done: bool) -> Fate:
    """Redone in vain, and supervised; done within the day, or not."""

    def fate(hall: Hall, order: Order) -> Course:
        yield from handled(hall, order)
        do.reply(hall, order)
        yield 1
        do.call_back(hall, order, satisfied=False)
        do.send_back(hall, order)
        yield 1
        units.report(hall, order)
        do.reply(hall, order)
        yield 1
        do.call_back(hall, order, satisfied=False)
        do.supervise(hall, order)
        yield 2
        if done:
            units.report(hall, order, shown=True)
            yield from finished(hall, order)

    return fate


def not_reached(hall: Hall, order: Order) -> Course:
    yield from handled(hall, order)
    yield from finished(hall, order, None, why_not_asked="三次回访均无人接听。")


def left_not_reached(hall: Hall, order: Order) -> Course:
    yield from handled(hall, order)
    do.reply(hall, order)
    yield 1
    do.call_back(hall, order, None)


def unsatisfied_and_closed(hall: Hall, order: Order) -> Course:
    yield from handled(hall, order)
    yield from finished(hall, order, satisfied=False, why_not_sent_back="诉求超出政策规定，已说明。")


def corrected(hall: Hall, order: Order) -> Course:
    """Classed wrongly: proposed by one, approved by another; the shorter term of the right class has run out."""
    yield from left_at_unit(hall, order)
    yield 13
    asked = _ask_correction(hall, order)
    decision = {"grant": True, "reason": "经核实。", "consequences": asked["consequences"]["digest"]}
    path = f"{order.path}/corrections/{asked['id']}/decision"
    with order.turn:
        order.etag = hall.change("supervisor-2", path, order.path, decision, order.etag).headers["etag"]
        order.steps["correct"] += 1
    hall.changed("case.correct", "supervision.found")
    hall.count("request", "correction", "granted")
    order.category = "utilities.water"
    ((key, due),) = order.dues.items()
    order.dues[key] = due - term_of("municipal.lights", "handling") + term_of("utilities.water", "handling")


def correction_waiting(hall: Hall, order: Order) -> Course:
    yield from left_at_unit(hall, order)
    yield 1
    _ask_correction(hall, order)


def _ask_correction(hall: Hall, order: Order) -> dict[str, Any]:
    body = {"category": "utilities.water", "reason": "实为供水管道问题，登记时选错分类。"}
    asked = hall.post(order.operator, f"{order.path}/corrections", body, status=201).json()
    hall.changed("case.correction-asked")
    hall.count("request", "correction", "asked")
    return dict(asked)


def from_platform(hall: Hall, order: Order) -> Course:
    """A platform registers it by its own id, sends it again with more, and once more as it was."""
    path, body = "/external-cases/PT-2026-0513", do.registration(order)
    made = _put(hall, path, body, 201)
    hall.changed("case.register")
    do.registered(hall, order, made.json(), made.headers["etag"])
    order.receipt = made.json()["receipt"]
    hall.count("brought", order.phone or "")
    order.clerk = "platform"
    yield 1
    more = body | {"narrative": f"{order.narrative}现在问题更严重了。"}
    answers = [_put(hall, path, more, 200).json() for _ in range(2)]
    assert {item["id"] for item in answers} == {order.id}
    hall.changed("case.supplemented")
    with hall.lock:
        order.steps["supplement"] += 1
    order.etag = f'"{answers[1]["version"]}"'
    do.accept(hall, order)


def _put(hall: Hall, path: str, body: Any, status: int) -> Any:
    answer = hall.place.client.send("platform", "PUT", path, {}, msgspec.json.encode(body))
    assert answer.status_code == status, answer.text
    return answer
