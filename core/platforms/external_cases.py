"""Cases by a platform's own ids: registered the first time, found again, and added to where its words have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from core.cases.case import Case
from core.cases.joint import Receipts
from core.cases.service import Desk, find_case, register_case
from core.cases.supplements import SUPPLEMENT, add_supplement
from core.errors import NotFound, Refused
from core.platforms.content import WORDS, Prints, changed_fields, prints_of, said_in
from core.procedure import CaseKind
from core.store.tables.platforms import external_case
from core.store.tables.schema import TENANT

_FIND = select(external_case.c.case_id, external_case.c.prints).where(
    external_case.c.tenant == TENANT,
    external_case.c.client_id == bindparam("of_client"),
    external_case.c.external_id == bindparam("of_external"),
)
_FIND_ID = _FIND.with_only_columns(external_case.c.case_id)
_LOCK = _FIND.with_for_update()
"""What comes twice at once is compared one after the other."""
_ACCEPT = (
    update(external_case)
    .where(
        external_case.c.tenant == TENANT,
        external_case.c.client_id == bindparam("of_client"),
        external_case.c.external_id == bindparam("of_external"),
    )
    .values(prints=bindparam("new_prints"))
)


@dataclass(frozen=True, slots=True)
class Upserted:
    """The case as it stands; ``receipts`` are told this once, where it was registered now."""

    case: Case
    receipts: Receipts | None = None

    @property
    def made(self) -> bool:
        """Whether it was registered now."""
        return self.receipts is not None


async def upsert_case(desk: Desk, external_id: str, kind: CaseKind, body: Struct) -> Upserted:
    """Registers what the client has not told under this id before; adds its new words to what it has.

    The same content again writes nothing. Raises what :func:`core.cases.service.register_case` raises the first time; later
    :class:`Refused` for a change of anything but words, and what :func:`core.cases.supplements.add_supplement` raises.
    Where the same id is registered twice at once the second transaction ends in
    :class:`core.store.violations.StreamMoved`, and finds the case when it is asked again.
    """
    place = {"of_client": desk.principal.client_id, "of_external": external_id}
    known = await desk.session.one(_LOCK, place)
    prints = prints_of(await desk.session.keys(), desk.principal.client_id, external_id, body)
    if known is None:
        return await _register(desk, external_id, kind, body, prints)
    case = await find_case(desk, known["case_id"], lock=True)
    before: Prints = known["prints"]
    changed = changed_fields(before, prints)
    if not changed:
        return Upserted(case)
    _check_changed(case, changed)
    said = said_in(body)
    after = await add_supplement(desk, kind, case, {name: said[name] for name in changed})
    await desk.session.execute(_ACCEPT, {**place, "new_prints": {**before, **prints}})
    return Upserted(after)


async def find_external_case(desk: Desk, external_id: str) -> Case:
    """The case that the client knows by this id, if the person may see it; raises :class:`NotFound`."""
    place: dict[str, Any] = {"of_client": desk.principal.client_id, "of_external": external_id}
    case_id: UUID | None = await desk.session.scalar(_FIND_ID, place)
    if case_id is None:
        raise NotFound("cases.unknown")
    return await find_case(desk, case_id)


async def _register(desk: Desk, external_id: str, kind: CaseKind, body: Struct, prints: Prints) -> Upserted:
    done = await register_case(desk, kind, body)
    row = {"client_id": desk.principal.client_id, "external_id": external_id, "case_id": done.case.id}
    desk.session.add(external_case, row | {"prints": dict(prints)})
    return Upserted(done.case, done.receipts)


def _check_changed(case: Case, changed: tuple[str, ...]) -> None:
    if "kind" in changed:
        raise Refused("platforms.kind-differs", field="/kind", clause=SUPPLEMENT, kind=case.kind)
    facts = [name for name in changed if name not in WORDS]
    if facts:
        raise Refused("platforms.only-words", field=f"/{facts[0]}", clause=SUPPLEMENT, name=", ".join(facts))
