"""The twin's statements and rows. What the service works out stands here as constants of the same form and size."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.deadlines.explanation import TermSource, explain
from core.ids import new_id, new_receipt
from core.law.calendar import working_calendar
from core.law.calendar_version import NATIONAL
from core.law.instrument import Term, Unit

CLIENT, PERSON = new_id(), new_id()
SALT, DIGEST, HASH = os.urandom(16), os.urandom(32), os.urandom(32)
_CLAUSE, _VERSION, _ROLE = "baoding:tip-offs-2010#7.1", "2010", "intake-clerk"
_TERM = Term(unit=Unit.CALENDAR_DAY, length=7)
_SOURCE = TermSource("baoding:tip-offs-2010#7.5", _VERSION, 1)
_WHY = explain(_TERM, datetime(2026, 11, 2, 1, tzinfo=UTC), working_calendar(NATIONAL), _SOURCE)
_EXPLANATION = msgspec.to_builtins(_WHY)
_DUE_AT = _WHY.due_at.isoformat()

CASE_COLUMNS = (
    "id", "number", "kind", "state", "channel", "track", "title", "narrative", "received_at", "registered_at", "closed_at",
    "anonymous", "petitioner_id", "lead_unit_id", "due_at", "facts", "facts_version", "standing", "law_version", "version",
    "receipt_hash",
)  # fmt: skip


def _insert(table: str, *columns: str) -> str:
    values = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"


FIND_ANSWER = (
    "SELECT body_hash, status, response, headers FROM idempotency"
    " WHERE tenant = $1 AND client_id = $2 AND route = $3 AND key = $4"
)
NEXT_NUMBER = (
    "INSERT INTO case_number (tenant, kind, year, last) VALUES ($1, $2, $3, 1)"
    " ON CONFLICT (tenant, kind, year) DO UPDATE SET last = case_number.last + 1 RETURNING last"
)
PETITIONER = _insert(
    "petitioner", "tenant", "id", "alg", "kid", "wrapped_key", "identity", "phone_hash", "id_hash", "created_at"
)
CASE = _insert("cases", "tenant", *CASE_COLUMNS)
STEP = _insert(
    "case_step", "tenant", "id", "case_id", "seq", "step", "verb", "to_state", "occurred_at", "recorded_at", "client_id",
    "person_id", "role", "clause", "law_version", "data",
)  # fmt: skip
DEADLINE = _insert(
    "deadline", "tenant", "id", "case_id", "key", "holder_unit_id", "holder", "clause", "law_version", "encoding_revision",
    "step_id", "starts_at", "original_due_on", "original_due_at", "due_on", "due_at", "state", "provisional",
    "calendar_version", "explanation",
)  # fmt: skip
AUDIT = _insert(
    "audit", "tenant", "stream", "seq", "at", "client_id", "person_id", "role", "action", "subject", "digest", "previous",
    "hash",
)  # fmt: skip
CONTENT = _insert("audit_content", "tenant", "stream", "seq", "salt", "content")
OUTBOX = _insert("outbox", "tenant", "id", "type", "version", "subject", "refs", "recorded_at")
ANSWER = _insert(
    "idempotency", "tenant", "client_id", "route", "key", "body_hash", "status", "response", "headers", "created_at",
    "expires_at",
)  # fmt: skip


def case(data: dict[str, Any], number: str, petitioner_id: UUID | None, now: datetime) -> dict[str, Any]:
    """The columns of a new case, from the body as it came."""
    named = petitioner_id is not None
    values = (
        new_id(), number, data["kind"], "registered", data["channel"], None, data["title"], data["narrative"], now, now,
        None, not named, petitioner_id, None, _WHY.due_at if named else None,
        {"subject": data["subject"], "acts": data["acts"]}, 1, standing(now, named=named), _VERSION, 1, os.urandom(32),
    )  # fmt: skip
    return dict(zip(CASE_COLUMNS, values, strict=True))


def standing(now: datetime, *, named: bool) -> dict[str, Any]:
    """Where a case stands by its registration."""
    at = now.isoformat()
    return {
        "starts_at": at,
        "last_occurred_at": at,
        "started_by": "receipt",
        "taken": ["register"],
        "units": [],
        "deadlines": [_note()] if named else [],
        "answer": None,
    }


def _note() -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "key": "status-report",
        "clause": _WHY.clause,
        "holder": "office:reporting-centre",
        "holder_unit_id": str(CLIENT),
        "original_due_on": str(_WHY.due_on),
        "due_on": str(_WHY.due_on),
        "due_at": _DUE_AT,
        "state": "open",
        "provisional": False,
        "ended_at": None,
    }


def petitioner(tenant: int, id_: UUID, now: datetime) -> tuple[Any, ...]:
    """A petitioner, 'sealed' already."""
    return tenant, id_, "A256GCM", "t-0123456789ab", os.urandom(60), os.urandom(90), os.urandom(32), None, now


def step(tenant: int, case_: dict[str, Any], id_: UUID, now: datetime) -> tuple[Any, ...]:
    """The registration as the case's first step."""
    place = (tenant, id_, case_["id"], 1, "register", "register", "registered", now, now, CLIENT, PERSON, _ROLE)
    return (*place, _CLAUSE, _VERSION, case_["facts"])


def deadline(tenant: int, case_: dict[str, Any], step_id: UUID, now: datetime) -> tuple[Any, ...]:
    """The deadline with its explanation."""
    note = case_["standing"]["deadlines"][0]
    place = (tenant, UUID(note["id"]), case_["id"], note["key"], CLIENT, note["holder"], note["clause"], _VERSION, 1)
    return (*place, step_id, now, _WHY.due_on, _WHY.due_at, _WHY.due_on, _WHY.due_at, "open", False, 1, _EXPLANATION)


def audit(tenant: int, stream: str, now: datetime) -> tuple[Any, ...]:
    """The audit row, its hashes ready."""
    return tenant, stream, 1, now, CLIENT, PERSON, _ROLE, "case.register", stream, DIGEST, HASH, HASH


def content(case_: dict[str, Any]) -> str:
    """What the audit row digests."""
    told = {"number": case_["number"], "step": "register", "clause": _CLAUSE, "from": None, "to": "registered"}
    return msgspec.json.encode(told | {"data": case_["facts"], "standing": case_["standing"]}).decode()


def event(tenant: int, case_: dict[str, Any], step_id: UUID, now: datetime) -> tuple[Any, ...]:
    """The outbox row."""
    refs = {"case_id": str(case_["id"]), "step_id": str(step_id), "step": "register", "version": 1}
    return tenant, new_id(), "case.register", 1, f"case:{case_['id']}", refs, now


def kept(tenant: int, key: str, response: bytes, now: datetime) -> tuple[Any, ...]:
    """The answer kept under the idempotency key, open."""
    headers = {"content-type": "application/json", "etag": '"1"', "cache-control": "no-store"}
    return tenant, CLIENT, "registerCase", key, DIGEST, 201, response, headers, now, now + timedelta(hours=24)


def answer(case_: dict[str, Any]) -> dict[str, Any]:
    """What the client is told: the case with a receipt."""
    hidden = {"receipt_hash", "petitioner_id", "lead_unit_id", "standing"}
    told = {name: value for name, value in case_.items() if name not in hidden}
    held = {"units": [], "deadlines": case_["standing"]["deadlines"], "next_steps": ["accept", "refuse", "withdraw"]}
    return told | held | {"overdue": False, "receipt": new_receipt()}
