"""Views that are asked questions while no request is there.

drf-spectacular makes views and requests of this kind for its documents, and drf-yasg before it:
code that reads ``self.request`` gets an anonymous one with an empty body.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admindocs.views import simplify_regex
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from nova_drf.migration.endpoints import Endpoint


def fake_request(method: str = "get", path: str = "/") -> Any:
    """Return the HTTP request that an anonymous client might send."""
    return APIRequestFactory().generic(method.upper(), path)


def fake_view(endpoint: Endpoint, method: str, action: str) -> Any:
    """Return an instance of an endpoint's view, as for a request with a method.

    Args:
        endpoint: The endpoint.
        method: The HTTP method, in small letters.
        action: The view's method that answers.
    """
    view = endpoint.view(**endpoint.initkwargs)
    # Both tools set it; projects ask for it where there is no answer without a client.
    view.swagger_fake_view = True
    view.args, view.kwargs, view.format_kwarg = (), {}, None
    view.action, view.action_map = action, getattr(endpoint.callback, "actions", None)
    path = simplify_regex(endpoint.path)
    view.request = view.initialize_request(fake_request(method, path))
    versioning: Any = getattr(view, "versioning_class", None)
    view.request.version = getattr(versioning, "default_version", None)
    view.request.versioning_scheme = None if versioning is None else versioning()
    return view


def fake_context() -> dict[str, Any]:
    """Return what a view gives to its serializers."""
    return {"request": Request(fake_request()), "view": None, "format": None}
