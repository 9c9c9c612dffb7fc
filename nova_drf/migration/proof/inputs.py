"""What may be sent to a view: what its own serializer, filters, pages and renderers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request
from rest_framework.serializers import ListSerializer, Serializer
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory

from nova_drf.testing.values import as_json

_ODD = ("", "x", "0", "999999")
"""What each parameter of a query string is sent besides what stands in the database."""

_OF_PAGES = ("1", "2", "0", "1000", "x")


@dataclass(frozen=True)
class Described:
    """A view, ready to be asked what it takes.

    Attributes:
        view: The view, as for a request that nobody sent.
        serializer: The serializer of the action; ``None`` if it has none without a request.
        model: The model whose rows it answers with, if there is one.
        rows: Some of the rows that there are.
    """

    view: Any
    serializer: Any
    model: type[Model] | None
    rows: tuple[Model, ...]

    @property
    def formats(self) -> list[str]:
        """The formats of the renderers."""
        return [str(renderer.format) for renderer in self.view.renderer_classes if renderer.format]

    @property
    def media_types(self) -> list[str]:
        """The media types of the renderers."""
        return [
            str(renderer.media_type)
            for renderer in self.view.renderer_classes
            if renderer.media_type
        ]

    @property
    def parsed(self) -> list[str]:
        """The media types of the parsers."""
        return [str(parser.media_type) for parser in self.view.parser_classes]

    @property
    def throttled(self) -> bool:
        """Whether the view has throttles."""
        return bool(self.view.throttle_classes)

    @property
    def unfilled(self) -> str:
        """Why the pages of a list were not compared; empty if they were."""
        size = getattr(getattr(self.view, "paginator", None), "page_size", None)
        if size is None or self.model is None:
            return ""
        count = self.model._default_manager.count()
        return f"a page has {size} rows, and there are {count}" if count <= size else ""

    @property
    def unfiltered(self) -> str:
        """Why the filters of a list were not sent; empty if they were."""
        backends = (backend_class() for backend_class in getattr(self.view, "filter_backends", ()))
        filtering = (backend for backend in backends if hasattr(backend, "get_filterset_class"))
        read = (self._filterset_class(backend) for backend in filtering)
        return next((refused for _, refused in read if refused), "")

    def stored(self) -> Iterator[dict[str, Any]]:
        """Yield what stands in the database as the serializer prints it."""
        if self.serializer is None:
            return
        for row in self.rows[:3]:
            printed = _printed(self.serializer, row)
            if isinstance(printed, dict):
                yield printed

    def parameters(self) -> dict[str, list[str]]:
        """Return the parameters of the query string, with values for each."""
        named: dict[str, list[str]] = {}
        for name, values in (*self._columns(), *self._filters(), *self._pages()):
            named[name] = list(dict.fromkeys([*named.get(name, ()), *values]))
        return named

    def _columns(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what a view may read from the query string by itself: columns."""
        if self.model is None:
            return
        for field in self.model._meta.concrete_fields:
            values = [str(getattr(row, field.attname)) for row in self.rows]
            yield field.name, values[:2]

    def _filters(self) -> Iterator[tuple[str, list[str]]]:
        for backend_class in getattr(self.view, "filter_backends", ()):
            backend = backend_class()
            if isinstance(backend, SearchFilter):
                yield backend.search_param, [*self._words(), "zzz", ""]
            elif isinstance(backend, OrderingFilter):
                yield backend.ordering_param, list(self._orders())
            elif hasattr(backend, "get_filterset_class"):
                yield from self._filterset(backend)

    def _filterset(self, backend: Any) -> Iterator[tuple[str, list[str]]]:
        filterset, _ = self._filterset_class(backend)
        for name, filter_ in filterset.base_filters.items() if filterset else ():
            values = [str(_attribute(row, str(filter_.field_name))) for row in self.rows]
            yield name, [*dict.fromkeys(values[:3]), *_ODD]

    def _filterset_class(self, backend: Any) -> tuple[Any, str]:
        """Return the filters of a backend, and why they could not be read; empty if they were."""
        refused = ""
        # Where the queryset was guessed, its model may be another one than that of the filters.
        for queryset in (self._queryset(), None):
            try:
                return backend.get_filterset_class(self.view, queryset), ""
            except Exception as error:
                # Likewise. Which inputs are missing for it is told.
                refused = f"its filters cannot be read without a request ({error!r})"
        return None, refused

    def _queryset(self) -> Any:
        """Return the rows that the view filters; all of the model where only a client could tell.

        What middleware or authentication adds to a request is not there, nor what stands in a URL.
        """
        try:
            return self.view.get_queryset()
        except Exception:
            # It is the project's code, which expects a real request.
            return None if self.model is None else self.model._default_manager.all()

    def _words(self) -> list[str]:
        texts = (value for row in self.rows[:3] for value in vars(row).values())
        return [text.split()[0] for text in texts if isinstance(text, str) and text.split()][:4]

    def _orders(self) -> Iterator[str]:
        names = [*getattr(self.serializer, "fields", ()), "nope"]
        declared = getattr(self.view, "ordering_fields", None)
        if isinstance(declared, (list, tuple)):
            names += [str(name) for name in declared]
        for name in dict.fromkeys(names):
            yield name
            yield f"-{name}"

    def _pages(self) -> Iterator[tuple[str, list[str]]]:
        paginator = getattr(self.view, "paginator", None)
        of_pages = ("page_query_param", "page_size_query_param", "limit_query_param")
        for attribute in (*of_pages, "offset_query_param", "cursor_query_param"):
            name = getattr(paginator, attribute, None)
            if name:
                yield str(name), list(_OF_PAGES)
        if api_settings.URL_FORMAT_OVERRIDE:
            yield str(api_settings.URL_FORMAT_OVERRIDE), [*self.formats, "nope"]


