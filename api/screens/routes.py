"""The addresses of the pages, below each tenant's issuer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from api.endpoints import Runner
from api.exchange import Answer, Exchange
from api.oauth import federation
from api.oauth.metadata import ISSUER_PATH, SIGN_OUT
from api.pipeline import Pipeline
from api.requests import Disconnected
from api.screens import account, account_secrets, authorizing, devices, invitations, signing_in, signing_out
from api.screens.errors import unforeseen_page
from api.screens.onward import ACCOUNT, AUTHORIZE, DEVICE, PASSWORD, RECOVERY_CODES, SECOND_FACTOR
from api.screens.rendering import style
from api.screens.visits import Visit, open_visit
from api.services import Services
from core.tenants.snapshot import Snapshot

Handler = Callable[[Visit], Awaitable[Answer]]
PAGES: dict[str, tuple[Handler, Handler]] = {
    AUTHORIZE: (authorizing.show_authorization, authorizing.answer_authorization),
    "/sign-in": (signing_in.show_sign_in, signing_in.sign_in),
    "/second-factor": (signing_in.show_second_factor, signing_in.confirm),
    SIGN_OUT: (signing_out.show_sign_out, signing_out.sign_out),
    DEVICE: (devices.show_device, devices.answer_device),
    "/invitation": (invitations.show_invitation, invitations.accept_invitation),
    ACCOUNT: (account.show_account, account.change_account),
    PASSWORD: (account_secrets.show_password, account_secrets.answer_password),
    SECOND_FACTOR: (account_secrets.show_second_factor, account_secrets.answer_second_factor),
    RECOVERY_CODES: (account_secrets.show_recovery_codes, account_secrets.renew_codes),
}
"""What shows each page, and what takes its form."""


def screen_runners(services: Services, pipeline: Pipeline) -> dict[str, dict[str, Runner]]:
    """What answers at each address, by method."""
    runners: dict[str, dict[str, Runner]] = {
        ISSUER_PATH + path: {
            "GET": partial(_run, services, pipeline, shows),
            "POST": partial(_run, services, pipeline, takes),
        }
        for path, (shows, takes) in PAGES.items()
    }
    for path, takes in ((federation.PROVIDER, federation.begin_sign_in), (federation.CALLBACK, federation.end_at_provider)):
        runners[ISSUER_PATH + path] = {"GET": partial(_run, services, pipeline, takes)}
    return {**runners, f"{ISSUER_PATH}/style.css": {"GET": show_style}}


async def show_style(exchange: Exchange) -> Answer:
    """``GET …/style.css``: the same for every tenant; its address changes with it, so that it is kept for long."""
    del exchange
    headers = ((b"content-type", b"text/css; charset=utf-8"), (b"cache-control", b"public, max-age=31536000, immutable"))
    return Answer(200, style()[0], headers)


async def _run(services: Services, pipeline: Pipeline, handler: Handler, exchange: Exchange) -> Answer:
    """One request; whatever goes wrong in it is a page, too."""
    snapshot: Snapshot | None = None
    try:
        snapshot = await pipeline.find_tenant(exchange)
        return await handler(await open_visit(services, snapshot.tenant, exchange))
    except Disconnected:
        raise
    except Exception as error:  # noqa: BLE001  # the edge: whatever it is, the person gets a page
        return unforeseen_page(exchange, services, snapshot, error)
