"""The running service of each engine, and a new tenant for whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_TELLING = ("life_over_http", "matters", "stored", "hall", "hall_calls", "hall_fates", "hall_orders", "hall_units")
pytest.register_assert_rewrite(*(f"tests.story.{name}" for name in _TELLING))

from tests.story.house import House, Houses, Place  # noqa: E402  the helpers' assertions tell their values too


@pytest.fixture(scope="module")
def house(engine_kind: str, houses: Houses) -> House:
    """``wenze serve`` in a process of its own, over a database of the engine."""
    return houses.of(engine_kind)


class Places(dict[str, Place]):
    """A tenant per city, opened when it is first asked for."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house

    def __missing__(self, city: str) -> Place:
        self[city] = self._house.open(city)
        return self[city]


@pytest.fixture(scope="module")
def places(house: House) -> Places:
    """Tenants for the tests of one module that do not mind each other, by city."""
    return Places(house)


@pytest.fixture(scope="module")
def ankang(places: Places) -> Place:
    """The tenant of Ankang."""
    return places["ankang"]


@pytest.fixture(scope="module")
def baoding(places: Places) -> Place:
    """The tenant of Baoding."""
    return places["baoding"]


@pytest.fixture(scope="module")
def ganzhou(places: Places) -> Place:
    """The tenant of Ganzhou."""
    return places["ganzhou"]


@pytest.fixture(scope="module")
def jincheng(places: Places) -> Place:
    """The tenant of Jincheng."""
    return places["jincheng"]


@pytest.fixture
def open_place(house: House) -> Callable[[str], Place]:
    """``open_place("ankang")`` opens a tenant that the test has to itself."""
    return house.open
