"""Several people bring one matter: each sealed apart, each with a receipt; all of it registered in one call, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.cases.sealing import erase_petitioner
from core.procedure import Role
from core.store.actor import OPERATOR
from tests.story.house import Place
from tests.story.matters import LEAD_ONLY, Matter, register

FIRST = {"name": "温国平", "phone": "13900000000"}
SECOND = {"name": "曾小妹", "phone": "13911112222"}
THIRD = {"name": "刘大勇"}
FOURTH = {"name": "赖春生"}
ASK = {"purpose": "contact", "note": "回访"}
WHOLE = {
    "kind": "hotline-order", "channel": "hotline", "title": "人行道塌陷", "narrative": "人行道塌陷，老人危险。",
    "rendition": "人行道塌陷。", "petitioner": FIRST, "co_petitioners": [SECOND, THIRD],
    "place": {"division": "360702", "address": "红旗大道12号", "point": {"longitude": 114.9, "latitude": 25.8}},
    "reply_channel": "phone", "wishes_confidentiality": True, "received_at": "2026-04-28T09:00:00+08:00",
    "received_reason": "来信补登", "urgent": True,
}  # fmt: skip


@pytest.fixture
def place(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    return open_place("ganzhou")


def joint(place: Place, **more: Any) -> Matter:
    """A matter of three."""
    return register(place, "hotline-order", petitioner=FIRST, co_petitioners=[SECOND, THIRD], **more)


def test_one_call_registers_all_of_it(place: Place) -> None:
    before = place.counts()
    answer = place.client.post("operator", "/cases", WHOLE)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert (case["petitioners"], case["anonymous"], len(case["co_receipts"])) == (3, False, 2)
    assert (case["narrative"], case["rendition_state"], case["reply_channel"]) == ("人行道塌陷。", "confirmed", "phone")
    assert (case["address"], case["wishes_confidentiality"], case["urgent"]) == ("红旗大道12号", True, True)
    after = place.counts()
    assert (after["petitioner"] - before["petitioner"], after["case_petitioner"] - before["case_petitioner"]) == (3, 2)


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"co_petitioners": [SECOND, {"address": "某处"}]}, "/co_petitioners/1"),
        ({"co_petitioners": [{"name": "x", "id_number": "110105194912310021"}]}, "/co_petitioners/0/id_number"),
        ({"petitioner": {}}, "/petitioner"),
        ({"rendition": "曾小妹反映。"}, "/rendition"),
        ({"received_reason": None}, "/received_reason"),
        ({"category": "nowhere"}, "/category"),
    ],
)
def test_what_is_wrong_with_any_part_is_refused_with_all_of_it(place: Place, spoilt: dict[str, Any], field: str) -> None:
    before = place.counts()
    answer = place.client.post("operator", "/cases", WHOLE | spoilt)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["field"] == field
    assert place.counts() == before


def test_more_than_fifty_are_too_many(place: Place) -> None:
    body = WHOLE | {"co_petitioners": [{"name": f"第{number}人"} for number in range(51)]}
    assert place.client.post("operator", "/cases", body).status_code == 400


def test_each_receipt_opens_the_status_and_none_tells_of_the_others(place: Place) -> None:
    matter = joint(place)
    receipts = [matter.view["receipt"], *matter.view["co_receipts"]]
    assert len(set(receipts)) == 3
    matter.live("replied")
    for receipt in receipts:
        status = place.ask_status("operator", receipt)
        assert (status.json()["number"], status.json()["answer"]) == (matter.view["number"], "已修复。")
        assert not [who for who in ("温", "曾", "刘大") if who in status.text]
    rows = b"".join(str(row).encode() for table in ("case_petitioner", "outbox") for row in place.rows(table))
    assert not [receipt for receipt in receipts if receipt.encode() in rows]


def test_identities_are_read_together_or_one_by_one_each_on_record(place: Place) -> None:
    matter, path = joint(place), "petitioner/readings"
    place.hire("auditor", Role.AUDITOR)
    answer = place.client.post("dispatcher", f"{matter.path}/{path}", ASK, key="all")
    told = answer.json()
    named = [(item["petitioner_number"], item["petitioner"]) for item in told["petitioners"]]
    assert named == [(1, FIRST), (2, SECOND), (3, THIRD)]
    assert (told["petitioner"], told["reading"]) == (FIRST, told["petitioners"][0]["reading"])
    again = place.client.post("dispatcher", f"{matter.path}/{path}", ASK, key="all")
    assert (again.json(), len(place.rows("identity_reading"))) == (told, 3)
    one = place.client.post("dispatcher", f"{matter.path}/{path}", ASK | {"petitioner_number": 2}).json()
    assert [item["petitioner"] for item in one["petitioners"]] == [SECOND]
    none = place.client.post("dispatcher", f"{matter.path}/{path}", ASK | {"petitioner_number": 4})
    assert (none.status_code, none.json()["code"]) == (422, "petitioners.no-such-place")
    assert len(place.read("auditor", f"{matter.path}/{path}")["items"]) == 4


def test_who_is_read_is_named_as_who_is_called_back(place: Place) -> None:
    """A number counts within the case that the petitioner came with, whatever was merged into it."""
    target, other = joint(place), register(place, "hotline-order", narrative="塌陷。")
    assert add(other, petitioner=FOURTH).status_code == 201
    other.refresh()
    place.client.post("supervisor", f"{other.path}/merge", {"into": target.id, "reason": "同一处"}, other.etag)
    path = f"{target.path}/petitioner/readings"
    told = place.client.post("dispatcher", path, ASK).json()["petitioners"]
    named = [(item["petitioner_number"], item["merged_case_id"], item["petitioner"]) for item in told]
    assert named == [(1, None, FIRST), (2, None, SECOND), (3, None, THIRD), (2, other.id, FOURTH)]
    for number, merged, who in named:
        one = place.client.post("dispatcher", path, ASK | {"petitioner_number": number, "merged_case_id": merged})
        assert [item["petitioner"] for item in one.json()["petitioners"]] == [who]
    own = place.client.post("dispatcher", path, ASK | {"merged_case_id": other.id}).json()["petitioners"]
    assert [item["petitioner"] for item in own] == [FOURTH]
    readings = len(place.rows("identity_reading"))
    for asked, field in (
        ({"petitioner_number": 4}, "/petitioner_number"),
        ({"petitioner_number": 1, "merged_case_id": other.id}, "/petitioner_number"),
        ({"merged_case_id": target.id}, "/merged_case_id"),
    ):
        none = place.client.post("dispatcher", path, ASK | asked)
        assert (none.status_code, none.json()["code"], none.json()["field"]) == (422, "petitioners.no-such-place", field)
    assert place.client.post("dispatcher", path, ASK | {"petitioner_number": 0}).status_code == 400
    assert len(place.rows("identity_reading")) == readings


def test_one_is_erased_and_the_others_stay(place: Place) -> None:
    matter = joint(place)
    (gone,) = [row["petitioner_id"] for row in place.rows("case_petitioner") if row["seq"] == 2]
    place.house.run(_erase, place, gone)
    told = place.client.post("dispatcher", f"{matter.path}/petitioner/readings", ASK).json()["petitioners"]
    assert [item["petitioner"] for item in told] == [FIRST, None, THIRD]
    assert [item["reading"] is None for item in told] == [False, True, False]
    erased = place.client.post("dispatcher", f"{matter.path}/petitioner/readings", ASK | {"petitioner_number": 2})
    assert erased.json()["code"] == "petitioners.erased"


async def _erase(place: Place, petitioner: Any) -> None:
    async with place.house.owner.tenant(place.cast.tenant.id, actor=OPERATOR) as session:
        await erase_petitioner(session, petitioner)


def add(matter: Matter, who: str = "operator", etag: str | None = None, **body: Any) -> Any:
    """Tries to add a petitioner."""
    return matter.place.client.post(who, f"{matter.path}/petitioners", body, etag or matter.etag)


def test_somebody_joins_later(place: Place) -> None:
    matter = register(place, "hotline-order", narrative="塌陷。")
    assert (matter.view["anonymous"], matter.view["petitioners"]) == (True, 1)
    answer = add(matter, petitioner=SECOND, note="又来电反映")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["petitioners"], answer.headers["etag"]) == (2, '"2"')
    assert place.ask_status("operator", answer.json()["receipt"]).json()["number"] == matter.view["number"]
    assert matter.refresh()["anonymous"] is False
    assert add(matter, petitioner=THIRD).json()["petitioners"] == 3
    assert [row["seq"] for row in sorted(place.rows("case_petitioner"), key=lambda row: row["seq"])] == [2, 3]
    steps = matter.steps()
    assert [(item["step"], item["verb"], item["clause"]) for item in steps[1:]] == [
        ("add-petitioner", "record", "wenze:house#joint")
    ] * 2
    assert "曾小妹" not in str(steps)


def test_who_may_not_join_changes_nothing(place: Place) -> None:
    matter = register(place, "hotline-order", rendition="曾小妹家门口塌陷。")
    told = add(matter, petitioner=SECOND)
    assert (told.status_code, told.json()["code"], told.json()["field"]) == (422, "cases.rendition-tells", "/petitioner")
    titled = register(place, "hotline-order", title="曾小妹家门口塌陷")
    told = add(titled, petitioner=SECOND)
    assert (told.status_code, told.json()["code"], told.json()["field"]) == (422, "cases.title-tells", "/petitioner")
    assert add(matter, petitioner={}).json()["code"] == "petitioners.nobody-named"
    assert add(matter, "city-officer", petitioner=THIRD).status_code == 403
    assert add(matter, etag='"7"', petitioner=THIRD).status_code == 412
    assert add(matter).status_code == 400
    matter.take("operator", "withdraw", reason="已解决")
    assert add(matter, petitioner=THIRD).json()["code"] == "cases.step-out-of-order"
    assert place.rows("case_petitioner") == []


def test_who_is_told_by_a_part_may_not_join_the_whole(place: Place) -> None:
    for told, code in (("title", "cases.title-tells"), ("rendition", "cases.rendition-tells")):
        matter = register(place, "hotline-order").live("accepted")
        parts = [{"title": "路面", "narrative": "塌陷。"}, {"title": "路灯", "narrative": "不亮。"}]
        parts[1][told] = "曾小妹家门口的路灯"
        matter.take("dispatcher", "split", parts=parts)
        refused = add(matter, petitioner=SECOND)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert add(matter, petitioner=THIRD).status_code == 201


def test_units_see_how_many_and_not_who(place: Place) -> None:
    matter = joint(place)
    matter.take("operator", "accept")
    matter.take("dispatcher", "dispatch", units=LEAD_ONLY)
    seen = place.get("city-officer", matter.path)
    assert seen.json()["petitioners"] == 3
    assert not [who for who in ("温国平", "曾小妹", "刘大勇") if who in seen.text]
