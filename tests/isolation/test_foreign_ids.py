"""Another tenant's things, asked for with a good token of one's own, look like things that do not exist (PITFALLS 7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.store.tables import supervision_item
from tests.isolation.matrix import Row, read_matrix
from tests.store.rows import every_table
from tests.support.world import Place, World, asking

MAKES = {"putExternalCase"}
"""What makes the thing where it is not there: under the client's own id, which is nobody else's."""
OWN = {"client", "key", "provider", "channel"}
"""What names a tenant's own thing by another word."""
ROWS = [
    row for row in read_matrix() if row.id not in MAKES and any(name.endswith("_id") or name in OWN for name in row.names)
]
NOWHERE = "0199f3a2-0000-7000-8000-00000000000{}"


async def things_of(world: World, app: Any, city: str) -> dict[str, str]:
    """Ids of things that a tenant really has."""
    place = world.places[city]
    async with asking(app, await world.token(place)) as client:
        case = await client.post(f"/t/{city}/v1/cases", **_registration(city))
        assert case.status_code == 201, case.text
        person = str((await world.snapshot(place)).clients[place.powers.client_id].person_id)
        staff = (await client.get(f"/t/{city}/v1/people/{person}")).json()
        rule = {"target": "last-of-matter", "valid_from": "2026-01-01", "basis": "x"}
        headers = {"idempotency-key": "a-foreign-rule"}
        rule_id = (await client.post(f"/t/{city}/v1/routing-rules", json=rule, headers=headers)).json()["id"]
        attachment = await _attach(client, f"/t/{city}/v1", case.json()["id"])
        platform = await _act_for_operators(client, place)
        words = await _word(client, place)
        messages = await _write(client, place)
        correction = await _ask_to_correct(client, f"/t/{city}/v1", case.json())
        feedback = await _say(client, f"/t/{city}/v1")
        recusal = await _recuse(client, f"/t/{city}/v1", case.json()["id"], person)
        feed = await _follow(client, f"/t/{city}/v1", str(next(iter(place.cast.units.values()))))
        webhook = await _hook(client, f"/t/{city}/v1")
        headers, body = {"idempotency-key": "a-foreign-token"}, {"note": "x", "scopes": []}
        token = await client.post(f"/t/{city}/v1/initial-access-tokens", json=body, headers=headers)
    account, sign_in = await world.sign_in(place)
    return {
        **platform,
        **webhook,
        **words,
        **messages,
        "account_id": str(account),
        "sign_in_id": str(sign_in),
        "token_id": token.json()["id"],
        "attachment_id": attachment,
        "unit_id": str(next(iter(place.cast.units.values()))),
        "person_id": person,
        "post_id": staff["posts"][0]["id"],
        "grant_id": staff["roles"][0]["id"],
        "rule_id": rule_id,
        "correction_id": correction,
        "recusal_id": recusal,
        "feed_id": feed,
        "item_id": await _find_late(world, place, UUID(case.json()["id"])),
        "case_id": case.json()["id"],
        "feedback_id": feedback,
    }


async def _hook(client: httpx.AsyncClient, api: str) -> dict[str, str]:
    """A webhook, and a delivery that nobody makes."""
    headers, body = {"idempotency-key": "a-foreign-webhook"}, {"url": "https://hooks.example.cn/", "types": ["month.closed"]}
    made = await client.post(f"{api}/webhooks", json=body, headers=headers)
    assert made.status_code == 201, made.text
    sent = await client.post(f"{api}/webhooks/{made.json()['id']}/test", headers=headers)
    assert sent.status_code == 202, sent.text
    return {"webhook_id": made.json()["id"], "delivery_id": sent.json()["id"]}


async def _attach(client: httpx.AsyncClient, api: str, case: str) -> str:
    headers = {"idempotency-key": "a-foreign-file"}
    file = await client.post(f"{api}/attachments?name=a.txt", content=b"foreign", headers=headers)
    id_ = str(file.json()["id"])
    body = {"attachments": [id_], "disclosed": True}
    added = await client.post(f"{api}/cases/{case}/attachments", json=body, headers=headers)
    assert added.status_code == 200, added.text
    return id_


