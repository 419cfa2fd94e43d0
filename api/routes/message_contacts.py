"""Contacts over HTTP: where people and units are reached by messages."""

from __future__ import annotations

from uuid import UUID

from api.operations import Call, Method, Operation, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.administration import STAFF
from api.routes.cases import desk_of
from api.routes.message_views import ContactPage, ContactView, contact_view
from api.routes.messages import TAG
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Stale
from core.law.instrument import Text
from core.messages.contact_service import NewContact, end_contact, find_contact, list_contacts, record_contact
from core.tenants.commands import Ending
from core.tenants.scopes import Scope


async def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await list_contacts(desk_of(call), query.limit + 1, after)
    page, keys = found[: query.limit], await call.session.keys()
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(ContactPage(tuple(contact_view(call, item, keys) for item in page), following), next_cursor=following)


async def _read(call: Call) -> Reply:
    found = await find_contact(desk_of(call), call.id("contact_id"))
    return Reply(contact_view(call, found, await call.session.keys()), etag=found.version)


async def _record(call: Call) -> Reply:
    made = await record_contact(desk_of(call), call.body)
    view = contact_view(call, made, await call.session.keys())
    return Reply(view, etag=made.version, location=f"/message-contacts/{made.id}", kept=made.id)


async def _retell(call: Call, kept: bytes) -> Reply:
    """An address does not lie with the kept answers."""
    made = await find_contact(desk_of(call), UUID(kept.decode().strip('"')))
    view = contact_view(call, made, await call.session.keys())
    return Reply(view, etag=made.version, location=f"/message-contacts/{made.id}")


async def _end(call: Call) -> Reply:
    after = await end_contact(desk_of(call), call.id("contact_id"), call.body, call.expected or 0)
    return Reply(contact_view(call, after, await call.session.keys()), etag=after.version, kept=after.id)


async def _retell_end(call: Call, kept: bytes) -> Reply:
    found = await find_contact(desk_of(call), UUID(kept.decode().strip('"')))
    return Reply(contact_view(call, found, await call.session.keys()), etag=found.version)


OPERATIONS = (
    Operation(
        id="listMessageContacts",
        method=Method.GET,
        path="/message-contacts",
        tag=TAG,
        title=Text(zh="联系方式列表", en="List contacts"),
        description=Text(
            zh="本人的联系方式，含已终止的；租户管理员可见全部，他人的地址隐去。",
            en="Your contacts, ended ones too, in the order of recording; for an administrator everybody's, with the "
            "addresses of others masked.",
        ),
        handler=_list,
        scope=Scope.MESSAGES_READ,
        roles=STAFF,
        query=PageQuery,
        reply=ContactPage,
    ),
    Operation(
        id="recordMessageContact",
        method=Method.POST,
        path="/message-contacts",
        tag=TAG,
        title=Text(zh="登记联系方式", en="Record a contact"),
        description=Text(
            zh="登记本人接收消息的地址；他人和单位的由租户管理员登记。地址加密保存，不出现在日志、事件和他人的列表中。"
            "同类地址有多个的，用生效日最晚的。",
            en="Where you are reached; administrators record it of others and of units. Addresses are sealed, and stand in "
            "no log, no event and no list of others. Of several of a kind the one that began last is used.",
        ),
        handler=_record,
        scope=Scope.MESSAGES_WRITE,
        roles=STAFF,
        body=NewContact,
        reply=ContactView,
        status=201,
        idempotent=True,
        retell=_retell,
        etag=True,
        location=True,
        errors={
            Invalid: ("messages.address-malformed", "messages.contact-of-two"),
            Forbidden: ("messages.contact-of-others",),
            Conflict: ("messages.too-many-contacts",),
            Refused: (
                "messages.address-kind-unknown",
                "messages.person-unknown",
                "tenants.unit-unknown",
                "tenants.unit-not-active",
                "tenants.ends-before-it-begins",
            ),
        },
        examples=lambda _: {"mine": {"kind": "email", "address": "zhang.wei@example.cn", "valid_from": "2026-12-01"}},
    ),
    Operation(
        id="readMessageContact",
        method=Method.GET,
        path="/message-contacts/{contact_id}",
        tag=TAG,
        title=Text(zh="查看联系方式", en="Read a contact"),
        description=Text(
            zh="本人的联系方式；租户管理员可查看任何一个。", en="One of yours; for an administrator anybody's."
        ),
        handler=_read,
        scope=Scope.MESSAGES_READ,
        roles=STAFF,
        reply=ContactView,
        etag=True,
        errors={NotFound: ("messages.contact-unknown",)},
    ),
    Operation(
        id="endMessageContact",
        method=Method.POST,
        path="/message-contacts/{contact_id}/end",
        tag=TAG,
        title=Text(zh="终止联系方式", en="End a contact"),
        description=Text(
            zh="写明最后一日和原因；之后不再使用。", en="Says which is its last day, and why. It is not used after that."
        ),
        handler=_end,
        scope=Scope.MESSAGES_WRITE,
        roles=STAFF,
        body=Ending,
        reply=ContactView,
        idempotent=True,
        retell=_retell_end,
        if_match=True,
        etag=True,
        errors={
            NotFound: ("messages.contact-unknown",),
            Stale: ("messages.contact-stale",),
            Conflict: ("messages.already-ended",),
            Refused: ("tenants.ends-before-it-begins",),
        },
        examples=lambda _: {"ended": {"last_day": "2027-06-30", "reason": "更换号码"}},
    ),
)
