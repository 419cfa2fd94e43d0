"""Categories over HTTP: the tenant's tree of what matters are about, everything from a day on."""

from __future__ import annotations

from api.operations import Call, Method, Operation, PathParameter, Reply
from api.routes.administration import ADMINISTRATORS, EXAMPLE_BASIS, STAFF, administration_of, day_of
from api.routes.category_views import CategoriesQuery, CategoryTree, CategoryView, category_view, tree_view
from api.routes.organisation_views import DayQuery
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.law.instrument import Text
from core.tenants.category_commands import CategoryChange, NewCategory
from core.tenants.scopes import Scope
from core.tenants.service.categories import change_category, register_category

TAG = "categories"
_FAULTS = (
    "categories.kind-unknown",
    "categories.named-unknown",
    "categories.circle",
    "categories.above-closed",
    "categories.has-open-below",
    "categories.successor-closed",
    "categories.successor-of-open",
    "tenants.unit-unknown",
    "tenants.unit-not-active",
)
CODE = PathParameter(Text(zh="分类代码", en="The category's code"), "^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", "municipal.roads")
_LIMIT = {"term": {"unit": "working_day", "length": 5}, "basis": EXAMPLE_BASIS}
_URGENT = {"term": {"unit": "minute", "length": 30}, "basis": EXAMPLE_BASIS}
_EXAMPLE = {"title_zh": "市政设施", "title_en": "Public works", "valid_from": "2026-12-01", "basis": EXAMPLE_BASIS}


async def _list(call: Call) -> Reply:
    query: CategoriesQuery = call.query
    return Reply(tree_view(call.snapshot.categories.on(day_of(call, query.on)), query))


async def _read(call: Call) -> Reply:
    value = category_view(call.snapshot.categories, call.path["code"], day_of(call, call.query.on))
    return Reply(value, etag=value.version)


async def _register(call: Call) -> Reply:
    after = await register_category(administration_of(call), call.body)
    value = category_view(after, call.body.code, day_of(call, None))
    return Reply(value, etag=value.version, location=f"/categories/{value.code}")


async def _change(call: Call) -> Reply:
    code = call.path["code"]
    after = await change_category(administration_of(call), code, call.body, call.expected or 0)
    value = category_view(after, code, day_of(call, None))
    return Reply(value, etag=value.version)


OPERATIONS = (
    Operation(
        id="listCategories",
        method=Method.GET,
        path="/categories",
        tag=TAG,
        title=Text(zh="分类目录", en="The tree of categories"),
        description=Text(
            zh="某日的全部分类，含已停用的，按目录顺序排列，各附当日实际适用的时限、默认承办单位和事项类型（自身未写明的沿用上级）。",
            en="The categories as they stand on a day, closed ones too, in the order of the tree, each with what holds for "
            "its matters: what it does not say itself is that of the nearest category above it that says it.",
        ),
        handler=_list,
        scope=Scope.SETTINGS_READ,
        roles=STAFF,
        query=CategoriesQuery,
        reply=CategoryTree,
    ),
    Operation(
        id="registerCategory",
        method=Method.POST,
        path="/categories",
        tag=TAG,
        title=Text(zh="设立分类", en="Register a category"),
        description=Text(
            zh="设立一个分类及其首个版本，自生效日起可用。法规未定时限的，可在此定办理时限和紧急类响应时限，并附依据（R11）；"
            "优先于租户的一般设定，不替代法规自定的时限。",
            en="Registers a category with its first version, which holds from a day on. Its limits are figures that the "
            "regulation leaves open (R11), each with its basis: they go before the tenant's general setting, and never in "
            "the place of a term of the text.",
        ),
        handler=_register,
        scope=Scope.SETTINGS_WRITE,
        roles=ADMINISTRATORS,
        body=NewCategory,
        reply=CategoryView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        clause="wenze:readings#r11",
        errors={
            Invalid: ("deadlines.length-impossible",),
            Conflict: ("categories.code-taken",),
            Refused: _FAULTS,
        },
        examples=lambda _: {
            "plain": {"code": "municipal", **_EXAMPLE},
            "withLimits": {
                "code": "municipal-water",
                **_EXAMPLE,
                "default_unit_id": "{unit_id}",
                "handling_limit": _LIMIT,
                "urgent_response_limit": _URGENT,
            },
        },
    ),
    Operation(
        id="readCategory",
        method=Method.GET,
        path="/categories/{code}",
        tag=TAG,
        title=Text(zh="查看分类", en="Read a category"),
        description=Text(
            zh="某日的分类情况，附其全部版本。",
            en="A category as it stands on a day, with every version. One that begins later is shown as it will begin.",
        ),
        handler=_read,
        scope=Scope.SETTINGS_READ,
        roles=STAFF,
        query=DayQuery,
        reply=CategoryView,
        etag=True,
        path_parameters={"code": CODE},
        errors={NotFound: ("categories.unknown",)},
    ),
    Operation(
        id="changeCategory",
        method=Method.POST,
        path="/categories/{code}/versions",
        tag=TAG,
        title=Text(zh="变更分类", en="Change a category from a day on"),
        description=Text(
            zh="记录分类的下一版本：更名、改隶、调整时限或默认承办单位、停用或并入其他分类。原版本保留；同日再记的以后记的为准。"
            "已发生的期限不变，此后发生的按新版本。",
            en="Records the next version, said whole: a new name, parent, limit or default unit, a closure or a merger. "
            "Earlier versions stay; of two for the same day the later recorded one holds. Deadlines that have arisen "
            "stay as they are; those that arise later follow the category as it is on their day.",
        ),
        handler=_change,
        scope=Scope.SETTINGS_WRITE,
        roles=ADMINISTRATORS,
        body=CategoryChange,
        reply=CategoryView,
        status=201,
        idempotent=True,
        if_match=True,
        etag=True,
        path_parameters={"code": CODE},
        errors={
            Invalid: ("deadlines.length-impossible",),
            NotFound: ("categories.unknown",),
            Stale: ("categories.stale",),
            Refused: _FAULTS,
        },
        examples=lambda _: {"limited": {**_EXAMPLE, "valid_from": "2027-01-01", "handling_limit": _LIMIT}},
    ),
)
