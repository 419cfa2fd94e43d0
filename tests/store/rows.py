"""Rows of every table, small and valid, for tests that need something to be there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from core.ids import new_id
from core.store import tables
from core.store.change import Change
from core.store.database import Database
from core.store.prepared import Params, Row
from core.store.session import TenantSession
from tests.store.account_rows import account_rows
from tests.store.message_rows import message_rows

THEN = datetime(2026, 3, 2, 1, 30, 15, 123456, tzinfo=UTC)
DAY = date(2026, 3, 2)


def case_row(number: str, **changes: Any) -> dict[str, Any]:
    """A registered case."""
    row = {
        "id": new_id(), "number": number, "kind": "complaint", "state": "registered", "channel": "letter", "track": None,
        "title": "t", "narrative": "n", "received_at": THEN, "registered_at": THEN, "closed_at": None, "anonymous": True,
        "petitioner_id": None, "lead_unit_id": None, "parent_id": None, "due_at": THEN, "facts": {"items": [1, "二"]},
        "facts_version": 1, "standing": {}, "law_version": "2018", "version": 1, "receipt_hash": new_id().bytes,
        "category": None, "division": None, "urgent": False, "intake": {}, "clerk_id": None, "returns": 0, "rendition": None,
        "rendition_state": None, "merged_into": None, "satisfied": None, "asking": False,
    }  # fmt: skip
    return row | changes


def step_row(case_id: UUID, seq: int = 1) -> dict[str, Any]:
    """A case's first step."""
    return {
        "id": new_id(), "case_id": case_id, "seq": seq, "step": "register", "verb": "register", "from_state": None,
        "to_state": "registered", "occurred_at": THEN, "recorded_at": THEN, "client_id": None, "person_id": None,
        "unit_id": None, "role": "intake-clerk", "clause": None, "law_version": None, "data": {},
    }  # fmt: skip


def deadline_row(case_id: UUID, step_id: UUID) -> dict[str, Any]:
    """An open deadline."""
    return {
        "id": new_id(), "case_id": case_id, "key": "reply", "holder_unit_id": None, "holder": "intake", "clause": "a#1",
        "law_version": "2018", "encoding_revision": 1, "step_id": step_id, "starts_at": THEN,
        "original_due_on": DAY,
        "original_due_at": THEN, "due_on": DAY, "due_at": THEN, "state": "open", "ended_at": None, "ended_by_step": None,
        "provisional": False, "calendar_version": 1, "explanation": {"days": []},
        "justified_at": None, "justified_step": None,
    }  # fmt: skip


def change(stream: str = "tenant:configuration", **changes: Any) -> Change:
    """A change of the configuration."""
    given: dict[str, Any] = {
        "action": "setting.add", "stream": stream, "subject": "setting:x", "content": {"key": "x", "value": "值"},
        "event_type": "setting.added", "refs": {"key": "x"},
    }  # fmt: skip
    return Change(**(given | changes))


async def add_case(session: TenantSession, number: str, **changes: Any) -> UUID:
    """Adds a case with its step, deadline, audit and outbox rows."""
    row = case_row(number, **changes)
    step = step_row(row["id"])
    session.add(tables.cases, row)
    session.add(tables.case_step, step)
    session.add(tables.deadline, deadline_row(row["id"], step["id"]))
    session.record(change(f"case:{row['id']}", new_stream=True))
    case_id: UUID = row["id"]
    return case_id


