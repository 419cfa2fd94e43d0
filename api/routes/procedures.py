"""The procedures of the tenant's city: which kinds of case there are, with their states, steps, fields and deadlines."""

from __future__ import annotations

from msgspec import Struct

from api.operations import Access, Call, Method, Operation, PathParameter, Reply
from core.law.instrument import Text
from core.procedure import CaseKind
from core.tenants.scopes import Scope


class CaseKindList(Struct, frozen=True):
    """The kinds of case of the tenant's city."""

    items: tuple[CaseKind, ...]


async def _list(call: Call) -> Reply:
    return Reply(CaseKindList(tuple(call.jurisdiction.kinds.values())))


async def _read(call: Call) -> Reply:
    return Reply(call.jurisdiction.kind(call.path["kind"]))


_KIND = PathParameter(Text(zh="事项类型", en="The kind of case"), pattern="^[a-z0-9.-]+$", example="complaint")

OPERATIONS = (
    Operation(
        id="listCaseKinds",
        method=Method.GET,
        path="/case-kinds",
        tag="rulebook",
        title=Text(zh="事项类型", en="The kinds of case"),
        description=Text(
            zh="本市的事项类型：状态、步骤、步骤所需事实、期限及其条款。前端可据此生成表单。",
            en="Every kind of case of the city: states, steps, who may take them, the facts each asks for, and the "
            "deadlines with their clauses. A front-end can build its forms from it.",
        ),
        handler=_list,
        scope=Scope.RULEBOOK_READ,
        access=Access.NONE,
        reply=CaseKindList,
    ),
    Operation(
        id="readCaseKind",
        method=Method.GET,
        path="/case-kinds/{kind}",
        tag="rulebook",
        title=Text(zh="一种事项的办理程序", en="The procedure of one kind of case"),
        description=Text(
            zh="一种事项的状态、步骤、事实和期限。",
            en="The states, steps, facts and deadlines of one kind of case.",
        ),
        handler=_read,
        scope=Scope.RULEBOOK_READ,
        access=Access.NONE,
        reply=CaseKind,
        path_parameters={"kind": _KIND},
    ),
)
