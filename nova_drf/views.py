"""``AsyncAPIView`` and ``async_api_view``: DRF's views, each step of which may be ``async def``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.http import HttpRequest, HttpResponseBase
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.views import APIView, set_rollback

from nova_drf.dispatch import (
    HTTP_METHODS,
    arrange,
    is_async,
    plan_of,
    two_sided_itself,
)
from nova_drf.loops import in_sync, runs_on_loop
from nova_drf.negotiation import negotiation_key, remember, remembered
from nova_drf.policies import (
    Replaced,
    asks_sync_members,
    opens_without_queries,
    synchronous,
    synchronous_members,
)
from nova_drf.rendering import awaitable, rendered_without_hop
from nova_drf.streaming import is_stream, streamed
from nova_drf.transactions import awaited_view, render_in_transaction

if TYPE_CHECKING:
    from rest_framework.views import AsView, GenericView


class AsyncAPIView(APIView):
    """DRF's ``APIView``, each method of which may be overridden by ``def`` or by ``async def``.

    A class in which all is ``def`` is DRF's own view, to be called like one. The view function of a
    route to a handler that is ``async def``, or of a class with an async hook, permission, ... is a
    coroutine function: what is ``def`` runs in a worker thread, the rest on the event loop.

    Code that runs on an event loop may ``await view(request)`` in either case, and code that does
    not may call ``async_to_sync(view)(request)``.
    """

    if not TYPE_CHECKING:
        # Django would look at the handlers, of which either all or none may be async.
        view_is_async = False

    has_async_steps: ClassVar[bool] = False
    """Whether any hook or handler of the class is ``async def``."""

    runs_inline: bool = False
    """Whether sync steps are just called, although an event loop is running in this thread."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        arrange(cls)

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> AsView[GenericView]:
        """Return DRF's view function; it has to be awaited if anything of the route is async.

        Args:
            args: For a viewset, the actions: ``{"get": "list"}``.
            initkwargs: As for DRF's ``as_view``.
        """
        view: Any = super().as_view(*args, **initkwargs)
        actions = getattr(view, "actions", None)
        handlers = HTTP_METHODS if actions is None else actions.values()
        made: Any = awaited_view(view) if plan_of(cls).awaits_any(handlers) else view
        return made  # type: ignore[no-any-return]

    @property
    def is_awaited(self) -> bool:
        """Whether this request is answered through the event loop."""
        actions: dict[str, str] | None = getattr(self, "action_map", None)
        handlers = HTTP_METHODS if actions is None else actions.values()
        return plan_of(type(self)).awaits_any(handlers)

    @two_sided_itself
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer a request: DRF's ``dispatch``, which is awaited on an event loop."""
        if runs_on_loop():
            return self._answer(request, *args, **kwargs)
        answer = in_sync(self._answer) if self.is_awaited else self._answer_sync
        return awaitable(answer(request, *args, **kwargs))

    def _answer_sync(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        if type(self).dispatch is AsyncAPIView.dispatch:
            # Nobody changes the response any more.
            render_in_transaction(response)
        return rendered_without_hop(request, response)

    async def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.is_awaited:
            return await sync_to_async(self._answer_sync)(request, *args, **kwargs)
        if self._handler_is_async(request):
            response = await self._answer_async(request, *args, **kwargs)
        else:
            # One hop for all of it.
            response = await sync_to_async(super().dispatch)(request, *args, **kwargs)
        return rendered_without_hop(request, response)

    def _handler_is_async(self, request: HttpRequest) -> bool:
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            return False
        if method == "head" and not hasattr(type(self), "head"):
            # Django lets ``get`` answer.
            method = "get"
        actions: dict[str, str] = getattr(self, "action_map", None) or {}
        return actions.get(method, method) in plan_of(type(self)).handlers

    async def _answer_async(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refusal = await self._open(request, *args, **kwargs)
        if refusal is not None:
            return refusal
        handler = getattr(self, self.request.method.lower())  # type: ignore[union-attr]
        try:
            response: Any = handler(self.request, *args, **kwargs)
            if isawaitable(response):
                response = await response
            if is_stream(response):
                response = streamed(self, response)
        except Exception as error:
            return await sync_to_async(self._fail)(error)
        if plan_of(type(self)).finishes_purely:
            self.response = APIView.finalize_response(self, self.request, response, *args, **kwargs)
            return self.response
        return await sync_to_async(self._finish)(response)

    async def _open(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Do what comes before the handler; return the response if the request is refused."""
        error: Exception | None = SynchronousOnlyOperation()
        if opens_without_queries(self, request):
            error = self._begin_inline(request, *args, **kwargs)
        if isinstance(error, SynchronousOnlyOperation):
            # Or a middleware of the project's own asks the database for the user.
            return await sync_to_async(self._begin_or_fail)(request, *args, **kwargs)
        return None if error is None else await sync_to_async(self._fail)(error)

    def _begin_inline(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Exception | None:
        self.runs_inline = True
        try:
            self._begin(request, *args, **kwargs)
            self.initial(self.request, *args, **kwargs)
        except Exception as error:
            return error
        finally:
            self.runs_inline = False
        return None

    def _begin_or_fail(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self._begin(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
        except Exception as error:
            return self._fail(error)
        return None

    def _begin(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers

    def _fail(self, error: Exception) -> HttpResponseBase:
        return self._finish(self.handle_exception(error))

    def _finish(self, response: Any) -> HttpResponseBase:
        self.response = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        return self.response

    # What DRF's own code calls may be async.

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Make DRF's request; authenticators may have an ``async def authenticate``."""
        made: Request = super().initialize_request(request, *args, **kwargs)
        if not asks_sync_members(self, "get_authenticators"):
            made.authenticators = [synchronous(one) for one in made.authenticators or ()]
        return made

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Choose the renderer and the media type as DRF does, which is remembered."""
        key = negotiation_key(self, request)
        found = None if key is None else remembered(key)
        if found is not None:
            return found
        renderer, media_type = super().perform_content_negotiation(request, force)
        if key is not None and not force:
            remember(key, renderer, media_type)
        return renderer, media_type

    def check_permissions(self, request: Request) -> None:
        """Check the permissions; ``has_permission`` may be ``async def``."""
        with synchronous_members(self, "get_permissions"):
            super().check_permissions(request)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Check the permissions for an object; ``has_object_permission`` may be ``async def``."""
        with synchronous_members(self, "get_permissions"):
            super().check_object_permissions(request, obj)

    def check_throttles(self, request: Request) -> None:
        """Check the throttles; ``allow_request`` and ``wait`` may be ``async def``."""
        with synchronous_members(self, "get_throttles"):
            super().check_throttles(request)

    def handle_exception(self, exc: Exception) -> Any:
        """Handle an exception; the exception handler may be ``async def``.

        What an async one answers rolls the transaction of the request back. It cannot do so by
        itself: DRF's ``exception_handler`` and ``set_rollback`` know the connections of the thread
        in which they run, and the event loop has none.
        """
        handler = self.get_exception_handler()
        if not iscoroutinefunction(handler):
            return super().handle_exception(exc)
        with Replaced(self, "get_exception_handler", lambda: _rolling_back(in_sync(handler))):
            return super().handle_exception(exc)


def _rolling_back(handle: Callable[..., Any]) -> Callable[..., Any]:
    def handler(exc: Exception, context: Any) -> Any:
        response = handle(exc, context)
        set_rollback()
        return response

    return handler


def async_api_view(
    http_method_names: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], AsView[GenericView]]:
    """DRF's ``api_view`` for a function that is ``def`` or ``async def``.

    DRF's decorators for policies (``@permission_classes`` and so on) go below it, as ever.

    Args:
        http_method_names: The methods it answers; ``["GET"]`` when left out.
    """
    methods: Any = http_method_names

    def decorator(function: Callable[..., Any]) -> AsView[GenericView]:
        made: Any = api_view(methods)(function)
        classic = made.cls
        namespace = {
            name: value
            for name, value in vars(classic).items()
            if name not in ("__dict__", "__weakref__")
        }
        if is_async(function):
            handler = _awaiting(function)
            namespace.update((name.lower(), handler) for name in methods or ["GET"])
        view_class: Any = type(classic.__name__, (AsyncAPIView,), namespace)
        return view_class.as_view()  # type: ignore[no-any-return]

    return decorator


def _awaiting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler method that passes on to an async function."""

    async def handler(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return result if is_stream(result) else await result

    return handler