def every_table() -> list[tuple[Table, Mapping[str, Any]]]:
    """One row of every tenant table that a new tenant does not have yet, in an order that their foreign keys allow."""
    person, unit, case, petitioner, client, template = (new_id() for _ in range(6))
    step = step_row(case)
    deadline = deadline_row(case, step["id"])
    return [
        *_organisation(person, unit, client),
        (tables.petitioner, {
            "id": petitioner, "alg": "A256GCM", "kid": "k", "wrapped_key": b"w", "identity": b"i", "phone_hash": b"p",
            "id_hash": b"h", "created_at": THEN, "erased_at": None,
        }),
        (tables.identity_reading, {
            "id": new_id(), "petitioner_id": petitioner, "case_id": case, "purpose": "reply", "note": "n",
            "person_id": person, "client_id": client, "at": THEN,
        }),
        (tables.cases, case_row("TS2026-000001", id=case, petitioner_id=petitioner, lead_unit_id=unit)),
        (tables.case_petitioner, {
            "id": new_id(), "case_id": case, "petitioner_id": petitioner, "seq": 2, "receipt_hash": b"r", "since": THEN,
        }),
        (tables.narrative_reading, {
            "id": new_id(), "case_id": case, "purpose": "handle", "note": "n", "role": "dispatcher", "person_id": person,
            "client_id": client, "at": THEN,
        }),
        (tables.case_unit, {
            "id": new_id(), "case_id": case, "unit_id": unit, "part": "lead", "since": THEN, "until": None,
            "officer_id": person, "signed_at": THEN, "corrected_at": None,
        }),
        (tables.case_gram, {"gram": 2**63 - 1, "case_id": case, "scope": 1}),
        (tables.case_step, step),
        (tables.case_request, {
            "id": new_id(), "case_id": case, "topic": "hotline-order/return", "kind": "return", "step": "return",
            "state": "pending", "person_id": person, "unit_id": unit, "asked_at": THEN, "reason": "r", "data": {},
            "decider_unit_id": None, "decided_by": None, "decided_at": None, "decision_reason": None, "decision_step": None,
        }),
        (tables.recusal, {
            "id": new_id(), "case_id": case, "person_id": person, "ground": "interest", "reason": "r", "declared_by": person,
            "declared_at": THEN, "recorded_at": THEN, "withdrawn_by": None, "withdrawn_at": None, "withdrawal_reason": None,
        }),
        (tables.case_number, {"kind": "complaint", "year": 2026, "last": 1}),
        (tables.deadline, deadline),
        (tables.deadline_entry, {
            "id": new_id(), "deadline_id": deadline["id"], "seq": 1, "kind": "pause", "at": THEN, "due_on": None,
            "due_at": None, "reason": "r", "basis": "b", "allowed_by": person, "step_id": step["id"], "explanation": None,
        }),
        (tables.deadline_notice, {
            "id": new_id(), "case_id": case, "deadline_id": deadline["id"], "rung": "breach", "level": "overdue",
            "clause": "a#1", "basis": "", "distance": None, "due_on": DAY, "due_at": THEN, "reached_at": THEN,
            "recorded_at": THEN,
        }),
        (tables.supervision_item, {
            "id": new_id(), "case_id": case, "rule": "overdue", "clause": "a#1", "law_version": "2018", "cause": "deadline",
            "deadline_id": deadline["id"], "unit_id": unit, "facts": {"overdue_days": 1}, "found_at": THEN,
            "recorded_at": THEN, "state": "departed", "ending": "departed", "ended_at": THEN, "step_id": None, "reason": "r",
            "person_id": person, "version": 2,
        }),
        *_accountability(case, step["id"], unit, person),
        (tables.calendar_feed, {
            "id": new_id(), "unit_id": unit, "person_id": person, "secret_hash": b"s", "created_at": THEN,
            "revoked_by": None, "revoked_at": None,
        }),
        *_feedback(case, step["id"], unit, person),
        *_routing(unit, case, step["id"]),
        *_knowledge(unit, case, person, client),
        *_templates(person, client, template),
        *message_rows(case, person, unit, template, THEN),
        *_attachments(case, step["id"], person, client),
        *_platforms(case, person, client),
        *_months(case, step["id"], person),
        *account_rows(person, client, THEN),
        *_webhooks(person),
        *_records(client),
    ]  # fmt: skip


