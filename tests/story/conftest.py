"""One running service per engine and session, and a new tenant for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

_TELLING = ("life_over_http", "matters", "stored", "hall", "hall_calls", "hall_fates", "hall_orders", "hall_units")
pytest.register_assert_rewrite(*(f"tests.story.{name}" for name in _TELLING))

from tests.servers import PostgresServer, SqliteFiles  # noqa: E402  the helpers' assertions tell their values too
from tests.story.house import House, Place, open_house  # noqa: E402


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The engine; for the session, because the service is."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def house(engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """``wenze serve`` in a process of its own, over a fresh database of the engine."""
    name = "sqlite_files" if engine_kind == "sqlite" else "postgres_server"
    server: SqliteFiles | PostgresServer | None = request.getfixturevalue(name)
    if server is None:
        pytest.skip("no PostgreSQL server: set WENZE_TEST_POSTGRES_URL or start one on 127.0.0.1:5432")
    addresses = server.create()
    with open_house(addresses, tmp_path_factory.mktemp(engine_kind)) as opened:
        yield opened
    server.drop(addresses)


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
