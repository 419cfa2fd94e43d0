"""Jincheng's answers to the core's questions: its package's data, and the rules that data cannot say."""

from __future__ import annotations

from core.city_package import CityPackage
from jurisdictions.jincheng.rules import steps

plugin = CityPackage("jurisdictions.jincheng", steps.check)
