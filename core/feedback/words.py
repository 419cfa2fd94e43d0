"""What a petitioner said in their own words, opened for a purpose, each time on record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select

from core.cases.narratives import NarrativePurpose, NarrativeReading, check_reader, write_reading
from core.errors import NotFound, Refused
from core.feedback.forms import FEEDBACK
from core.feedback.rows import sealed_for
from core.ids import new_id
from core.store.tables import TENANT, feedback
from core.tenants.names import normalise

if TYPE_CHECKING:
    from core.cases.service import Desk

_WORDS = select(feedback.c.words).where(
    feedback.c.tenant == TENANT, feedback.c.id == bindparam("of_id"), feedback.c.case_id == bindparam("of_case")
)


async def read_words(
    desk: Desk, case_id: UUID, answer_id: UUID, purpose: NarrativePurpose, note: str
) -> tuple[NarrativeReading, str]:
    """The words of an answer, to who may read those of the case; recorded in the same transaction.

    Raises :class:`NotFound` for a case or an answer that is not there, :class:`core.errors.Forbidden`, and
    :class:`Refused` for an answer without words.
    """
    _, role = await check_reader(desk, case_id)
    words = await open_words(desk, case_id, answer_id)
    person = desk.principal
    made = NarrativeReading(
        new_id(), case_id, purpose, normalise(note), role.value, person.person_id, person.client_id, desk.recorded_at
    )
    write_reading(desk.session, made, feedback_id=str(answer_id))
    return made, words


async def open_words(desk: Desk, case_id: UUID, answer_id: UUID) -> str:
    """The words as they were said; raises :class:`NotFound` and :class:`Refused`."""
    row = await desk.session.one(_WORDS, {"of_id": answer_id, "of_case": case_id})
    if row is None:
        raise NotFound("feedback.unknown")
    if row["words"] is None:
        raise Refused("feedback.no-words", clause=FEEDBACK)
    return (await desk.session.keys()).open(bytes(row["words"]), sealed_for(answer_id)).decode()
