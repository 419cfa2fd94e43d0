"""Sends each message to one address of the tenant's own, signed by the Standard Webhooks."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from core.clock import WallClock
from core.errors import Invalid
from core.law.instrument import Text
from core.messages.channel import Outgoing, Reach, Report, Sent
from core.messages.posting import check_url, post
from core.webhooks.signing import PREFIX, headers_of


class WebhookSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where messages go, and the secret (``whsec_…``, base64 behind it) with which they are signed."""

    url: Annotated[str, Meta(max_length=500)]
    secret: Annotated[str, Meta(pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$(?!\n)")] | None = None


class Webhook:
    """A webhook for messages."""

    key, title, address_kind = "webhook", Text(zh="消息推送地址", en="A webhook"), None
    settings: type[Struct] = WebhookSettings
    secrets = frozenset({"secret"})
    place = ("url",)

    def check(self, settings: WebhookSettings) -> None:
        """Raises :class:`Invalid` for an address that is not safe and a secret that is not base64."""
        check_url(settings.url, "/settings/url")
        if settings.secret is not None:
            _check_secret(settings.secret)

    def read_address(self, address: str) -> str:
        """There are none."""
        return address

    async def send(self, message: Outgoing, settings: WebhookSettings, reach: Reach) -> Sent:
        """Posts the message; raises :class:`core.messages.channel.Failed`."""
        content, at = write_body(message), int(WallClock().now().timestamp())
        signers = (settings.secret,) if settings.secret else ()
        told = headers_of(signers, str(message.id), at, content)
        headers = {"content-type": "application/json"} | {name: value for name, value in told.items() if value}
        await post(settings.url, content, headers, reach)
        return Sent()

    def read_report(self, _body: dict[str, Any], _settings: WebhookSettings, /) -> tuple[Report, ...]:
        """Who has answered with success has it."""
        return ()


WEBHOOK = Webhook()


def write_body(message: Outgoing) -> bytes:
    """What is sent: the words, and ids for whoever reads the rest over the API."""
    names = ("id", "subject", "text", "number", "case_id", "person_id", "unit_id")
    return msgspec.json.encode({name: getattr(message, name) for name in names})


def _check_secret(secret: str) -> None:
    try:
        base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise Invalid("messages.secret-malformed", field="/settings/secret") from error
