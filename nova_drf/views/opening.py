"""What DRF does before it calls a handler, where all of it is DRF's own, without the detours.

DRF makes each policy anew, and asks one after the other by methods which a project may override.
What those methods do for DRF's own classes is known once the classes are: an empty list of
throttles refuses nobody, without versioning there is no version, and a request without credentials
comes from nobody. So :meth:`Opening.opened` does what ``initial()`` does, with the same results on
view and request.

All conditions are in :meth:`Opening.policies_of`. Where one does not hold, DRF's own code runs;
what a test or a project puts in the place of any of it, at any time, counts as such.
:meth:`Opening.obstacles` says so in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rest_framework import authentication
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from nova_drf.mapping.drf_versions import opens_as_known
from nova_drf.views.negotiation import RememberingNegotiation, reads_meta
from nova_drf.views.ownership import is_of_drf
from nova_drf.views.policy_classes import BY_USER, DRFS

if TYPE_CHECKING:
    from nova_drf.views.base import AsyncAPIView

_STEPS = (
    *("get_format_suffix", "perform_content_negotiation", "get_renderers"),
    *("get_content_negotiator", "determine_version", "perform_authentication"),
    *("check_permissions", "get_permissions", "check_throttles", "get_throttles"),
)
"""What ``initial()`` calls, and is not called here."""

_POLICIES = (
    *("renderer_classes", "permission_classes", "authentication_classes"),
    *("throttle_classes", "content_negotiation_class"),
)

_OWN = frozenset(_STEPS)
"""What no view may have of its own, rather than its class."""

_AUTHENTICATIONS = (SessionAuthentication, BasicAuthentication, TokenAuthentication)
_LISTS = (list, tuple)

_steps = attrgetter(*_STEPS)
_steps_behind = attrgetter(*_STEPS, "initial", "check_object_permissions")
_classes = attrgetter(*_POLICIES)
_of_request = attrgetter("user", "_authenticate", "_not_authenticated", "__getattr__")
_of_renderer = attrgetter("__init__", "__new__")

_DRFS_STEPS = _steps_behind(APIView)
_DRFS_REQUEST = _of_request(Request)
_PLAIN = _of_renderer(object)
_GET_HEADER = authentication.get_authorization_header
_IS_DRFS = opens_as_known() and all(
    map(is_of_drf, (*_DRFS_STEPS, *_DRFS_REQUEST[1:], Request.user.fget, _GET_HEADER))
)
"""Whether this is a DRF that was read, and nobody had changed it when this was imported."""


class Opening:
    """Opens requests to the views that derive from a class.

    Args:
        base: The class of ours right in front of DRF's ``APIView``.
    """

    def __init__(self, base: type[AsyncAPIView]) -> None:
        self._base = base
        self._steps = _steps(base)

    def opened(self, view: Any, request: Any, args: Any, kwargs: Any) -> bool:
        """Do what DRF's ``initial()`` does; return whether that was done.

        Nothing was done if not: DRF's own has to do all of it.

        Args:
            view: The view of one request.
            request: DRF's request, and what else ``initial()`` was called with.
            args: The positional arguments.
            kwargs: The others.
        """
        policies = self.policies_of(view)
        negotiator = vars(view).get("_negotiator")
        if policies is None or type(negotiator) is not RememberingNegotiation:
            return False
        suffix_name = view.settings.FORMAT_SUFFIX_KWARG
        suffix = kwargs.get(suffix_name) if suffix_name else None
        choice = negotiator.choice(request, policies.new_renderers(), suffix)
        if choice is None:
            return False
        view.format_kwarg = suffix
        request.accepted_renderer, request.accepted_media_type = choice
        version = None, None
        if view.versioning_class is not None:
            version = view.determine_version(request, *args, **kwargs)
        request.version, request.versioning_scheme = version
        if policies.finds_nobody(request):
            request._not_authenticated()
        else:
            view.perform_authentication(request)
        if not policies.permits(request, view):
            # Which asks those that are not known, and refuses in its own words.
            view.check_permissions(request)
        if view.throttle_classes:
            view.check_throttles(request)
        return True

    def permits_objects(self, view: Any) -> bool:
        """Whether DRF's ``check_object_permissions()`` lets all objects pass.

        Args:
            view: The view of one request.
        """
        policies = self.policies_of(view)
        return policies is not None and policies.permits_objects

    def policies_of(self, view: Any) -> _Policies | None:
        """Return what is known of the policies of a view; ``None`` where DRF has to ask them.

        Args:
            view: The view of one request.
        """
        cls: Any = type(view)
        own = vars(view)
        if (
            not _IS_DRFS
            or not own.keys().isdisjoint(_OWN)
            or _steps(cls) != self._steps
            or _steps_behind(super(self._base, cls)) != _DRFS_STEPS
        ):
            return None
        named = _classes(cls)
        if not own.keys().isdisjoint(_POLICIES):
            # `as_view()` and `@action` may name others.
            named = tuple(map(own.get, _POLICIES, named))
        renderers, permissions, authentications, throttles, negotiation = named
        if (
            type(renderers) not in _LISTS
            or type(permissions) not in _LISTS
            or type(authentications) not in _LISTS
            or type(throttles) not in _LISTS
            or negotiation is not DefaultContentNegotiation
        ):
            return None
        try:
            policies = _policies(tuple(renderers), tuple(permissions), tuple(authentications))
        except TypeError:
            # Something among them has no hash.
            return None
        for policy, read, known in policies.known:
            if read(policy) != known:
                return None
        return policies

    def obstacles(self, cls: Any) -> Iterator[str]:
        """Yield why DRF's own ``initial()`` opens the requests to a view class.

        Args:
            cls: The class.
        """
        if not _IS_DRFS:
            yield "this version of DRF, or what was changed in it, is not known"
        behind: Any = super(self._base, cls)
        for name, ours in zip(_STEPS, self._steps, strict=True):
            if getattr(cls, name) is not ours or getattr(behind, name) is not getattr(APIView, name):
                yield f"`{name}` is the project's own"
        negotiation = cls.content_negotiation_class
        if negotiation is not DefaultContentNegotiation:
            yield f"{negotiation.__qualname__} chooses the renderer"
        if self.policies_of(cls()) is None:
            yield "what DRF's own classes do was changed, or a policy is none that a class names"


class _Policies:
    """What is known of policies by their classes.

    Args:
        renderers: The classes of the renderers.
        permissions: The classes of the permissions.
        authentications: The classes of the authenticators.
    """

    def __init__(
        self,
        renderers: tuple[Any, ...],
        permissions: tuple[Any, ...],
        authentications: tuple[Any, ...],
    ) -> None:
        knows_permissions = BY_USER.issuperset(permissions)
        knows_authentications = set(_AUTHENTICATIONS).issuperset(authentications)
        self._renderers = renderers
        self._permissions = (
            [cls for cls in permissions if cls is not AllowAny] if knows_permissions else None
        )
        self._authentications = list(authentications) if knows_authentications else None
        self.permits_objects = knows_permissions and all(
            cls.has_object_permission is BasePermission.has_object_permission
            for cls in permissions
        )
        policies = (
            *(permissions if knows_permissions else ()),
            *(authentications if knows_authentications else ()),
        )
        self.known: list[tuple[Any, Any, Any]] = [
            # Making a renderer runs no code, so that nobody can tell how often it is made.
            *((cls, _of_renderer, _PLAIN) for cls in renderers),
            *((cls, DRFS[cls].read, DRFS[cls].known) for cls in policies),
        ]
        """The classes, what reads their methods, and what it read when all was DRF's."""

    def new_renderers(self) -> list[Any]:
        """Return new renderers."""
        return [renderer() for renderer in self._renderers]

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
            or list(map(type, authenticators)) != self._authentications
            or any(map(vars, authenticators))
            or "HTTP_AUTHORIZATION" in http.META
            or _of_request(Request) != _DRFS_REQUEST
            or authentication.get_authorization_header is not _GET_HEADER
            or not reads_meta(http)
        ):
            return False
        return SessionAuthentication not in self._authentications or _has_no_user(http)


def _has_no_user(http: Any) -> bool:
    """Whether a session has no user, asked as DRF asks it, which marks the session as read."""
    try:
        user = getattr(http, "user", None)
        return not user or not user.is_active
    except Exception:
        # DRF asks once more, and says what went wrong.
        return False


_policies = lru_cache(maxsize=1024)(_Policies)
