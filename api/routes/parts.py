"""The parts of a case that was split, over HTTP."""

from __future__ import annotations

from api.operations import Call, Method, Operation, Reply
from api.routes.case_views import CasePartList, part_view
from api.routes.cases import READERS, desk_of
from core.cases.capacity import may_see, visible_units
from core.cases.disclosure import disclose_case
from core.cases.service import find_case
from core.cases.splitting import list_parts
from core.errors import NotFound
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Verb
from core.tenants.scopes import Scope


async def _list(call: Call) -> Reply:
    case = await find_case(desk_of(call), call.id("case_id"))
    kind = call.jurisdiction.kind(case.kind)
    seen = visible_units(call.principal)
    parts = (part for part in await list_parts(call.session, case) if may_see(part, seen))
    shown = (disclose_case(part, kind, call.principal) for part in parts)
    return Reply(CasePartList(tuple(part_view(part, call.legal_now) for part in shown)))


def _splits(jurisdiction: Jurisdiction) -> bool:
    return any(step.verb is Verb.SPLIT for kind in jurisdiction.kinds.values() for step in kind.steps)


OPERATIONS = (
    Operation(
        id="listParts",
        method=Method.GET,
        path="/cases/{case_id}/parts",
        tag="cases",
        title=Text(zh="拆分后的各部分", en="The parts of a case"),
        description=Text(
            zh="拆单后各部分的状态、期限和答复。全部办结后方可统一回复诉求人。",
            en="What a case was split into, each a case of its own: state, next deadline and what the petitioner was told. "
            "The case itself is replied to when all of them are over. Of a case that was not split the list is empty.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=CasePartList,
        available=_splits,
        errors={NotFound: ("cases.unknown",)},
    ),
)
