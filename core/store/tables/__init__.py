"""All tables. Every key and index of a tenant table begins with the tenant, so that the schema can be sharded by it."""

from __future__ import annotations

from core.store.tables.accountability import (
    accountability_copy,
    accountability_decision,
    accountability_effect,
    accountability_source,
)
from core.store.tables.accounts import (
    account,
    account_invitation,
    account_link,
    federated_attempt,
    identity_provider,
    known_device,
    sign_in,
    sign_in_failure,
)
from core.store.tables.attachments import attachment
from core.store.tables.authorizations import (
    authorization_code,
    client_authorization,
    device_authorization,
    refresh_token,
)
from core.store.tables.cases import case_number, case_step, case_unit, cases
from core.store.tables.categories import category, category_version
from core.store.tables.clients import client, initial_access_token, revoked_token
from core.store.tables.configuration import calendar_version, setting
from core.store.tables.corrections import closed_month, month_adjustment
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.feedback import feedback
from core.store.tables.feeds import calendar_feed
from core.store.tables.knowledge import (
    knowledge_act,
    knowledge_article,
    knowledge_category,
    knowledge_gram,
    knowledge_tally,
    knowledge_use,
    knowledge_version,
)
from core.store.tables.messages import message, message_attempt, message_channel, message_contact, message_rule
from core.store.tables.notices import deadline_notice
from core.store.tables.organisation import person, post, role_grant, unit, unit_version
from core.store.tables.petitioners import case_petitioner, identity_reading, narrative_reading, petitioner
from core.store.tables.platforms import case_supplement, client_operator, external_case, platform, spent_assertion
from core.store.tables.records import audit, audit_content, idempotency, outbox
from core.store.tables.recounts import recount
from core.store.tables.recusals import recusal
from core.store.tables.requests import case_request
from core.store.tables.routing import routing_outcome, routing_rule
from core.store.tables.schema import TENANT, TENANT_PARAMETER, metadata
from core.store.tables.search import case_gram
from core.store.tables.supervision import supervision_item
from core.store.tables.templates import template, template_version
from core.store.tables.tenancy import signing_key, tenant, tenant_clock, tenant_key
from core.store.tables.timers import event_sequence, timer
from core.store.tables.webhooks import webhook, webhook_attempt, webhook_delivery

__all__ = [
    "TENANT",
    "TENANT_PARAMETER",
    "account",
    "account_invitation",
    "account_link",
    "accountability_copy",
    "accountability_decision",
    "accountability_effect",
    "accountability_source",
    "attachment",
    "audit",
    "audit_content",
    "authorization_code",
    "calendar_feed",
    "calendar_version",
    "case_gram",
    "case_number",
    "case_petitioner",
    "case_request",
    "case_step",
    "case_supplement",
    "case_unit",
    "cases",
    "category",
    "category_version",
    "client",
    "client_authorization",
    "client_operator",
    "closed_month",
    "deadline",
    "deadline_entry",
    "deadline_notice",
    "device_authorization",
    "event_sequence",
    "external_case",
    "federated_attempt",
    "feedback",
    "idempotency",
    "identity_provider",
    "identity_reading",
    "initial_access_token",
    "knowledge_act",
    "knowledge_article",
    "knowledge_category",
    "knowledge_gram",
    "knowledge_tally",
    "knowledge_use",
    "knowledge_version",
    "known_device",
    "message",
    "message_attempt",
    "message_channel",
    "message_contact",
    "message_rule",
    "metadata",
    "month_adjustment",
    "narrative_reading",
    "outbox",
    "person",
    "petitioner",
    "platform",
    "post",
    "recount",
    "recusal",
    "refresh_token",
    "revoked_token",
    "role_grant",
    "routing_outcome",
    "routing_rule",
    "setting",
    "sign_in",
    "sign_in_failure",
    "signing_key",
    "spent_assertion",
    "supervision_item",
    "template",
    "template_version",
    "tenant",
    "tenant_clock",
    "tenant_key",
    "timer",
    "unit",
    "unit_version",
    "webhook",
    "webhook_attempt",
    "webhook_delivery",
]
