"""The application: every operation of every domain behind one Litestar router, made from what each declares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import asgi

from api.catalogue import Catalogue
from api.endpoints import Endpoint, Runner
from api.exchange import STATE
from api.languages import choose_language
from api.operations import Operation
from api.pipeline import Pipeline
from api.problems import NOT_FOUND, render_problem
from api.routes import all_operations
from api.services import Services
from api.shell import Shell
from core.errors import NotFound

PREFIX = "/t/{tenant}/v1"
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(
    services: Services, operations: Iterable[Operation] | None = None, lifespan: Lifespan | None = None
) -> Shell:
    """The ASGI application over the services; ``operations`` instead of all of them, for tests."""
    from api.oauth.routes import oauth_runners
    from api.routes.health import health_runners

    catalogue = Catalogue(all_operations() if operations is None else operations)
    pipeline = Pipeline(services, catalogue)
    runners: dict[str, dict[str, Runner]] = defaultdict(dict)
    for operation in catalogue.operations:
        runners[PREFIX + operation.path][operation.method.value] = partial(pipeline.run, operation)
    for extra in (oauth_runners(services, pipeline), health_runners(services)):
        for route, methods in extra.items():
            runners[route].update(methods)
    handlers = [_route(Endpoint(route, methods, services.issuer)) for route, methods in runners.items()]
    app = Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: _unmatched},
        lifespan=[lifespan] if lifespan else [],
    )
    return Shell(app, services.settings.public_url)


def _route(endpoint: Endpoint) -> Any:
    path = endpoint.route.replace("}", ":str}")
    return asgi(path, copy_scope=False)(endpoint.__call__)


def _unmatched(request: Request[Any, Any, Any], _error: HTTPException) -> Response[bytes]:
    """No route has the path: the same answer as for a tenant or a thing that does not exist."""
    language = choose_language(request.headers.get("accept-language", ""))
    trace = request.scope[STATE]  # type: ignore[literal-required]  # ours, put there by the shell
    problem = render_problem((NotFound(NOT_FOUND),), language, trace.request_id)
    trace.code = problem.code
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    return Response(problem.body, status_code=problem.status, headers=headers, media_type=headers["content-type"])
