"""Channels, contacts and rules as they are kept: who may, what is told again, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.messages.conftest import BASIS, CHIEF, KEEPER, OFFICER, Post

MAIL = {"host": "smtp.example.cn", "port": 465, "security": "tls", "sender": "w@example.cn"}
SECRETS = {"username": "w", "password": "pass-word-of-mail"}


def test_a_secret_is_told_once_and_goes_to_no_other_place(post: Post) -> None:
    body = {"key": "mail", "kind": "smtp", "title": "邮箱", "settings": MAIL | SECRETS}
    made = post.send("POST", "/message-channels", body)
    assert (made.status_code, made.json()["has_secrets"]) == (201, True)
    shown = post.place.client.get(KEEPER, "/message-channels/mail")
    assert SECRETS["password"] not in made.text + shown.text
    tag = shown.headers["etag"]
    kept = {"title": "新名称", "settings": MAIL | {"username": "w"}}
    assert post.send("PUT", "/message-channels/mail", kept).status_code == 428
    assert post.send("PUT", "/message-channels/mail", kept, '"9"').status_code == 412
    after = post.send("PUT", "/message-channels/mail", kept, tag)
    assert (after.status_code, after.json()["has_secrets"], after.json()["title"]) == (200, True, "新名称")
    moved = kept | {"settings": MAIL | {"username": "w", "host": "other.example.cn"}}
    refused = post.send("PUT", "/message-channels/mail", moved, after.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (400, "messages.credentials-incomplete")
    for table in ("message_channel", "audit_content", "outbox", "idempotency"):
        assert SECRETS["password"] not in str(post.place.rows(table)), table


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"kind": "pigeon"}, 422, "messages.kind-unknown"),
        ({"settings": {}}, 400, "messages.settings-malformed"),
        ({"settings": MAIL | {"extra": 1}}, 400, "messages.settings-malformed"),
        ({"settings": MAIL | {"port": "465"}}, 400, "messages.settings-malformed"),
        ({"kind": "webhook", "settings": {"url": "http://example.cn/"}}, 400, "messages.url-malformed"),
    ],
    ids=["kind", "empty", "unknown", "strict", "http"],
)
def test_a_channel_that_cannot_send_is_refused(post: Post, changes: dict[str, Any], status: int, code: str) -> None:
    body = {"key": "mail", "kind": "smtp", "title": "邮箱", "settings": MAIL} | changes
    answer = post.send("POST", "/message-channels", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_kinds_say_what_they_ask_for(post: Post) -> None:
    items = {item["kind"]: item for item in post.place.read(KEEPER, "/message-channel-kinds")["items"]}
    assert items.keys() >= {"smtp", "sms-http", "webhook"}
    assert items["smtp"]["settings"]["required"] == ["host", "port", "security", "sender"]
    assert (items["smtp"]["secrets"], items["webhook"]["address_kind"]) == (["password"], None)


def test_each_keeps_the_own_contacts_and_an_administrator_sees_no_address(post: Post) -> None:
    mine = post.contact("officer@example.cn")
    assert mine["address"] == "officer@example.cn"
    post.contact("13800001234", who=CHIEF, kind="phone")
    assert [item["address"] for item in post.place.read(OFFICER, "/message-contacts")["items"]] == ["officer@example.cn"]
    seen = {item["address"] for item in post.place.read(KEEPER, "/message-contacts")["items"]}
    assert seen == {"o***@example.cn", "138***34"}
    path = f"/message-contacts/{mine['id']}"
    assert post.place.get(CHIEF, path).status_code == 404
    ending = {"last_day": "2026-12-31", "reason": "更换"}
    assert post.send("POST", f"{path}/end", ending, '"1"', who=CHIEF).status_code == 404
    ended = post.send("POST", f"{path}/end", ending, '"1"', who=OFFICER)
    assert (ended.status_code, ended.json()["valid_to"], ended.headers["etag"]) == (200, "2026-12-31", '"2"')
    assert post.send("POST", f"{path}/end", ending, '"2"', who=OFFICER).status_code == 409


@pytest.mark.parametrize(
    ("body", "who", "status", "code"),
    [
        ({"unit_id": "@social-security-window"}, OFFICER, 403, "messages.contact-of-others"),
        ({"person_id": "01990000-0000-7000-8000-000000000001"}, OFFICER, 403, "messages.contact-of-others"),
        ({"person_id": "01990000-0000-7000-8000-000000000001"}, KEEPER, 422, "messages.person-unknown"),
        ({"kind": "pigeon"}, OFFICER, 422, "messages.address-kind-unknown"),
        ({"address": "nobody"}, OFFICER, 400, "messages.address-malformed"),
        ({"valid_to": "2025-01-01"}, OFFICER, 422, "tenants.ends-before-it-begins"),
    ],
    ids=["unit", "other", "nobody", "kind", "address", "span"],
)
def test_a_contact_that_is_not_to_be_is_refused(post: Post, body: dict[str, Any], who: str, status: int, code: str) -> None:
    whole = {"kind": "email", "address": "a@example.cn", "valid_from": "2026-01-01"} | post.place.fill(body)
    answer = post.send("POST", "/message-contacts", whole, who=who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "nobody" not in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"occasion": "level", "key": "tomorrow"}, "messages.level-unknown"),
        ({"occasion": "step", "key": "register"}, "messages.step-unknown"),
        ({"case_kind": "tip-off"}, "messages.case-kind-unknown"),
        ({"recipients": "role"}, "messages.role-unfit"),
        ({"role": "supervisor"}, "messages.role-unfit"),
        ({"recipients": "role", "role": "unit-officer"}, "messages.role-unfit"),
        ({"channel": "none"}, "messages.no-such-channel"),
        ({"template": "none"}, "templates.no-such-template"),
        ({"template": "reply"}, "messages.template-unfit"),
        ({"occasion": "step", "key": "call-back"}, "messages.answer-not-for-units"),
        ({"occasion": "step", "key": "call-back", "recipients": "each-unit"}, "messages.answer-not-for-units"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(post: Post, changes: dict[str, Any], code: str) -> None:
    post.set_up("smtp", MAIL)
    text = {"title": "答复", "body": "${number}", "valid_from": "2026-01-01", "reason": BASIS}
    post.done("POST", "/templates", {"key": "reply", "purpose": "reply", **text})
    said = {"occasion": "rung", "key": "breach", "recipients": "lead", "channel": "mail", "template": "by-mail"}
    answer = post.send("POST", "/message-rules", said | {"valid_from": "2026-01-01", "basis": BASIS} | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_rule_ends_and_nobody_else_keeps_any(post: Post) -> None:
    post.set_up("smtp", MAIL)
    rule = post.rule("rung", "breach", "lead")
    ending = {"last_day": "2026-06-30", "reason": "改用短信"}
    assert post.send("POST", f"/message-rules/{rule['id']}/end", ending, '"1"', who=CHIEF).status_code == 403
    ended = post.send("POST", f"/message-rules/{rule['id']}/end", ending, '"1"')
    assert (ended.status_code, ended.json()["valid_to"]) == (200, "2026-06-30")
    assert [item["id"] for item in post.place.read(CHIEF, "/message-rules")["items"]] == [rule["id"]]


def test_a_message_template_holds_nothing_of_the_petitioner_and_asks_for_nothing(post: Post) -> None:
    text = {"key": "m", "purpose": "message", "title": "提醒", "valid_from": "2026-01-01", "reason": BASIS}
    for body, code in (("${petitioner.name}", "templates.identity"), ("${rendition}", "templates.name-unknown")):
        answer = post.send("POST", "/templates", text | {"body": body})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    asked = {"body": "${asked.why}", "asked": [{"name": "why", "title": "原因"}]}
    answer = post.send("POST", "/templates", text | asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "templates.message-asks")
    fields = post.place.read(KEEPER, "/template-fields", purpose="message")["items"]
    assert {"number", "overdue", "todo"} <= {item["name"] for item in fields}


def test_a_disabled_channel_sends_nothing_and_is_not_tried_out(post: Post) -> None:
    post.set_up("smtp", MAIL)
    post.contact("officer@example.cn")
    post.rule("step", "dispatch", "lead")
    shown = post.place.client.get(KEEPER, "/message-channels/mail")
    off = {"title": "渠道", "settings": MAIL, "enabled": False}
    assert post.send("PUT", "/message-channels/mail", off, shown.headers["etag"]).status_code == 200
    tried = post.send("POST", "/message-channels/mail/tests", {"address": "a@example.cn"})
    assert (tried.status_code, tried.json()["code"]) == (409, "messages.channel-disabled")
    matter = post.dispatched()
    post.work()
    (told,) = post.messages(matter)
    assert (told["state"], told["why"], told["attempts"]) == ("dropped", "channel-disabled", [])


def test_a_test_says_what_came_of_it(post: Post) -> None:
    post.set_up("smtp", MAIL | {"host": "127.0.0.1", "port": 1, "security": "none"})
    refused = post.send("POST", "/message-channels/mail/tests", {})
    assert (refused.status_code, refused.json()["code"]) == (400, "messages.address-missing")
    made = post.done("POST", "/message-channels/mail/tests", {"address": "a@example.cn"})
    assert (made["state"], made["address"]) == ("queued", "a***@example.cn")
    post.work()
    (told,) = post.place.read(KEEPER, "/message-channels/mail/messages")["items"]
    assert (told["id"], told["why"], told["rule_id"]) == (made["id"], "unreachable", None)


def test_the_trail_is_told_where_messages_go_and_no_key(post: Post) -> None:
    keyed = {"fields": {"to": "${phone}", "app": "K3Y"}, "headers": {"x-app": "K3Y"}}
    post.set_up("sms-http", {"url": "https://sms.example.cn/K3Y?s=K3Y", **keyed}, key="sms")
    rows = str(post.place.rows("audit_content"))
    assert "sms.example.cn" in rows
    assert "K3Y" not in rows
