"""The application: every operation of every domain behind one Litestar router, made from what each declares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import structlog
from litestar import HttpMethod, Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.types import ASGIApp, Receive, Scope, Send

from api.catalogue import Catalogue
from api.endpoints import Endpoint, Runner
from api.exchange import STATE, Trace
from api.languages import choose_language
from api.limits import Limits
from api.operations import Operation
from api.pipeline import Pipeline
from api.problems import NOT_FOUND, ProblemReply, render_internal, render_problem
from api.routes import all_operations
from api.services import Services
from api.shell import Shell
from core.errors import NotFound

_log: Any = structlog.get_logger("wenze.errors")
METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE, HttpMethod.OPTIONS]
"""By which a path is found; which of them it has is for its endpoint to say."""
PREFIX = "/t/{tenant}/v1"
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(services: Services, operations: Iterable[Operation] | None = None, lifespan: Lifespan | None = None) -> Shell:
    """The ASGI application over the services; ``operations`` instead of all of them, for tests."""
    from api.cors import Cors, is_shared
    from api.oauth.routes import oauth_runners
    from api.routes.health import health_runners
    from api.screens.routes import screen_runners

    catalogue = Catalogue(all_operations() if operations is None else operations)
    pipeline = Pipeline(services, catalogue)
    runners: dict[str, dict[str, Runner]] = defaultdict(dict)
    limits = Limits(services, pipeline)
    for operation in catalogue.operations:
        run: Runner = partial(pipeline.run, operation)
        limited = limits.of_misses(operation.id, run) if operation.secret_address else run
        runners[PREFIX + operation.path][operation.method.value] = limited
    for extra in (oauth_runners(services, pipeline), screen_runners(services, pipeline), health_runners(services)):
        for route, methods in extra.items():
            runners[route].update(methods)
    cors = Cors(services, pipeline)
    endpoints = [Endpoint(route, methods, cors if is_shared(route) else None) for route, methods in runners.items()]
    app = _Router(
        [_hand_over_to(endpoints)],
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: _unmatched, Exception: _unforeseen},
        lifespan=[lifespan] if lifespan else [],
    )
    return Shell(app, services.settings.public_url)


class _Router(Litestar):
    """Litestar for its routing alone."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        # By default all of Pydantic is loaded wherever it is installed, for types that no operation has.
        return plugins


def _hand_over_to(endpoints: Iterable[Endpoint]) -> HTTPRouteHandler:
    """One handler for all paths, because each that Litestar has to look into takes a start longer.

    A plain ASGI route would do, but Litestar 2.25 cannot give one its path parameters.
    """
    by_route = {endpoint.route: endpoint for endpoint in endpoints}

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await by_route[scope["path_template"]](scope, receive, send)

    async def hand_over() -> ASGIApp:
        return dispatch

    return HTTPRouteHandler([route.replace("}", ":str}") for route in by_route], http_method=METHODS)(hand_over)


def _unmatched(request: Request[Any, Any, Any], _error: HTTPException) -> Response[bytes]:
    """No route has the path: the same answer as for a tenant or a thing that does not exist."""
    return _respond(request, lambda *reader: render_problem((NotFound(NOT_FOUND),), *reader))


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Something of the router's own went wrong."""
    _log.error("unforeseen", exc_info=error, request_id=request.scope[STATE].request_id)  # type: ignore[literal-required]  # see below
    return _respond(request, render_internal)


def _respond(request: Request[Any, Any, Any], render: Callable[[str, str], ProblemReply]) -> Response[bytes]:
    trace: Trace = request.scope[STATE]  # type: ignore[literal-required]  # ours, put there by the shell
    problem = render(choose_language(request.headers.get("accept-language", "")), trace.request_id)
    trace.code = problem.code
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    return Response(problem.body, status_code=problem.status, headers=headers, media_type=headers["content-type"])
