"""``AsyncAPIView`` and ``async_api_view``: DRF's views, each step of which may be ``async def``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.http import HttpRequest, HttpResponseBase
from rest_framework.decorators import api_view
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf.core.concurrency import (
    awaited,
    in_sync,
    refuse_unawaited,
    runs_on_loop,
    settled,
)
from nova_drf.core.steps import marked
from nova_drf.views import known_answers
from nova_drf.views.hops import in_thread
from nova_drf.views.metaclass import AsyncViewMetaclass, arrange, async_steps_of, settle_routes
from nova_drf.views.negotiation import RememberingNegotiation
from nova_drf.views.opening import Opening
from nova_drf.views.ownership import is_of_drf, steps_are_drfs
from nova_drf.views.policies import settling, settling_members
from nova_drf.views.policy_classes import (
    answers_at_once,
    opens_without_queries,
    with_attribute,
)
from nova_drf.views.steps import (
    HTTP_METHODS,
    is_async,
    is_stream,
    settle_attributes,
    settling_handler,
    settling_request,
    step,
)
from nova_drf.views.streaming import astreamed, streamed
from nova_drf.views.transactions import awaited_view, render_in_transaction

_DISPATCH = APIView.dispatch if is_of_drf(APIView.dispatch) else None


class AsyncAPIView(APIView, metaclass=AsyncViewMetaclass):
    """DRF's ``APIView``, each method of which may be overridden by ``def`` or by ``async def``.

    A class in which all is ``def`` is DRF's own view, to be called like one. The view function of a
    route to a handler that is ``async def``, or of a class with an async hook, permission, ... is a
    coroutine function: what is ``def`` runs in a worker thread, the rest on the event loop.

    Follows:
        ``rest_framework.views.APIView``.
    """

    if not TYPE_CHECKING:
        # Django would look at the handlers, of which either all or none may be async.
        view_is_async = False

    has_async_steps: ClassVar[bool] = False
    """Whether any hook or handler of the class is ``async def``."""

    runs_inline: bool = False
    """Whether sync steps are just called, although an event loop is running in this thread."""

    _is_answering: bool = False
    """Whether it is asked for the answer to a request, and not by a tool that describes it."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        arrange(cls)

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:
        """Return DRF's view function; it has to be awaited if anything of the route is async.

        Args:
            args: For a viewset, the actions: ``{"get": "list"}``.
            initkwargs: As for DRF's ``as_view``.
        """
        view: Any = super().as_view(*args, **initkwargs)
        actions = getattr(view, "actions", None)
        handlers = HTTP_METHODS if actions is None else actions.values()
        settle_routes(cls, handlers)
        if async_steps_of(cls).awaits_any(handlers):
            view = awaited_view(view)
        return view

    @property
    def is_awaited(self) -> bool:
        """Whether this request is answered through the event loop."""
        actions: dict[str, str] | None = getattr(self, "action_map", None)
        handlers = HTTP_METHODS if actions is None else actions.values()
        return async_steps_of(type(self)).awaits_any(handlers)

    @marked
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer a request: DRF's ``dispatch``, which is awaited on an event loop."""
        self._is_answering = True
        settle_attributes(self)
        if runs_on_loop():
            return self._answer(request, *args, **kwargs)
        answer = in_sync(self._answer) if self.is_awaited else self._answer_sync
        return answer(request, *args, **kwargs)

    def _answer_sync(self, request: HttpRequest, *args: object, **kwargs: object) -> object:
        response = super().dispatch(request, *args, **kwargs)
        if type(self).dispatch is AsyncAPIView.dispatch:
            # Nobody changes the response any more.
            render_in_transaction(response)
        return response

    async def _answer(self, request: HttpRequest, *args: object, **kwargs: object) -> object:
        if not self.is_awaited:
            return await sync_to_async(self._answer_sync)(request, *args, **kwargs)
        if self._handler_is_async(request):
            return await self._answer_async(request, *args, **kwargs)
        # One hop for all of it.
        response = await sync_to_async(super().dispatch)(request, *args, **kwargs)
        refuse_unawaited(self)
        return response

    def _handler_is_async(self, request: HttpRequest) -> bool:
        """Whether the handler is awaited on the loop, without DRF's ``dispatch``, which is sync."""
        behind: Any = super(AsyncAPIView, type(self))
        if behind.dispatch is not _DISPATCH:
            # A base of the project's that stands behind ours may refuse the request.
            return False
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            return False
        if method == "head" and not hasattr(type(self), "head"):
            # Django lets ``get`` answer.
            method = "get"
        actions: dict[str, str] = getattr(self, "action_map", None) or {}
        name = actions.get(method, method)
        if name in vars(self):
            # A mixin's `__init__` has put another in the place of the class's.
            return is_async(vars(self)[name])
        return name in async_steps_of(type(self)).handlers

    async def _answer_async(self, request: HttpRequest, *args: object, **kwargs: object) -> object:
        refusal = await self._open(request, *args, **kwargs)
        if refusal is not None:
            return refusal
        handler = getattr(self, (self.request.method or "").lower())
        try:
            response: Any = await awaited(handler(self.request, *args, **kwargs))
            refuse_unawaited(self)
            if is_stream(response):
                response = await astreamed(self, response)
        except Exception as error:
            # As in DRF's dispatch(): its exception handler decides which errors it answers.
            return await self._afail(error)
        if self._finishes_as_drf():
            self.response = APIView.finalize_response(self, self.request, response, *args, **kwargs)
            return self.response
        return await in_thread(self, self._finish)(response)

    def _finishes_as_drf(self) -> bool:
        """Whether ``finalize_response`` is DRF's own, which asks no database."""
        is_own = "finalize_response" in vars(self)
        return not is_own and steps_are_drfs(type(self), ("finalize_response",))

    async def _open(self, request: HttpRequest, *args: object, **kwargs: object) -> object:
        """Do what comes before the handler; return the response if the request is refused."""
        if opens_without_queries(self, request):
            self._begin(request, *args, **kwargs)
            error = self._initial_inline(*args, **kwargs)
            if not isinstance(error, SynchronousOnlyOperation):
                return None if error is None else await self._afail(error)
            # A middleware of the project's own asks the database for the user.
        return await in_thread(self, self._begin_or_fail)(request, *args, **kwargs)

    def _initial_inline(self, *args: object, **kwargs: object) -> Exception | None:
        self.runs_inline = True
        try:
            self.initial(self.request, *args, **kwargs)
        except Exception as error:
            # The caller answers it, where it may wait.
            return error
        finally:
            self.runs_inline = False
        return None

    def _begin_or_fail(self, request: HttpRequest, *args: object, **kwargs: object) -> object:
        self._begin(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
        except Exception as error:
            # As in DRF's dispatch().
            return self._fail(error)
        return None

    def _begin(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers

    async def _afail(self, error: Exception) -> HttpResponseBase:
        """Answer an error; without a hop where only DRF's code does, which asks no database."""
        if not known_answers.refuses_without_queries(self, error):
            return await in_thread(self, self._fail)(error)
        self.runs_inline = True
        try:
            return self._fail(error)
        finally:
            self.runs_inline = False

    def _fail(self, error: Exception) -> HttpResponseBase:
        return self._finish(self.handle_exception(error))

    def _finish(self, response: object) -> HttpResponseBase:
        self.response = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        return self.response

    # What may ask the database is awaited on the event loop.

    @step
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Do what DRF does before it calls a handler."""
        if not OPENING.opened(self, request, args, kwargs):
            super().initial(request, *args, **kwargs)

    @step
    def perform_authentication(self, request: Request) -> None:
        """Find out who asks."""
        super().perform_authentication(request)

    @step
    def check_permissions(self, request: Request) -> None:
        """Refuse who may not ask."""
        super().check_permissions(request)

    @step
    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Refuse who may not ask for an object."""
        if not OPENING.permits_objects(self):
            super().check_object_permissions(request, obj)

    @step
    def check_throttles(self, request: Request) -> None:
        """Refuse who asks too often."""
        super().check_throttles(request)

    @step
    def handle_exception(self, exc: Exception) -> Response:
        """Return the response for an exception."""
        self._is_answering = True
        behind = super().handle_exception
        known = known_answers.refusal(self, exc, behind)
        return behind(exc) if known is None else known

    @step
    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Give a response its headers, as DRF does; an async iterator is streamed."""
        if type(response) is not Response and is_stream(response):
            response = streamed(self, response)
        return super().finalize_response(request, response, *args, **kwargs)

    # What DRF's own code calls may be async.

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Make DRF's request; what the authenticators' methods return may be awaitable."""
        known = OPENING.request(self, request)
        if known is not None:
            return known
        drf_request: Request = super().initialize_request(request, *args, **kwargs)
        settling_request(drf_request)
        return drf_request

    def get_permissions(self) -> list[Any]:
        """Return the permissions; what their methods return may be awaitable."""
        return settling_members(super().get_permissions())

    def get_throttles(self) -> list[Any]:
        """Return the throttles; what their methods return may be awaitable."""
        return settling_members(super().get_throttles())

    def get_parsers(self) -> list[Any]:
        """Return the parsers; what their methods return may be awaitable."""
        return settling_members(super().get_parsers())

    def get_content_negotiator(self) -> Any:
        """Return what chooses the renderer; what its methods return may be awaitable."""
        is_drfs = self.content_negotiation_class is DefaultContentNegotiation
        if is_drfs and "_negotiator" not in vars(self):
            self._negotiator = RememberingNegotiation()
        return settling(super().get_content_negotiator())

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Return the version of the request, and what determined it."""
        scheme = self.versioning_class
        if scheme is None or answers_at_once(scheme):
            return super().determine_version(request, *args, **kwargs)
        with with_attribute(self, "versioning_class", lambda: settling(scheme())):
            return super().determine_version(request, *args, **kwargs)

    def get_authenticate_header(self, request: Request) -> Any:
        """Return the header that asks a client who it is."""
        return settled(super().get_authenticate_header(request))

    def get_exception_handler(self) -> Any:
        """Return the exception handler; what it returns may be awaitable.

        What an ``async def`` answers rolls the transaction of the request back. A tool that asks a
        view which answers no request gets the handler itself.
        """
        return settling_handler(self, super().get_exception_handler())


OPENING = Opening(AsyncAPIView)
"""Opens requests to all of them."""


def async_api_view(
    http_method_names: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """DRF's ``api_view`` for a function that is ``def`` or ``async def``.

    DRF's decorators for policies (``@permission_classes`` and so on) go below it, as ever.

    Follows:
        ``rest_framework.decorators.api_view``.

    Args:
        http_method_names: The methods it answers; ``["GET"]`` when left out.
    """
    methods: Any = http_method_names

    def decorator(function: Callable[..., Any]) -> Any:
        view: Any = api_view(methods)(function)
        classic = view.cls
        namespace = {
            name: value
            for name, value in vars(classic).items()
            if name not in ("__dict__", "__weakref__")
        }
        if is_async(function):
            handler = _awaiting(function)
            namespace.update((name.lower(), handler) for name in methods or ["GET"])
        view_class: Any = type(classic.__name__, (AsyncAPIView,), namespace)
        return view_class.as_view()

    return decorator


def _awaiting(function: Callable[..., Any]) -> Callable[..., object]:
    """Return a handler method that passes on to an async function."""

    async def handler(self: object, *args: object, **kwargs: object) -> object:
        result = function(*args, **kwargs)
        return result if is_stream(result) else await result

    return handler
