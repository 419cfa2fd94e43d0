"""What happens is posted, signed, tried again for three days, and lost neither by receivers nor by workers that die."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from core.webhooks import delivering
from tests.federation.faking import served
from tests.webhooks.conftest import Post
from tests.webhooks.receiving import Receiver

TYPE = "calendar.published"


async def test_an_event_comes_as_the_feed_tells_it_and_is_signed(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    await post.happen()
    await post.deliver()
    (got,) = receiver.got
    got.verify(hook["secret"])
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert (got.path, got.id) == ("/hook", got.event["id"])
    (told,) = (await post.get("/events", type=TYPE, after=got.event["position"] - 1))["items"]
    assert got.event == told
    (delivery,) = await post.deliveries(hook)
    (attempt,) = delivery["attempts"]
    assert (delivery["state"], delivery["event_id"], delivery["position"]) == ("delivered", got.id, told["position"])
    assert (attempt["number"], attempt["status"], attempt["fault"]) == (1, 204, None)


async def test_what_was_tampered_with_does_not_verify(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    await post.happen()
    await post.deliver()
    (got,) = receiver.got
    for name in ("body", "webhook-id", "webhook-timestamp"):
        body, headers = got.body, dict(got.headers)
        if name == "body":
            body = body.replace(b"calendar", b"calendat")
        elif name == "webhook-id":
            headers[name] = headers[name][::-1]
        else:
            headers[name] = str(int(headers[name]) + 1)
        with pytest.raises(WebhookVerificationError):
            type(got)(got.path, headers, body).verify(hook["secret"])


async def test_both_secrets_sign_while_one_takes_over(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    path = f"/webhooks/{hook['id']}/secret"
    rotated = (await post.send("POST", path, {"reason": "年度更换", "overlap_hours": 1}, 1)).json()
    old, new = hook["secret"], rotated["secret"]
    assert old != new
    await post.happen()
    await post.deliver()
    for secret in (old, new):
        receiver.got[0].verify(secret)
    assert len(receiver.got[0].headers["webhook-signature"].split()) == 2
    leaked = await post.send("POST", path, {"reason": "外泄", "overlap_hours": 0}, 2)
    assert leaked.json()["former_secret_until"] is None
    await post.happen()
    await post.deliver()
    receiver.got[1].verify(leaked.json()["secret"])
    for secret in (old, new):
        with pytest.raises(WebhookVerificationError):
            receiver.got[1].verify(secret)


async def test_the_old_secret_ends_with_the_overlap(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    await post.send("POST", f"/webhooks/{hook['id']}/secret", {"reason": "年度更换", "overlap_hours": 1}, 1)
    receiver.status = 500
    await post.happen()
    await post.deliver()
    receiver.status = 204
    await post.wait(timedelta(hours=2))
    counts = [len(got.headers["webhook-signature"].split()) for got in receiver.got]
    assert counts == [2, 2]
    receiver.status = 500
    await post.happen()
    await post.deliver()
    assert len(receiver.got[-1].headers["webhook-signature"].split()) == 1


@pytest.mark.parametrize("hours", [10 / 3600, 5 / 60, 72], ids=["10 s", "5 min", "three days"])
async def test_a_receiver_that_is_down_loses_nothing(post: Post, receiver: Receiver, address: str, hours: float) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 503
    await post.happen(3)
    await post.deliver()
    await post.wait(timedelta(hours=hours))
    receiver.status = 200
    failed = len(receiver.got)
    await post.wait(timedelta(days=1))
    deliveries = await post.deliveries(hook)
    assert [item["state"] for item in deliveries] == ["delivered"] * 3
    ids = {item["event_id"] for item in deliveries}
    assert {got.id for got in receiver.got} == ids
    assert len(ids) == 3
    assert {got.id for got in receiver.got[failed:]} == ids
    for item in deliveries:
        assert [attempt["number"] for attempt in item["attempts"]] == list(range(1, len(item["attempts"]) + 1))
        bodies = {got.body for got in receiver.got if got.id == item["event_id"]}
        assert len(bodies) == 1, "the same every time"
    assert (await post.see(hook))["failing_since"] is None


async def test_who_is_down_for_longer_is_given_up_and_disabled_with_a_reason(
    post: Post, receiver: Receiver, address: str
) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 500
    await post.happen()
    await post.deliver()
    await post.wait(timedelta(days=6))
    (delivery,) = await post.deliveries(hook)
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 10)
    first, last = delivery["attempts"][0]["at"], delivery["attempts"][-1]["at"]
    assert last > first
    seen = await post.see(hook)
    assert (seen["enabled"], seen["disabled_for"]) == (False, "failing")
    told = (await post.get("/events", type="webhook.disabled", limit=200))["items"]
    assert told[-1]["data"] == {"webhook_id": hook["id"], "reason": "failing"}
    before = len(receiver.got)
    await post.happen()
    await post.deliver()
    assert len(receiver.got) == before, "nothing is sent to who is disabled"
    receiver.status = 204
    enabled = await post.send("POST", f"/webhooks/{hook['id']}/enable", {"reason": "恢复"}, seen["version"])
    assert enabled.status_code == 200, enabled.text
    replayed = await post.send("POST", f"/webhooks/{hook['id']}/replays", {"after": delivery["position"] - 1})
    assert replayed.json()["count"] == 2
    await post.deliver()
    assert [got.id for got in receiver.got[before:]].count(delivery["event_id"]) == 1
    assert len(receiver.got) == before + 2


async def test_a_crash_between_delivery_and_record_delivers_again_under_the_same_id(
    post: Post, receiver: Receiver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = await post.hook(address, TYPE)
    await post.happen()
    record, died = delivering.record_attempt, []

    async def die_once(session: Any, made: Any) -> None:
        if not died:
            died.append(made)
            raise ConnectionError("the cable")
        await record(session, made)

    monkeypatch.setattr(delivering, "record_attempt", die_once)
    await post.deliver()
    assert [item["state"] for item in await post.deliveries(hook)] == ["pending"]
    await post.wait(timedelta(seconds=61))
    assert len(receiver.got) == 2
    assert len({got.id for got in receiver.got}) == 1
    (delivery,) = await post.deliveries(hook)
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)


async def test_who_wakes_up_late_records_nothing(
    post: Post, receiver: Receiver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept past its lease finds that another has delivered."""
    hook = await post.hook(address, TYPE)
    await post.happen()
    record, late = delivering.record_attempt, []

    async def keep(session: Any, made: Any) -> None:
        late.append(made)

    monkeypatch.setattr(delivering, "record_attempt", keep)
    await post.deliver()
    monkeypatch.setattr(delivering, "record_attempt", record)
    await post.wait(timedelta(seconds=61))
    async with post.database.tenant(post.place.number) as session:
        await record(session, late[0])
    (delivery,) = await post.deliveries(hook)
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)


