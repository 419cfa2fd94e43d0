"""The four cities' instruments from their data files, without the plugins around them."""

from functools import cache
from importlib.resources import files
from types import SimpleNamespace

from core.jurisdictions import Jurisdiction, Jurisdictions
from core.law.loader import load_instruments

CITIES = ("ankang", "baoding", "ganzhou", "jincheng")


@cache
def four_cities() -> Jurisdictions:
    return Jurisdictions({city: _city(city) for city in CITIES})


def _city(city: str) -> Jurisdiction:
    folder = files("jurisdictions") / city / "data" / "instruments"
    return Jurisdiction(SimpleNamespace(id=city), SimpleNamespace(provide_instruments=lambda: load_instruments(folder)))
