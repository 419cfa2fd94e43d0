"""Ankang's answers to the core's questions: its package's data, and the rules that data cannot say."""

from __future__ import annotations

from core.city_package import CityPackage
from jurisdictions.ankang.rules import find_objections

plugin = CityPackage("jurisdictions.ankang", find_objections)
