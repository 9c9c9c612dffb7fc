"""What DRF's mixins and its exception handler answer, with a response that is made quickly.

Each function does what the function of DRF's does that it is named after, hook by hook, and is used
only as long as that one is in its place.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import mixins, status
from rest_framework import views as drf_views
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf.mapping.drf_versions import is_known
from nova_drf.views.object_responses import ObjectResponse
from nova_drf.views.ownership import is_of_drf, steps_are_drfs
from nova_drf.views.transactions import atomic_aliases

_MIXINS: Any = mixins
_CREATE: Any = mixins.CreateModelMixin.create
_UPDATE: Any = mixins.UpdateModelMixin.update
_HANDLE: Any = APIView.handle_exception
_HANDLER, _SET_ROLLBACK = drf_views.exception_handler, drf_views.set_rollback
_ARE_DRFS = is_known() and all(map(is_of_drf, (_CREATE, _UPDATE, _HANDLE, _HANDLER, _SET_ROLLBACK)))
"""Whether these are of a DRF that was read, and nobody had changed them when this was imported."""

_ASK_WHO = (NotAuthenticated, AuthenticationFailed)


def writes_as_drf() -> bool:
    """Whether ``create()`` and ``update()`` of DRF's mixins are what they were written to be."""
    return (
        _ARE_DRFS
        and mixins.CreateModelMixin.create is _CREATE
        and mixins.UpdateModelMixin.update is _UPDATE
        and _MIXINS.Response is Response
    )


def create(view: Any, request: Any) -> Response:
    """Answer as ``CreateModelMixin.create()`` does.

    Args:
        view: The view of one request.
        request: The request, or what stands for it.
    """
    serializer = view.get_serializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    view.perform_create(serializer)
    headers = view.get_success_headers(serializer.data)
    return ObjectResponse.of(serializer.data, status.HTTP_201_CREATED, headers)


def update(view: Any, request: Any, *, partial: Any = False) -> Response:
    """Answer as ``UpdateModelMixin.update()`` does.

    Args:
        view: The view of one request.
        request: The request, or what stands for it.
        partial: Whether it is a partial update.
    """
    instance = view.get_object()
    serializer = view.get_serializer(instance, data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    view.perform_update(serializer)
    if getattr(instance, "_prefetched_objects_cache", None):
        # They may be others now.
        instance._prefetched_objects_cache = {}
    return ObjectResponse.of(serializer.data)


def refusal(view: Any, error: Exception, behind: Any) -> Response | None:
    """Answer as ``APIView.handle_exception()`` does where a request was refused.

    Args:
        view: The view of one request.
        error: What was raised.
        behind: The method that would answer.

    Returns:
        ``None`` where that one has to, and nothing was done.
    """
    if (
        not isinstance(error, APIException)
        or isinstance(error, _ASK_WHO)
        or not _ARE_DRFS
        or getattr(behind, "__func__", None) is not _HANDLE
        or view.settings.EXCEPTION_HANDLER is not _HANDLER
        or vars(drf_views)["Response"] is not Response
        or getattr(error, "auth_header", None)
        or getattr(error, "wait", None)
        or type(error.status_code) is not int
    ):
        return None
    handler = view.get_exception_handler()
    context = view.get_exception_handler_context()
    response: Any = _handled(error) if handler is _HANDLER else handler(error, context)
    if response is None:
        response = view.raise_uncaught_exception(error)
    response.exception = True
    answer: Response = response
    return answer


_STEPS = (
    *("handle_exception", "get_exception_handler", "get_exception_handler_context"),
    *("raise_uncaught_exception", "finalize_response", "get_renderer_context"),
    *("perform_content_negotiation", "default_response_headers"),
)
"""What DRF calls to answer an error."""


def refuses_without_queries(view: Any, error: Exception) -> bool:
    """Whether only code of DRF's answers an error, and asks no database for it.

    Args:
        view: The view of one request.
        error: What was raised.
    """
    return (
        isinstance(error, (APIException, Http404, PermissionDenied))
        # Authenticators are asked for a header.
        and not isinstance(error, _ASK_WHO)
        and _ARE_DRFS
        and view.settings.EXCEPTION_HANDLER is _HANDLER
        and drf_views.set_rollback is _SET_ROLLBACK
        # Otherwise it is still to be found out who writes the answer.
        and hasattr(view.request, "accepted_renderer")
        and vars(view).keys().isdisjoint(_STEPS)
        and steps_are_drfs(type(view), _STEPS)
        # There may be something to roll back, in the thread that opened it.
        and not atomic_aliases(())
    )


def _handled(error: Any) -> Response:
    """Return what DRF's ``exception_handler()`` does."""
    detail = error.detail
    data = detail if isinstance(detail, (list, dict)) else {"detail": detail}
    if atomic_aliases(()) or drf_views.set_rollback is not _SET_ROLLBACK:
        drf_views.set_rollback()
    return ObjectResponse.of(data, error.status_code)
