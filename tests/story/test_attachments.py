"""Attachments of cases over real HTTP: who attaches, who sees which, what a link opens and for how long."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest

from core.attachments.service import Link, make_token
from core.procedure import Role
from tests.attachments import files
from tests.story.house import Place
from tests.story.matters import Matter, register

NAME = "现场 照片'1.png"
PICTURE = files.png(200_000)


def put_in(place: Place, who: str, content: bytes = PICTURE, name: str = NAME, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4()), "Content-Type": "application/octet-stream"}
    return place.client.send(who, "POST", f"/attachments?name={quote(name)}", headers, content)


def uploaded(place: Place, who: str, **given: Any) -> str:
    return str(put_in(place, who, **given).raise_for_status().json()["id"])


def add(matter: Matter, who: str, *ids: str, disclosed: bool = False) -> httpx.Response:
    body = {"attachments": list(ids), "disclosed": disclosed}
    return matter.place.client.post(who, f"{matter.path}/attachments", body)


def seen(matter: Matter, who: str) -> dict[str, dict[str, Any]]:
    items = matter.place.read(who, f"{matter.path}/attachments")["items"]
    return {item["id"]: item for item in items}


def link(matter: Matter, who: str, id_: str, **body: Any) -> httpx.Response:
    return matter.place.client.post(who, f"{matter.path}/attachments/{id_}/links", body)


def fetch(address: str) -> httpx.Response:
    return httpx.get(address, timeout=30)


@pytest.fixture(scope="module")
def tip_off(baoding: Place) -> Matter:
    """A tip-off that a unit handles, with an original and a disclosed attachment."""
    baoding.hire("housing-officer", Role.UNIT_OFFICER, unit="housing-bureau")
    baoding.hire("auditor", Role.AUDITOR)
    matter = register(baoding, "tip-off").live("handling")
    add(matter, "clerk", uploaded(baoding, "clerk", name="来信.pdf", content=files.PDF)).raise_for_status()
    add(matter, "clerk", uploaded(baoding, "clerk"), disclosed=True).raise_for_status()
    return matter


@pytest.fixture(scope="module")
def ids(tip_off: Matter) -> dict[str, str]:
    """The original's and the disclosed one's id, by their part."""
    return {item["part"]: id_ for id_, item in seen(tip_off, "clerk").items()}


def test_what_was_sent_comes_back_by_a_link_that_needs_no_token(tip_off: Matter, ids: dict[str, str]) -> None:
    made = link(tip_off, "clerk", ids["disclosed"])
    assert made.status_code == 201
    address, until = made.json()["address"], datetime.fromisoformat(made.json()["expires_at"])
    assert timedelta(minutes=4) < until - datetime.now(until.tzinfo) <= timedelta(minutes=5)
    answer = fetch(address)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(PICTURE))
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote(NAME, safe='')}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "sandbox" in answer.headers.get_list("content-security-policy")
    assert fetch(address).content == PICTURE, "it can be read again until it expires"
    head = httpx.head(address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PICTURE)))


def test_the_list_tells_what_the_files_are(tip_off: Matter, ids: dict[str, str]) -> None:
    item = seen(tip_off, "clerk")[ids["disclosed"]]
    assert (item["name"], item["media_type"], item["size"]) == (NAME, "image/png", len(PICTURE))
    assert (item["sha256"], item["scan"], item["version"]) == (hashlib.sha256(PICTURE).hexdigest(), "unscanned", 2)
    assert item["person_id"] is not None
    one = tip_off.place.get("clerk", f"{tip_off.path}/attachments/{item['id']}")
    assert (one.json(), one.headers["etag"]) == (item, '"2"')


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
def test_who_reads_no_originals_is_told_no_name_that_came_from_outside(
    tip_off: Matter, ids: dict[str, str], who: str
) -> None:
    assert seen(tip_off, who)[ids["disclosed"]]["name"] == "附件2.png"
    one = tip_off.place.read(who, f"{tip_off.path}/attachments/{ids['disclosed']}")
    assert one["name"] == "附件2.png"
    answer = fetch(link(tip_off, who, ids["disclosed"]).json()["address"])
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('附件2.png', safe='')}"
    assert answer.content == PICTURE


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
def test_to_whom_it_is_not_entrusted_only_the_disclosed_is_there(tip_off: Matter, ids: dict[str, str], who: str) -> None:
    found = seen(tip_off, who)
    assert found.keys() == {ids["disclosed"]}
    assert found[ids["disclosed"]]["person_id"] is None
    place, missing = tip_off.place, str(uuid4())
    for path in ("", "/links"):
        answers = [
            place.client.post(who, f"{tip_off.path}/attachments/{id_}{path}", {"purpose": "handle"})
            if path
            else place.get(who, f"{tip_off.path}/attachments/{id_}")
            for id_ in (ids["original"], missing)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert [answer.json()["code"] for answer in answers] == ["api.not-found"] * 2
    assert fetch(link(tip_off, who, ids["disclosed"]).json()["address"]).content == PICTURE


@pytest.mark.parametrize("who", ["clerk", "supervisor", "leader", "investigator"])
def test_who_works_on_tip_offs_sees_both_and_says_what_for(tip_off: Matter, ids: dict[str, str], who: str) -> None:
    assert seen(tip_off, who).keys() == set(ids.values())
    refused = link(tip_off, who, ids["original"])
    assert (refused.status_code, refused.json()["code"]) == (422, "attachments.purpose-missing")
    assert refused.json()["clause"] == "wenze:house#disclosure"
    assert fetch(link(tip_off, who, ids["original"], purpose="verify").json()["address"]).content == files.PDF


def test_to_another_units_officer_nothing_is_there(tip_off: Matter, ids: dict[str, str]) -> None:
    place = tip_off.place
    paths = ["/attachments", f"/attachments/{ids['disclosed']}"]
    assert [place.get("housing-officer", f"{tip_off.path}{path}").status_code for path in paths] == [404, 404]
    assert link(tip_off, "housing-officer", ids["disclosed"]).status_code == 404
    mine = uploaded(place, "housing-officer")
    assert add(tip_off, "housing-officer", mine, disclosed=True).status_code == 404


def test_another_tenants_file_and_link_look_like_none(tip_off: Matter, ids: dict[str, str], ankang: Place) -> None:
    case = register(ankang, "complaint")
    for id_ in (ids["disclosed"], str(uuid4())):
        assert ankang.get("supervisor", f"{case.path}/attachments/{id_}").json()["code"] == "api.not-found"
        assert link(case, "supervisor", id_).status_code == 404
        refused = add(case, "supervisor", id_)
        assert (refused.status_code, refused.json()["code"]) == (422, "attachments.not-attachable")
        assert refused.json()["field"] == "/attachments/0"
    theirs = link(tip_off, "clerk", ids["disclosed"]).json()["address"]
    moved = fetch(theirs.replace(f"/t/{tip_off.place.slug}/", f"/t/{ankang.slug}/"))
    nothing = fetch(theirs[:-60] + "A" * 60)
    assert moved.status_code == nothing.status_code == 404
    assert unvarying(moved) == unvarying(nothing)


def unvarying(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "instance"}


def test_an_altered_or_expired_link_opens_nothing(tip_off: Matter, ids: dict[str, str]) -> None:
    address = link(tip_off, "clerk", ids["disclosed"]).json()["address"]
    base, _, token = address.rpartition("/")
    flipped = "A" if token[40] != "A" else "B"
    altered = [token[:40] + flipped + token[41:], token[:-2], token + "AA", "A" * 120, "x", "%00", "é"]
    answers = [fetch(f"{base}/{quote(other)}") for other in altered]
    assert [answer.status_code for answer in answers] == [404] * len(altered)
    assert len({str(unvarying(answer)) for answer in answers}) == 1
    assert fetch(f"{base}/{_token_of(tip_off, ids['disclosed'], seconds=2)}").status_code == 200
    assert fetch(f"{base}/{_token_of(tip_off, ids['disclosed'], seconds=-1)}").status_code == 404
    assert fetch(f"{base}/{_token_of(tip_off, str(uuid4()), seconds=60)}").status_code == 404
    assert fetch(f"{base}/{_token_of(tip_off, uploaded(tip_off.place, 'clerk'), seconds=60)}").status_code == 404


def _token_of(matter: Matter, id_: str, seconds: int) -> str:
    """A token as the service makes them, for whatever we like."""
    from uuid import UUID

    async def made() -> str:
        async with matter.place.house.database.reading(matter.place.cast.tenant.id) as session:
            until = session.recorded_at + timedelta(seconds=seconds)
            return make_token(await session.keys(), Link(UUID(id_), uuid4(), until))

    return matter.place.house.run(made)


def test_a_content_that_was_changed_in_the_store_is_never_told(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    case = register(place, "complaint")
    content = files.PDF + os.urandom(300_000)
    whole, first, lost = (uploaded(place, "supervisor", content=content, name="a.pdf") for _ in range(3))
    add(case, "supervisor", whole, first, lost).raise_for_status()
    addresses = {id_: link(case, "supervisor", id_, purpose="handle").json()["address"] for id_ in (whole, first, lost)}
    folder = Path(urlsplit(place.house.service.environment["WENZE_ATTACHMENTS"]).path)
    objects = {file.name: file for file in folder.rglob("*") if file.is_file()}
    good = objects[whole].read_bytes()
    objects[whole].write_bytes(good[:200_000])
    objects[first].write_bytes(good)
    objects[lost].unlink()
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(addresses[whole])  # the connection ends in the middle: what came before was verified, the rest is missing
    assert fetch(addresses[first]).status_code == 500
    away = fetch(addresses[lost])
    assert (away.status_code, away.json()["code"]) == (503, "attachments.store-away")


def test_each_link_and_each_attachment_is_on_record(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    case = register(place, "complaint")
    id_ = uploaded(place, "supervisor")
    add(case, "supervisor", id_).raise_for_status()
    link(case, "supervisor", id_, purpose="verify").raise_for_status()
    rows = {row["action"]: row for row in place.rows("audit") if row["action"].startswith("attachment.")}
    assert {action: row["stream"] for action, row in rows.items()} == {
        "attachment.uploaded": f"attachment:{id_}",
        "attachment.attached": f"case:{case.id}",
        "attachment.read": f"case:{case.id}",
    }
    assert all(row["client_id"] and row["person_id"] for row in rows.values())
    contents = " ".join(row["content"] for row in place.rows("audit_content"))
    assert '"purpose":"verify"' in contents
    assert hashlib.sha256(PICTURE).hexdigest() in contents
    told = str([row["refs"] for row in place.rows("outbox")]) + contents
    assert "照片" not in told, "a file's name can be somebody's"


def test_what_is_disclosed_is_decided_by_who_registers_or_dispatches(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off").live("handling")
    id_ = uploaded(place, "clerk")
    add(matter, "clerk", id_).raise_for_status()
    path = f"{matter.path}/attachments/{id_}/disclosure"
    body = {"disclosed": True, "reason": "无举报人信息"}
    assert place.client.post("clerk", path, body).status_code == 428
    assert place.client.post("clerk", path, body, '"1"').json()["code"] == "attachments.stale"
    assert place.client.post("officer", path, body, '"2"').status_code in {403, 404}
    assert place.client.post("admin", path, body, '"2"').status_code in {403, 404}
    assert seen(matter, "officer") == {}
    opened = place.client.post("clerk", path, body, '"2"')
    assert (opened.status_code, opened.headers["etag"], opened.json()["part"]) == (200, '"3"', "disclosed")
    assert seen(matter, "officer").keys() == {id_}
    assert "无举报人信息" in " ".join(row["content"] for row in place.rows("audit_content"))
    closed = place.client.post("clerk", path, {"disclosed": False, "reason": "误公开"}, '"3"')
    assert closed.json()["part"] == "original"
    assert seen(matter, "officer") == {}


def test_what_a_unit_attaches_it_discloses(tip_off: Matter) -> None:
    place = tip_off.place
    mine = uploaded(place, "officer", content=files.PDF, name="整改.pdf")
    refused = add(tip_off, "officer", mine)
    assert (refused.status_code, refused.json()["code"]) == (422, "attachments.own-must-be-disclosed")
    assert mine in {item["id"] for item in add(tip_off, "officer", mine, disclosed=True).json()["items"]}
    assert mine in seen(tip_off, "clerk")


def test_only_what_is_ones_own_and_free_is_attached_all_or_none(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    place.hire("second", Role.INTAKE_CLERK)
    case, other = register(place, "complaint"), register(place, "complaint")
    free, taken, foreign = uploaded(place, "supervisor"), uploaded(place, "supervisor"), uploaded(place, "second")
    add(other, "supervisor", taken).raise_for_status()
    refused = add(case, "supervisor", free, taken, foreign)
    assert (refused.status_code, refused.json()["field"]) == (422, "/attachments/1")
    assert taken in refused.json()["detail"]
    assert foreign in refused.json()["detail"]
    assert free not in refused.json()["detail"]
    assert seen(case, "supervisor") == {}
    twice = add(case, "supervisor", free, free)
    assert (twice.status_code, twice.json()["code"]) == (400, "attachments.id-twice")
    assert add(case, "supervisor", free).status_code == 200
    assert add(case, "supervisor", free).status_code == 422
    assert add(case, "supervisor").status_code == 400
    assert add(case, "supervisor", *(str(uuid4()) for _ in range(21))).status_code == 400


def test_no_files_are_told_like_none(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    matter = register(place, "complaint", attachments=[])
    matter.take("supervisor", "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"], "attachments": []})
    assert seen(matter, "supervisor") == {}


def test_an_ended_case_takes_no_more(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    matter = register(place, "complaint").live("closed")
    refused = add(matter, "supervisor", uploaded(place, "supervisor"))
    assert (refused.status_code, refused.json()["code"]) == (409, "attachments.case-closed")


def test_a_connection_that_breaks_leaves_nothing(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    token = place.client._token("supervisor")
    address = urlsplit(place.house.service.address)
    request = (
        f"POST /t/{place.slug}/v1/attachments?name=a.pdf HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: broken\r\nContent-Length: 9000000\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as opened:
        opened.sendall(request.encode() + files.PDF + bytes(6_000_000))
    assert place.counts()["attachment"] == 0
    assert uploaded(place, "supervisor", key="broken", name="a.pdf", content=files.PDF)
    folder = Path(urlsplit(place.house.service.environment["WENZE_ATTACHMENTS"]).path) / f"t{place.cast.tenant.id}"
    until = time.monotonic() + 20  # the service learns of the break when it next listens
    while len(left := [file for file in folder.rglob("*") if file.is_file()]) != 1 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(left) == 1


def test_a_large_file_is_never_held_whole(open_place: Callable[[str], Place], house: Any) -> None:
    """The service's peak hardly rises while as much passes through as may."""
    place = open_place("ankang")
    case = register(place, "complaint")
    size = house.service.settings.attachment_max_bytes - 1_000
    uploaded(place, "supervisor", content=files.PDF, name="warm.pdf")
    content = files.PDF + os.urandom(size - len(files.PDF))
    before = _forget_peak(house)
    sent = [uploaded(place, "supervisor", content=content, name="a.pdf") for _ in range(3)]
    add(case, "supervisor", *sent).raise_for_status()
    for id_ in sent:
        address = link(case, "supervisor", id_, purpose="handle").json()["address"]
        assert hashlib.sha256(fetch(address).content).digest() == hashlib.sha256(content).digest()
    assert _peak(house) - before < 6_000_000


def _forget_peak(house: Any) -> int:
    """Begins anew to note the most memory that the service's process has; answers what it has now, in bytes."""
    forget = Path(f"/proc/{house.process.pid}/clear_refs")
    if forget.exists():
        forget.write_text("5", encoding="ascii")
    return _peak(house)


def _peak(house: Any) -> int:
    """The most memory that the service's process has had since, in bytes."""
    if not Path(f"/proc/{house.process.pid}/status").exists():
        pytest.skip("the system does not tell the memory of another process")
    lines = Path(f"/proc/{house.process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM"))
