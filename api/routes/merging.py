"""Merging over HTTP: a duplicate ends in the case that it duplicates, and can be taken out again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.case_schemas import case_reply
from api.routes.case_views import view
from api.routes.cases import READERS, desk_of
from core.cases.bodies import Instant
from core.cases.case import Case
from core.cases.disclosure import disclose_case, disclose_line, is_entrusted
from core.cases.house_steps import MERGING, merging_roles
from core.cases.merging import MergedCase, Merger, Separation, list_merged, merge_case, unmerge_case
from core.errors import Forbidden, NotFound, OutOfOrder, Refused, Stale, WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "merging"
_REFUSED: dict[type[WenzeError], tuple[str, ...]] = {
    Forbidden: ("cases.role-missing", "recusals.recused"),
    NotFound: ("cases.unknown",),
    Stale: ("cases.stale",),
}


class MergedFile(Struct, frozen=True):
    """An attachment of a merged case, for who sees what was not disclosed to units."""

    id: UUID
    name: str
    media_type: str
    size: int


class MergedView(Struct, frozen=True):
    """A case that was merged into this one (并入的事项), with what it brought along."""

    case_id: UUID
    number: str
    title: str
    merged_at: Instant
    petitioners: Annotated[
        int | None,
        Meta(title="诉求人数", description="Counted with those of this case; null where that is not shown"),
    ]
    attachments: Annotated[
        tuple[MergedFile, ...], Meta(title="附件", description="They stay with the merged case and are read under its id")
    ]


class MergedList(Struct, frozen=True):
    """The cases that were merged into a case, oldest first."""

    items: tuple[MergedView, ...]


async def _merge(call: Call) -> Reply:
    return _answer(call, await merge_case(desk_of(call), call.id("case_id"), call.body, call.expected or 0))


async def _unmerge(call: Call) -> Reply:
    return _answer(call, await unmerge_case(desk_of(call), call.id("case_id"), call.body, call.expected or 0))


def _answer(call: Call, case: Case) -> Reply:
    kind = call.jurisdiction.kind(case.kind)
    shown = disclose_case(case, kind, call.principal)
    return Reply(view(shown, kind, call.legal_now, call.principal), etag=case.version)


async def _list(call: Call) -> Reply:
    found = await list_merged(desk_of(call), call.id("case_id"))
    return Reply(MergedList(tuple(_view(call, item) for item in found)))


def _view(call: Call, item: MergedCase) -> MergedView:
    kind = call.jurisdiction.kind(item.case["kind"])
    line = disclose_line(item.case, kind, call.principal)
    count = item.petitioners if is_entrusted(kind, call.principal) else None
    files = tuple(MergedFile(file["id"], file["name"], file["media_type"], file["size"]) for file in item.attachments)
    return MergedView(line["id"], line["number"], line["title"], line["closed_at"], count, files)


def _mergers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in merging_roles(kind)))


def _case_reply(jurisdiction: Jurisdiction) -> Any:
    return case_reply(jurisdiction)


OPERATIONS = (
    Operation(
        id="mergeCase",
        method=Method.POST,
        path="/cases/{case_id}/merge",
        tag=TAG,
        title=Text(zh="并案", en="Merge a case into another"),
        description=Text(
            zh="将重复的事项并入同类的另一未结束事项：本事项结束（状态 merged），未届满的期限终止，承办单位解除；"
            "法规规定的期限不因并案终止或延长：须先完成，或在另一事项中不晚于原定日期届满；"
            "其诉求人计入另一事项，原查询码可查另一事项的进展。If-Match 为本事项的版本；另一事项的版本也随之增加。",
            en="Ends a duplicate in another open case of its kind: its state is `merged`, what was due lapses and its units "
            "are released; a term that a regulation fixes must be met before, or run in the other case no longer than here. "
            "Its petitioners count for the other case, and their receipts tell how that one goes on. If-Match "
            "names the version of the case that is merged; the other one's version grows, too.",
        ),
        handler=_merge,
        scope=Scope.CASES_WRITE,
        roles=_mergers,
        body=Merger,
        reply=_case_reply,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=MERGING,
        recusal=True,
        errors=_REFUSED
        | {
            OutOfOrder: (
                "cases.step-out-of-order",
                "merging.other-over",
                "merging.has-parts",
                "merging.received-before",
                "merging.term-ends",
            ),
            Refused: (
                "merging.no-such-case",
                "merging.itself",
                "merging.other-kind",
                "merging.other-unit",
                "cases.rendition-tells",
                "cases.title-tells",
            ),
        },
        examples=lambda _: {"duplicate": {"into": "RX2026-000001", "reason": "同一处路面塌陷"}},
    ),
    Operation(
        id="unmergeCase",
        method=Method.POST,
        path="/cases/{case_id}/unmerge",
        tag=TAG,
        title=Text(zh="撤销并案", en="Take a merged case out again"),
        description=Text(
            zh="撤销并案：状态、承办单位和期限恢复为并案前的样子，到期日不变（并案期间期限照常计算）；其诉求人不再计入另一事项。"
            "并案前待决定的申请已失效，不恢复。",
            en="The case stands where it stood: its state, its units, and its deadlines with the due dates that they had, "
            "for the clock ran on. Its petitioners count for the other case no more. What waited for a decision had lapsed, "
            "and is asked anew.",
        ),
        handler=_unmerge,
        scope=Scope.CASES_WRITE,
        roles=_mergers,
        body=Separation,
        reply=_case_reply,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=MERGING,
        recusal=True,
        errors=_REFUSED | {OutOfOrder: ("cases.step-out-of-order", "merging.not-merged", "merging.other-merged")},
        examples=lambda _: {"own": {"reason": "经核实为两处不同的塌陷"}},
    ),
    Operation(
        id="listMergedCases",
        method=Method.GET,
        path="/cases/{case_id}/merged",
        tag=TAG,
        title=Text(zh="并入的事项", en="List the cases merged into a case"),
        description=Text(
            zh="已并入本事项的事项；其附件仍在各自事项下。",
            en="The cases that were merged into this one. Their attachments stay with them, under their own ids.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=MergedList,
        clause=MERGING,
        errors={NotFound: ("cases.unknown",)},
    ),
)