async def _ask_to_correct(client: httpx.AsyncClient, api: str, case: dict[str, Any]) -> str:
    earlier = datetime.fromisoformat(case["received_at"]) - timedelta(minutes=1)
    body = {"received_at": earlier.isoformat(), "reason": "邮戳"}
    headers = {"idempotency-key": "a-foreign-correction"}
    asked = await client.post(f"{api}/cases/{case['id']}/corrections", json=body, headers=headers)
    assert asked.status_code == 201, asked.text
    return str(asked.json()["id"])


async def _recuse(client: httpx.AsyncClient, api: str, case: str, person: str) -> str:
    headers = {"idempotency-key": "a-foreign-recusal"}
    said = await client.post(f"{api}/cases/{case}/recusals", json={"person_id": person, "reason": "近亲属"}, headers=headers)
    assert said.status_code == 201, said.text
    return str(said.json()["id"])


async def _follow(client: httpx.AsyncClient, api: str, unit: str) -> str:
    headers = {"idempotency-key": "a-foreign-feed"}
    made = await client.post(f"{api}/calendar-feeds", json={"unit_id": unit}, headers=headers)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _find_late(world: World, place: Place, case: UUID) -> str:
    """What a worker would have found; a city can have none of it and the store still holds what is somebody's."""
    row = next(row for table, row in every_table() if table is supervision_item)
    async with world.services.database.tenant(place.number) as session:
        session.add(supervision_item, {**row, "case_id": case, "deadline_id": None, "state": "found", "version": 1})
    return str(row["id"])


_TO_AN_ANSWER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]}),
    ("classify", {"track": "on-site", "on_the_spot": False}),
    ("reply-by-duty-office", {"text": "已答复。"}),
    ("call-back", {"reached": "reached", "satisfied": False, "dissatisfaction": "late", "words": "太慢。"}),
)


async def _say(client: httpx.AsyncClient, api: str) -> str:
    """What somebody said of a reply."""
    case = await client.post(f"{api}/cases", **_registration("ankang", "a-foreign-word"))
    path, etag = f"{api}/cases/{case.json()['id']}", case.headers["etag"]
    for step, body in _TO_AN_ANSWER:
        headers = {"idempotency-key": f"foreign-{step}", "if-match": etag}
        taken = await client.post(f"{path}/steps/complaint/{step}", json=body, headers=headers)
        assert taken.status_code == 200, f"{step}: {taken.text}"
        etag = taken.headers["etag"]
    (said,) = (await client.get(f"{path}/feedback")).json()["answers"]
    return str(said["id"])


async def _word(client: httpx.AsyncClient, place: Place) -> dict[str, str]:
    """An article of the knowledge base and a template."""
    base, headers, rows = f"/t/{place.slug}/v1", {"idempotency-key": "foreign-words"}, read_matrix()
    bodies = {row.id: row.body for row in rows if row.city == place.slug and row.id in {"draftArticle", "createTemplate"}}
    unit = str(next(iter(place.cast.units.values())))
    article = await client.post(f"{base}/knowledge", json=bodies["draftArticle"] | {"unit_id": unit}, headers=headers)
    template = await client.post(f"{base}/templates", json=bodies["createTemplate"], headers=headers)
    assert (article.status_code, template.status_code) == (201, 201), (article.text, template.text)
    told = _body(place, "registerIdentityProvider")
    provider = await client.post(f"{base}/identity-providers", json=told, headers=headers)
    assert provider.status_code == 201, provider.text
    return {"article_id": article.json()["id"], "key": template.json()["key"], "provider": provider.json()["key"]}


async def _write(client: httpx.AsyncClient, place: Place) -> dict[str, str]:
    """A channel of messages, a contact, and a rule that uses a template of its own."""
    base, headers = f"/t/{place.slug}/v1", {"idempotency-key": "foreign-messages"}
    words = _body(place, "createTemplate") | {
        "key": "overdue-notice",
        "purpose": "message",
        "body": "${number}",
        "asked": [],
    }
    for path, body in (("templates", words), ("message-channels", _body(place, "registerMessageChannel"))):
        made = await client.post(f"{base}/{path}", json=body, headers=headers)
        assert made.status_code == 201, made.text
    contact = await client.post(f"{base}/message-contacts", json=_body(place, "recordMessageContact"), headers=headers)
    rule = await client.post(f"{base}/message-rules", json=_body(place, "recordMessageRule"), headers=headers)
    assert (contact.status_code, rule.status_code) == (201, 201), (contact.text, rule.text)
    return {"channel": "mail", "contact_id": contact.json()["id"], "message_rule_id": rule.json()["id"]}


