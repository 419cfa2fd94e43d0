"""Faults of an accountability case's data, each with the finding that must come."""

from __future__ import annotations

from core.copies import CopyRule
from core.law.instrument import Text
from core.procedure import CaseKind
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi
from tests.support.cities import shipped

_SOUND = load_yunqi()
_KIND = _SOUND.kinds[0]
_TEXT = Text("文字", "Words")
_ACCOUNTABLE = shipped()["baoding"].hooks.provide_case_kinds()


def _like_baoding(**changes: object) -> Yunqi:
    """The city with a kind like Baoding's accountability, in which something else stands."""
    kind: CaseKind = change(next(it for it in _ACCOUNTABLE if it.regime), key="account", number_prefix="QZ", **changes)
    return _SOUND.but(kinds=(_KIND, kind))


MATTER_BREAKS = (
    (
        "copies of nothing", "matters.no-regime", "hazard",
        _SOUND.step("send-crew", copies=(CopyRule(key="office", clause="#1", to=_TEXT),)),
    ),
    ("a regime of others", "matters.regime-unknown", "account", _like_baoding()),
    ("for everybody to see", "matters.open", "account", _like_baoding(confidential=False)),
    ("nothing decided", "matters.step-missing", "account", _like_baoding(steps=())),
    ("an organ that nobody declared", "matters.setting", "account", _like_baoding(remedy_organ="nobody")),
)  # fmt: skip