def describe(
    view_class: Any, handler: str, initkwargs: Mapping[str, object], user: Any
) -> Described:
    """Make a view as for a request to one of its handlers, and read what it takes.

    Args:
        view_class: The class of the view.
        handler: The method that answers.
        initkwargs: The arguments of ``as_view()``.
        user: Who asks.
    """
    view = view_class(**initkwargs)
    request = Request(APIRequestFactory().get("/"))
    request.user = user
    view.action, view.request, view.format_kwarg = handler, request, None
    view.args, view.kwargs, view.action_map = (), {}, {"get": handler}
    serializer = _serializer(view)
    model = _model(view, serializer)
    rows = () if model is None else tuple(model._default_manager.order_by("pk")[:20])
    return Described(view, serializer, model, rows)


def _serializer(view: Any) -> Any:
    if not hasattr(view, "get_serializer"):
        return None
    try:
        serializer = view.get_serializer()
    except Exception:
        # The project's own code chooses; without the rest of a request it may not be able to.
        return None
    if isinstance(serializer, ListSerializer):
        serializer = serializer.child
    return serializer if isinstance(serializer, Serializer) else None


def _model(view: Any, serializer: object) -> type[Model] | None:
    queryset = getattr(view, "queryset", None)
    if queryset is not None:
        return queryset.model  # type: ignore[no-any-return]  # of a view of any kind
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    if model is not None:
        return model  # type: ignore[no-any-return]  # of a serializer of any kind
    try:
        return view.get_queryset().model  # type: ignore[no-any-return]  # of a view of any kind
    except Exception:
        # There is none, or it needs the rest of a request.
        return None


def _printed(serializer: Any, row: Model) -> object:
    try:
        return as_json(serializer.to_representation(row))
    except Exception:
        # It prints other objects than those of the queryset.
        return None


def _attribute(row: object, path: str) -> object:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name, None)
        if hasattr(value, "all"):
            value = value.first()
    return getattr(value, "pk", value)
