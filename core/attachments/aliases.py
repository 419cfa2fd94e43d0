"""What a file is called to who may not see what was not disclosed: by its kind and its place among the case's files.

A name such as 张三身份证.jpg tells who brings a matter as its words do, and nobody confirms it as a rendition is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select

from core.attachments.kinds import KINDS
from core.procedure import SENT_TO_UNITS, Role
from core.store.session import TenantSession
from core.store.tables.attachments import attachment
from core.store.tables.cases import case_step
from core.store.tables.organisation import role_grant
from core.store.tables.schema import TENANT

_EXTENSIONS = {kind.media_type: kind.extensions[0] for kind in KINDS.values()}
_GRANTED = exists().where(role_grant.c.tenant == TENANT, role_grant.c.person_id == attachment.c.person_id)
_BY_UNIT_STAFF = and_(
    attachment.c.step_id.is_(None),
    _GRANTED.where(role_grant.c.role == Role.UNIT_OFFICER.value),
    ~_GRANTED.where(role_grant.c.role != Role.UNIT_OFFICER.value),
)
"""Who has another role beside can have added for a petitioner what came to the centre."""
_FOR_UNITS = or_(
    attachment.c.person_id == bindparam("reader"),
    case_step.c.role == Role.UNIT_OFFICER.value,
    case_step.c.verb.in_(sorted(verb.value for verb in SENT_TO_UNITS)),
    _BY_UNIT_STAFF,
)
"""The reader's own, what units brought, and what the centre wrote to them: these keep their names."""
_IN_ORDER = (
    select(attachment.c.id, attachment.c.media_type, _FOR_UNITS.label("for_units"))
    .select_from(attachment.outerjoin(case_step, and_(case_step.c.tenant == TENANT, case_step.c.id == attachment.c.step_id)))
    .where(attachment.c.tenant == TENANT, attachment.c.case_id == bindparam("of_case"))
    .order_by(attachment.c.attached_at, attachment.c.id)
)


async def list_aliases(session: TenantSession, case_id: UUID, reader: UUID) -> Mapping[UUID, str]:
    """What those files of a case are called to the reader that came with the matter or from who brings it.

    Of files that are attached later the numbers follow, so that a file keeps its alias.
    """
    rows = await session.all(_IN_ORDER, {"of_case": case_id, "reader": reader})
    return {row["id"]: alias_of(row["media_type"], number) for number, row in enumerate(rows, 1) if not row["for_units"]}


def alias_of(media_type: str, number: int) -> str:
    """The name that a file of a kind has at a place: 附件1.jpg."""
    extension = _EXTENSIONS.get(media_type)
    return f"附件{number}.{extension}" if extension else f"附件{number}"
