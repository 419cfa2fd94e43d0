"""Units over HTTP: a tree with superiors, ranking groups, offices and mergers, everything from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from api.operations import Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, EXAMPLE_BASIS, STAFF, administration_of, day_of
from api.routes.organisation_views import DayQuery, UnitPage, UnitsQuery, UnitView, unit_summary, unit_view
from core.errors import Conflict, NotFound, Refused, Stale
from core.law.instrument import Text
from core.tenants.commands import NewUnit, UnitChange
from core.tenants.organisation import Organisation
from core.tenants.scopes import Scope
from core.tenants.service.units import change_unit, register_unit
from core.tenants.units import Unit, UnitVersion

TAG = "organisation"
_FAULTS = (
    "tenants.unit-unknown",
    "tenants.unit-circle",
    "tenants.unit-above-gone",
    "tenants.unit-has-children",
    "tenants.unit-successor-gone",
    "tenants.successor-of-living",
)
_EXAMPLE = {
    "name": "政务服务大厅",
    "valid_from": "2026-12-01",
    "basis": EXAMPLE_BASIS,
    "parent_id": "{unit_id}",
    "ranking_group": "窗口单位",
    "offices": ["supervision-office"],
}


async def _list(call: Call) -> Reply:
    query: UnitsQuery = call.query
    after = read_cursor(query.cursor, str) if query.cursor else ""
    found = list(islice(_matching(call.snapshot.organisation, query, day_of(call, query.on), after), query.limit + 1))
    page = found[: query.limit]
    following = make_cursor(page[-1][0].code) if len(found) > query.limit else None
    items = tuple(unit_summary(unit, version) for unit, version in page)
    return Reply(UnitPage(items, following), next_cursor=following)


def _matching(organisation: Organisation, query: UnitsQuery, day: date, after: str) -> Iterator[tuple[Unit, UnitVersion]]:
    view = organisation.on(day)
    for unit in organisation.in_order:
        version = view.versions.get(unit.id)
        if unit.code > after and version is not None and _fits(version, query):
            yield unit, version


def _fits(version: UnitVersion, query: UnitsQuery) -> bool:
    return (
        (query.parent_id is None or version.parent_id == query.parent_id)
        and (query.office is None or query.office in version.offices)
        and (query.ranking_group is None or version.ranking_group == query.ranking_group)
        and (query.dissolved is None or version.dissolved == query.dissolved)
    )


async def _read(call: Call) -> Reply:
    unit = call.snapshot.organisation.unit(call.id("unit_id"))
    return Reply(unit_view(unit, day_of(call, call.query.on)), etag=len(unit.versions))


async def _register(call: Call) -> Reply:
    unit = await register_unit(administration_of(call), call.body)
    return Reply(unit_view(unit, day_of(call, None)), etag=len(unit.versions), location=f"/units/{unit.id}")


async def _change(call: Call) -> Reply:
    unit = await change_unit(administration_of(call), call.id("unit_id"), call.body, call.expected or 0)
    return Reply(unit_view(unit, day_of(call, None)), etag=len(unit.versions))


OPERATIONS = (
    Operation(
        id="listUnits",
        method=Method.GET,
        path="/units",
        tag=TAG,
        title=Text(zh="单位列表", en="List units"),
        description=Text(
            zh="某日的全部单位，含已撤销的，按代码排序；可按上级、职能、排名组别筛选。",
            en="The units as they stand on a day, by code, dissolved ones too; by parent, office or ranking group.",
        ),
        handler=_list,
        scope=Scope.ORGANISATION_READ,
        roles=STAFF,
        query=UnitsQuery,
        reply=UnitPage,
    ),
    Operation(
        id="registerUnit",
        method=Method.POST,
        path="/units",
        tag=TAG,
        title=Text(zh="登记单位", en="Register a unit"),
        description=Text(
            zh="登记一个单位及其首个版本，自生效日起成立。上级关系不得成环。",
            en="Registers a unit with its first version, which holds from a day on. A circle of parents or superiors is "
            "refused, and so is a parent that does not exist on the day.",
        ),
        handler=_register,
        scope=Scope.ORGANISATION_WRITE,
        roles=ADMINISTRATORS,
        body=NewUnit,
        reply=UnitView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors={Conflict: ("tenants.unit-code-taken",), Refused: _FAULTS},
        examples=lambda _: {"hall": {"code": "service-hall", **_EXAMPLE}},
    ),
    Operation(
        id="readUnit",
        method=Method.GET,
        path="/units/{unit_id}",
        tag=TAG,
        title=Text(zh="查看单位", en="Read a unit"),
        description=Text(
            zh="某日的单位情况，附其全部版本。",
            en="A unit as it stands on a day, with every version. One that begins later is shown as it will begin.",
        ),
        handler=_read,
        scope=Scope.ORGANISATION_READ,
        roles=STAFF,
        query=DayQuery,
        reply=UnitView,
        etag=True,
        errors={NotFound: ("tenants.unit-unknown",)},
    ),
    Operation(
        id="changeUnit",
        method=Method.POST,
        path="/units/{unit_id}/versions",
        tag=TAG,
        title=Text(zh="变更单位", en="Change a unit from a day on"),
        description=Text(
            zh="记录单位的下一版本：更名、改隶、职能调整、撤销或并入。原版本保留；同日再记的以后记的为准。",
            en="Records the next version, said whole: a new name, parent or office, a dissolution or a merger. Earlier "
            "versions stay; of two for the same day the later recorded one holds. A dissolved unit's matters and staff "
            "pass to the unit it is merged into.",
        ),
        handler=_change,
        scope=Scope.ORGANISATION_WRITE,
        roles=ADMINISTRATORS,
        body=UnitChange,
        reply=UnitView,
        status=201,
        idempotent=True,
        if_match=True,
        etag=True,
        errors={NotFound: ("tenants.unit-unknown",), Stale: ("tenants.unit-stale",), Refused: _FAULTS},
        examples=lambda _: {
            "renamed": {
                "name": "政务服务中心大厅",
                "valid_from": "2027-01-01",
                "basis": EXAMPLE_BASIS,
                "ranking_group": "窗口单位",
            }
        },
    ),
)
