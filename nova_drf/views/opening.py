"""What DRF does before it calls a handler, where all of it is DRF's own, without the detours.

DRF makes each policy anew, and asks one after the other by methods which a project may override.
What those methods do for DRF's own classes is known once the classes are: an empty list of
throttles refuses nobody, without versioning there is no version, and a request without credentials
comes from nobody. So :meth:`Opening.request` does what ``initialize_request()`` does, and
:meth:`Opening.opened` what ``initial()`` does, with the same results on view and request.

All conditions are in :meth:`Opening.policies_of`. Where one does not hold, DRF's own code runs;
what a test or a project puts in the place of any of it, at any time, counts as such.
:meth:`Opening.obstacles` says so in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from rest_framework import views as drf_views
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from nova_drf.core.class_caches import kept_with_class
from nova_drf.mapping.drf_versions import is_known
from nova_drf.views.known_policies import AUTHENTICATES_AS_DRF, KnownPolicies, known_policies
from nova_drf.views.negotiation import RememberingNegotiation
from nova_drf.views.ownership import is_of_drf

_STEPS = (
    *("get_parsers", "get_authenticators", "get_parser_context", "get_format_suffix"),
    *("perform_content_negotiation", "get_renderers", "get_content_negotiator"),
    *("determine_version", "perform_authentication"),
    *("check_permissions", "get_permissions", "check_throttles", "get_throttles"),
)
"""What DRF calls to open a request, and is not called here."""

_POLICIES = (
    *("renderer_classes", "parser_classes", "permission_classes", "authentication_classes"),
    *("throttle_classes", "content_negotiation_class"),
)

_KEPT = "_known_policies"
"""Where a view has what is known of its policies while it answers one request."""

_LISTS = {list, tuple}

_steps = attrgetter(*_STEPS, "__getattribute__")
_BEHIND = (*_STEPS, "__getattribute__", "initial", "check_object_permissions")
_steps_behind = attrgetter(*_BEHIND)
_classes = attrgetter(*_POLICIES)

_DRFS_STEPS = _steps_behind(APIView)
_NEW_REQUEST, _NEW_ACTION = APIView.initialize_request, ViewSetMixin.initialize_request
_IS_DRFS = (
    is_known()
    and AUTHENTICATES_AS_DRF
    and all(
        is_of_drf(step)
        for step in (
            *(getattr(APIView, name) for name in _BEHIND if not name.startswith("__")),
            *(_NEW_REQUEST, _NEW_ACTION),
        )
    )
)
"""Whether this is a DRF that was read, and nobody had changed it when this was imported."""


class Opening:
    """Opens requests to the views that derive from a class.

    Args:
        base: The class of ours right in front of DRF's ``APIView``.
    """

    def __init__(self, base: type[APIView]) -> None:
        self._base: Any = base
        self._steps = _steps(base)

    def request(self, view: Any, http: HttpRequest) -> Request | None:
        """Do what DRF's ``initialize_request()`` does; ``None`` if DRF's own has to do it.

        Args:
            view: The view of one request.
            http: Django's request.
        """
        cls: Any = type(view)
        state = vars(view)
        # The same view may have answered another request, to the class as it was then.
        state.pop(_KEPT, None)
        policies = self.policies_of(view)
        # By name: type checkers know no such attribute of the class behind.
        behind: Any = getattr(super(self._base, cls), "initialize_request")  # noqa: B009
        is_viewset = behind is _NEW_ACTION and APIView.initialize_request is _NEW_REQUEST
        if (
            policies is None
            or policies.parsers is None
            or policies.authentications is None
            or "_negotiator" in state
            or not (is_viewset or behind is _NEW_REQUEST)
            or vars(drf_views)["Request"] is not Request
        ):
            return None
        state[_KEPT] = policies
        view._negotiator = RememberingNegotiation()
        request: Any = Request(
            http,
            parsers=[parser() for parser in policies.parsers],
            authenticators=[policy() for policy in policies.authentications],
            negotiator=view._negotiator,
            parser_context={
                "view": view,
                "args": getattr(view, "args", ()),
                "kwargs": getattr(view, "kwargs", {}),
            },
        )
        if is_viewset:
            method = request.method.lower()
            view.action = "metadata" if method == "options" else view.action_map.get(method)
        return request  # type: ignore[no-any-return]  # it is one

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
        renderers = [renderer() for renderer in policies.renderers]
        choice = negotiator.choice(request, renderers, suffix)
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

    def policies_of(self, view: Any) -> KnownPolicies | None:
        """Return what is known of the policies of a view; ``None`` where DRF has to ask them.

        Args:
            view: The view of one request.
        """
        cls: Any = type(view)
        own = vars(view)
        if not own.keys().isdisjoint(_STEPS):
            return None
        named = _classes(cls)
        if not own.keys().isdisjoint(_POLICIES):
            # `as_view()` and `@action` may name others.
            named = tuple(map(own.get, _POLICIES, named))
        *lists, negotiation = named
        if negotiation is not DefaultContentNegotiation or not {*map(type, lists)} <= _LISTS:
            return None
        try:
            policies = known_policies(*map(tuple, lists))
        except TypeError:
            # Something among them has no hash.
            return None
        return policies if own.get(_KEPT) is policies or self._is_drfs(cls, policies) else None

    def _is_drfs(self, cls: object, policies: KnownPolicies) -> bool:
        """Whether all that DRF would call is what it was when this was imported."""
        if (
            not _IS_DRFS
            or _steps(cls) != self._steps
            or _steps_behind(APIView) != _DRFS_STEPS
            or not _define_none(_between(cls, self._base))
        ):
            return False
        for policy, read, known in policies.known:  # noqa: SIM110  # quicker so
            if read(policy) != known:
                return False
        return True

    def obstacles(self, cls: Any) -> Iterator[str]:
        """Yield why DRF's own ``initial()`` opens the requests to a view class.

        Args:
            cls: The class.
        """
        if not _IS_DRFS:
            yield "this version of DRF, or what was changed in it, is not known"
        behind: Any = super(self._base, cls)
        for name in _STEPS:
            is_ours = getattr(cls, name) is getattr(self._base, name)
            if not is_ours or getattr(behind, name) is not getattr(APIView, name):
                yield f"`{name}` is the project's own"
        negotiation = cls.content_negotiation_class
        if negotiation is not DefaultContentNegotiation:
            yield f"{negotiation.__qualname__} chooses the renderer"
        if self.policies_of(cls()) is None:
            yield "what DRF's own classes do was changed, or a policy is none that a class names"


@kept_with_class
def _between(cls: Any, base: Any) -> tuple[type, ...]:
    """Return the classes between one of ours and ``APIView`` in the order of a view class."""
    order = cls.__mro__
    return order[order.index(base) + 1 : order.index(APIView)]  # type: ignore[no-any-return]  # an order is a tuple of classes


_STEPS_OF_VIEWSETS = frozenset(_BEHIND)
_STEPS_OF_OTHERS = _STEPS_OF_VIEWSETS | {"initialize_request"}
"""What none of those classes may have; a viewset's request is known."""


def _define_none(classes: tuple[type, ...]) -> bool:
    """Whether none of some classes has a step of its own now.

    To look each step up in the order of a view would take longer.
    """
    for cls in classes:
        steps = _STEPS_OF_VIEWSETS if cls is ViewSetMixin else _STEPS_OF_OTHERS
        # Most have fewer attributes than there are steps.
        if not steps.isdisjoint(vars(cls)):
            return False
    return True
