"""One case, one file (一案一卷): the index of all that an accountability case has, closed with it by a digest.

What was returned, changed or revoked stays in it, because steps are never edited; what comes after the closing stands behind
it. Anybody with the same rows can count the digest again.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select

from core.cases.case import Case
from core.cases.conditions import as_text
from core.cases.history import StepRecord, list_steps
from core.cases.order import Order
from core.procedure import CaseKind, Verb
from core.sanctions.matter import Moment
from core.store.tables import TENANT, attachment

if TYPE_CHECKING:
    from core.cases.service import Desk

FILE = "file"
"""What the closing step says of the file: how many entries it has, and their digest."""
HELD = "legal_hold"
_FILES = (
    select(attachment.c.id, attachment.c.name, attachment.c.sha256, attachment.c.step_id, attachment.c.attached_at)
    .where(attachment.c.tenant == TENANT, attachment.c.case_id == bindparam("of_case"))
    .order_by(attachment.c.attached_at, attachment.c.id)
)


class FileEntry(Struct, frozen=True):
    """One entry of the index: a step or a file, with the digest of what it is."""

    number: int
    kind: str
    """``step`` or ``attachment``."""
    id: UUID
    name: str
    at: Moment
    clause: str | None
    digest: str


class FileClosing(Struct, frozen=True):
    """How the file was closed, and whether what stands in it is still what stood in it then."""

    entries: int
    digest: str
    intact: bool


class CaseFile(Struct, frozen=True):
    """The index of a case's file. ``retention`` is the tenant's class for the kind, ``null`` where none is set."""

    number: str
    entries: tuple[FileEntry, ...]
    digest: str
    closing: FileClosing | None
    retention: str | None
    legal_hold: bool


async def read_file(desk: Desk, case: Case, kind: CaseKind) -> CaseFile:
    """The file as it stands."""
    steps = await list_steps(desk.session, case.id)
    entries = await _entries(desk, case, steps)
    closing = next((item for item in reversed(steps) if item.verb == Verb.CLOSE and FILE in item.data), None)
    retention = desk.snapshot.settings.on(kind.retention, desk.snapshot.local_day(desk.now)) if kind.retention else None
    return CaseFile(
        number=case.number,
        entries=entries,
        digest=_digest(entries),
        closing=_closing(closing, entries) if closing else None,
        retention=str(retention.value) if retention else None,
        legal_hold=as_text(case.facts.get(HELD)) == "true",
    )


async def close_file(desk: Desk, case: Case, order: Order, kind: CaseKind) -> Order:
    """The closing step with the count and the digest of all that is in the file before it."""
    if order.step.verb is not Verb.CLOSE or kind.regime is None:
        return order
    entries = await _entries(desk, case, await list_steps(desk.session, case.id))
    return replace(order, data=order.data | {FILE: {"entries": len(entries), "digest": _digest(entries)}})


def _closing(step: StepRecord, entries: tuple[FileEntry, ...]) -> FileClosing:
    told = step.data[FILE]
    closed = entries[: told["entries"]]
    return FileClosing(told["entries"], told["digest"], _digest(closed) == told["digest"])


async def _entries(desk: Desk, case: Case, steps: tuple[StepRecord, ...]) -> tuple[FileEntry, ...]:
    """Steps and files in the order in which they came into the file."""
    files = await desk.session.all(_FILES, {"of_case": case.id})
    found = [(item.recorded_at, 0, _of_step(item)) for item in steps]
    found += [(row["attached_at"], 1, _of_file(row)) for row in files]
    listed = sorted(found, key=lambda item: (*item[:2], str(item[2]["id"])))
    return tuple(FileEntry(number, **told) for number, (_, _, told) in enumerate(listed, 1))


def _of_step(item: StepRecord) -> dict[str, Any]:
    said = {"step": item.step, "occurred_at": item.occurred_at, "clause": item.clause, "data": item.data, "seq": item.seq}
    text = msgspec.json.encode(msgspec.to_builtins(said), order="sorted")
    return {
        "kind": "step", "id": item.id, "name": item.step, "at": item.occurred_at, "clause": item.clause,
        "digest": sha256(text).hexdigest(),
    }  # fmt: skip


def _of_file(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "attachment", "id": row["id"], "name": row["name"], "at": row["attached_at"], "clause": None,
        "digest": bytes(row["sha256"]).hex(),
    }  # fmt: skip


def _digest(entries: tuple[FileEntry, ...]) -> str:
    return sha256("\n".join(f"{item.number} {item.kind} {item.id} {item.digest}" for item in entries).encode()).hexdigest()
