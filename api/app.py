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
from litestar.types import ASGIApp

from api.catalogue import Catalogue
from api.endpoints import Endpoint, Runner
from api.exchange import STATE, Trace
from api.languages import choose_language
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


def create_app(
    services: Services, operations: Iterable[Operation] | None = None, lifespan: Lifespan | None = None
) -> Shell:
    """The ASGI application over the services; ``operations`` instead of all of them, for tests."""
    from api.cors import Cors, is_shared
    from api.oauth.routes import oauth_runners
    from api.routes.health import health_runners
    from api.screens.routes import screen_runners

    catalogue = Catalogue(all_operations() if operations is None else operations)
    pipeline = Pipeline(services, catalogue)
    runners: dict[str, dict[str, Runner]] = defaultdict(dict)
    for operation in catalogue.operations:
        runners[PREFIX + operation.path][operation.method.value] = partial(pipeline.run, operation)
    for extra in (oauth_runners(services, pipeline), screen_runners(services, pipeline), health_runners(services)):
        for route, methods in extra.items():
            runners[route].update(methods)
    cors = Cors(services, pipeline)
    handlers = [_route(Endpoint(route, methods, cors if is_shared(route) else None)) for route, methods in runners.items()]
    app = Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: _unmatched, Exception: _unforeseen},
        lifespan=[lifespan] if lifespan else [],
    )
    return Shell(app, services.settings.public_url)


def _route(endpoint: Endpoint) -> HTTPRouteHandler:
    # A plain ASGI route would do, but Litestar 2.25 cannot give one its path parameters.
    async def hand_over() -> ASGIApp:
        return endpoint

    path = endpoint.route.replace("}", ":str}")
    return HTTPRouteHandler(path, http_method=METHODS, name=endpoint.route)(hand_over)


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