async def test_two_workers_post_each_event_once(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    await post.happen(20)
    await asyncio.gather(*(post.worker().catch_up() for _ in range(2)))
    await post.wait(timedelta(seconds=30))
    assert len(receiver.got) == 20
    assert {item["state"] for item in await post.deliveries(hook)} == {"delivered"}
    assert all(len(item["attempts"]) == 1 for item in await post.deliveries(hook))


async def test_a_slow_receiver_holds_up_neither_other_webhooks_nor_other_tenants(
    post: Post, other: Post, receiver: Receiver, address: str
) -> None:
    gate = asyncio.Event()
    slow = Receiver(wait=gate)
    async with served(slow) as origin:
        await post.hook(f"{origin}/slow", TYPE)
        await post.hook(address, TYPE)
        await other.hook(address, TYPE)
        await post.happen(30)
        await other.happen(3)
        worker = post.worker(post.world.services.database)
        working = asyncio.create_task(worker.run())
        try:
            await slow.wait_for(1)
            await receiver.wait_for(33)
            assert 1 <= slow.most_under_way <= delivering.AT_ONCE
        finally:
            gate.set()
            worker.end()
            await working
    sources = {got.event["source"].rpartition("/")[2] for got in receiver.got}
    assert sources == {"ankang", "ganzhou"}


async def test_another_tenants_events_go_nowhere_here(post: Post, other: Post, receiver: Receiver, address: str) -> None:
    await post.hook(address, "*")
    await other.happen()
    await post.deliver()
    assert {got.event["source"].rpartition("/")[2] for got in receiver.got} == {"ankang"}


async def test_a_webhook_gets_the_types_that_it_wants(post: Post, receiver: Receiver, address: str) -> None:
    await post.hook(address, "calendar.*", "unit.changed")
    for type_ in ("unit.registered", "calendar.published", "unit.changed", "calendar-feed.made"):
        await post.happen(type_=type_)
    await post.deliver()
    assert sorted(receiver.types) == ["calendar.published", "unit.changed"]