def _feedback(case: UUID, step: UUID, unit: UUID, person: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.feedback, {
            "id": step, "case_id": case, "round": 1, "petitioner_number": 2, "merged_case_id": None, "lead_unit_id": unit,
            "way": "call-back", "reached": "reached", "satisfied": False, "dissatisfaction": "late", "words": b"w",
            "person_id": person, "occurred_at": THEN, "recorded_at": THEN,
        }),
    ]  # fmt: skip


def _accountability(case: UUID, step: UUID, unit: UUID, person: UUID) -> list[tuple[Table, dict[str, Any]]]:
    """A decision about a person, what it rests on, what it brings for a time, and a copy that nobody has sent."""
    decision, whom = new_id(), {"subject_kind": "person", "unit_id": unit, "person_id": person}
    return [
        (tables.accountability_decision, {
            "id": decision, "case_id": case, "step_id": step, "regime": "r", "subject": "s", "sanctioned": True,
            "effective_on": DAY, "decided_at": THEN, "state": "stands", **whom,
        }),
        (tables.accountability_source, {"id": new_id(), "decision_id": decision, "act": "a", "source_id": case}),
        (tables.accountability_effect, {
            "id": new_id(), "case_id": case, "decision_id": decision, "number": 1, "clause": "a#1", "from_on": DAY,
            "until_on": None, "lifted_on": None, **whom,
        }),
        (tables.accountability_copy, {
            "id": new_id(), "case_id": case, "ref": "c", "clause": "a#1", "receiver": "r", "step": "decide",
            "arose_at": THEN, "sent_on": None, "received_on": None, "reference": None,
        }),
    ]  # fmt: skip


def _routing(unit: UUID, case: UUID, step: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    rule = new_id()
    return [
        (tables.category, {"code": "roads"}),
        (tables.category_version, {
            "id": new_id(), "code": "roads", "valid_from": DAY, "title_zh": "道路", "title_en": None, "parent": None,
            "closed": False, "merged_into": None, "kinds": [], "default_unit_id": unit, "urgent": False, "limits": {},
            "basis": "b", "recorded_at": THEN,
        }),
        (tables.routing_rule, {
            "id": rule, "valid_from": DAY, "valid_to": None, "priority": 0, "category": "roads", "division": None,
            "kind": None, "channel": None, "urgent": None, "target": "unit", "unit_id": unit, "cooperating": [],
            "basis": "b", "recorded_at": THEN, "recorded_by": None,
        }),
        (tables.routing_outcome, {
            "id": new_id(), "case_id": case, "step_id": step, "rule_id": rule, "proposed_unit_id": unit,
            "lead_unit_id": unit, "returns_before": 0, "occurred_at": THEN,
        }),
    ]  # fmt: skip


def _knowledge(unit: UUID, case: UUID, person: UUID, client: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    article, dates = new_id(), {"valid_from": DAY, "valid_to": None, "review_due_on": DAY}
    by = {"person_id": person, "client_id": client, "occurred_at": THEN, "recorded_at": THEN}
    return [
        (tables.knowledge_article, {
            "id": article, "unit_id": unit, "state": "published", "version": 2, "head": 1, "shown": 1, "created_at": THEN,
            **dates,
        }),
        (tables.knowledge_version, {
            "id": new_id(), "article_id": article, "number": 1, "question": "q", "answer": "a", "phrasings": ["p"],
            "categories": ["c"], "author_id": person, "recorded_at": THEN, **dates,
        }),
        (tables.knowledge_act, {
            "id": new_id(), "article_id": article, "seq": 1, "act": "drafted", "number": 1, "note": None,
            "review_due_on": DAY, **by,
        }),
        (tables.knowledge_category, {"code": "c", "article_id": article}),
        (tables.knowledge_gram, {"gram": 2**63 - 1, "article_id": article, "weight": 3}),
        (tables.knowledge_use, {
            "id": new_id(), "article_id": article, "number": 1, "case_id": case, "helped": True, **by,
        }),
        (tables.knowledge_tally, {"article_id": article, "day": DAY, "shard": 0, "uses": 1, "helped": 1}),
    ]  # fmt: skip


def _templates(person: UUID, client: UUID, template: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.template, {
            "id": template, "key": "reply", "purpose": "reply", "case_kind": None, "version": 1, "created_at": THEN,
        }),
        (tables.template_version, {
            "id": new_id(), "template_id": template, "number": 1, "valid_from": DAY, "title": "t", "body": "${number}",
            "asked": [], "retired": False, "reason": "r", "author_id": person, "client_id": client, "recorded_at": THEN,
        }),
    ]  # fmt: skip


def _attachments(case: UUID, step: UUID, person: UUID, client: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.attachment, {
            "id": new_id(), "client_id": client, "person_id": person, "name": "照片.jpg", "media_type": "image/jpeg",
            "size": 3, "sha256": b"h", "scan": "unscanned", "alg": "A256GCM", "kid": "k", "wrapped_key": b"w",
            "uploaded_at": THEN, "expires_at": None, "case_id": case, "step_id": step, "part": "original",
            "attached_at": THEN, "version": 2,
        }),
    ]  # fmt: skip