def _body(place: Place, operation: str) -> Any:
    return next(row.body for row in read_matrix() if (row.city, row.id) == (place.slug, operation))


async def _act_for_operators(client: httpx.AsyncClient, place: Place) -> dict[str, str]:
    """A client as a platform, one of its operators, and one of its cases by its own id."""
    base, name = f"/t/{place.slug}/v1", place.powers.client_id
    headers = {"idempotency-key": "a-foreign-operator"}
    person = (await client.post(f"{base}/people", json={"name": "坐席"}, headers=headers)).json()["id"]
    said = {"external_id": "1024", "person_id": person, "valid_from": "2026-01-01"}
    operator = await client.post(f"{base}/clients/{name}/operators", json=said, headers=headers)
    case = await client.put(f"{base}/external-cases/HX-1", **_registration(place.slug))
    assert (operator.status_code, case.status_code) == (201, 201), (operator.text, case.text)
    return {"client": name, "operator_id": operator.json()["id"], "external_id": "HX-1"}


def _registration(city: str, key: str = "a-foreign-case") -> dict[str, Any]:
    row = next(row for row in read_matrix() if row.city == city and row.id == "registerCase")
    return row.request(key)


@pytest.fixture(scope="module")
async def foreign(world: World, app: Any) -> dict[str, str]:
    """What Ankang has."""
    return await things_of(world, app, "ankang")


@pytest.mark.parametrize("row", [row for row in ROWS if row.city != "ankang"], ids=str)
async def test_a_foreign_thing_looks_like_none(world: World, app: Any, foreign: dict[str, str], row: Row) -> None:
    ids = {name: foreign[name] for name in row.names if name in foreign}
    missing = {name: NOWHERE.format(number) for number, name in enumerate(ids)}
    async with asking(app, await world.token(world.places[row.city])) as client:
        answers = [
            await client.request(row.method, f"/t/{row.city}/v1{row.address(chosen)}", **row.request(f"{row.id}-{kind}"))
            for kind, chosen in (("foreign", ids), ("missing", missing))
        ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert whole(answers[0]) == whole(answers[1])


def whole(answer: httpx.Response) -> tuple[bytes, dict[str, str]]:
    """An answer without what names the one request."""
    request_id = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.content.replace(request_id.encode(), b"-"), headers


async def test_what_is_foreign_was_really_there(world: World, app: Any, foreign: dict[str, str]) -> None:
    async with asking(app, await world.token(world.places["ankang"])) as client:
        for path in ("/cases/{case_id}", "/units/{unit_id}", "/people/{person_id}"):
            assert (await client.get(f"/t/ankang/v1{path.format(**foreign)}")).status_code == 200


async def test_a_foreign_id_in_a_body_is_refused_and_named(world: World, app: Any, foreign: dict[str, str]) -> None:
    body = {"code": "x", "name": "x", "valid_from": "2026-03-02", "basis": "x", "parent_id": foreign["unit_id"]}
    async with asking(app, await world.token(world.places["baoding"])) as client:
        answer = await client.post("/t/baoding/v1/units", json=body, headers={"idempotency-key": "foreign-parent"})
    assert answer.status_code in {404, 422}
    assert answer.json()["field"] == "/parent_id"
    assert "安康" not in answer.text


async def test_lists_hold_the_own_things_only(world: World, app: Any, foreign: dict[str, str]) -> None:
    ids = [value for value in foreign.values() if len(value) == len(str(UUID(int=0)))]
    async with asking(app, await world.token(world.places["baoding"])) as client:
        for path in ("cases", "units", "people"):
            listed = (await client.get(f"/t/baoding/v1/{path}?limit=200")).text
            assert not any(id_ in listed for id_ in ids), path
