"""What a delegated action answers when it refuses: the statuses of what services raise."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import OpenApiResponse
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from nova_drf.core.overrides import overrides
from nova_drf.openapi.dialect import JSONSchema
from nova_drf.services import Conflict, Invalid, NotFound, PermissionDenied, ServiceError
from nova_drf.views.services.actions import ServiceAction

_BY_FIELD: JSONSchema = {"type": "object", "additionalProperties": {}}
_ONE_SENTENCE: JSONSchema = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}
_READING = frozenset(("get", "head", "options"))

_ANSWERING = ("get_exception_handler", "handle_exception")
"""With one of these methods a viewset answers in a form of its own."""


def refusals(action: ServiceAction) -> dict[int, OpenApiResponse]:
    """Return the responses of an action that are no success, by status.

    What is answered to which exception is said in
    :func:`nova_drf.views.services.errors.api_error`.

    Args:
        action: A delegated action.
    """
    writes = not _READING.issuperset(action.methods)
    reads_input = action.request_serializer is not None or action.query_serializer is not None
    answers = {
        HTTPStatus.BAD_REQUEST: (Invalid, _BY_FIELD, writes or reads_input),
        HTTPStatus.FORBIDDEN: (PermissionDenied, _ONE_SENTENCE, True),
        HTTPStatus.NOT_FOUND: (NotFound, _ONE_SENTENCE, action.detail or bool(action.path)),
        HTTPStatus.CONFLICT: (Conflict, _ONE_SENTENCE, writes),
    }
    has_drfs_form = _answers_in_drfs_form(action.viewset)
    return {
        int(status): _response(error, schema if has_drfs_form else None)
        for status, (error, schema, may_be) in answers.items()
        if may_be and status != action.status
    }


def _response(error: type[ServiceError], schema: JSONSchema | None) -> OpenApiResponse:
    return OpenApiResponse(response=schema, description=str(error.message))


def _answers_in_drfs_form(viewset: type[object]) -> bool:
    """Whether DRF's own exception handler makes the answers, so that their form is known."""
    handler: object = api_settings.EXCEPTION_HANDLER
    return handler is exception_handler and not any(overrides(viewset, _ANSWERING))
