"""Settings that every city has, because the house offers what they are for; no figure of them is shipped (R11)."""

from __future__ import annotations

from core.factor_policy import FACTOR_SETTINGS
from core.law.instrument import Text
from core.procedure import SettingKind

LADDER = "deadlines.warning-ladder"
HOUSE_SETTINGS = (
    SettingKind(
        key=LADDER,
        title=Text(zh="期限预警档次", en="Warning ladder of deadlines"),
        type="ladder",
        clause="wenze:house#ladder",
    ),
    *FACTOR_SETTINGS,
)
