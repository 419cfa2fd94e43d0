"""A day in a hotline hall over HTTP, 200 calls by several people at once; and everything counted twice at its end.

What the script did, kept in plain Python as it went, is held against lists, facets, work lists, figures, the trail, the
events, and what the officers of units were told.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.story.hall import (
    DAY,
    DISPATCHERS,
    MIDNIGHT,
    NANKANG,
    OFFICERS,
    OPERATORS,
    QUESTIONS,
    SUPERVISORS,
    open_hall,
)  # fmt: skip
from tests.story.hall_day import Day, is_due_today, is_late, secrets_of, worked_on
from tests.story.hall_plan import Planner, live
from tests.story.house import House
from tests.story.matters import instant
from tests.story.stored import deadline, deadlines_in_rows, moment, parts, units_in_rows
from tests.story.test_audit import Operator

SEED = 12345


@pytest.fixture(scope="module")
def day(house: House) -> Day:
    """The day, lived on a tenant of its own."""
    hall = open_hall(house.open("ganzhou"))
    before = Counter(row["type"] for row in hall.place.rows("outbox"))
    hall.changes.clear()
    plan = Planner(SEED).draw()
    live(hall, plan)
    views = {order.id: hall.read("supervisor", order.path) for order in plan.book}
    return Day(hall, plan, before, views)


def test_200_calls_make_60_orders_and_what_comes_of_them(day: Day) -> None:
    assert len(day.plan.timetable) == 200
    assert len(day.plan.at) == 60
    tally = day.hall.tally
    assert len(day.book) == tally["orders",] == 60 + len(day.plan.repeated) + 2 + 3
    assert day.ids() == {order.id for order in day.book}
    requests = {what[1:]: count for what, count in tally.items() if what[0] == "request"}
    assert (requests["return", "granted"], requests["return", "declined"]) == (5 + 1, 3)
    assert day.hall.repeats > 0, "people met on the same case"


def test_each_case_is_told_as_the_script_knows_it(day: Day) -> None:
    for order in day.book:
        view, key = day.views[order.id], order.key
        told = (view["number"], view["state"], view["category"], view["division"], view["urgent"], view["returns"])
        assert told == (order.number, order.state, order.category, order.division, order.urgent, order.returns), key
        assert view["version"] == order.steps.total(), (key, order.steps)
        assert (view["petitioners"], view["anonymous"]) == (order.petitioners, order.phone is None), key
        assert view["wishes_confidentiality"] == order.confidential, key
        if order.state != "merged":
            lead = [item["unit_id"] for item in view["units"] if item["part"] == "lead"]
            assert lead == ([day.hall.unit(order.lead)] if order.lead else []), key


def test_each_term_stands_as_the_script_counted_it(day: Day) -> None:
    slack = timedelta(minutes=5)
    for order in day.book:
        lines = [line for line in day.views[order.id]["deadlines"] if not line["window"]]
        ended = Counter((line["key"], line["state"]) for line in lines if line["state"] != "open")
        assert ended == order.ended, order.key
        running = {
            (line["key"], line["holder_unit_id"]): instant(line["due_at"]) for line in lines if line["state"] == "open"
        }
        assert running.keys() == {(key, day.hall.unit(unit)) for key, unit in order.dues}, order.key
        for (key, unit), due in order.dues.items():
            found = running[key, day.hall.unit(unit)]
            assert abs(found - due) < slack if due < MIDNIGHT + timedelta(days=2) else found > MIDNIGHT + timedelta(days=1)


def test_numbers_have_no_gap(day: Day) -> None:
    numbers = sorted(view["number"] for view in day.views.values())
    assert numbers == [f"RX2026-{number:06d}" for number in range(1, len(day.book) + 1)]


def test_filters_find_what_they_say(day: Day) -> None:
    asked: dict[str, tuple[dict[str, Any], Any]] = {
        "once returned": ({"returns_from": 1}, lambda order: order.returns >= 1),
        "returned twice": ({"returns_from": 2}, lambda order: order.returns >= 2),
        "open": ({"closed": "false"}, lambda order: order.open),
        "over": ({"closed": "true"}, lambda order: not order.open),
        "late": ({"overdue": "true"}, is_late),
        "urgent": ({"urgent": "true"}, lambda order: order.urgent),
        "anonymous": ({"anonymous": "true"}, lambda order: order.phone is None),
        "two states": ({"state": "closed,merged"}, lambda order: order.state in {"closed", "merged"}),
        "a branch of the tree": ({"category": "municipal"}, lambda order: order.category.startswith("municipal")),
        "a district": ({"division": NANKANG}, lambda order: order.division == NANKANG),
        "the districts of the city proper": ({"division": "36070"}, lambda order: order.division.startswith("36070")),
        "due before midnight": (
            {"due_before": (MIDNIGHT + timedelta(hours=24, minutes=1)).astimezone().isoformat()},
            lambda order: order.due is not None and order.due <= MIDNIGHT + timedelta(days=1),
        ),
        "letters": ({"received_before": MIDNIGHT.isoformat()}, lambda order: order.letter),
        "open and in one branch": (
            {"closed": "false", "category": "utilities"},
            lambda order: order.open and order.category.startswith("utilities"),
        ),
        "by a word": ({"q": "水管爆裂"}, lambda order: "水管爆裂" in order.title),
    }
    for name, (query, holds) in asked.items():
        wanted = day.expected(order for order in day.book if holds(order))
        assert wanted, name
        assert day.keys(day.ids(**query)) == wanted, name
    for unit in OFFICERS:
        with_it = [order for order in day.book if unit in order.units and order.state != "merged"]
        assert day.keys(day.ids(unit_id=day.hall.unit(unit))) == day.expected(with_it), unit


def test_a_phone_finds_the_cases_of_whose_it_is(day: Day) -> None:
    twice = {order.phone for order in day.book if order.phone and day.hall.tally["brought", order.phone] > 1}
    once = sorted(order.phone for order in day.book if order.phone and order.phone not in twice)[:3]
    for phone in [*twice, *once]:
        found = day.hall.post("operator", "/cases/search", {"phone": phone})
        day.hall.changed("petitioner.looked-up")
        assert phone not in found.text
        mine = day.expected(order for order in day.book if order.phone == phone)
        assert day.keys(item["id"] for item in found.json()["items"]) == mine
    assert twice, "the parts of what was split are their petitioner's, too"


def test_facets_count_what_there_is(day: Day) -> None:
    by = "state,category,division,urgent,unit,kind"
    told = day.hall.read("supervisor", "/cases/facets", by=by)["items"]
    found = {item["facet"]: {line["value"]: line["count"] for line in item["counts"]} for item in told}
    assert found["state"] == Counter(order.state for order in day.book)
    assert found["category"] == Counter(order.category for order in day.book)
    assert found["division"] == Counter(order.division for order in day.book)
    assert found["urgent"] == Counter(str(order.urgent).lower() for order in day.book)
    units = Counter(day.hall.unit(unit) for order in day.book if order.state != "merged" for unit in order.units)
    assert {value: count for value, count in found["unit"].items() if value} == units
    assert found["kind"] == {"hotline-order": len(day.book)}
    late = day.hall.read("supervisor", "/cases/facets", by="urgent", overdue="true")["items"][0]["counts"]
    assert sum(line["count"] for line in late) == sum(map(is_late, day.book))


@pytest.mark.parametrize("who", [*OPERATORS, *DISPATCHERS, *SUPERVISORS, *OFFICERS.values()])
def test_work_lists_hold_what_is_to_be_done(day: Day, who: str) -> None:
    counts = {line["list"]: line["count"] for line in day.hall.read(who, "/worklists")["items"]}
    for name, orders in worked_on(day, who).items():
        items = day.hall.pages(who, f"/worklists/{name}", limit=7)
        assert day.keys(item["id"] for item in items) == day.expected(orders), name
        assert counts[name] == len(orders), name
        dues = [instant(item["due_at"]) for item in items if item["due_at"]]
        assert dues == sorted(dues), name
    approvals = day.hall.pages(who, "/worklists/approvals")
    waiting = {"dispatcher": ["return"], "supervisor": ["correction"]}.get(who.partition("-")[0], [])
    assert [item["kind"] for item in approvals] == waiting
    assert counts["approvals"] == len(waiting)


def test_some_are_late_and_some_are_due_and_the_short_terms_did_it(day: Day) -> None:
    late = {order.category for order in day.book if is_late(order)}
    assert late >= {"utilities.gas", "utilities.water"}
    assert sum(map(is_due_today, day.book)) >= 3
    (corrected,) = [order for order in day.book if order.steps["correct"]]
    assert is_late(corrected), "by the shorter term of the right category"
    states = Counter(key for order in day.book for key in order.ended.elements())
    assert states["urgent-response", "met-late"] >= 1
    assert states["urgent-response", "met"] >= 4


def test_requests_are_listed_with_what_became_of_them(day: Day) -> None:
    found = Counter((item["kind"], item["state"]) for item in day.hall.pages("supervisor", "/requests", limit=5))
    tally = day.hall.tally
    for kind in ("return", "co-handler", "correction"):
        decided = {state: tally["request", kind, state] for state in ("granted", "declined")}
        assert {state: found[kind, state] for state in decided} == decided, kind
        assert found[kind, "pending"] == tally["request", kind, "asked"] - sum(decided.values()), kind
        assert found[kind, "lapsed"] == 0


def test_call_backs_are_counted_by_the_unit_that_led(day: Day) -> None:
    tally, period = day.hall.tally, {"from": DAY.isoformat(), "to": DAY.isoformat()}
    told = day.hall.read("supervisor", "/feedback/summary", **period)["items"]
    what = ("asked", "reached", "satisfied", "unsatisfied")
    found = {item["unit_id"]: tuple(item[name] for name in what) for item in told}
    units = {key[1] for key in tally if key[0] == "feedback"}
    assert found == {
        day.hall.unit(unit) if unit else None: tuple(tally["feedback", unit, name] for name in what) for unit in units
    }
    assert sum(item["reasons"].get("not-solved", 0) for item in told) == 5 + 2 + 1, (
        "five redone, two of them twice, one told"
    )
    nothing = {"from": "2026-05-12", "to": "2026-05-12"}
    assert day.hall.read("supervisor", "/feedback/summary", **nothing)["items"] == []


def test_uses_of_answers_are_counted(day: Day) -> None:
    tally = day.hall.tally
    told = day.hall.read("operator", "/knowledge/uses", **{"from": DAY.isoformat(), "to": DAY.isoformat()})
    found = {item["question"]: (item["uses"], item["helped"]) for item in told["items"]}
    assert found == {question: (tally["use", question], tally["helped", question]) for question in QUESTIONS}
    assert [(item["uses"], item["helped"]) for item in told["units"]] == [
        (120, sum(tally["helped", question] for question in QUESTIONS))
    ]
    listed = {item["id"]: item["uses"] for item in day.hall.pages("operator", "/knowledge")}
    assert listed == {day.hall.articles[question]: tally["use", question] for question in QUESTIONS}


def test_rules_are_told_what_came_of_their_proposals(day: Day) -> None:
    for key, id_ in day.hall.rules.items():
        told = day.hall.read("supervisor", f"/routing-rules/{id_}/outcomes")
        expected = {what: day.hall.tally["routing", key, what] for what in ("proposed", "followed", "departed", "returned")}
        assert {what: told[what] for what in expected} == expected, key
    departed = [key for key in day.hall.tally if key[0] == "routing" and key[2] in {"departed", "returned"}]
    assert len({key[2] for key in departed}) == 2


def test_second_callers_are_with_the_case_that_they_are_about(day: Day) -> None:
    for target, source in day.plan.repeated:
        merged = day.hall.read("dispatcher", f"{target.path}/merged")["items"]
        parted = source.steps["unmerge"] == 1
        assert [item["case_id"] for item in merged] == ([] if parted else [source.id])
        assert day.views[source.id]["merged_into"] == (None if parted else target.id)
        told = day.hall.post("operator", "/receipts/status", {"receipt": source.receipt}).json()
        state = source.state if parted else target.state
        assert (told["number"], told["state"]) == (source.number, state), "the own number, the other's progress"
    assert [source.steps["unmerge"] for _, source in day.plan.repeated].count(1) == 1
    for order in day.plan.joined:
        assert order.petitioners == 2


def test_attachments_are_where_they_were_put(day: Day) -> None:
    for order in day.book:
        found = day.hall.read("dispatcher", f"{order.path}/attachments")["items"]
        assert len(found) == order.files, order.key
    assert sum(order.files for order in day.book) == day.hall.changes["attachment.uploaded"]


def test_every_view_follows_from_the_tables(day: Day) -> None:
    place, views = day.hall.place, day.views
    assert units_in_rows(place) == {id_: parts(view["units"]) for id_, view in views.items() if view["units"]}
    assert deadlines_in_rows(place) == {line["id"]: deadline(line) for view in views.values() for line in view["deadlines"]}
    kept = {str(row["id"]): (row["state"], row["version"], moment(row["due_at"])) for row in place.rows("cases")}
    assert kept == {id_: (view["state"], view["version"], view["due_at"]) for id_, view in views.items()}


def test_every_version_of_a_case_is_a_step_or_a_supplement_with_its_event(day: Day) -> None:
    hall = day.hall
    assert sum(order.steps["supplement"] for order in day.book) == 1
    versions = sorted((id_, seq) for id_, view in day.views.items() for seq in range(1, view["version"] + 1))
    refs = [row["refs"] for row in hall.place.rows("outbox") if row["type"].startswith("case.")]
    assert sorted((ref["case_id"], ref["version"]) for ref in refs if "version" in ref) == versions
    steps = Counter((str(row["case_id"]), row["step"]) for row in hall.place.rows("case_step"))
    expected = Counter({
        (order.id, key): count for order in day.book for key, count in order.steps.items() if key != "supplement"
    })  # fmt: skip
    assert steps == expected


def test_there_is_one_event_for_each_change(day: Day) -> None:
    found = Counter(row["type"] for row in day.hall.place.rows("outbox"))
    found.subtract(day.before)
    assert +found == day.hall.changes
    kept = day.hall.place.counts()
    assert kept["audit"] == kept["outbox"] == kept["audit_content"]


def test_the_trail_is_whole(day: Day, house: House, tmp_path: Path) -> None:
    operator, slug = Operator(house, tmp_path), day.hall.place.slug
    operator.wenze("keygen", "--out", operator.file("key"))
    operator.wenze("seal", "--tenant", slug, "--key", operator.file("key"), "--out", operator.file("seal"))
    operator.wenze("export", "--tenant", slug, "--out", operator.file("trail"))
    proof = ("--public-key", operator.file("key.pub"), "--seal", operator.file("seal"))
    told = operator.wenze("verify", operator.file("trail"), *proof)
    assert f"{day.hall.place.counts()['audit']} rows" in told
    assert "0 findings" in told


def test_events_and_logs_name_nobody(day: Day) -> None:
    told = "".join(str(row) for row in day.hall.place.rows("outbox"))
    logged = day.hall.place.house.service.log.read_text()
    assert "/v1/cases" in logged or "case" in logged
    for value in secrets_of(day):
        assert value not in told
        assert value not in logged


PARTS = ("", "/steps", "/deadlines", "/attachments", "/feedback", "/parts", "/merged")


def test_no_officer_was_told_who_anybody_is(day: Day) -> None:
    """Neither in the day nor when each of them looks through all that there is to see."""
    hall = day.hall
    for unit, who in OFFICERS.items():
        seen = {item["id"] for item in hall.pages(who, "/cases")}
        assert day.keys(seen) == day.expected(order for order in day.book if unit in order.units and order.state != "merged")
        for id_ in seen:
            for part in PARTS:
                hall.get(who, f"/cases/{id_}{part}")
        for path in ("/requests", "/worklists/unit", "/cases/export", "/cases/facets?by=state"):
            hall.get(who, path)
    assert len(hall.told) > 500
    words = secrets_of(day)
    assert words
    leaks = [(who, path, value) for who, path, text in hall.told for value in words if value in text]
    assert leaks == []
