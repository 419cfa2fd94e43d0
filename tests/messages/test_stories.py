"""Warnings and steps are written about as the tenant's rules say, to real servers, and stand on the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from core.procedure import Role
from tests.messages.conftest import CHIEF, KEEPER, OFFICER, Post, mail_settings
from tests.messages.receiving import Gateway, MailBox
from tests.story.house import Place
from tests.story.matters import register
from tests.supervision.late import dispatched, due_of, supervise

ADDRESS = "officer.wang@example.cn"


@pytest.fixture
def mailing(post: Post, box: MailBox) -> Post:
    """A tenant whose officers are written to when a deadline has run out."""
    post.set_up("smtp", mail_settings(box))
    post.contact(ADDRESS)
    return post


def test_who_holds_a_deadline_is_told_that_it_has_run_out(mailing: Post, box: MailBox) -> None:
    rule = mailing.rule("rung", "breach", "holder")
    matter = mailing.dispatched()
    mailing.lapse(matter)
    mailing.work()
    (mail,) = box.mails
    assert box.recipients == [[ADDRESS]]
    number = matter.view["number"]
    assert (mail["Subject"], mail["From"]) == (f"办理提醒 {number}", "问责平台 <wenze@example.cn>")
    text = mail.get_content()
    assert text.startswith(f"{number}（")
    assert "逾期" in text
    assert "${" not in text
    assert "材料齐全" not in text
    (told,) = mailing.messages(matter)
    assert (told["state"], told["why"], told["rule_id"], told["channel"]) == ("sent", None, rule["id"], "mail")
    assert (told["address"], told["unit_name"] is not None) == ("o***@example.cn", True)
    assert [item["outcome"] for item in told["attempts"]] == ["sent"]
    assert told["subject"] == mail["Subject"]
    assert mail["Message-ID"] == f"<{told['id']}@example.cn>"
    (notice,) = [
        item for item in mailing.place.read("supervisor", f"{matter.path}/notices")["items"] if item["holder_unit_id"]
    ]
    assert told["notice_id"] == notice["id"]


def test_nothing_is_sent_where_no_rule_says_so(mailing: Post, box: MailBox) -> None:
    mailing.rule("rung", "breach", "holder", case_kind="complaint", valid_from="2099-01-01")
    matter = mailing.dispatched()
    mailing.lapse(matter)
    mailing.work()
    assert (box.mails, mailing.messages(matter)) == ([], [])


def test_a_step_is_told_to_the_units_and_to_a_role(mailing: Post, box: MailBox) -> None:
    mailing.contact("chief@example.cn", who=CHIEF)
    mailing.rule("step", "dispatch", "each-unit")
    mailing.rule("step", "dispatch", "role", role="supervisor")
    matter = mailing.dispatched()
    mailing.work()
    assert sorted(address for found in box.recipients for address in found) == ["chief@example.cn", ADDRESS]
    seen = {item["person_name"]: item for item in mailing.messages(matter)}
    assert seen.keys() == {CHIEF, OFFICER}
    assert all(item["step_id"] and item["state"] == "sent" for item in seen.values())
    # A unit sees what went to itself.
    assert [item["person_name"] for item in mailing.messages(matter, OFFICER)] == [OFFICER]


def test_who_is_recused_is_not_written_to(mailing: Post, box: MailBox) -> None:
    mailing.contact("chief@example.cn", who=CHIEF)
    mailing.rule("step", "accept", "role", role="supervisor")
    matter, other = (register(mailing.place, "complaint") for _ in range(2))
    mailing.done("POST", f"{matter.path}/recusals", {"reason": "近亲属"}, who=CHIEF)
    for item in (matter, other):
        item.refresh()
        item.take("supervisor", "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]})
    mailing.work()
    assert len(box.mails) == 1
    assert [item["why"] for item in mailing.messages(matter)] == ["no-address"]
    assert [item["person_name"] for item in mailing.messages(other)] == [CHIEF]


def test_what_is_temporary_is_tried_again_under_the_same_id(mailing: Post, box: MailBox) -> None:
    box.answers = ["451 4.7.1 Try again later"] * 2
    mailing.rule("rung", "breach", "holder")
    matter = mailing.dispatched()
    mailing.lapse(matter)
    mailing.work()
    (told,) = mailing.messages(matter)
    assert (told["state"], told["why"], len(told["attempts"])) == ("queued", "smtp-451", 1)
    mailing.work(timedelta(seconds=45))
    assert len(box.tried) == 1
    mailing.work(timedelta(seconds=20))
    mailing.work(timedelta(minutes=6))
    assert len(set(box.tried)) == 1
    assert len(box.mails) == 1
    (told,) = mailing.messages(matter)
    assert [item["outcome"] for item in told["attempts"]] == ["failed", "failed", "sent"]
    assert (told["state"], told["why"]) == ("sent", None)


def test_what_lasts_is_not_tried_again_and_what_goes_on_for_a_day_is_given_up(mailing: Post, box: MailBox) -> None:
    mailing.rule("step", "dispatch", "lead")
    box.answers = [f"550 5.1.1 no mailbox {ADDRESS} here"]
    refused = mailing.dispatched()
    mailing.work()
    (told,) = mailing.messages(refused)
    assert (told["state"], told["why"]) == ("failed", "smtp-550")
    assert [item["outcome"] for item in told["attempts"]] == ["refused"]
    box.answers = ["451 4.7.1 Try again later"] * 50
    waiting = mailing.dispatched()
    for _ in range(30):
        mailing.work(timedelta(hours=1))
    (told,) = mailing.messages(waiting)
    assert (told["state"], told["why"]) == ("failed", "smtp-451")
    assert 6 < len(told["attempts"]) < 20


def test_what_is_over_before_it_went_out_is_not_sent(mailing: Post, box: MailBox) -> None:
    mailing.rule("rung", "breach", "holder")
    box.answers = ["451 4.7.1 Try again later"]
    matter = mailing.dispatched()
    mailing.lapse(matter)
    mailing.work()
    matter.refresh()
    matter.take("window-head", "report-result", {"result": "已更正。"})
    mailing.work(timedelta(minutes=2))
    (told,) = mailing.messages(matter)
    assert (told["state"], told["why"], len(box.tried)) == ("dropped", "over", 1)


def test_a_worker_that_dies_between_sending_and_recording_sends_it_again_under_the_same_id(
    mailing: Post, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing.rule("step", "dispatch", "lead")
    matter = mailing.dispatched()

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("core.messages.sending.judge", die)
        mailing.work()
    assert len(box.mails) == 1
    assert mailing.messages(matter)[0]["state"] == "queued"
    mailing.work(timedelta(minutes=5))
    assert (len(box.mails), len(set(box.tried))) == (2, 1)
    (told,) = mailing.messages(matter)
    assert (told["state"], len(told["attempts"])) == ("sent", 1)


def test_who_cannot_be_reached_stands_on_the_case(mailing: Post, box: MailBox) -> None:
    mailing.rule("step", "dispatch", "lead", addressee="unit")
    mailing.rule("step", "dispatch", "superior", addressee="unit")
    matter = mailing.dispatched()
    mailing.work()
    assert box.mails == []
    assert {(item["state"], item["why"]) for item in mailing.messages(matter)} <= {
        ("dropped", "no-address"), ("dropped", "nobody"),
    }  # fmt: skip
    unit = mailing.place.fill("@social-security-window")
    mailing.contact("window@example.cn", who=KEEPER, unit_id=unit)
    other = mailing.dispatched()
    mailing.work()
    assert box.recipients == [["window@example.cn"]]
    assert mailing.messages(other)[0]["unit_id"] == unit


def test_a_message_waits_until_the_office_opens(mailing: Post, box: MailBox) -> None:
    periods = [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]
    calendar = mailing.place.client.get(KEEPER, "/calendar")
    hours = {"basis": "市政府办公时间", "office_hours": periods}
    answer = mailing.send("PUT", "/calendar", hours, calendar.headers["etag"])
    assert answer.status_code in {200, 201}, answer.text
    mailing.rule("step", "dispatch", "lead", office_hours=True)
    now = mailing.place.now()
    night = (now + timedelta(days=1)).replace(hour=15, minute=0)  # 23:00 in Asia/Shanghai
    mailing.place.move(night)
    matter = mailing.dispatched()
    mailing.work()
    assert (box.mails, mailing.messages(matter)[0]["state"]) == ([], "queued")
    for day in range(14):
        mailing.place.move(night + timedelta(days=day, hours=12))  # 11:00 of the next day, and of those after it
        mailing.work()
        if mailing.messages(matter)[0]["state"] == "sent":
            break
    assert mailing.messages(matter)[0]["state"] == "sent"


def test_a_text_message_arrives_when_the_gateway_says_so(
    post: Post, gateway: Gateway, open_place: Callable[[str], Place]
) -> None:
    settings = {
        "url": gateway.url,
        "fields": {"mobile": "${phone}", "content": "${text}", "uid": "${id}"},
        "headers": {"Authorization": "Bearer ${secret}"},
        "secret": "gateway-secret",
        "success_path": "code",
        "success": ["0"],
        "reference_path": "data.sid",
        "reports": {"items": "list", "reference": "sid", "state": "status", "arrived": ["DELIVRD"]},
    }
    post.set_up("sms-http", settings, "sms")
    post.contact("138-0000-1234", kind="phone")
    post.rule("step", "dispatch", "lead", channel="sms")
    matter = post.dispatched()
    post.work()
    (asked,) = gateway.asked
    assert (asked["mobile"], gateway.headers[0]["authorization"]) == ("13800001234", "Bearer gateway-secret")
    (told,) = post.messages(matter)
    assert (told["state"], told["id"], told["text"]) == ("sent", asked["uid"], asked["content"])
    assert "0000" not in told["address"]
    shown = post.place.client.get(KEEPER, "/message-channels/sms")
    assert "secret" not in shown.json()["settings"]
    made = post.done("POST", "/message-channels/sms/report-address", None, shown.headers["etag"])
    address = made["address"].partition("/t/")[2].partition("/v1")[2]
    body = {"list": [{"sid": "S1", "status": "DELIVRD"}, {"sid": "S77", "status": "DELIVRD"}, "?"]}
    http = post.place.house.http
    url = f"/t/{post.place.slug}/v1{address}"
    assert http.post(f"/t/{open_place('ankang').slug}/v1{address}", json=body).status_code == 404
    assert [http.post(url, json=body).json() for _ in range(2)] == [{"taken": 1}, {"taken": 0}]
    (told,) = post.messages(matter)
    assert told["state"] == "arrived"
    assert told["arrived_at"] is not None
    assert http.post(url[:-1] + ("A" if url[-1] != "A" else "B"), json=body).status_code == 404


def test_no_address_and_no_words_stand_in_the_clear(mailing: Post, box: MailBox) -> None:
    mailing.rule("step", "dispatch", "lead")
    matter = mailing.dispatched()
    mailing.work()
    assert len(box.mails) == 1
    for table in ("message", "message_contact", "message_channel", "message_attempt", "audit", "audit_content", "outbox"):
        rows = str(mailing.place.rows(table))
        assert ADDRESS not in rows, table
        assert box.mails[0]["Subject"] not in rows, table
    assert ADDRESS not in mailing.place.house.service.log.read_text()
    types = {row["type"] for row in mailing.place.rows("outbox") if row["type"].startswith("message.")}
    assert types == {"message.queued", "message.sent"}
    assert matter.view["number"]


def test_what_a_gateway_calls_a_message_is_kept_only_where_it_can_be(post: Post, gateway: Gateway) -> None:
    """A name with U+0000 in it, which PostgreSQL refuses, would have the message sent again and again."""
    settings = {"url": gateway.url, "fields": {"to": "${phone}"}, "reference_path": "sid"}
    post.set_up("sms-http", settings, key="sms")
    post.contact("13800001234", kind="phone")
    post.rule("step", "dispatch", "lead", channel="sms")
    gateway.answers = [(200, b'{"sid": "S\\u00001"}')]
    matter = post.dispatched()
    post.work()
    post.work(timedelta(hours=2))
    (told,) = post.messages(matter)
    assert (told["state"], len(gateway.asked)) == ("sent", 1)


def test_a_step_that_names_units_is_told_to_them_and_each_unit_its_own_deadline(
    open_place: Callable[[str], Place], box: MailBox
) -> None:
    """The one that is reminded, and not the lead (ganzhou:hotline-2022#5, #7)."""
    place = open_place("ganzhou")
    post = Post(place, place.house.database, FixedClock(place.now()))
    place.hire(KEEPER, Role.TENANT_ADMINISTRATOR)
    post.set_up("smtp", mail_settings(box))
    for step in ("urge", "supervise-by-message", "dispatch"):
        post.rule("step", step, "each-unit" if step == "dispatch" else "holder", addressee="unit")
    matter = dispatched(place, 5, 2)
    lead, second = place.fill("@urban-management"), place.fill("@water-company")
    own = {item["holder_unit_id"]: item["id"] for item in matter.view["deadlines"] if item["key"] == "handling"}
    assert {item["unit_id"]: item["deadline_id"] for item in post.messages(matter)} == own
    place.move(due_of(matter, "@water-company"))
    supervise(matter, supervised_units=[second])
    matter.take("supervisor", "urge", text="请抓紧。")
    told = [(item["unit_id"], item["deadline_id"]) for item in post.messages(matter)][2:]
    assert sorted(told) == sorted([(second, own[second]), (lead, own[lead])])
