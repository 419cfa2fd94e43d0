"""Webhooks over HTTP: kept by administrators, with a secret that is told once and a record that tells no secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.procedure import Role
from core.store.tables import TENANT, audit_content, idempotency, webhook
from core.tenants.scopes import Scope
from core.webhooks import replaying
from core.webhooks import webhook as rules
from tests.support.world import asking
from tests.webhooks.conftest import Post
from tests.webhooks.receiving import Receiver

TYPE = "calendar.published"
STATEMENT: dict[str, Any] = {
    "url": "https://hooks.example.cn/a?key=secret-in-it",
    "types": ["case.*"],
    "description": "大数据",
}
WHY = {"reason": "迁移"}


async def test_a_webhook_lives_from_registration_to_its_end(post: Post) -> None:
    made = await post.send("POST", "/webhooks", STATEMENT, key="one")
    told = made.json()
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"].endswith(f"/webhooks/{told['id']}")
    assert told["secret"].startswith("whsec_")
    again = await post.send("POST", "/webhooks", STATEMENT, key="one")
    assert (again.status_code, again.json()) == (201, told | {"secret": None})
    path = f"/webhooks/{told['id']}"
    seen = await post.see(told)
    assert seen == {name: value for name, value in told.items() if name != "secret"}
    assert (seen["enabled"], seen["types"], seen["former_secret_until"]) == (True, ["case.*"], None)

    changed = STATEMENT | {"types": ["deadline.overdue", "case.close", "case.close"]}
    assert (await post.send("PUT", path, changed)).status_code == 428
    assert (await post.send("PUT", path, changed, 7)).json()["code"] == "webhooks.stale"
    after = await post.send("PUT", path, changed, 1)
    assert (after.status_code, after.json()["types"], after.headers["etag"]) == (
        200, ["deadline.overdue", "case.close"], '"2"',
    )  # fmt: skip

    disabled = await post.send("POST", f"{path}/disable", WHY, 2)
    assert (disabled.json()["enabled"], disabled.json()["disabled_for"]) == (False, "administrator")
    assert (await post.send("POST", f"{path}/disable", WHY, 3)).json()["code"] == "webhooks.disabled"
    for body, ending in ((None, "test"), ({"after": 0}, "replays")):
        refused = await post.send("POST", f"{path}/{ending}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "webhooks.disabled")
    enabled = await post.send("POST", f"{path}/enable", WHY, 3)
    assert (enabled.json()["enabled"], enabled.json()["disabled_for"]) == (True, None)
    assert (await post.send("POST", f"{path}/enable", WHY, 4)).json()["code"] == "webhooks.enabled"

    assert (await post.send("DELETE", path, None, 1)).status_code == 412
    assert (await post.send("DELETE", path, None, 4)).status_code == 204
    for method, ending in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries")):
        assert (await post.send(method, path + ending, None, 5 if method == "DELETE" else None)).status_code == 404
    assert told["id"] not in [item["id"] for item in (await post.get("/webhooks"))["items"]]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"url": "http://hooks.example.cn/"}, "webhooks.url-malformed", "/url"),
        ({"url": "https://user:pw@hooks.example.cn/"}, "webhooks.url-malformed", "/url"),
        ({"url": "file:///etc/passwd"}, "webhooks.url-malformed", "/url"),
        ({"url": "https://hooks.example.cn/#a"}, "webhooks.url-malformed", "/url"),
        ({"types": ["case.*", "case.nothing"]}, "webhooks.type-unknown", "/types/1"),
        ({"types": ["nothing.*"]}, "webhooks.type-unknown", "/types/0"),
        ({"types": []}, "api.field-length", "/types"),
        ({"types": ["*.*"]}, "api.field-pattern", "/types/0"),
        ({"description": 5}, "api.field-type", "/description"),
    ],
)
async def test_what_cannot_be_is_refused(post: Post, change: dict[str, Any], code: str, field: str) -> None:
    answer = await post.send("POST", "/webhooks", STATEMENT | change)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, field)


async def test_there_are_so_many_and_no_more(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.webhooks import service

    await post.hook(STATEMENT["url"])
    monkeypatch.setattr(service, "MOST_WEBHOOKS", 1)
    answer = await post.send("POST", "/webhooks", STATEMENT)
    assert (answer.status_code, answer.json()["code"]) == (409, "webhooks.too-many")


async def test_a_secret_lies_sealed_and_nowhere_else(post: Post) -> None:
    hook = await post.hook(STATEMENT["url"])
    async with post.database.reading(post.place.number) as session:
        for table in (webhook, audit_content, idempotency):
            rows = await session.all(select(table).where(table.c.tenant == TENANT))
            assert rows
            assert not any(hook["secret"].removeprefix("whsec_") in repr(row) for row in rows), table.name
        contents = await session.all(select(audit_content.c.content).where(audit_content.c.tenant == TENANT))
    assert not any("secret-in-it" in row["content"] for row in contents), "a key can stand in the address"


async def test_who_is_no_administrator_keeps_none(post: Post) -> None:
    shown = await post.see(await post.hook("https://hooks.example.cn:8443/T0KEN?key=s3cret"))
    assert shown["url"] == "https://hooks.example.cn:8443/T0KEN?key=s3cret"
    for roles, reads in (((Role.AUDITOR,), 200), ((Role.SUPERVISOR,), 403)):
        credentials = await post.world.register(post.place.cast, roles, Scope, None)
        async with asking(post.world.app(), await post.world.token(post.place, credentials)) as api:
            assert (await api.get(f"/t/{post.place.slug}/v1/webhooks")).status_code == reads
            if reads == 200:
                (told,) = (await api.get(f"/t/{post.place.slug}/v1/webhooks")).json()["items"]
                one = (await api.get(f"/t/{post.place.slug}/v1/webhooks/{told['id']}")).json()
                assert told == one == shown | {"url": "https://hooks.example.cn:8443"}, "the rest can be a key"
            headers = {"idempotency-key": "not-mine"}
            made = await api.post(f"/t/{post.place.slug}/v1/webhooks", json=STATEMENT, headers=headers)
            assert made.status_code == 403


async def test_what_waits_is_held_while_the_webhook_is_disabled(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 500
    await post.happen(2)
    await post.deliver()
    disabled = await post.send("POST", f"/webhooks/{hook['id']}/disable", WHY, 1)
    assert {item["state"] for item in await post.deliveries(hook)} == {"held"}
    await post.wait(timedelta(days=1))
    assert len(receiver.got) == 2
    receiver.status = 204
    enabled = await post.send("POST", f"/webhooks/{hook['id']}/enable", WHY, disabled.json()["version"])
    await post.deliver()
    assert {item["state"] for item in await post.deliveries(hook)} == {"delivered"}
    assert len(receiver.got) == 4
    receiver.status = 500
    await post.happen()
    await post.deliver()
    await post.send("DELETE", f"/webhooks/{hook['id']}", None, enabled.json()["version"])
    await post.wait(timedelta(days=1))
    assert len(receiver.got) == 5


async def test_a_test_event_comes_whatever_types_are_wanted(post: Post, receiver: Receiver, address: str) -> None:
    hook, bystander = await post.hook(address, TYPE), await post.hook(address, "*")
    sent = await post.send("POST", f"/webhooks/{hook['id']}/test")
    assert sent.status_code == 202
    assert (sent.json()["cause"], sent.json()["state"], sent.json()["position"]) == ("test", "pending", None)
    await post.deliver()
    await post.wait(timedelta(seconds=5))
    tests = [got for got in receiver.got if got.event["type"] == "webhook.tested"]
    (got,) = tests
    got.verify(hook["secret"])
    assert (got.id, got.event["data"]) == (sent.json()["event_id"], {"webhook_id": hook["id"]})
    seen = await post.get(f"/webhooks/{hook['id']}/deliveries/{sent.json()['id']}")
    assert (seen["state"], seen["position"]) == ("delivered", got.event["position"])
    assert "webhook.tested" not in {item["type"] for item in await post.deliveries(bystander)}


async def test_one_delivery_is_made_again_under_the_same_id(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    await post.happen()
    await post.deliver()
    (first,) = await post.deliveries(hook)
    path = f"/webhooks/{hook['id']}/deliveries/{first['id']}/replay"
    again = (await post.send("POST", path)).json()
    assert (again["cause"], again["event_id"], again["position"]) == ("replay", first["event_id"], first["position"])
    await post.deliver()
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert [item["state"] for item in await post.deliveries(hook)] == ["delivered", "delivered"]


async def test_all_is_delivered_from_a_position_on_so_much_at_a_time(
    post: Post, receiver: Receiver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.happen(5)
    await post.deliver()
    hook = await post.hook(address, TYPE)
    path, end = f"/webhooks/{hook['id']}/replays", (await post.get("/events", type="no.such", after=0))["last"]
    monkeypatch.setattr(replaying, "MOST_REPLAYED", 2)
    first = (await post.send("POST", path, {"after": end - 5})).json()
    assert first == {"count": 2, "last": end - 3, "more": True}
    monkeypatch.setattr(replaying, "MOST_REPLAYED", 1_000)
    rest = (await post.send("POST", path, {"after": first["last"]})).json()
    assert (rest["count"], rest["last"] >= end, rest["more"]) == (3, True, False)
    await post.deliver()
    await post.wait(timedelta(seconds=5))
    assert sorted(got.event["position"] for got in receiver.got) == list(range(end - 4, end + 1))


async def test_the_log_goes_page_by_page_and_tells_no_content(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 500
    await post.happen(5)
    await post.deliver()
    whole = list(reversed(await post.deliveries(hook)))
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = await post.get(f"/webhooks/{hook['id']}/deliveries", **query)
        found += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == whole
    assert len(found) == 5
    (attempt, *_) = found[0]["attempts"]
    assert set(attempt) == {"number", "at", "status", "milliseconds", "fault"}
    assert (attempt["status"], attempt["fault"], found[0]["state"]) == (500, "status", "pending")
    assert found[0]["next_at"] > attempt["at"]


def test_a_webhook_wants_what_its_patterns_name() -> None:
    rules.check_statement(rules.WebhookStatement(url="https://x.example.cn/", types=("*", "case.close", "deadline.*")))
