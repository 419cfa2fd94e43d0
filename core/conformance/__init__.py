"""The conformance suite: what a jurisdiction must have, checked over its answers, each fault said with what to do about it.

The author of a city inherits :class:`JurisdictionConformance` in his own tests and names the city::

    class TestMyCity(JurisdictionConformance):
        jurisdiction = "mycity"
"""

from __future__ import annotations

from core.conformance.checks import CHECKS, examine, examine_all
from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.suite import JurisdictionConformance, find_city

__all__ = ["CHECKS", "City", "Finding", "JurisdictionConformance", "examine", "examine_all", "find_city"]
