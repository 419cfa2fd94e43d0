"""Templates over HTTP: the tenant's own wording of replies and notices, checked when it is saved, filled for a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from api.operations import Access, Call, Method, Operation, PathParameter, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import STAFF, day_of
from api.routes.cases import READERS, desk_of
from api.routes.organisation_views import DayQuery
from api.routes.template_views import (
    FieldList,
    FieldQuery,
    FieldView,
    TemplateExample,
    TemplatePage,
    TemplateQuery,
    TemplateSummary,
    TemplateView,
    TextRequest,
    TextValueView,
    TextView,
    head_of,
    new_template_body,
    template_check_body,
    version_view,
)
from core.cases.reading_rules import PRIVACY
from core.cases.service import find_case
from core.errors import Conflict, NotFound, Refused, Stale
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.templates.check import check_purpose, check_template, fill_with_titles, known_fields
from core.templates.reading import TemplateFilter, find_template, list_template_versions, list_templates
from core.templates.service import WRITERS, change_template, create_template, make_text
from core.templates.syntax import placeholders_of
from core.templates.template import KEY_PATTERN, Template, TemplateText, TemplateVersion, version_on
from core.tenants.scopes import Scope

TAG = "templates"
_FAULTS = (
    "templates.syntax",
    "templates.name-unknown",
    "templates.identity",
    "templates.too-many-placeholders",
    "templates.text-too-long",
    "templates.asked-twice",
    "templates.asked-unused",
    "templates.message-asks",
)
_EXAMPLE = {
    "title": "延期告知",
    "body": "${tenant}：编号${number}的事项收悉于${received_on}，因${asked.why}，预计于${asked.until}前答复。",
    "asked": [{"name": "why", "title": "原因"}, {"name": "until", "title": "预计日期"}],
}
_SAID = {"valid_from": "2026-01-01", "reason": "统一对外答复口径"}
_KEY = PathParameter(Text(zh="模板代码", en="The template's key"), KEY_PATTERN, "delay-notice")


async def _list(call: Call) -> Reply:
    query: TemplateQuery = call.query
    after = read_cursor(query.cursor, str) if query.cursor else None
    wanted = TemplateFilter(query.purpose, query.case_kind)
    found = await list_templates(call.session, wanted, day_of(call, query.on), query.limit + 1, after)
    page = found[: query.limit]
    following = make_cursor(page[-1]["key"]) if len(found) > query.limit else None
    names = TemplateSummary.__struct_fields__
    items = (TemplateSummary(**{name: row[name] for name in names}) for row in page)
    return Reply(TemplatePage(tuple(items), following), next_cursor=following)


async def _read(call: Call) -> Reply:
    template = await find_template(call.session, call.path["key"])
    versions = tuple(await list_template_versions(call.session, template.id))
    return _told(template, versions, day_of(call, call.query.on))


def _told(template: Template, versions: tuple[TemplateVersion, ...], day: date) -> Reply:
    current = version_on(versions, day)
    view = TemplateView(
        **head_of(template),
        current=version_view(current) if current else None,
        versions=tuple(map(version_view, versions)),
    )
    return Reply(view, etag=template.version)


async def _create(call: Call) -> Reply:
    body: Any = call.body
    template, version = await create_template(desk_of(call), body.key, body.purpose, body.case_kind, body)
    told = _told(template, (version,), day_of(call, None))
    return replace(told, location=f"/templates/{template.key}")


async def _change(call: Call) -> Reply:
    template, _ = await change_template(desk_of(call), call.path["key"], call.body, call.expected or 0)
    await call.session.flush()
    versions = tuple(await list_template_versions(call.session, template.id))
    return _told(template, versions, day_of(call, None))


async def _fields(call: Call) -> Reply:
    known = known_fields(call.jurisdiction, call.query.case_kind, call.query.purpose)
    return Reply(FieldList(tuple(FieldView(item.name, item.title, item.source) for item in known.values())))


async def _try(call: Call) -> Reply:
    body: Any = call.body
    known = known_fields(call.jurisdiction, body.case_kind, body.purpose)
    check_purpose(body.purpose, body.asked)
    parts = check_template(body.body, body.asked, known)
    names = dict.fromkeys(placeholder.name for placeholder in placeholders_of(parts))
    return Reply(TemplateExample(text=fill_with_titles(parts, body.asked, known), names=tuple(names)))


async def _make(call: Call) -> Reply:
    asked: TextRequest = call.body
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    made = await make_text(desk, case, asked.template, asked.asked)
    view = TextView(
        text=made.text,
        title=made.version.title,
        template=made.template.key,
        purpose=made.template.purpose,
        number=made.version.number,
        valid_from=made.version.valid_from,
        values=tuple(TextValueView(item.name, item.value, item.source) for item in made.values),
    )
    return Reply(view)


def _new_body(jurisdiction: Jurisdiction) -> Any:
    return new_template_body(jurisdiction)


def _draft_body(jurisdiction: Jurisdiction) -> Any:
    return template_check_body(jurisdiction)


def _new_example(_: Jurisdiction) -> Mapping[str, Any]:
    return {"delay": {"key": "delay-notice", "purpose": "notice", **_EXAMPLE, **_SAID}}


OPERATIONS = (
    Operation(
        id="listTemplates",
        method=Method.GET,
        path="/templates",
        tag=TAG,
        title=Text(zh="模板列表", en="List the templates"),
        description=Text(
            zh="按代码列出模板及某日的版本，可按用途和事项类型筛选。",
            en="The templates by key, each with the version that had begun last on the day; by purpose and kind of case.",
        ),
        handler=_list,
        scope=Scope.TEMPLATES_READ,
        roles=STAFF,
        query=TemplateQuery,
        reply=TemplatePage,
    ),
    Operation(
        id="createTemplate",
        method=Method.POST,
        path="/templates",
        tag=TAG,
        title=Text(zh="新建模板", en="Create a template"),
        description=Text(
            zh="新建模板及其首个版本。保存时核对每个占位符；诉求人身份不得写入模板。",
            en="Creates a template with its first version. Every placeholder is checked when it is saved: it must be a name "
            "that cases of the kind have, or one that the user is asked for. No name stands for the petitioner's identity.",
        ),
        handler=_create,
        scope=Scope.TEMPLATES_WRITE,
        roles=WRITERS,
        body=_new_body,
        reply=TemplateView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        clause=PRIVACY,
        errors={Conflict: ("templates.key-taken",), Refused: _FAULTS},
        examples=_new_example,
    ),
    Operation(
        id="readTemplate",
        method=Method.GET,
        path="/templates/{key}",
        tag=TAG,
        title=Text(zh="查看模板", en="Read a template"),
        description=Text(
            zh="某日有效的版本，附全部版本。",
            en="A template with the version in force on a day, and every version.",
        ),
        handler=_read,
        scope=Scope.TEMPLATES_READ,
        roles=STAFF,
        query=DayQuery,
        reply=TemplateView,
        etag=True,
        path_parameters={"key": _KEY},
        errors={NotFound: ("templates.unknown",)},
    ),
    Operation(
        id="changeTemplate",
        method=Method.POST,
        path="/templates/{key}/versions",
        tag=TAG,
        title=Text(zh="修订模板", en="Change a template from a day on"),
        description=Text(
            zh="记录模板的下一版本，全文提交，自生效日起使用；也可自某日起停用。原版本保留，同日再记的以后记的为准。",
            en="Records the next version, said whole, used from a day on; `retired` ends the template on that day. Earlier "
            "versions stay; of two from the same day the later recorded one is used.",
        ),
        handler=_change,
        scope=Scope.TEMPLATES_WRITE,
        roles=WRITERS,
        body=TemplateText,
        reply=TemplateView,
        status=201,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=PRIVACY,
        path_parameters={"key": _KEY},
        errors={NotFound: ("templates.unknown",), Stale: ("templates.stale",), Refused: _FAULTS},
        examples=lambda _: {"delay": {**_EXAMPLE, **_SAID}},
    ),
    Operation(
        id="listTemplateFields",
        method=Method.GET,
        path="/template-fields",
        tag=TAG,
        title=Text(zh="可用占位符", en="List what templates can hold"),
        description=Text(
            zh="某类事项的模板可用的占位符：事项要素、期限和事实。",
            en="Every name that can stand in a template for a kind of case: of the case, its deadlines and its facts.",
        ),
        handler=_fields,
        scope=Scope.TEMPLATES_READ,
        roles=STAFF,
        query=FieldQuery,
        reply=FieldList,
        errors={NotFound: ("cases.kind-unknown",)},
    ),
    Operation(
        id="tryTemplate",
        method=Method.POST,
        path="/calculations/template",
        tag="calculations",
        title=Text(zh="模板试填", en="Try a template out"),
        description=Text(
            zh="核对模板并给出示例文本，不保存。",
            en="Checks a template as saving it would, and shows how a text will look. Nothing is recorded.",
        ),
        handler=_try,
        scope=Scope.CALCULATIONS_READ,
        roles=STAFF,
        access=Access.READ,
        body=_draft_body,
        reply=TemplateExample,
        errors={Refused: _FAULTS},
        examples=lambda _: {"delay": {"body": _EXAMPLE["body"], "asked": _EXAMPLE["asked"]}},
    ),
    Operation(
        id="makeText",
        method=Method.POST,
        path="/cases/{case_id}/texts",
        tag=TAG,
        title=Text(zh="生成文本", en="Make a text for a case"),
        description=Text(
            zh="按模板生成该事项的文本，附所用版本和每项取值，不保存。无权查看的内容不能生成。文本为中文，日期为本地日期。",
            en="Fills the version in force today with what the case holds and the reader may see, and tells the version and "
            "every value used. Values are told in Chinese, days are local. Nothing is saved; what the case does not have "
            "yet, or not for the reader, is refused by name.",
        ),
        handler=_make,
        scope=Scope.CASES_READ,
        roles=READERS,
        access=Access.READ,
        body=TextRequest,
        reply=TextView,
        errors={
            NotFound: ("cases.unknown",),
            Refused: (
                "templates.no-such-template",
                "templates.other-kind",
                "templates.not-in-force",
                "templates.value-missing",
                "templates.not-asked",
                "templates.answer-missing",
                "templates.text-too-long",
            ),
        },
        examples=lambda _: {"delay": {"template": "delay-notice", "asked": {"why": "需现场核实", "until": "3月20日"}}},
    ),
)
