"""How errors look: one envelope for all of them."""

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.views import exception_handler as drf_exception_handler


class Conflict(APIException):
    """The row is not in the state that this needs."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is not possible any more.")
    default_code = "conflict"


def exception_handler(exc, context):
    """Answer every error as ``{"error": {"code", "message", "fields"}}``."""
    if isinstance(exc, ProtectedError):
        exc = Conflict(_("Other records still need this one."), code="protected")
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(*exc.args)
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied(*exc.args)
    error = {"code": None, "message": None, "fields": None}
    if isinstance(exc, ValidationError):
        error["code"] = "invalid"
        error["message"] = _("The data is not valid.")
        error["fields"] = exc.get_full_details()
    else:
        error["code"] = exc.detail.code if hasattr(exc.detail, "code") else exc.default_code
        error["message"] = exc.detail
    response.data = {"error": error}
    return response
