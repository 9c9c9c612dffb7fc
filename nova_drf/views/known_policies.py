"""What is known of the policies of a view by their classes: whom they refuse, whom they find."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any

from rest_framework import authentication
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request

from nova_drf.views.negotiation import reads_meta
from nova_drf.views.ownership import is_of_drf
from nova_drf.views.policy_classes import BY_USER, DRFS

_AUTHENTICATIONS = frozenset((SessionAuthentication, BasicAuthentication, TokenAuthentication))

_of_request = attrgetter("user", "_authenticate", "_not_authenticated", "__getattr__")
_of_renderer = attrgetter("__init__", "__new__")

_DRFS_REQUEST = _of_request(Request)
_PLAIN = _of_renderer(object)
_GET_HEADER = authentication.get_authorization_header

AUTHENTICATES_AS_DRF = all(
    map(is_of_drf, (*_DRFS_REQUEST[1:], vars(Request)["user"].fget, _GET_HEADER))
)
"""Whether nobody had changed how DRF finds users when this was imported."""


class KnownPolicies:
    """What is known of policies by their classes.

    Args:
        renderers: The classes of the renderers, and so are the others.
        parsers: Of the parsers.
        permissions: Of the permissions.
        authentications: Of the authenticators.
        _throttles: Of the throttles, none of which is known.

    Attributes:
        renderers: The classes of the renderers.
        parsers: Those of the parsers, if all of them are DRF's or ours.
        authentications: Those of the authenticators, if all of them are known.
        permits_objects: Whether the permissions let all objects pass.
    """

    def __init__(
        self,
        renderers: tuple[Any, ...],
        parsers: tuple[Any, ...],
        permissions: tuple[Any, ...],
        authentications: tuple[Any, ...],
        _throttles: tuple[Any, ...],
    ) -> None:
        self.renderers = renderers
        self.parsers = parsers if DRFS.keys() >= {*parsers} else None
        self.authentications = (
            list(authentications) if _AUTHENTICATIONS.issuperset(authentications) else None
        )
        self._asks_session = SessionAuthentication in authentications
        knows_permissions = BY_USER.issuperset(permissions)
        self._permissions = (
            [cls for cls in permissions if cls is not AllowAny] if knows_permissions else None
        )
        self.permits_objects = knows_permissions and all(
            cls.has_object_permission is BasePermission.has_object_permission for cls in permissions
        )
        policies = (
            *(self.parsers or ()),
            *(permissions if knows_permissions else ()),
            *(self.authentications or ()),
        )
        self.known: list[tuple[Any, Any, Any]] = [
            # Making a renderer runs no code, so that nobody can tell how often it is made.
            *((cls, _of_renderer, _PLAIN) for cls in renderers),
            *((cls, DRFS[cls].read, DRFS[cls].known) for cls in policies),
        ]
        """The classes, what reads their methods, and what it read when all was DRF's."""

    def permits(self, request: Any, view: Any) -> bool:
        """Whether all permissions are known, and let a request pass."""
        if self._permissions is None:
            return False
        for permission in self._permissions:  # noqa: SIM110  # quicker so
            if not permission().has_permission(request, view):
                return False
        return True

    def finds_nobody(self, request: Any) -> bool:
        """Whether no authenticator would find a user, as the request has no credentials."""
        authenticators = request.authenticators
        http = request._request
        if (
            type(request) is not Request
            or "_user" in vars(request)
            or hasattr(http, "_user")
            or list(map(type, authenticators)) != self.authentications
            or any(map(vars, authenticators))
            or "HTTP_AUTHORIZATION" in http.META
            or _of_request(Request) != _DRFS_REQUEST
            or authentication.get_authorization_header is not _GET_HEADER
            or not reads_meta(http)
        ):
            return False
        return not self._asks_session or _has_no_user(http)


def _has_no_user(http: object) -> bool:
    """Whether a session has no user, asked as DRF asks it, which marks the session as read."""
    try:
        user = getattr(http, "user", None)
        return not user or not user.is_active
    except Exception:
        # DRF asks once more, and says what went wrong.
        return False


known_policies = lru_cache(maxsize=1024)(KnownPolicies)
"""Return what is known of policies by their classes, worked out once."""
