"""Several petitioners on one matter: each sealed apart, each with a receipt of their own, told once.

The first stands in the case itself. Those that come with it or later are rows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.cases.case import Case
from core.cases.identity import Identity
from core.cases.sealing import seal_petitioner
from core.ids import new_id, new_receipt, receipt_hash
from core.procedure import CaseKind
from core.store.session import TenantSession
from core.store.tables import case_petitioner


@dataclass(frozen=True, slots=True)
class People:
    """Who brings a matter, as the intake was told: the first, if anybody, and the others."""

    first: Identity | None = None
    others: tuple[Identity, ...] = ()

    @classmethod
    def of(cls, body: Any) -> People:
        """Those of a registration's body; a kind without petitioners has none."""
        return cls(getattr(body, "petitioner", None), tuple(getattr(body, "co_petitioners", None) or ()))

    @property
    def all(self) -> tuple[Identity, ...]:
        """Everybody of whom anything is told."""
        return (*((self.first,) if self.first else ()), *self.others)

    @property
    def anonymous(self) -> bool:
        """Whether nobody gives a name; a phone alone, by which somebody can be reached, is none."""
        return all(identity.name is None for identity in self.all)


@dataclass(frozen=True, slots=True)
class Receipts:
    """The receipts of a case just registered, told once: the first petitioner's and those of the others, in their order."""

    first: str | None = field(repr=False, default=None)
    others: tuple[str, ...] = field(repr=False, default=())

    @property
    def first_hash(self) -> bytes | None:
        """By which the case is found."""
        return receipt_hash(self.first) if self.first else None


async def seal_people(session: TenantSession, kind: CaseKind, draft: Case, people: People) -> tuple[Case, Receipts]:
    """Seals everybody apart, written with the session's next flush; answers the case with its petitioners, and the receipts.

    Raises :class:`core.errors.Refused` for an identity that names nobody.
    """
    if kind.petitioner == "none":
        return draft, Receipts()
    first = await seal_petitioner(session, people.first) if people.first else None
    others = await seal_others(session, draft, people.others, "/co_petitioners/{}")
    standing = msgspec.structs.replace(draft.standing, petitioners=1 + len(others))
    case = msgspec.structs.replace(draft, petitioner_id=first, anonymous=people.anonymous, standing=standing)
    return case, Receipts(new_receipt(), others)


async def seal_others(
    session: TenantSession, case: Case, identities: Sequence[Identity], place: str, first: int = 2
) -> tuple[str, ...]:
    """Seals further petitioners of a case, numbered from ``first``; answers their receipts."""
    receipts = []
    for offset, identity in enumerate(identities):
        petitioner_id = await seal_petitioner(session, identity, place.format(offset))
        receipts.append(receipt := new_receipt())
        row = {"id": new_id(), "case_id": case.id, "petitioner_id": petitioner_id, "seq": first + offset}
        session.add(case_petitioner, row | {"receipt_hash": receipt_hash(receipt), "since": session.recorded_at})
    return tuple(receipts)
