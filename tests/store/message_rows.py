"""Rows of the tables of messages, small and valid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from core.ids import new_id
from core.store import tables


def message_rows(
    case: UUID, person: UUID, unit: UUID, template: UUID, then: datetime
) -> list[tuple[Table, Mapping[str, Any]]]:
    """A channel, a contact, a rule, and a message that was tried once."""
    channel, rule, message = new_id(), new_id(), new_id()
    day: date = then.date()
    return [
        (tables.message_channel, {
            "id": channel, "key": "mail", "kind": "smtp", "title": "t", "settings": {"host": "mail.example.cn"},
            "secrets_sealed": b"s", "report_hash": b"h", "created_at": then, "disabled_at": None, "version": 1,
        }),
        (tables.message_contact, {
            "id": new_id(), "person_id": person, "unit_id": None, "kind": "email", "address_sealed": b"a",
            "valid_from": day, "valid_to": None, "recorded_at": then, "recorded_by": person,
        }),
        (tables.message_rule, {
            "id": rule, "valid_from": day, "valid_to": None, "occasion": "rung", "key": "breach", "case_kind": None,
            "recipients": "holder", "role": None, "addressee": "officers", "channel_id": channel, "template_id": template,
            "office_hours": False, "basis": "b", "recorded_at": then, "recorded_by": None,
        }),
        (tables.message, {
            "id": message, "case_id": case, "deadline_id": None, "notice_id": None, "step_id": None, "case_version": 1,
            "rule_id": rule, "channel_id": channel, "person_id": person, "unit_id": unit, "sealed": b"s",
            "office_hours": False, "created_at": then, "state": "queued", "why": None, "attempts": 1, "tried_since": then,
            "reference": "r", "sent_at": None, "arrived_at": None,
        }),
        (tables.message_attempt, {
            "id": new_id(), "message_id": message, "seq": 1, "at": then, "milliseconds": 5, "outcome": "failed",
            "reason": "timeout", "reference": None,
        }),
    ]  # fmt: skip
