"""Operations are unique, bound once per city, and only what a tenant's city has is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import httpx
import msgspec
import pytest

from api.catalogue import Catalogue
from api.operations import Access, Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes import all_operations
from core.errors import Invalid
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.tenants.scopes import Scope
from core.tenants.service.directory import NewTenant, create_tenant
from tests.support.world import World, asking


async def _echo(call: Call) -> Reply:
    return Reply({"city": call.jurisdiction.manifest.id})


ECHO = Operation(
    id="echo",
    method=Method.GET,
    path="/echo",
    tag="cases",
    title=Text(zh="回声", en="Echo"),
    description=Text(zh="回声", en="Echo"),
    handler=_echo,
    scope=Scope.CASES_READ,
    access=Access.READ,
    reply=dict[str, str],
)


def test_two_operations_cannot_have_the_same_id_or_the_same_route() -> None:
    with pytest.raises(ValueError, match="same id: echo"):
        Catalogue([ECHO, replace(ECHO, path="/other")])
    with pytest.raises(ValueError, match="same route: GET /echo"):
        Catalogue([ECHO, replace(ECHO, id="other")])


def test_an_operation_is_bound_once_per_city() -> None:
    jurisdictions, catalogue = Jurisdictions.discover(), Catalogue(all_operations())
    operation = next(item for item in catalogue.operations if item.id == "registerCase")
    ankang = catalogue.find(operation, jurisdictions.get("ankang"), {})
    assert ankang is catalogue.find(operation, jurisdictions.get("ankang"), {})
    assert ankang is not catalogue.find(operation, jurisdictions.get("baoding"), {})


def test_a_variant_is_found_by_its_path_and_no_other_is() -> None:
    jurisdictions, catalogue = Jurisdictions.discover(), Catalogue(all_operations())
    operation = next(item for item in catalogue.operations if item.id == "takeStep")

    def find(city: str, path: Mapping[str, str]) -> object:
        return catalogue.find(operation, jurisdictions.get(city), {"case_id": "x", **path})

    assert find("ankang", {"kind": "complaint", "step": "accept"})
    assert find("ankang", {"kind": "complaint", "step": "register"}) is None
    assert find("ankang", {"kind": "tip-off", "step": "accept"}) is None
    assert find("baoding", {"kind": "complaint", "step": "accept"}) is None


def test_every_type_of_every_operation_of_every_city_can_be_made() -> None:
    jurisdictions, catalogue = Jurisdictions.discover(), Catalogue(all_operations())
    for id_ in jurisdictions.ids:
        for bound in catalogue.all(jurisdictions.get(id_)):
            if bound.body is not None:
                assert bound.decoder.type is bound.body
            assert bound.query is not None


async def test_what_a_city_does_not_have_is_not_there(world: World) -> None:
    operations = [replace(ECHO, available=lambda city: city.manifest.id == "baoding")]
    baoding = world.places.get("baoding") or await world.add("baoding")
    async with asking(world.app(operations), await world.token(world.places["ankang"])) as client:
        assert (await client.get("/t/ankang/v1/echo")).status_code == 404
    async with asking(world.app(operations), await world.token(baoding)) as client:
        assert (await client.get("/t/baoding/v1/echo")).json() == {"city": "baoding"}


async def test_only_a_sandbox_has_a_clock_to_move(world: World, anybody: httpx.AsyncClient) -> None:
    new = NewTenant("ankang-in-earnest", "ankang", Text(zh="安康", en="Ankang"))
    await create_tenant(world.owner, world.services.jurisdictions, new)
    assert (await anybody.get("/t/ankang-in-earnest/v1/sandbox/clock")).status_code == 404
    assert (await anybody.get("/t/ankang/v1/sandbox/clock")).status_code == 401


class Position(msgspec.Struct, array_like=True):
    """Where a page begins."""

    day: int
    name: str


def test_a_cursor_brings_its_position_back() -> None:
    assert read_cursor(make_cursor(Position(3, "三")), Position) == Position(3, "三")


FOREIGN = ["", "!", "é", "AAAA", make_cursor(["x", 3]), make_cursor([2**60, "x"]), make_cursor([1, "\x00"])]


@pytest.mark.parametrize("cursor", FOREIGN)
def test_a_cursor_that_was_made_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor, Position)
