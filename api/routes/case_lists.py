"""Lists of cases over HTTP: filtered and searched, a page at a time, counted per facet, and as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.faults import BadInput
from api.operations import Access, Call, Method, Operation, Reply
from api.pages import Cursor, make_cursor, read_cursor
from api.routes.case_filters import CaseQuery, CaseSearch, FilterQuery, read_filter
from api.routes.case_schemas import page_reply
from api.routes.case_tables import LARGEST_TABLE, write_table
from api.routes.case_views import CasePage, CaseSummary
from api.routes.cases import READERS, TAG, desk_of
from api.routes.unit_names import name_units, unit_name
from core.cases.disclosure import disclose_line
from core.cases.facets import Facet, FacetCounts, count_facets
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.listing import Line, Page, Position, Question, Sort, list_cases
from core.cases.lookup import Known, looking_role, may_look_up, narrow_to_known, record_look_up
from core.cases.reading_rules import PRIVACY
from core.errors import Forbidden, Invalid, WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.tenants.scopes import Scope

_CSV = "text/csv; charset=utf-8"
_FAULTS: dict[type[WenzeError], tuple[str, ...]] = {
    Invalid: ("cases.instant-out-of-reach", "search.words-number", "search.word-too-short", "lists.too-many-values"),
}


class DueCursor(Struct, frozen=True, array_like=True):
    """The position of a cursor in the order of due moments."""

    due_at: Annotated[datetime, Meta(tz=True)]
    id: UUID


_NAMES = "|".join(Facet)
_SEVERAL_FACETS = rf"^(?:{_NAMES})(?:,(?:{_NAMES}))*$(?!\n)"
"""For the document; the handler itself checks the names, so that a refusal can tell those there are."""


class FacetQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The filters of a list, and what its cases are counted by."""

    by: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            title="统计维度",
            description=f"One or several, parted by commas: {', '.join(Facet)}",
            extra_json_schema={"pattern": _SEVERAL_FACETS},
        ),
    ]


class CountView(Struct, frozen=True):
    """How many cases have a value."""

    value: Annotated[str | None, Meta(title="值", description="A unit's is its id; null for the cases that have none.")]
    count: Annotated[int, Meta(title="件数", ge=0)]
    name: Annotated[
        str | None, Meta(title="名称", description="A unit's name today; null where the value speaks for itself.")
    ]


class FacetView(Struct, frozen=True):
    """The counts of one facet, largest first."""

    facet: Facet
    counts: tuple[CountView, ...]
    whole: Annotated[bool, Meta(description="False where only the newest cases, or the most frequent values, were counted.")]


class FacetList(Struct, frozen=True):
    """The counts that were asked for."""

    items: tuple[FacetView, ...]
    exact: Annotated[
        bool,
        Meta(description="False where a word of `q` is longer than the index tells apart: a case can be counted too many."),
    ]


class ExportQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The filters of a list, and how much of it."""

    limit: Annotated[int, Meta(ge=1, le=LARGEST_TABLE, title="行数", description="How many rows at most")] = LARGEST_TABLE
    cursor: Cursor | None = None


async def _list(call: Call) -> Reply:
    query: CaseQuery = call.query
    asked = Question(read_filter(call, query), query.sort)
    return _reply(
        call, await list_cases(desk_of(call), asked, query.limit, read_position(query.sort, query.cursor)), query.sort
    )


async def _search(call: Call) -> Reply:
    reply, known, found = await _find(call)
    if known is not None:
        desk = desk_of(call)
        await record_look_up(desk, known, found, looking_role(desk))
    return reply


async def _search_again(call: Call, _kept: bytes) -> Reply:
    """The same question to the store as it is now; that it was asked is on record already."""
    return (await _find(call))[0]


async def _find(call: Call) -> tuple[Reply, Known | None, int]:
    asked: CaseSearch = call.body
    desk, wanted = desk_of(call), read_filter(call, asked)
    known = Known(asked.phone, asked.id_number) if asked.phone or asked.id_number else None
    question = Question(wanted, asked.sort)
    if known is not None:
        call.principal.require_scope(Scope.PETITIONERS_READ)
        narrowed = await narrow_to_known(desk, wanted, known)
        question = Question(narrowed, asked.sort, lambda case: may_look_up(desk, case))
    page = await list_cases(desk, question, asked.limit, read_position(asked.sort, asked.cursor, "body", "/cursor"))
    reply = _reply(call, page, asked.sort)
    # The next page is another POST: no address leads there.
    return Reply(reply.value), known, len(page.lines)


def _reply(call: Call, page: Page, sort: Sort) -> Reply:
    following, lines = cursor_of(sort, page.following), tuple(summaries(call, page.lines))
    return Reply(CasePage(lines, following, unit_names(call, lines)), next_cursor=following)


def summaries(call: Call, lines: tuple[Line, ...]) -> list[CaseSummary]:
    """Lines as the reader may see them."""
    kinds = call.jurisdiction
    return [CaseSummary(**disclose_line(line, kinds.kind(line["kind"]), call.principal)) for line in lines]


def unit_names(call: Call, lines: Iterable[CaseSummary]) -> dict[str, str]:
    """What the units of these cases are called today, by id."""
    return name_units(call, (item.unit_id for line in lines for item in line.units))


def cursor_of(sort: Sort, position: Position | None) -> str | None:
    """The cursor of the page after a position."""
    if position is None:
        return None
    return make_cursor(position.id if sort is Sort.NEWEST else [position.due_at, position.id])


def read_position(sort: Sort, cursor: str | None, place: str = "query", field: str = "cursor") -> Position | None:
    """The position of a cursor; raises :class:`BadInput` for one that a list in this order has not made."""
    if cursor is None:
        return None
    try:
        if sort is Sort.NEWEST:
            return Position(read_cursor(cursor, UUID))
        due = read_cursor(cursor, DueCursor)
    except BadInput as error:
        raise BadInput(error.code, place=place, field=field) from error
    if not FIRST_YEAR <= due.due_at.year <= LAST_YEAR:
        raise BadInput("api.cursor-malformed", place=place, field=field)
    return Position(due.id, due.due_at)


async def _count(call: Call) -> Reply:
    query: FacetQuery = call.query
    wanted = read_filter(call, query)
    found = await count_facets(desk_of(call), wanted, _facets(query.by))
    exact = wanted.words is None or wanted.words.settled
    return Reply(FacetList(tuple(_facet_view(call, item) for item in found), exact))


def _facets(by: str) -> tuple[Facet, ...]:
    known = {facet.value: facet for facet in Facet}
    names = tuple(dict.fromkeys(by.split(",")))
    for name in names:
        if name not in known:
            raise BadInput("lists.facet-unknown", place="query", field="by", known=", ".join(known))
    return tuple(known[name] for name in names)


def _facet_view(call: Call, item: FacetCounts) -> FacetView:
    counts = tuple(CountView(count.value, count.count, _name(call, item.facet, count.value)) for count in item.counts)
    return FacetView(item.facet, counts, item.whole)


def _name(call: Call, facet: Facet, value: str | None) -> str | None:
    return unit_name(call, UUID(value)) if facet is Facet.UNIT and value is not None else None


async def _export(call: Call) -> Reply:
    query: ExportQuery = call.query
    asked, after = Question(read_filter(call, query)), read_position(Sort.NEWEST, query.cursor)
    page = await list_cases(desk_of(call), asked, query.limit, after)
    following = cursor_of(Sort.NEWEST, page.following)
    table = write_table(call.snapshot, summaries(call, page.lines), call.legal_now, call.language)
    headers = {"Content-Type": _CSV, "Content-Disposition": 'attachment; filename="cases.csv"'}
    return Reply(content=table, next_cursor=following, headers=headers)


def _page_reply(jurisdiction: Jurisdiction) -> Any:
    return page_reply(jurisdiction)


def _search_examples(_: Jurisdiction) -> dict[str, Any]:
    word = {"q": "人行道 塌陷", "closed": False, "limit": 20}
    caller = {"phone": "13900000001", "sort": "newest"}
    return {"words": word, "caller": caller}


OPERATIONS = (
    Operation(
        id="listCases",
        method=Method.GET,
        path="/cases",
        tag=TAG,
        title=Text(zh="事项列表", en="List cases"),
        description=Text(
            zh="按关键词、编号、状态、类型、渠道、分类、区划、单位、期限、时间等筛选，条件可任意组合；默认最近登记的在前。"
            "只列出并只检索读者有权查看的内容。",
            en="Cases by words, number, state, kind, channel, track, category, place, unit, clerk, returns, due moment and "
            "times, in any combination; newest registration first, or earliest due first. A page can be shorter than "
            "`limit` and still have a next one. Lists and searches tell a reader no more than each case itself does.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=CaseQuery,
        reply=_page_reply,
        errors=_FAULTS,
    ),
    Operation(
        id="searchCases",
        method=Method.POST,
        path="/cases/search",
        tag=TAG,
        title=Text(zh="检索事项", en="Search cases"),
        description=Text(
            zh="与事项列表相同的条件写在请求体中，另可按诉求人电话或证件号码检索：仅限可查阅身份的角色，每次检索留痕。",
            en="The filters of the list in a body, and with them the petitioner's phone or id number, which belong in no "
            "address: for roles that may read identities, among those kinds of case, with the scope `petitioners:read`. "
            "Each look-up by a phone or id number stays on record. The next page is the same body with the cursor in it.",
        ),
        handler=_search,
        scope=Scope.CASES_READ,
        roles=READERS,
        access=Access.WRITE,
        idempotent=True,
        retell=_search_again,
        body=CaseSearch,
        reply=_page_reply,
        clause=PRIVACY,
        errors=_FAULTS
        | {
            Invalid: (*_FAULTS[Invalid], "api.cursor-malformed"),
            Forbidden: ("search.identity-role-missing", "tenants.scope-missing"),
        },
        examples=_search_examples,
    ),
    Operation(
        id="countCases",
        method=Method.GET,
        path="/cases/facets",
        tag=TAG,
        title=Text(zh="事项分类统计", en="Count cases"),
        description=Text(
            zh="按与列表相同的条件，统计各状态、类型、渠道、办理方式、分类、区划、紧急程度、承办单位的件数。",
            en="How many cases the list with the same filters has of each state, kind, channel, track, category, division, "
            "urgency and unit. Counts the newest 20,000 at most.",
        ),
        handler=_count,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=FacetQuery,
        reply=FacetList,
        errors={Invalid: (*_FAULTS[Invalid], "lists.facet-unknown")},
    ),
    Operation(
        id="exportCases",
        method=Method.GET,
        path="/cases/export",
        tag=TAG,
        title=Text(zh="导出事项列表", en="Export a list of cases"),
        description=Text(
            zh="以 CSV 表格导出列表（UTF-8 带 BOM，可直接用 Excel 打开），条件与列表相同，每次至多一万行，其余见 Link。"
            "以 = + - @ 等开头的单元格前加单引号，不会作为公式执行。",
            en="The list as CSV, UTF-8 with a byte-order mark so that Excel reads it, up to 10,000 rows a call; Link leads "
            "to the rest. A cell that begins like a formula gets an apostrophe before it.",
        ),
        handler=_export,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=ExportQuery,
        sends=_CSV,
        errors=_FAULTS,
    ),
)
