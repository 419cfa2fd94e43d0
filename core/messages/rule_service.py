"""Message rules in the store: what must hold of one, recorded, and ended."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, update

from core.errors import Conflict, NotFound, Refused, Stale
from core.ids import new_id
from core.jurisdictions import Jurisdiction
from core.law.instrument import Key
from core.messages.rules import Addressee, MessageRule, Occasion, Recipients
from core.messages.tenant_channels import ChannelKey, TenantChannel, find_tenant_channel
from core.procedure import CaseKind, Role, Verb
from core.rungs import Level
from core.store.tables.messages import message_rule
from core.store.tables.schema import TENANT
from core.templates.reading import find_template
from core.templates.template import Template, TemplateKey, TemplatePurpose
from core.tenants.checks import check_span
from core.tenants.commands import Basis, Ending
from core.tenants.names import normalise
from core.tenants.service.administration import Administration

HOUSE = "wenze:house#messages"
ANSWERS = "wenze:house#feedback"
MOST_RULES = 500
"""That hold, or will: each is asked about with every step and every warning."""
_NOT_WRITTEN_TO = frozenset({Role.UNIT_OFFICER, Role.PETITIONER, Role.PLATFORM_OPERATOR, Role.SCORER})
"""Officers are written to for their units; the others see no cases."""
_END = (
    update(message_rule)
    .where(message_rule.c.tenant == TENANT, message_rule.c.id == bindparam("of_id"))
    .values(valid_to=bindparam("last_day"))
)


class NewMessageRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """On what occasion whom is written to, by which channel and in which words (消息规则)."""

    occasion: Annotated[
        Occasion,
        Meta(title="时机", description="level or rung of the warning ladder (every deadline has the rung breach), or step."),
    ]
    key: Annotated[Key, Meta(title="时机代码", description="The level, the key of the rung, or the key of the step.")]
    recipients: Annotated[
        Recipients,
        Meta(
            title="收信方",
            description="The unit that holds the deadline (of a step: those that it names, else the lead), the lead unit, "
            "each unit of the case, the unit above the holder, or everybody with a role. Who is recused is not written to.",
        ),
    ]
    channel: Annotated[ChannelKey, Meta(title="渠道", description="One of GET /message-channels.")]
    template: Annotated[TemplateKey, Meta(title="模板", description="One with the purpose message.")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds.")]
    basis: Basis
    case_kind: Annotated[Key | None, Meta(title="事项类型", description="Cases of this kind; else of any.")] = None
    addressee: Annotated[
        Addressee, Meta(title="收信人", description="Of a unit each of its officers, or the unit's own address.")
    ] = Addressee.OFFICERS
    role: Annotated[Role | None, Meta(title="角色", description="With the recipients role alone.")] = None
    office_hours: Annotated[
        bool, Meta(title="仅办公时间", description="Whether it waits until the office opens, where office hours are set.")
    ] = False


async def record_message_rule(admin: Administration, new: NewMessageRule) -> tuple[MessageRule, TenantChannel, Template]:
    """A new rule; raises :class:`Refused` for one that names what is not there, and :class:`Conflict` where there are as
    many as there may be."""
    snapshot = await admin.begin()
    check_message_rule(new, snapshot.jurisdiction)
    today = snapshot.local_day(admin.now(snapshot))
    if sum(rule.valid_to is None or rule.valid_to >= today for rule in snapshot.messages.in_order) >= MOST_RULES:
        raise Conflict("messages.too-many-rules", most=MOST_RULES)
    channel, template = await _channel(admin, new), await _template(admin, new)
    rule = MessageRule(
        id=new_id(),
        valid_from=new.valid_from,
        valid_to=None,
        occasion=new.occasion,
        key=new.key,
        case_kind=new.case_kind,
        recipients=new.recipients,
        role=new.role.value if new.role else None,
        addressee=new.addressee,
        channel_id=channel.id,
        template_id=template.id,
        office_hours=new.office_hours,
        basis=normalise(new.basis),
        recorded_at=admin.recorded_at,
        recorded_by=admin.person_id,
    )
    row: dict[str, Any] = {name: getattr(rule, name) for name in MessageRule.__slots__}
    words = {name: row[name].value for name in ("occasion", "recipients", "addressee")}
    admin.session.add(message_rule, row | words)
    _record(admin, rule, "message-rule.recorded", row)
    return rule, channel, template


def check_message_rule(new: NewMessageRule, city: Jurisdiction) -> None:
    """Raises :class:`Refused` for a level, step, kind or role that there is not; a rung can be set later. Pure."""
    if new.case_kind is not None and new.case_kind not in city.kinds:
        known = ", ".join(sorted(city.kinds))
        raise Refused("messages.case-kind-unknown", field="/case_kind", kind=new.case_kind, known=known)
    if new.occasion is Occasion.LEVEL and new.key not in set(Level):
        raise Refused("messages.level-unknown", field="/key", key=new.key, known=", ".join(Level))
    if new.occasion is Occasion.STEP and new.key not in (steps := _steps(new, city)):
        raise Refused("messages.step-unknown", field="/key", key=new.key, known=", ".join(sorted(steps)))
    if (new.role is not None) != (new.recipients is Recipients.ROLE) or new.role in _NOT_WRITTEN_TO:
        raise Refused("messages.role-unfit", field="/role")
    if new.recipients is not Recipients.ROLE and _tells_of_answers(new, city):
        raise Refused("messages.answer-not-for-units", field="/recipients", clause=ANSWERS)


def _steps(new: NewMessageRule, city: Jurisdiction) -> set[str]:
    return {step.key for kind in _kinds(new, city) for step in kind.steps if step is not kind.registration}


def _tells_of_answers(new: NewMessageRule, city: Jurisdiction) -> bool:
    """Whether it is written when somebody says what they think of a result: by when, a unit could tell who."""
    answers = (step.key for kind in _kinds(new, city) for step in kind.steps if step.verb is Verb.FEEDBACK)
    return new.occasion is Occasion.STEP and new.key in answers


def _kinds(new: NewMessageRule, city: Jurisdiction) -> list[CaseKind]:
    return [city.kinds[new.case_kind]] if new.case_kind else list(city.kinds.values())


async def _channel(admin: Administration, new: NewMessageRule) -> TenantChannel:
    try:
        return await find_tenant_channel(admin.session, new.channel)
    except NotFound as error:
        raise Refused("messages.no-such-channel", field="/channel") from error


async def _template(admin: Administration, new: NewMessageRule) -> Template:
    try:
        found = await find_template(admin.session, new.template)
    except NotFound as error:
        raise Refused("templates.no-such-template", field="/template") from error
    if found.purpose is not TemplatePurpose.MESSAGE or found.case_kind not in {None, new.case_kind}:
        raise Refused("messages.template-unfit", field="/template")
    return found


async def end_message_rule(admin: Administration, rule_id: UUID, ending: Ending, expected: int) -> MessageRule:
    """The rule with its last day; raises :class:`NotFound`, :class:`Stale`, :class:`Conflict` or :class:`Refused`."""
    rule = (await admin.begin()).messages.rule(rule_id)
    if expected != rule.version:
        raise Stale("messages.rule-stale", current=rule.version)
    if rule.valid_to is not None:
        raise Conflict("messages.already-ended", day=rule.valid_to.isoformat())
    check_span(rule.valid_from, ending.last_day, "/last_day")
    await admin.session.execute(_END, {"of_id": rule_id, "last_day": ending.last_day})
    content = {"last_day": ending.last_day.isoformat(), "reason": normalise(ending.reason)}
    _record(admin, rule, "message-rule.ended", content)
    return rule.ended_on(ending.last_day)


def _record(admin: Administration, rule: MessageRule, action: str, content: dict[str, Any]) -> None:
    plain: dict[str, Any] = msgspec.to_builtins(content)
    admin.record(action, f"message-rule:{rule.id}", plain, rule_id=str(rule.id))