def _organisation(person: UUID, unit: UUID, client: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.signing_key, {
            "kid": "s", "alg": "ES256", "public_jwk": {"kty": "EC"}, "private_sealed": b"p", "state": "active",
            "created_at": THEN, "retires_at": None,
        }),
        (tables.person, {"id": person, "kind": "service", "name": "窗口", "created_at": THEN}),
        (tables.client, {
            "id": client, "client_id": "desk", "name": "d", "secret_hash": b"s", "scopes": ["cases:read"],
            "person_id": person, "auth_method": "client_secret_basic", "grant_types": ["client_credentials"],
            "redirect_uris": [], "post_logout_redirect_uris": [], "origins": [], "keys": [], "trusted": True, "uri": None,
            "registration_hash": None, "registered_with": None, "held_by": None,
            "version": 1, "created_at": THEN, "disabled_at": None,
        }),
        (tables.revoked_token, {"jti": "j", "expires_at": THEN}),
        (tables.unit, {"id": unit, "code": "centre"}),
        (tables.unit_version, {
            "id": new_id(), "unit_id": unit, "valid_from": DAY, "name": "中心", "parent_id": None, "superior_id": None,
            "ranking_group": None, "member": True, "offices": ["supervision-office"], "dissolved": False,
            "merged_into": None, "basis": "b", "recorded_at": THEN,
        }),
        (tables.post, {
            "id": new_id(), "person_id": person, "unit_id": unit, "title": "t", "valid_from": DAY, "valid_to": None,
        }),
        (tables.role_grant, {
            "id": new_id(), "person_id": person, "role": "intake-clerk", "unit_id": unit, "valid_from": DAY,
            "valid_to": None,
        }),
        (tables.setting, {
            "id": new_id(), "key": "x", "effective_from": DAY, "value": {"length": 3}, "basis": "b", "reason": "r",
            "recorded_at": THEN, "recorded_by": person,
        }),
        (tables.calendar_version, {
            "number": 2, "known_from": THEN, "content": {"number": 2}, "recorded_at": THEN, "recorded_by": None,
        }),
    ]  # fmt: skip


