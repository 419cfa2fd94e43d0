"""The twin's statements and rows. What the service works out stands here as constants of the same form and size."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from core.deadlines.explanation import TermSource, explain
from core.ids import new_id, new_receipt
from core.law.calendar import working_calendar
from core.law.calendar_version import NATIONAL
from core.law.instrument import Term, Unit
from core.search.grams import find_grams

CLIENT, PERSON = UUID(int=1), UUID(int=2)
SALT, DIGEST, HASH = os.urandom(16), os.urandom(32), os.urandom(32)
_CLAUSE, _VERSION, _ROLE = "baoding:tip-offs-2010#7.1", "2010", "intake-clerk"
_TERM = Term(unit=Unit.CALENDAR_DAY, length=7)
_SOURCE = TermSource("baoding:tip-offs-2010#7.5", _VERSION, 1)
_WHY = explain(_TERM, datetime(2026, 11, 2, 1, tzinfo=UTC), working_calendar(NATIONAL), _SOURCE)
_EXPLANATION = msgspec.to_builtins(_WHY)
_DUE_AT = _WHY.due_at.isoformat()

CASE_COLUMNS = (
    "id", "number", "kind", "state", "channel", "track", "title", "narrative", "received_at", "registered_at", "closed_at",
    "anonymous", "petitioner_id", "lead_unit_id", "parent_id", "due_at", "facts", "facts_version", "standing", "law_version",
    "version", "receipt_hash", "category", "division", "urgent", "intake", "clerk_id", "returns", "rendition",
    "rendition_state", "merged_into",
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
GRAMS = (
    "INSERT INTO case_gram (tenant, case_id, scope, gram) SELECT $1::integer, $2::uuid, $3::smallint, unnest($4::bigint[])"
)
ATTACH = (
    "UPDATE attachment SET case_id = $1, step_id = $2, part = 'original', attached_at = $3, expires_at = NULL,"
    " version = version + 1 WHERE tenant = $4 AND id = ANY($5::uuid[]) AND client_id = $6 AND person_id = $7"
    " AND case_id IS NULL AND expires_at > $3 RETURNING id"
)
OUTBOX = _insert("outbox", "tenant", "id", "type", "version", "subject", "refs", "recorded_at")
ANSWER = _insert(
    "idempotency", "tenant", "client_id", "route", "key", "body_hash", "status", "response", "headers", "created_at",
    "expires_at",
)  # fmt: skip


def case(data: dict[str, Any], number: str, petitioner_id: UUID | None, now: datetime) -> dict[str, Any]:
    """The columns of a new case, from the body as it came. A tip-off with a petitioner has a deadline."""
    place, due = data.get("place") or {}, has_deadline(data)
    facts = {name: data[name] for name in ("subject", "acts", "category") if name in data}
    values = (
        new_id(), number, data["kind"], "registered", data["channel"], None, data["title"], data["narrative"], now, now,
        None, petitioner_id is None, petitioner_id, None, None, _WHY.due_at if due else None, facts, 1,
        standing(now, due=due), _VERSION, 1, os.urandom(32), data.get("category"), place.get("division"), False,
        _intake(place), PERSON, 0, data["narrative"], "made", None,
    )  # fmt: skip
    return dict(zip(CASE_COLUMNS, values, strict=True))


def has_deadline(data: dict[str, Any]) -> bool:
    """Whether a deadline arises with the registration."""
    return data["kind"] == "tip-off" and "petitioner" in data


def _intake(place: dict[str, Any]) -> dict[str, Any]:
    return {"address": place.get("address"), "point": None, "reply_channel": None, "wishes_confidentiality": False}


def grams(data: dict[str, Any]) -> tuple[tuple[int, list[int]], ...]:
    """The numbers of the grams under each scope: ready, as if they had been worked out."""
    place = data.get("place") or {}
    return _grams_of(data["kind"], data["title"], data["narrative"], place.get("address") or data.get("subject") or "")


@cache
def _grams_of(kind: str, title: str, narrative: str, more: str) -> tuple[tuple[int, list[int]], ...]:
    open_ = find_grams("RX2026-000123") | (find_grams(title) if kind == "hotline-order" else frozenset())
    entrusted = (find_grams(title) | find_grams(narrative) | find_grams(more)) - open_
    return tuple((scope, [_number() for _ in found]) for scope, found in ((1, open_), (2, entrusted)))


def _number() -> int:
    return int.from_bytes(os.urandom(8)) >> 1


def standing(now: datetime, *, due: bool) -> dict[str, Any]:
    """Where a case stands by its registration."""
    at = now.isoformat()
    return {
        "starts_at": at,
        "last_occurred_at": at,
        "started_by": "receipt",
        "taken": ["register"],
        "units": [],
        "deadlines": [_note()] if due else [],
        "answer": None,
        "petitioners": 1,
        "merged": None,
        "pending": [],
        "rounds": 0,
        "asking": False,
        "heard": [],
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
        "window": False,
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


def audit(tenant: int, stream: str, seq: int, action: str, now: datetime) -> tuple[Any, ...]:
    """The audit row, its hashes ready."""
    return tenant, stream, seq, now, CLIENT, PERSON, _ROLE, action, stream, DIGEST, HASH, HASH


def content(case_: dict[str, Any]) -> str:
    """What the first audit row digests."""
    told = {"number": case_["number"], "step": "register", "clause": _CLAUSE, "from": None, "to": "registered"}
    words = {"channel": case_["channel"], "received_at": _DUE_AT, "words": HASH.hex(), "note": None, "occurred_at": _DUE_AT}
    place = {"category": case_["category"], "division": case_["division"]}
    return msgspec.json.encode(told | words | place | {"data": case_["facts"], "standing": case_["standing"]}).decode()


def attached_content(files: list[str], step_id: UUID) -> str:
    """What the audit row of attached files digests."""
    told = [{"id": id_, "media_type": "image/jpeg", "size": 182_044, "sha256": HASH.hex()} for id_ in files]
    return msgspec.json.encode({"attachments": told, "part": "original", "step_id": str(step_id)}).decode()


def event(tenant: int, case_: dict[str, Any], step_id: UUID, type_: str, now: datetime) -> tuple[Any, ...]:
    """The outbox row."""
    refs = {"case_id": str(case_["id"]), "step_id": str(step_id), "step": "register", "version": 1}
    return tenant, new_id(), type_, 1, f"case:{case_['id']}", refs, now


def kept(tenant: int, key: str, response: bytes, now: datetime) -> tuple[Any, ...]:
    """The answer kept under the idempotency key, open."""
    headers = {"content-type": "application/json", "etag": '"1"', "cache-control": "no-store"}
    return tenant, CLIENT, "registerCase", key, DIGEST, 201, response, headers, now, now + timedelta(hours=24)


def answer(case_: dict[str, Any]) -> dict[str, Any]:
    """What the client is told: the case with a receipt."""
    hidden = {"receipt_hash", "petitioner_id", "lead_unit_id", "parent_id", "standing", "clerk_id"}
    told = {name: value for name, value in case_.items() if name not in hidden}
    held = {"units": [], "deadlines": case_["standing"]["deadlines"], "next_steps": ["accept", "refuse", "withdraw"]}
    return told | held | {"overdue": False, "receipt": new_receipt()}
