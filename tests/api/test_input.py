"""Bad input: a 4xx problem that names the field, never a 500, and nothing is written (PITFALLS 17 to 20, 22)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.store.tables import TENANT, audit, outbox, unit
from tests.support.world import Place, World, asking

BASE = "/t/ankang/v1"
UNITS = f"{BASE}/units"
GOOD = {"code": "hall-9", "name": "九号窗口", "valid_from": "2026-03-02", "basis": "市编办发〔2026〕12号"}
COUNTS = [select(func.count()).select_from(table).where(table.c.tenant == TENANT) for table in (unit, audit, outbox)]


def body(**changes: Any) -> bytes:
    """A good registration of a unit with some fields changed."""
    return json.dumps(GOOD | changes, ensure_ascii=False).encode()


def raw(text: str) -> bytes:
    """A good registration whose name is the JSON text given."""
    return json.dumps(GOOD | {"name": "@"}, ensure_ascii=False).replace('"@"', text).encode()


NAME = "/name"
BAD: dict[str, tuple[bytes, str, str | None]] = {
    "unknown field": (body(colour="red"), "api.field-unknown", "/colour"),
    "unknown field with a slash": (body(**{"a/b~c": 1}), "api.field-unknown", "/a~1b~0c"),
    "missing field": (json.dumps({"code": "x"}).encode(), "api.field-missing", None),
    "a number for a text": (raw("5"), "api.field-type", NAME),
    "a text for a boolean": (body(member="true"), "api.field-type", "/member"),
    "null for a text": (raw("null"), "api.field-type", NAME),
    "NUL, escaped": (raw(r'"a\u0000b"'), "api.text-nul", NAME),
    "NUL, plain": (raw('"a\x00b"'), "api.body-malformed", None),
    "NUL in a key": (raw(r'"a", "\u0000": 1'), "api.text-nul", ""),
    "a lone surrogate": (raw(r'"\ud800"'), "api.text-surrogate", NAME),
    "a low surrogate first": (raw(r'"\udc00\ud800"'), "api.text-surrogate", NAME),
    "a surrogate as UTF-8": (raw('"@"').replace(b"@", b"\xed\xa0\x80"), "api.body-encoding", None),
    "invalid UTF-8": (raw('"@"').replace(b"@", b"\xff"), "api.body-encoding", None),
    "overlong UTF-8": (raw('"@"').replace(b"@", b"\xc0\x80"), "api.body-encoding", None),
    "UTF-16": (body().decode().encode("utf-16"), "api.body-encoding", None),
    "a byte order mark": (b"\xef\xbb\xbf" + body(), "api.body-malformed", None),
    "nested arrays": (raw("[" * 2_000 + "]" * 2_000), "api.body-too-deep", None),
    "nested objects": (raw('{"a":' * 100_000), "api.body-too-deep", None),
    "a duplicate key": (raw('"a", "name": "b"'), "api.key-twice", NAME),
    "an integer of 2^63": (raw(str(2**63)), "api.number-too-large", NAME),
    "an integer of 5,000 digits": (raw("9" * 5_000), "api.number-too-large", NAME),
    "not a number": (raw("NaN"), "api.number-not-finite", None),
    "infinity": (raw("-Infinity"), "api.number-not-finite", None),
    "a float past all bounds": (raw("1e999"), "api.number-too-large", NAME),
    "a date that does not exist": (body(valid_from="2026-02-30"), "api.field-date", "/valid_from"),
    "an instant for a date": (body(valid_from="2026-02-03T00:00:00Z"), "api.field-date", "/valid_from"),
    "no id": (body(parent_id="5"), "api.field-uuid", "/parent_id"),
    "a text too long": (body(name="字" * 201), "api.field-length", NAME),
    "a zero-width character": (body(name="九\u200b号"), "api.field-plain", NAME),
    "a text direction": (body(name="\u202e九号"), "api.field-plain", NAME),
    "a code of wide digits": (body(code="hall-９"), "api.field-pattern", "/code"),
    "too many items": (body(offices=["a"] * 21), "api.field-length", "/offices"),
    "a faulty item": (body(offices=["ok", "NOT OK"]), "api.field-pattern", "/offices/1"),
    "an array": (b"[]", "api.field-type", ""),
    "a text": (b'"x"', "api.field-type", ""),
    "nothing": (b"", "api.body-malformed", None),
    "two documents": (body() + b"{}", "api.body-malformed", None),
    "half a document": (body()[:-5], "api.body-malformed", None),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_is_a_problem_and_nothing_is_written(
    world: World, place: Place, api: httpx.AsyncClient, case: str
) -> None:
    content, code, field = BAD[case]
    before = await count(world, place)
    headers = {"content-type": "application/json", "idempotency-key": f"bad {case}".replace(" ", "-").replace(",", "")}
    answer = await api.post(UNITS, content=content, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code), problem
    if field is not None:
        assert problem["field"] == field
        assert problem["in"] == "body"
    assert await count(world, place) == before


async def count(world: World, place: Place) -> list[int]:
    """How many rows there are."""
    async with world.services.database.reading(place.number) as session:
        return [await session.scalar(statement) for statement in COUNTS]


async def test_the_same_input_without_its_fault_is_taken(world: World, place: Place, api: httpx.AsyncClient) -> None:
    before = await count(world, place)
    deep = body(note="x").replace(b', "note": "x"', b"")
    answer = await api.post(UNITS, content=deep, headers={"content-type": "application/json", "idempotency-key": "good"})
    assert answer.status_code == 201, answer.text
    assert await count(world, place) == [number + 1 for number in before]


async def test_a_citys_only_kind_is_named_like_one_of_several(world: World) -> None:
    place = await world.add("ganzhou")
    base = f"/t/{place.slug}/v1"
    setting = {"value": {"unit": "working_day", "length": 5}, "effective_from": "2026-12-01", "basis": "x", "reason": "x"}
    async with asking(world.app(), await world.token(place)) as api:
        (kind,) = (await api.get(f"{base}/case-kinds")).json()["items"]
        answer = await api.post(f"{base}/cases", json={"title": "x"}, headers={"idempotency-key": "no-kind"})
        assert (answer.status_code, answer.json()["code"]) == (400, "api.field-missing")
        answer = await api.post(f"{base}/settings", json=setting, headers={"idempotency-key": "no-key"})
        assert (answer.status_code, answer.json()["field"]) == (400, "/key"), kind["key"]


async def test_what_is_taken_at_its_longest_can_be_read_again(api: httpx.AsyncClient) -> None:
    path = f"{BASE}/calendar"
    for basis in ("据" * 2_000, "\ufb2c" * 2_000):  # the second grows where it is brought into its composed form
        etag = (await api.get(path)).headers["etag"]
        put = await api.put(path, json={"basis": basis}, headers={"if-match": etag})
        assert put.status_code == 200, put.text
        assert (await api.get(path)).status_code == 200
        assert (await api.get(UNITS)).status_code == 200


async def test_a_body_beyond_the_limit_is_refused_however_it_comes(api: httpx.AsyncClient) -> None:
    large = body(name="字" * 400_000)
    headers = {"content-type": "application/json", "idempotency-key": "large"}
    announced = await api.post(UNITS, content=large, headers=headers)

    async def parts() -> Any:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    streamed = await api.post(UNITS, content=parts(), headers=headers)
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "api.body-too-large")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=gbk"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/merge-patch+json"},
        {"content-type": ""},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_only_plain_json_is_taken(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await api.post(UNITS, content=body(), headers={"idempotency-key": "media"} | headers)
    assert answer.status_code == 415


async def test_a_body_is_refused_where_none_is_asked_for(api: httpx.AsyncClient) -> None:
    answer = await api.request("GET", UNITS, content=b"{}")
    assert answer.status_code == 200
    answer = await api.post(f"{BASE}/calculations/deadline", content=b"", headers={"content-type": "application/json"})
    assert answer.json()["code"] == "api.body-malformed"


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("limit=5&limit=6", "api.parameter-twice", "limit"),
        ("colour=red", "api.parameter-unknown", "colour"),
        ("limit=5.0", "api.parameter-integer", "limit"),
        ("limit=1e2", "api.parameter-integer", "limit"),
        ("limit=%EF%BC%95", "api.parameter-integer", "limit"),
        ("limit=%2B5", "api.parameter-integer", "limit"),
        ("limit=null", "api.parameter-integer", "limit"),
        ("limit=99999999999999999999", "api.parameter-integer", "limit"),
        ("limit=0", "api.field-range", "limit"),
        ("limit=201", "api.field-range", "limit"),
        ("on=2026-02-30", "api.field-date", "on"),
        ("on=1700000000", "api.field-date", "on"),
        ("on=%FF", "api.parameter-encoding", "on"),
        ("on=%00", "api.text-nul", "on"),
        ("cursor=%2B%2B%2B", "api.cursor-malformed", "cursor"),
        ("cursor=bm8", "api.cursor-malformed", "cursor"),
        ("cursor=" + "x" * 600, "api.field-length", "cursor"),
    ],
)
async def test_a_faulty_parameter_is_named_and_not_echoed(api: httpx.AsyncClient, query: str, code: str, field: str) -> None:
    answer = await api.get(f"{UNITS}?{query}")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"], problem["in"]) == (400, code, field, "query"), problem
    value = query.rpartition("=")[2]
    assert len(value) < 4 or value not in answer.text


async def test_a_secret_in_the_wrong_place_is_told_to_nobody(
    api: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await api.post(
        f"{BASE}/receipts/status?receipt=7Q3K-SECRET-SECRET", json={"receipt": "7Q3K-2MZ8-4TRA-9WXC-1HJP-6VNE-5GDB"}
    )
    assert answer.status_code == 400
    assert "SECRET" not in answer.text
    logged = capfd.readouterr()
    assert "SECRET" not in logged.out + logged.err


async def test_a_header_that_must_be_single_is_refused_twice(world: World, place: Place, api: httpx.AsyncClient) -> None:
    token = await world.token(place)
    twice = [("authorization", f"Bearer {token}"), ("authorization", "Bearer other")]
    answer = await api.get(UNITS, headers=twice)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (400, "api.header-twice")


@pytest.mark.parametrize("name", ["due_before", "registered_from", "registered_before"])
@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z"])
async def test_an_instant_beyond_all_calendars_is_named(api: httpx.AsyncClient, name: str, instant: str) -> None:
    answer = await api.get(f"{BASE}/cases", params={name: instant})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "cases.instant-out-of-reach")
    assert (problem["field"], problem["in"]) == (name, "query")
