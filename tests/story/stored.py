"""What stands in the tables of a case must be what the service tells of it: some of it is kept twice, to be filtered on."""

from __future__ import annotations

from typing import Any

from tests.story.house import Place


def assert_stored_as_told(place: Place, views: list[dict[str, Any]]) -> None:
    """Every case's columns, units and deadlines, and one step, audit row and event for each version; for all its cases."""
    told = {view["id"]: view for view in views}
    cases = {str(row["id"]): row for row in place.rows("cases")}
    assert cases.keys() == told.keys()
    for id_, row in cases.items():
        view = told[id_]
        lead = next((item["unit_id"] for item in view["units"] if item["part"] == "lead"), None)
        assert (str(row["lead_unit_id"] or "") or None, moment(row["due_at"])) == (lead, view["due_at"])
        assert (row["state"], row["version"], moment(row["closed_at"])) == (
            view["state"],
            view["version"],
            view["closed_at"],
        )
    assert units_in_rows(place) == {id_: parts(view["units"]) for id_, view in told.items() if view["units"]}
    pending = {str(row["id"]) for row in place.rows("case_request") if row["state"] == "pending"}
    assert pending == {item["id"] for view in views for item in view["requests"]}
    assert deadlines_in_rows(place) == {item["id"]: deadline(item) for view in views for item in view["deadlines"]}
    versions = sorted((id_, seq) for id_, view in told.items() for seq in range(1, view["version"] + 1))
    assert sorted((str(row["case_id"]), row["seq"]) for row in place.rows("case_step")) == versions
    assert versions_in_trail(place) == versions
    events = [row["refs"] for row in place.rows("outbox") if "step_id" in row["refs"] and row["type"].startswith("case.")]
    assert sorted((refs["case_id"], refs["version"]) for refs in events) == versions


def versions_in_trail(place: Place) -> list[tuple[str, int]]:
    """The steps that the trail tells of each case, counted in their order; what else it tells lies between them."""
    rows = [row for row in place.rows("audit") if row["stream"].startswith("case:") and row["action"].startswith("case.")]
    steps: dict[str, list[int]] = {}
    for row in sorted(rows, key=lambda row: row["seq"]):
        steps.setdefault(row["stream"].removeprefix("case:"), []).append(row["seq"])
    return sorted((id_, number) for id_, seqs in steps.items() for number in range(1, len(seqs) + 1))


def units_in_rows(place: Place) -> dict[str, set[tuple[str, str]]]:
    """The units that have each case now."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in place.rows("case_unit"):
        if row["until"] is None:
            found.setdefault(str(row["case_id"]), set()).add((str(row["unit_id"]), row["part"]))
    return found


def parts(units: list[dict[str, Any]]) -> set[tuple[str, str]]:
    own = {(item["unit_id"], item["part"]) for item in units}
    return own | {(above, "answerable") for item in units for above in item["via"]}


def deadlines_in_rows(place: Place) -> dict[str, tuple[Any, ...]]:
    """Every deadline as its row has it."""
    return {
        str(row["id"]): (row["key"], row["state"], row["due_on"].isoformat(), moment(row["due_at"]), moment(row["ended_at"]))
        for row in place.rows("deadline")
    }


def deadline(item: dict[str, Any]) -> tuple[Any, ...]:
    return item["key"], item["state"], item["due_on"], item["due_at"], item["ended_at"]


def moment(value: Any) -> str | None:
    """An instant of a row as the service writes it."""
    return value.isoformat().replace("+00:00", "Z") if value else None
