"""Of whom a second factor is asked: of each role that the tenant has said so of, from a day on and with its basis.

None is asked of anybody where the tenant has set nothing. Who lacks it signs in as far as setting it up, and no further.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from core.law.instrument import Text
from core.procedure import Role, SettingKind
from core.tenants.settings import DatedSettings

CLAUSE = "wenze:house#factor"
SHOWN = frozenset({"otp", "mfa"})
"""Methods of a sign-in (RFC 8176) that say that a second factor was shown."""
_WHO = {
    Role.INTAKE_CLERK: Text("登记人员", "intake clerks"),
    Role.DISPATCHER: Text("派单人员", "dispatchers"),
    Role.UNIT_OFFICER: Text("承办单位人员", "officers of handling units"),
    Role.SUPERVISOR: Text("督办人员", "supervisors"),
    Role.INVESTIGATOR: Text("调查人员", "investigators"),
    Role.DECIDING_AUTHORITY: Text("问责决定机关人员", "deciding authorities"),
    Role.APPEAL_OFFICER: Text("申诉复核人员", "appeal officers"),
    Role.INSPECTION_OFFICE: Text("督查室人员", "inspection offices"),
    Role.SCORER: Text("计分人员", "scorers"),
    Role.AUDITOR: Text("审计人员", "auditors"),
    Role.TENANT_ADMINISTRATOR: Text("管理员", "tenant administrators"),
}


def _key(role: Role) -> str:
    return f"second-factor.{role}"


FACTOR_SETTINGS = tuple(
    SettingKind(
        key=_key(role),
        title=Text(zh=f"{who.zh}登录须两步验证", en=f"Whether {who.en} need a second factor to sign in"),
        type="boolean",
        clause=CLAUSE,
    )
    for role, who in _WHO.items()
)


def asks_factor(settings: DatedSettings, roles: Iterable[Role], day: date) -> bool:
    """Whether a second factor is asked on that day of who has these roles."""
    found = (settings.on(_key(role), day) for role in roles)
    return any(setting is not None and setting.value is True for setting in found)
