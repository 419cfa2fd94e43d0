"""Baoding's own rules, each with the facts, what must come of them, and the clause."""

from __future__ import annotations

from typing import Any

import pytest

from jurisdictions.baoding.rules.acceptance import require_listed_act
from jurisdictions.baoding.rules.confidentiality import keep_from_unit_reported, require_identity_removed
from jurisdictions.baoding.rules.notice import require_reachable_way, require_unit_told, require_written_status
from jurisdictions.baoding.rules.tip_off import RULES
from tests.jurisdictions.step_views import Row, clauses_of, rules_of

B = "baoding:tip-offs-2010#"
HOUSING, OFFICE = "housing-bureau", "disclosure-office"


def telling(step: str, way: str, channel: str, *, anonymous: bool) -> dict[str, Any]:
    return {"step": step, "channel": channel, "anonymous": anonymous, "data": {"told_by": way}}


def anonymous(way: str, channel: str) -> dict[str, Any]:
    return telling("tell-reasons", way, channel, anonymous=True)


TABLE = [
    # What is within scope (#4, #5)
    Row("an act named at registration", require_listed_act, {"facts": {"acts": [B + "4.5"]}}),
    Row("an act named on acceptance", require_listed_act, {"data": {"acts": [B + "4.1"]}}),
    Row("the catch-all is an act too", require_listed_act, {"data": {"acts": [B + "4.9"]}}),
    Row("no act at all", require_listed_act, {}, B + "4"),
    Row("an empty list is no act", require_listed_act, {"data": {"acts": []}, "facts": {"acts": []}}, B + "4"),
    # Nothing of the whistleblower goes along (#8)
    Row("identity taken out", require_identity_removed, {"data": {"identity_removed": True}}),
    Row("identity left in", require_identity_removed, {"data": {"identity_removed": False}}, B + "8"),
    Row("not confirmed", require_identity_removed, {}, B + "8"),
    # Nobody handles the tip-off about themselves (R12)
    Row("to another unit", keep_from_unit_reported, {"facts": {"subject_unit": HOUSING}, "units": (OFFICE,)}),
    Row(
        "to the unit reported",
        keep_from_unit_reported,
        {"facts": {"subject_unit": HOUSING}, "units": (HOUSING,)},
        "wenze:readings#r12",
    ),
    Row(
        "to the unit reported, among others",
        keep_from_unit_reported,
        {"facts": {"subject_unit": HOUSING}, "units": (OFFICE, HOUSING)},
        "wenze:readings#r12",
    ),
    Row("no unit of the city is reported", keep_from_unit_reported, {"units": (OFFICE,)}),
    # How somebody without a name can be told (#7.2, #7.6)
    Row("anonymous, by receipt", require_reachable_way, anonymous("receipt", "letter")),
    Row("anonymous letter, in writing", require_reachable_way, anonymous("written", "letter"), B + "7.6"),
    Row("anonymous e-mail, in writing", require_reachable_way, anonymous("written", "email")),
    Row("anonymous fax, in writing", require_reachable_way, anonymous("written", "fax")),
    Row("anonymous call, on the phone", require_reachable_way, anonymous("phone", "phone")),
    Row("anonymous call, in writing", require_reachable_way, anonymous("written", "phone"), B + "7.6"),
    Row("anonymous visitor, in person", require_reachable_way, anonymous("in-person", "in-person")),
    Row("anonymous visitor, on the phone", require_reachable_way, anonymous("phone", "in-person"), B + "7.6"),
    Row(
        "anonymous, the result in writing",
        require_reachable_way,
        telling("inform-result", "written", "letter", anonymous=True),
        B + "7.2",
    ),
    Row(
        "anonymous, the extension in writing",
        require_reachable_way,
        telling("extend-handling", "written", "letter", anonymous=True),
        B + "7.4",
    ),
    Row("the extension was told to the unit", require_reachable_way, {"step": "extend-handling", "anonymous": True}),
    Row("named, in writing", require_reachable_way, telling("tell-reasons", "written", "phone", anonymous=False)),
    Row("named, by phone", require_reachable_way, telling("inform-result", "phone", "letter", anonymous=False)),
    Row("the unit that has it was told why it takes longer", require_unit_told, {"data": {"told": "unit"}, "units": ("a",)}),
    Row("no unit has it, and one was told", require_unit_told, {"data": {"told": "unit"}}, B + "7.4"),
    Row("no unit has it, the whistleblower was told", require_unit_told, {"data": {"told": "whistleblower"}}),
    # A named whistleblower has the status in writing (#7.5)
    Row("refused in writing", require_written_status, telling("tell-reasons", "written", "letter", anonymous=False)),
    Row("refused by phone", require_written_status, telling("tell-reasons", "phone", "phone", anonymous=False), B + "7.5"),
    Row("by receipt", require_written_status, telling("tell-reasons", "receipt", "letter", anonymous=False), B + "7.5"),
    Row(
        "refused by phone, the status told in writing before",
        require_written_status,
        telling("tell-reasons", "phone", "phone", anonymous=False) | {"taken": ("inform-status",)},
    ),
    Row("anonymous, refused by phone", require_written_status, telling("tell-reasons", "phone", "phone", anonymous=True)),
]


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_rule(row: Row) -> None:
    assert clauses_of(row) == ([row.refused_by] if row.refused_by else [])


def test_every_rule_stands_in_the_table() -> None:
    assert {row.rule for row in TABLE} == rules_of(RULES.values())
