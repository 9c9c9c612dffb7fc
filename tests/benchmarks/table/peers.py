"""Other libraries, each where it is installed."""

# Without postponed annotations: not every library resolves those of a class inside a function.

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import path
from pydantic import BaseModel, ConfigDict
from rest_framework import serializers, viewsets

from tests.benchmarks.table.contracts import SHAPES, classic_serializers, models
from tests.benchmarks.table.models import Book, forget, rows_of
from tests.benchmarks.table.sides import Patterns, Rows, viewset_routes


def adrf() -> Patterns:
    """Its serializers and viewsets, whose methods are async."""
    from adrf.serializers import ModelSerializer
    from adrf.viewsets import ModelViewSet
    from asgiref.sync import sync_to_async

    class Viewset(ModelViewSet):
        async def perform_acreate(self, serializer: Any) -> None:
            await serializer.asave(author_id=1)
            # Its serializers read what is related on the event loop, where no query may run.
            await sync_to_async(lambda: forget(serializer.instance).author)()

    chosen = classic_serializers(ModelSerializer)

    def of(shape: str) -> Any:
        body = {"shape": shape, "serializer_class": chosen[shape]}
        return type("Books", (Rows, Viewset), body)

    found: Patterns = []
    for shape in SHAPES:
        place, view = shape.replace(" ", "-"), of(shape)
        many = view.as_view({"get": "alist", "post": "acreate"})
        one = view.as_view({"get": "aretrieve", "put": "aupdate"})
        found += [
            path(f"{place}/<int:rows>/", many),
            path(f"{place}/<int:rows>/<int:pk>/", one),
        ]
    return found


def drf_pydantic() -> Patterns:
    """Its serializers in DRF's viewsets. They do not save by themselves."""
    from drf_pydantic import BaseModel as Base

    made = models(Base)

    def saving(shape: str) -> Any:
        class Saving(made[shape].drf_serializer):
            id = serializers.IntegerField(read_only=True)
            if shape != "flat":
                author = (
                    made[shape].model_fields["author"].annotation.drf_serializer(read_only=True)
                )

            def create(self, validated_data: Any) -> Any:
                return Book.objects.create(**validated_data)

            def update(self, instance: Any, validated_data: Any) -> Any:
                for name, value in validated_data.items():
                    setattr(instance, name, value)
                instance.save()
                return instance

        return Saving

    # Of a relation to many it would print the manager.
    shapes = [shape for shape in SHAPES if shape != "to many"]
    return viewset_routes(viewsets.ModelViewSet, {shape: saving(shape) for shape in shapes})


def fastserializers() -> Patterns:
    """Its mixin and its renderer, in DRF's viewsets."""
    from drf_fastserializers import FastJSONRenderer, FastSerializerMixin

    class Base(FastSerializerMixin, serializers.ModelSerializer):
        class Meta:
            abstract = True

    return viewset_routes(
        viewsets.ModelViewSet, classic_serializers(Base), renderer_classes=[FastJSONRenderer]
    )


def ninja() -> Patterns:
    from ninja import NinjaAPI, Schema

    made = models(Schema)
    new: Any = made["new"]
    api = NinjaAPI(urls_namespace="ninja", docs_url=None, openapi_url=None)
    for shape in SHAPES:
        _ninja_shape(api, shape, made[shape], new)
    return [path("", api.urls)]


def _ninja_shape(api: Any, shape: str, out: Any, new: Any) -> None:
    place = shape.replace(" ", "-")

    @api.get(f"/{place}/{{int:rows}}/", response=list[out])
    def many(request: HttpRequest, rows: int) -> Any:
        return rows_of(shape, rows)

    @api.post(f"/{place}/{{int:rows}}/", response={201: out})
    def create(request: HttpRequest, rows: int, book: new) -> Any:
        return 201, forget(Book.objects.create(author_id=1, **book.model_dump()))

    @api.get(f"/{place}/{{int:rows}}/{{int:pk}}/", response=out)
    def one(request: HttpRequest, rows: int, pk: int) -> Any:
        return rows_of(shape, rows).get(pk=pk)

    @api.put(f"/{place}/{{int:rows}}/{{int:pk}}/", response=out)
    def update(request: HttpRequest, rows: int, pk: int, book: new) -> Any:
        stored = rows_of(shape, rows).get(pk=pk)
        for name, value in book.model_dump().items():
            setattr(stored, name, value)
        stored.save()
        return stored


def modern_rest() -> Patterns:
    class Base(BaseModel):
        model_config = ConfigDict(from_attributes=True)

    made = models(Base)
    found: Patterns = []
    for shape in SHAPES:
        if shape != "to many":
            found += _modern_shape(shape, made[shape], made["new"])
    return found


def _modern_shape(shape: str, out: Any, new: Any) -> Patterns:
    from dmr import Body, Controller
    from dmr.plugins.pydantic import PydanticSerializer

    class Many(Controller[PydanticSerializer]):
        def get(self) -> list[out]:
            return [out.model_validate(book) for book in rows_of(shape, self.kwargs["rows"])]

        def post(self, parsed_body: Body[new]) -> out:
            made = Book.objects.create(author_id=1, **parsed_body.model_dump())
            return out.model_validate(forget(made))

    class One(Controller[PydanticSerializer]):
        def get(self) -> out:
            stored = rows_of(shape, self.kwargs["rows"]).get(pk=self.kwargs["pk"])
            return out.model_validate(stored)

        def put(self, parsed_body: Body[new]) -> out:
            stored = rows_of(shape, self.kwargs["rows"]).get(pk=self.kwargs["pk"])
            for name, value in parsed_body.model_dump().items():
                setattr(stored, name, value)
            stored.save()
            return out.model_validate(stored)

    place = shape.replace(" ", "-")
    return [
        path(f"{place}/<int:rows>/", Many.as_view()),
        path(f"{place}/<int:rows>/<int:pk>/", One.as_view()),
    ]


PEERS: dict[str, Callable[[], Patterns]] = {
    "adrf": adrf,
    "drf-fastserializers": fastserializers,
    "drf-pydantic": drf_pydantic,
    "Django Ninja": ninja,
    "django-modern-rest": modern_rest,
}


def installed() -> dict[str, Patterns]:
    """Return the URL patterns of the libraries that are installed."""
    found: dict[str, Patterns] = {}
    for name, patterns in PEERS.items():
        try:
            found[name] = patterns()
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return found
