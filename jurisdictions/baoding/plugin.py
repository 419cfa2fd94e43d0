"""Baoding's answers to the core's questions: its package's data, and the rules that data cannot say."""

from __future__ import annotations

from core.city_package import CityPackage
from jurisdictions.baoding.rules import tip_off

plugin = CityPackage("jurisdictions.baoding", tip_off.check)
