"""What the service sends by itself: the events that webhooks are posted, as the document's ``webhooks`` (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from api.openapi.schemas import Schema, Schemas
from core.events.envelope import MEDIA_TYPE, CloudEvent

_DESCRIPTION = """\
**An event, as it is posted to a webhook.** Signed as Standard Webhooks has it: HMAC-SHA256 by the webhook's secret over \
`webhook-id`, `webhook-timestamp` and the body, with a full stop between them. The same event can come more than once, \
always under the same `webhook-id`.

推送给接收方的事件，按 Standard Webhooks 签名。同一事件可能收到不止一次，webhook-id 相同。"""


def describe_webhooks(schemas: Schemas) -> dict[str, Any]:
    """The one message that is sent."""
    operation = {
        "operationId": "receiveEvent",
        "tags": ["webhooks"],
        "summary": "接收事件",
        "description": _DESCRIPTION,
        "security": [],
        "parameters": [
            _header("webhook-id", "事件编号，每次相同。The event's id, the same with every attempt.", format="uuid"),
            _header("webhook-timestamp", "发送时间。When it was sent, in Unix seconds.", pattern="^[0-9]+$(?!\\n)"),
            _header("webhook-signature", "签名。`v1,` and base64; several, parted by blanks, while a secret is rotated."),
        ],
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schemas.of(CloudEvent)}}},
        "responses": {
            "2XX": {"description": "已收到。Received; anything else, and no answer within ten seconds, is tried again."},
            "410": {"description": "不再接收，推送随即停用。No more of this: the webhook is disabled."},
        },
    }  # fmt: skip
    return {"event": {"post": operation}}


def _header(name: str, description: str, **schema: str) -> Schema:
    told = {"name": name, "in": "header", "required": True, "description": description}
    return told | {"schema": {"type": "string", **schema}}