def _platforms(case: UUID, person: UUID, client: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.platform, {
            "client_id": client, "token_exchange": True, "operator_claims": False, "keys": [{"kid": "k"}],
            "waiting": {"k": str(person)}, "version": 1,
        }),
        (tables.client_operator, {
            "id": new_id(), "client_id": client, "external_id": "op-1", "person_id": person, "valid_from": DAY,
            "valid_to": None, "revoked_at": None, "version": 1, "named_by": person, "confirmed_by": person,
            "confirmed_at": THEN,
        }),
        (tables.spent_assertion, {"client_id": client, "jti": "j", "expires_at": THEN}),
        (tables.external_case, {
            "client_id": client, "external_id": "HX-1", "case_id": case, "prints": {"title": "00"},
        }),
        (tables.case_supplement, {
            "id": new_id(), "case_id": case, "seq": 2, "title": None, "narrative": "n", "note": None, "occurred_at": THEN,
            "recorded_at": THEN, "client_id": client, "person_id": person, "role": "intake-clerk", "clause": "h#1",
        }),
    ]  # fmt: skip


def _months(case: UUID, step: UUID, person: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    month = DAY.replace(day=1)
    return [
        (tables.closed_month, {
            "month": month, "closed_at": THEN, "basis": "b", "recorded_at": THEN, "recorded_by": person,
        }),
        (tables.month_adjustment, {
            "id": new_id(), "month": month, "case_id": case, "step_id": step, "cause": "correction", "measure": "overdue",
            "unit_id": None, "category": None, "track": None, "change": -1, "reason": "r", "recorded_at": THEN,
            "recorded_by": person,
        }),
    ]  # fmt: skip


def _webhooks(person: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    webhook, delivery = new_id(), new_id()
    return [
        (tables.webhook, {
            "id": webhook, "url": "https://x.example.cn/", "types": ["*"], "description": "d", "secret_sealed": b"s",
            "former_sealed": None, "former_until": None, "failing_since": None, "disabled_at": None, "disabled_for": None,
            "created_at": THEN, "created_by": person, "deleted_at": None, "version": 1,
        }),
        (tables.webhook_delivery, {
            "id": delivery, "webhook_id": webhook, "event_id": new_id(), "type": "t", "cause": "event", "state": "pending",
            "attempts": 1, "created_at": THEN, "next_at": THEN, "ended_at": None,
        }),
        (tables.webhook_attempt, {
            "delivery_id": delivery, "number": 1, "at": THEN, "status": 500, "milliseconds": 3, "fault": "status",
        }),
    ]  # fmt: skip


def _records(client: UUID) -> list[tuple[Table, Mapping[str, Any]]]:
    return [
        (tables.idempotency, {
            "client_id": client, "route": "r", "key": "k", "body_hash": b"h", "status": 201, "response": b"r",
            "headers": {"etag": '"1"'}, "created_at": THEN, "expires_at": THEN,
        }),
        (tables.audit, {
            "stream": "s", "seq": 1, "at": THEN, "client_id": client, "person_id": None, "unit_id": None, "role": None,
            "action": "a", "subject": "s", "digest": b"d", "previous": b"p", "hash": b"h",
        }),
        (tables.audit_content, {"stream": "s", "seq": 1, "salt": b"s", "content": "{}"}),
        (tables.outbox, {
            "id": new_id(), "type": "t", "version": 1, "subject": "s", "refs": {}, "case_id": None, "change_id": new_id(),
            "complete": True, "recorded_at": THEN, "position": None,
        }),
        (tables.event_sequence, {"last": 3}),
        (tables.recount, {
            "id": new_id(), "cause": "calendar", "calendar_version": 2, "source": "s", "total": 3, "examined": 2,
            "moved": 1, "reached_due_at": THEN, "reached_id": new_id(), "begun_at": THEN, "ended_at": None,
        }),
        (tables.timer, {
            "kind": "deadline", "subject_id": new_id(), "at": THEN, "legal": True, "run_at": THEN, "fence": 0, "attempts": 0,
        }),
    ]  # fmt: skip


async def read(database: Database, tenant: int, statement: Any, params: Params | None = None) -> tuple[int, list[Row]]:
    """One read in a session of its own: the tenant's revision, and the rows."""
    async with database.reading(tenant) as session:
        rows = await session.all(statement, params or {})
        return session.revision, rows
