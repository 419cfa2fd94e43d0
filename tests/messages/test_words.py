"""Whom a rule writes to, in which words, when, and what an attempt makes of a message: tables, without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from core.cases.case import DeadlineNote
from core.errors import Invalid
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.calendar import working_calendar
from core.law.calendar_version import NATIONAL, Period
from core.law.instrument import Unit
from core.messages.addresses import mask, read_email, read_phone
from core.messages.addressing import Concerned, Directory, Recipient
from core.messages.channel import Failed, Sent
from core.messages.composing import Matter, Surroundings, compose, tell_overdue, values_of
from core.messages.fields import ABSENT, MESSAGE_FIELDS, OF_CONFIDENTIAL
from core.messages.hours import opens_at
from core.messages.records import Message, MessageState
from core.messages.rules import Addressee, MessageRule, Occasion, Recipients
from core.messages.sending import GIVEN_UP, Tried, judge
from core.procedure import Role
from core.rungs import Level
from core.templates.template import TemplateVersion
from core.tenants.organisation import Organisation
from core.tenants.staff import RoleGrant
from core.tenants.units import UnitVersion

DAY = date(2026, 3, 9)
NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
TOP, LEAD, SECOND = new_id(), new_id(), new_id()
HEAD, FIRST, OTHER, WATCHER = new_id(), new_id(), new_id(), new_id()


def unit(id_: UUID, name: str, parent: UUID | None = None) -> UnitVersion:
    return UnitVersion(new_id(), id_, date(2026, 1, 1), name, parent_id=parent)


def grant(person: UUID, role: Role, at: UUID | None = None) -> RoleGrant:
    return RoleGrant(new_id(), person, role, at, date(2026, 1, 1))


HOUSE = Organisation.of(
    {TOP: "top", LEAD: "lead", SECOND: "second"},
    [unit(TOP, "总局"), unit(LEAD, "牵头局", TOP), unit(SECOND, "配合局", TOP)],
    grants=[
        grant(HEAD, Role.UNIT_OFFICER, TOP), grant(FIRST, Role.UNIT_OFFICER, LEAD), grant(OTHER, Role.UNIT_OFFICER, SECOND),
        grant(WATCHER, Role.SUPERVISOR), grant(FIRST, Role.SUPERVISOR),
    ],
)  # fmt: skip


def rule(recipients: Recipients, addressee: Addressee = Addressee.OFFICERS, role: Role | None = None) -> MessageRule:
    return MessageRule(
        new_id(), DAY, None, Occasion.RUNG, "breach", None, recipients, role.value if role else None, addressee,
        new_id(), new_id(), False, "b", NOW, None,
    )  # fmt: skip


BOTH = Concerned((SECOND,), LEAD, (LEAD, SECOND))
NAMED = Concerned((LEAD, SECOND), LEAD, (LEAD, SECOND))


@pytest.mark.parametrize(
    ("recipients", "addressee", "role", "concerned", "expected"),
    [
        ("holder", "officers", None, BOTH, [(OTHER, SECOND)]),
        ("lead", "officers", None, BOTH, [(FIRST, LEAD)]),
        ("each-unit", "officers", None, BOTH, [(FIRST, LEAD), (OTHER, SECOND)]),
        ("superior", "officers", None, BOTH, [(HEAD, TOP)]),
        ("superior", "unit", None, BOTH, [(None, TOP)]),
        ("role", "officers", Role.SUPERVISOR, BOTH, [(FIRST, None), (WATCHER, None)]),
        ("holder", "officers", None, Concerned((), LEAD, (LEAD,)), []),
        ("holder", "officers", None, Concerned((), None, ()), []),
        ("superior", "officers", None, Concerned((TOP,), TOP, (TOP,)), []),
        ("holder", "officers", None, NAMED, [(FIRST, LEAD), (OTHER, SECOND)]),
        ("superior", "officers", None, NAMED, [(HEAD, TOP)]),
        ("each-unit", "officers", None, replace(BOTH, recused=frozenset({OTHER})), [(FIRST, LEAD)]),
    ],
    ids=[
        "holder",
        "lead",
        "each",
        "superior",
        "superior-unit",
        "role",
        "no-holder",
        "no-unit",
        "nobody-above",
        "several",
        "superior-of-several",
        "recused",
    ],
)
def test_whom_a_rule_writes_to(
    recipients: str, addressee: str, role: Role | None, concerned: Concerned, expected: list[tuple[UUID, UUID]]
) -> None:
    found = Directory(HOUSE, DAY).find(rule(Recipients(recipients), Addressee(addressee), role), concerned)
    assert sorted(found, key=str) == sorted((Recipient(*item) for item in expected), key=str)


def around(now: datetime = NOW) -> Surroundings:
    city = Jurisdictions.discover().get("ankang")
    return Surroundings(now, DAY, "安康市", working_calendar(NATIONAL), city.rulebook, HOUSE.on(DAY))


def note(due_on: date, due_at: datetime) -> DeadlineNote:
    return DeadlineNote(
        new_id(), "reply-online", "ankang:complaints-2018#6.1", "unit", LEAD, due_on, due_on, due_at, "open", False
    )


def matter(*, confidential: bool = False) -> Matter:
    kinds = [kind for id_ in ("ankang", "baoding") for kind in Jurisdictions.discover().get(id_).kinds.values()]
    kind = next(item for item in kinds if item.confidential is confidential)
    late = note(date(2026, 3, 5), datetime(2026, 3, 5, 16, 0, tzinfo=UTC))
    return Matter("TS2026-000001", kind, "ankang:complaints-2018#6.1", late, Unit.WORKING_DAY, Level.OVERDUE)


def test_a_message_tells_the_deadline_and_a_confidential_one_its_number_alone() -> None:
    told = values_of(matter(), LEAD, around())
    assert told.keys() == {field.name for field in MESSAGE_FIELDS}
    assert (told["number"], told["unit"], told["due_on"]) == ("TS2026-000001", "牵头局", "2026年3月5日")
    assert told["overdue"] == "2 个工作日"
    assert told["clause"].endswith("（ankang:complaints-2018#6.1）")
    assert (told["level"], told["step"]) == ("逾期", ABSENT)
    hidden = values_of(matter(confidential=True), LEAD, around())
    assert {name for name, value in hidden.items() if value != ABSENT} == OF_CONFIDENTIAL


def test_what_is_put_in_is_not_read_again() -> None:
    version = TemplateVersion(
        number=1, valid_from=DAY, title="提醒", body="${number}：${unit}$$", asked=(), retired=False, reason="r",
        author_id=new_id(), recorded_at=NOW,
    )  # fmt: skip
    words = compose(version, replace(matter(), number="${unit}"), LEAD, around())
    assert (words.subject, words.text) == ("提醒 ${unit}", "${unit}：牵头局$")


@pytest.mark.parametrize(
    ("unit_of_term", "now", "expected"),
    [
        (Unit.WORKING_DAY, datetime(2026, 3, 5, 15, 59, tzinfo=UTC), None),
        (Unit.WORKING_DAY, NOW, "2 个工作日"),
        (Unit.CALENDAR_DAY, NOW, "4 日（自然日）"),
        (Unit.MONTH, NOW, "4 日（自然日）"),
        (Unit.HOUR, datetime(2026, 3, 5, 18, 59, tzinfo=UTC), "2 小时"),
    ],
    ids=["in-time", "working-days", "calendar-days", "months", "hours"],
)
def test_how_late_it_is_is_told_in_the_unit_of_the_term(unit_of_term: Unit, now: datetime, expected: str | None) -> None:
    late = note(date(2026, 3, 5), datetime(2026, 3, 5, 16, 0, tzinfo=UTC))
    assert tell_overdue(late, unit_of_term, around(now)) == expected


PERIODS = (Period("09:00", "12:00"), Period("13:00", "17:00"))
HOURS = working_calendar(msgspec.structs.replace(NATIONAL, office_hours=PERIODS))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-09T08:59:00+08:00", "2026-03-09T09:00:00+08:00"),
        ("2026-03-09T09:00:00+08:00", None),
        ("2026-03-09T12:00:00+08:00", "2026-03-09T13:00:00+08:00"),
        ("2026-03-09T16:59:59+08:00", None),
        ("2026-03-09T17:00:00+08:00", "2026-03-10T09:00:00+08:00"),
        ("2026-03-06T20:00:00+08:00", "2026-03-09T09:00:00+08:00"),
        ("2026-09-30T20:00:00+08:00", "2026-10-08T09:00:00+08:00"),
    ],
)
def test_when_the_office_opens(now: str, expected: str | None) -> None:
    found = opens_at(datetime.fromisoformat(now), HOURS)
    assert found == (datetime.fromisoformat(expected) if expected else None)
    assert opens_at(datetime.fromisoformat(now), working_calendar(NATIONAL)) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zhang.wei@example.cn", "z***@example.cn"), ("13800001234", "138***34"), ("12345", "***45"), ("wecom-id", "w***")],
)
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert mask(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@b",
        "a@b.cn\r\nBcc: c@d.cn",
        "a b@c.cn",
        "a@-b.cn",
        "<a@b.cn>",
        "a@b.cn,c@d.cn",
        ".a@b.cn",
        "é@b.cn",
        "a@b..cn",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        read_email(address)
    with pytest.raises(Invalid):
        read_phone(f"{address}+")


def test_a_telephone_is_read_as_its_digits() -> None:
    assert (read_phone("138-0000 1234"), read_phone("+86 915 12345")) == ("13800001234", "+8691512345")


@pytest.mark.parametrize(
    ("tried", "before", "state", "again"),
    [
        (Tried(NOW, 5, sent=Sent("r")), 0, MessageState.SENT, None),
        (Tried(NOW, 5, failed=Failed("x", temporary=False)), 0, MessageState.FAILED, None),
        (Tried(NOW, 5, failed=Failed("x", temporary=True)), 0, MessageState.QUEUED, timedelta(minutes=1)),
        (Tried(NOW, 5, failed=Failed("x", temporary=True)), 1, MessageState.QUEUED, timedelta(minutes=5)),
        (Tried(NOW, 5, failed=Failed("x", temporary=True)), 30, MessageState.QUEUED, timedelta(hours=4)),
    ],
    ids=["sent", "refused", "first", "second", "late"],
)
def test_what_an_attempt_makes_of_a_message(tried: Tried, before: int, state: MessageState, again: timedelta | None) -> None:
    message = Message(id=new_id(), channel_id=new_id(), created_at=NOW, attempts=before)
    after, then = judge(message, tried)
    assert (after.state, after.attempts) == (state, before + 1)
    assert (then.at - NOW if then else None) == again


def test_it_is_given_up_after_a_day() -> None:
    message = Message(id=new_id(), channel_id=new_id(), created_at=NOW, attempts=9, tried_since=NOW - GIVEN_UP)
    after, then = judge(message, Tried(NOW, 5, failed=Failed("timeout", temporary=True)))
    assert (after.state, after.why, then) == (MessageState.FAILED, "timeout", None)
