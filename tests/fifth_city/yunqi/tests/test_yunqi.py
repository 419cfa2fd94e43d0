"""Yunqi passes the conformance suite; run where the package is installed beside wenze."""

from __future__ import annotations

from core.conformance import JurisdictionConformance


class TestYunqi(JurisdictionConformance):
    """The suite that every jurisdiction inherits."""

    jurisdiction = "yunqi"
