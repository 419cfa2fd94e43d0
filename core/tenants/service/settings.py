"""Records the figures that the regulation leaves to the tenant (R11). Nothing is edited: the later record goes before."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from core.errors import Refused
from core.house_settings import LADDER
from core.ids import new_id
from core.recounts.recount import RecountCause, begin_recount
from core.store.tables import setting
from core.tenants.figures import read_figure
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.tenants.settings import Setting


async def record_setting(
    admin: Administration, key: str, value: object, effective_from: date, basis: str, reason: str, *, strict: bool = True
) -> Setting:
    """A value from a day on, with what it rests on; raises :class:`Invalid` or :class:`Refused`."""
    snapshot = await admin.begin()
    jurisdiction = snapshot.jurisdiction
    kind = jurisdiction.settings.get(key)
    if kind is None:
        known = ", ".join(sorted(jurisdiction.settings)) or "–"
        raise Refused("tenants.setting-unknown", field="/key", key=key, known=known)
    figure = read_figure(kind, value, strict=strict)
    made = Setting(
        id=new_id(),
        key=key,
        effective_from=effective_from,
        value=normalise(figure) if isinstance(figure, str) else figure,
        basis=normalise(basis),
        reason=normalise(reason),
        recorded_at=admin.recorded_at,
        recorded_by=admin.person_id,
    )
    row = setting_row(made)
    admin.session.add(setting, row)
    _record(admin, made, row, kind.clause)
    if key == LADDER:
        await begin_recount(admin.session, RecountCause.LADDER, snapshot.calendar_number, snapshot.calendar.source)
    return made


def setting_row(made: Setting) -> dict[str, Any]:
    """The row in which a setting is stored; its value is plain JSON."""
    return {name: getattr(made, name) for name in Setting.__slots__} | {"value": msgspec.to_builtins(made.value)}


def _record(admin: Administration, made: Setting, row: dict[str, Any], clause: str) -> None:
    effective_from = made.effective_from.isoformat()
    content = {
        "key": made.key,
        "value": row["value"],
        "effective_from": effective_from,
        "basis": made.basis,
        "reason": made.reason,
        "clause": clause,
    }
    refs: dict[str, str | int] = {"setting_id": str(made.id), "key": made.key, "effective_from": effective_from}
    admin.record("setting.recorded", f"setting:{made.key}", content, **refs)

