"""Cases by a platform's own ids over HTTP, and what was added to a case after its registration."""

from __future__ import annotations

import re

from msgspec import Struct

from api.faults import BadInput
from api.operations import Call, Method, Operation, PathParameter, Reply
from api.routes import cases
from api.routes.case_views import registered, view
from core.cases.disclosure import disclose_case
from core.cases.joint import Receipts
from core.cases.service import find_case
from core.cases.supplements import SUPPLEMENT, Supplement, check_supplement_reader, list_supplements
from core.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused
from core.law.instrument import Text
from core.platforms.commands import EXTERNAL_ID
from core.platforms.external_cases import find_external_case, upsert_case
from core.tenants.scopes import Scope

TAG = "platforms"
_PATTERN = re.compile(EXTERNAL_ID, re.ASCII)
_PATH = {
    "external_id": PathParameter(
        Text(zh="平台内编号", en="The platform's own id of the case"), pattern=EXTERNAL_ID, example="12345-2026-000001"
    )
}
_BY_ID = {operation.id: operation for operation in cases.OPERATIONS}
_REGISTER, _READ = _BY_ID["registerCase"], _BY_ID["readCase"]
_MALFORMED = ("platforms.external-id-malformed",)


class SupplementList(Struct, frozen=True):
    """What was added to a case after its registration, in order."""

    items: tuple[Supplement, ...]


def _external_id(call: Call) -> str:
    given = call.path["external_id"]
    if not _PATTERN.fullmatch(given):
        raise BadInput("platforms.external-id-malformed", place="path", field="external_id")
    return given


async def _upsert(call: Call) -> Reply:
    kind = call.jurisdiction.kind(type(call.body).__struct_config__.tag)
    done = await upsert_case(cases.desk_of(call), _external_id(call), kind, call.body)
    shown = disclose_case(done.case, kind, call.principal)
    told = done.receipts or Receipts()
    value = registered(shown, kind, call.legal_now, call.principal, told.first, told.others)
    location = f"/cases/{done.case.id}"
    return Reply(value, status=201 if done.made else 200, etag=done.case.version, location=location)


async def _read(call: Call) -> Reply:
    case = await find_external_case(cases.desk_of(call), _external_id(call))
    kind = call.jurisdiction.kind(case.kind)
    shown = disclose_case(case, kind, call.principal)
    return Reply(view(shown, kind, call.legal_now, call.principal), etag=case.version, location=f"/cases/{case.id}")


async def _list(call: Call) -> Reply:
    case = await find_case(cases.desk_of(call), call.id("case_id"))
    check_supplement_reader(call.jurisdiction.kind(case.kind), call.principal)
    return Reply(SupplementList(await list_supplements(call.session, case.id)))


OPERATIONS = (
    Operation(
        id="putExternalCase",
        method=Method.PUT,
        path="/external-cases/{external_id}",
        tag=TAG,
        title=Text(zh="按平台编号报送事项", en="Register a case by the platform's own id, or add to it"),
        description=Text(
            zh="以平台内编号报送事项，编号属于该客户端。首次报送即登记（201，查询码只此一次返回）；内容相同再次报送，返回现状（200），"
            "不作任何记录。标题、诉求内容或备注有变的，变动文字作为补充记入未结束的事项，原登记不改；已结束的须先重新启动（409）。"
            "其他内容不得以此变更（422），用相应步骤更正。省略的标题、备注等文字不视为撤回。",
            en="The id is in the client's own namespace, and the body is that of `POST /cases`. The first time the case is "
            "registered (201; the receipt is told here and never again). The same content again answers the case as it "
            "stands (200) and writes nothing; sending it any number of times is safe, so that neither an idempotency key "
            "nor an If-Match is asked for. Where title, narrative or note differ from what the client said last, what is "
            "new is added to the open case as a supplement, and the registration stays as it was; a case that has ended "
            "must be reopened first (409). Anything else that differs is refused (422, with the field): it is corrected "
            "by a step. A note that is left out takes nothing back.",
        ),
        handler=_upsert,
        scope=Scope.CASES_WRITE,
        roles=_REGISTER.roles,
        body=_REGISTER.body,
        reply=_REGISTER.reply,
        status=201,
        also=(200,),
        etag=True,
        location=True,
        clause=SUPPLEMENT,
        path_parameters=_PATH,
        errors={
            **_REGISTER.errors,
            Invalid: (*_REGISTER.errors[Invalid], *_MALFORMED),
            Refused: (*_REGISTER.errors[Refused], "platforms.kind-differs", "platforms.only-words"),
            OutOfOrder: (*_REGISTER.errors[OutOfOrder], "platforms.case-ended"),
            NotFound: ("cases.unknown",),
        },
        examples=_REGISTER.examples,
    ),
    Operation(
        id="readExternalCase",
        method=Method.GET,
        path="/external-cases/{external_id}",
        tag=TAG,
        title=Text(zh="按平台编号查看事项", en="Read a case by the platform's own id"),
        description=Text(
            zh="查看本客户端以该编号报送的事项；其他客户端的编号视为不存在。",
            en="The case that this client has registered under the id, as it stands. Another client's id looks like one "
            "that does not exist.",
        ),
        handler=_read,
        scope=Scope.CASES_READ,
        roles=cases.READERS,
        reply=_READ.reply,
        etag=True,
        location=True,
        path_parameters=_PATH,
        errors={Invalid: _MALFORMED, NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="listSupplements",
        method=Method.GET,
        path="/cases/{case_id}/supplements",
        tag="cases",
        title=Text(zh="补充内容", en="What was added to a case"),
        description=Text(
            zh="登记后补充的标题、诉求内容和备注，按先后。只向办理此类事项的工作人员显示，不向承办单位显示。",
            en="Words that came in after the registration, in order. They are the petitioner's own and shown to the staff "
            "who work on such cases, not to units.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=cases.READERS,
        reply=SupplementList,
        clause=SUPPLEMENT,
        errors={NotFound: ("cases.unknown",), Forbidden: ("platforms.supplements-not-yours",)},
    ),
)
