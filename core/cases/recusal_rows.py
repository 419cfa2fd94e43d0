"""Whether a person is recused from a matter: the statements that tell it, and the conditions by which lists leave it out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, select

from core.cases.case import Case
from core.cases.members import family_of
from core.store.session import TenantSession
from core.store.tables import TENANT, cases, recusal

_ME = (bindparam("me", type_=recusal.c.person_id.type), bindparam("my_hand", type_=recusal.c.person_id.type))
_MINE = select(recusal.c.case_id).where(
    recusal.c.tenant == TENANT, recusal.c.person_id.in_(_ME), recusal.c.withdrawn_at.is_(None)
)
CONCERNED = exists(_MINE).label("recused")
"""Whether :class:`Me` is recused from anything at all, which hardly anybody is; read along with a case, so that it
costs no statement of its own."""
_FAMILY = family_of(cases.c.id == bindparam("of_case"))
_FROM_MATTER = select(exists(_MINE.where(recusal.c.case_id.in_(select(_FAMILY.c.id)))))
_RECUSED_FROM = select(family_of(cases.c.id.in_(_MINE)).c.id)


@dataclass(frozen=True, slots=True)
class Me:
    """A person, and who that is in the end: who is recused is so with every client of their own."""

    person_id: UUID
    hand: UUID

    @property
    def asked(self) -> dict[str, UUID]:
        """As statements ask for it."""
        return {"me": self.person_id, "my_hand": self.hand}


async def is_recused_from(session: TenantSession, case_id: UUID, me: Me) -> bool:
    """Whether the person is recused from the matter of a case.

    A case, what it was split from or merged into, and all that came of those are one matter: who is recused from one of
    them is from all.
    """
    return bool(await session.scalar(_FROM_MATTER, {"of_case": case_id, **me.asked}))


async def settle_recusal(session: TenantSession, case: Case, me: Me) -> Case:
    """The case as it was read with :data:`CONCERNED`, from now on saying whether the person is recused from its matter."""
    if not case.recused:
        return case
    return msgspec.structs.replace(case, recused=await is_recused_from(session, case.id, me))


async def find_recused(session: TenantSession, me: Me) -> frozenset[UUID]:
    """Every case of a matter from which the person is recused; nearly always none.

    Asked apart from the lists that leave them out: a condition in their statements would keep them from their indexes.
    """
    return frozenset(row["id"] for row in await session.all(_RECUSED_FROM, me.asked))
