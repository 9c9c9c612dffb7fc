"""What somebody else sees to is no drift: a default, a hook, a view, a model behind a form."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import OperationalError, ProgrammingError, models
from django.test import override_settings
from django.urls import clear_url_caches, path
from pydantic import Field, field_validator, model_validator
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from nova_drf import ReadOnly, Schema, SchemaSerializer
from nova_drf.checks.drift import check_contract_drift
from tests.checks.drift.test_check import found, messages_about
from tests.servicesapp.models import Parcel, Shelf

urlpatterns: list[Any] = []
"""What a test lets the views of a project be."""


@pytest.fixture
def _own_urls() -> Iterator[None]:
    urlpatterns.clear()
    clear_url_caches()
    with override_settings(ROOT_URLCONF=__name__):
        yield
    clear_url_caches()


def of_parcels(**attributes: Any) -> Any:
    """Return a serializer of parcels with some fields and methods."""
    names = [name for name, value in attributes.items() if isinstance(value, serializers.Field)]
    meta = type("Meta", (), {"model": Parcel, "fields": names})
    return type(
        "Described",
        (serializers.ModelSerializer,),
        {"__module__": __name__, "Meta": meta, **attributes},
    )


def drf(name: str, **arguments: Any) -> Any:
    return getattr(serializers, name)(**arguments)


TOO_WIDE = {"label max_length": "nova_drf.W101"}


# Of serializers


def test_a_default_is_as_good_as_a_value(settings: Any) -> None:
    described = of_parcels(
        size=drf("ChoiceField", choices=Parcel.Size.choices, default="s"),
        weight=drf("IntegerField", min_value=0, max_value=90, default=lambda: 1),
        label=drf("CharField", max_length=20, min_length=2, required=False),
    )
    assert found(settings, described) == {"label required": "nova_drf.W104"}


def nothing(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Stand for code of the project's."""


@pytest.mark.parametrize(
    "hook", ["create", "update", "save", "validate", "run_validation", "to_internal_value"]
)
def test_code_that_sees_the_row_may_fill_it(settings: Any, hook: str) -> None:
    fields = {
        "label": drf("CharField", max_length=20, min_length=2, required=False),
        "code": drf("CharField", max_length=8, allow_null=True),
        "weight": drf("IntegerField", max_value=100, min_value=0),
    }
    assert found(settings, of_parcels(**fields)) == {
        "label required": "nova_drf.W104",
        "code null": "nova_drf.W102",
        "code unique": "nova_drf.W107",
        "weight max_value": "nova_drf.W105",
    }
    hooked = of_parcels(**fields, **{hook: nothing})
    assert found(settings, hooked) == {"weight max_value": "nova_drf.W105"}


def names_another(self: Any, data: dict[str, Any]) -> dict[str, Any]:
    if data["code"] == data.get("note"):
        raise serializers.ValidationError("The same.")
    return data


def names_it(self: Any, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "label": data["code"][:20]}


def names_any(self: Any, data: dict[str, Any]) -> dict[str, Any]:
    for key in list(data):
        data[key] = str(data[key])[:8]
    return data


@pytest.mark.parametrize(
    ("validate", "may_check"),
    [(names_another, False), (names_it, True), (names_any, True), (len, True)],
)
def test_code_for_the_row_may_check_what_it_names(
    settings: Any, validate: Any, may_check: bool
) -> None:
    described = of_parcels(label=drf("CharField", min_length=2), validate=validate)
    assert found(settings, described) == ({} if may_check else TOO_WIDE)


def only_short(value: str) -> None:
    """Check, as somebody's validator does."""


class ShortField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        return str(data)[:20]


def test_code_for_one_field_may_check_it(settings: Any) -> None:
    described = of_parcels(
        label=drf("CharField"), code=drf("CharField", max_length=9), validate_label=nothing
    )
    expected = {"code max_length": "nova_drf.W101", "code unique": "nova_drf.W107"}
    assert found(settings, described) == expected
    assert found(settings, of_parcels(label=drf("CharField", validators=[only_short]))) == {}
    assert found(settings, of_parcels(label=ShortField())) == {}


def test_limits_may_stand_among_the_validators(settings: Any) -> None:
    def of(*validators: Any) -> Any:
        return of_parcels(label=drf("CharField", min_length=2, validators=[*validators]))

    assert found(settings, of(MaxLengthValidator(20))) == {}
    assert found(settings, of(MaxLengthValidator(lambda: 30))) == TOO_WIDE
    assert found(settings, of(MaxLengthValidator(30), MaxLengthValidator(9))) == {
        "label max_length": "nova_drf.I101"
    }


def test_what_is_never_shown_is_not_stored_as_it_was_sent(settings: Any) -> None:
    def of(**attributes: Any) -> Any:
        return of_parcels(label=drf("CharField", write_only=True, min_length=2), **attributes)

    assert found(settings, of()) == TOO_WIDE
    assert found(settings, of(create=nothing)) == {}


def test_code_of_a_schema_may_check_as_well(settings: Any) -> None:
    class Checking(Schema):
        label: str
        code: Annotated[str, Field(max_length=9)]
        note: str | None = None

        @field_validator("label")
        @classmethod
        def short(cls, value: str) -> str:
            return value[:20]

    class Whole(Checking):
        weight: Annotated[int, Field(ge=0, le=90)] | None

        @model_validator(mode="after")
        def heavy(self) -> Any:
            return self

    def of(schema: Any) -> Any:
        meta = type("Meta", (), {"schema": schema, "model": Parcel})
        return type("Of", (SchemaSerializer,), {"__module__": __name__, "Meta": meta})

    assert found(settings, of(Checking)) == {"code max_length": "nova_drf.W101"}
    assert found(settings, of(Whole)) == {"code max_length": "nova_drf.W101"}


class Later(serializers.ModelSerializer[Parcel]):
    size = serializers.ChoiceField(choices=[])
    label = serializers.FilePathField(path=".", match="nothing at all")

    class Meta:
        model = Parcel
        fields = ["size", "label"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "request" in self.context:
            self.fields["size"].choices = ["s", "l"]


def test_choices_that_are_filled_in_later(settings: Any) -> None:
    assert found(settings, Later) == {}


def test_fields_that_want_a_request_get_one(settings: Any) -> None:
    class Asking(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel
            fields = ["label"]

        def get_fields(self) -> Any:
            anonymous = self.context["request"].user.is_anonymous
            return {**super().get_fields(), "label": serializers.CharField(required=anonymous)}

    assert found(settings, Asking) == {
        "label max_length": "nova_drf.W101",
        "label min_length": "nova_drf.W101",
    }


# Used to read


def wide(name: str, **attributes: Any) -> Any:
    """Return a serializer that lets too much pass."""
    cls = of_parcels(label=drf("CharField", min_length=2), **attributes)
    cls.__name__ = cls.__qualname__ = name
    return cls


def view_of(serializer: Any, *bases: Any, **attributes: Any) -> Any:
    queryset = Parcel.objects.all()
    return type("View", bases, {"queryset": queryset, "serializer_class": serializer, **attributes})


@pytest.mark.usefixtures("_own_urls")
def test_what_only_shows_refuses_nothing(settings: Any) -> None:
    listed, retrieved, made, called, chosen = (wide(f"Wide{number}") for number in range(5))

    @api_view(["GET"])
    def shown(request: Any) -> Response:
        return Response(called(Parcel.objects.all(), many=True).data)

    class Choosing(generics.ListAPIView[Parcel]):
        def get_serializer_class(self) -> Any:
            return chosen

    urlpatterns[:] = [
        path("a/", view_of(listed, generics.ListAPIView).as_view()),
        path("b/", view_of(retrieved, viewsets.ReadOnlyModelViewSet).as_view({"get": "list"})),
        path("c/", view_of(made, generics.ListCreateAPIView).as_view()),
        path("d/", shown),
        path("e/", view_of(None, Choosing).as_view()),
        path("f/", view_of(retrieved, viewsets.ReadOnlyModelViewSet).as_view({"get": "retrieve"})),
    ]
    assert {name.__name__ for name in (listed, retrieved, called, chosen)} == {
        cls.__name__
        for cls in (listed, retrieved, made, called, chosen)
        if not found(settings, cls)
    }
    assert found(settings, made) == TOO_WIDE


@pytest.mark.usefixtures("_own_urls")
def test_the_methods_that_a_view_answers_count(
    settings: Any,
) -> None:
    both = wide("Both")
    writing = view_of(both, viewsets.ModelViewSet)
    urlpatterns[:] = [path("a/", writing.as_view({"get": "list", "delete": "destroy"}))]
    assert found(settings, both) == {}
    urlpatterns.append(path("b/", writing.as_view({"post": "create"})))
    clear_url_caches()
    assert found(settings, both) == TOO_WIDE


@pytest.mark.usefixtures("_own_urls")
def test_each_action_speaks_for_itself(settings: Any) -> None:
    listed, exported, imported, helped = (wide(f"Wide{number}") for number in range(5, 9))

    class Parcels(viewsets.ModelViewSet[Parcel]):
        queryset = Parcel.objects.all()
        by_action: Any = {"helped": helped}

        def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            return Response(listed(self.get_queryset(), many=True).data)

        @action(detail=False)
        def export(self, request: Any) -> Response:
            return Response(exported(self.get_queryset(), many=True).data)

        @action(detail=False, methods=["post"], url_path="import")
        def take(self, request: Any) -> Response:
            imported(data=request.data).is_valid(raise_exception=True)
            return Response()

    router = SimpleRouter()
    router.register("parcels", Parcels)
    urlpatterns[:] = router.urls
    assert found(settings, listed) == found(settings, exported) == {}
    assert found(settings, imported) == found(settings, helped) == TOO_WIDE


@pytest.mark.usefixtures("_own_urls")
def test_what_is_nested_to_show_refuses_nothing(settings: Any) -> None:
    def around(read_only: bool, **attributes: Any) -> tuple[Any, Any]:
        inner = of_parcels(label=drf("CharField", required=False, max_length=30, min_length=2))
        outer = type(
            "Outer",
            (serializers.ModelSerializer,),
            {
                "__module__": __name__,
                "parcels": inner(many=True, read_only=read_only),
                "Meta": type("Meta", (), {"model": Shelf, "fields": ["parcels"]}),
                **attributes,
            },
        )
        return inner, outer

    inner, outer = around(read_only=True)
    assert found(settings, inner, outer) == {}
    inner, outer = around(read_only=False)
    # The serializer around it writes its rows, and may fill in what is missing.
    assert found(settings, inner, outer) == TOO_WIDE


@pytest.mark.usefixtures("_own_urls")
def test_a_view_may_fill_in_what_is_missing(settings: Any) -> None:
    filled = of_parcels(label=drf("CharField", required=False, max_length=20, min_length=2))
    urlpatterns[:] = [path("a/", view_of(filled, generics.CreateAPIView).as_view())]
    assert found(settings, filled) == {"label required": "nova_drf.W104"}
    for name in ("perform_create", "create", "post"):
        view = view_of(filled, generics.CreateAPIView, **{name: nothing})
        urlpatterns[:] = [path("a/", view.as_view())]
        clear_url_caches()
        assert found(settings, filled) == {}


@pytest.mark.usefixtures("_own_urls")
def test_a_view_may_handle_what_it_gets(settings: Any) -> None:
    def of(**attributes: Any) -> dict[str, str]:
        described = of_parcels(label=drf("CharField", max_length=20, min_length=2, allow_null=True))
        view = view_of(described, generics.CreateAPIView, **attributes)
        urlpatterns[:] = [path("a/", view.as_view())]
        clear_url_caches()
        return found(settings, described)

    assert of() == of(perform_create=nothing) == {"label null": "nova_drf.W102"}
    assert of(post=nothing) == of(create=nothing) == {}


# Of forms


def form_of(model: Any, names: list[str], **attributes: Any) -> Any:
    meta = type("Meta", (), {"model": model, "fields": names})
    return type("Form", (forms.ModelForm,), {"__module__": __name__, "Meta": meta, **attributes})


def test_the_model_checks_what_its_form_leaves_open(settings: Any) -> None:
    form = form_of(
        Parcel,
        ["label", "weight", "price"],
        label=forms.CharField(max_length=50),
        weight=forms.IntegerField(min_value=-3, max_value=500),
        price=forms.DecimalField(max_digits=9, decimal_places=4),
    )
    assert found(settings, form) == {}


def test_choices_of_a_form(settings: Any) -> None:
    def of(**attributes: Any) -> Any:
        return form_of(Parcel, ["size"], **attributes)

    refused = forms.ChoiceField(choices=[("s", "S"), ("xl", "XL")])
    assert found(settings, of(size=refused)) == {"size choices": "nova_drf.W103"}
    assert found(settings, of(size=forms.ChoiceField(choices=[]))) == {}
    assert found(settings, of(size=refused, __init__=nothing)) == {}
    asked: list[int] = []
    late = forms.ChoiceField(choices=lambda: asked.append(1) or [("x", "X")])
    assert found(settings, of(size=late)) == {}
    assert asked == []


def test_a_form_may_fill_in_what_it_does_not_require(settings: Any) -> None:
    def of(**attributes: Any) -> Any:
        label = forms.CharField(max_length=20, required=False)
        return form_of(Parcel, ["label"], label=label, **attributes)

    assert found(settings, of()) == {"label required": "nova_drf.W104"}
    for name in ("clean", "clean_label", "save", "_post_clean", "__init__"):
        assert found(settings, of(**{name: nothing})) == {}


# Types


class Keyed(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=5)
    day = models.DateField()
    amount = models.DecimalField(max_digits=5, decimal_places=2)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "servicesapp"
        managed = False


class Pointing(models.Model):
    keyed = models.ForeignKey(Keyed, models.CASCADE)

    class Meta:
        app_label = "servicesapp"
        managed = False


def of_schema(schema: Any, model: Any) -> Any:
    meta = type("Meta", (), {"schema": schema, "model": model})
    return type("OfSchema", (SchemaSerializer,), {"__module__": __name__, "Meta": meta})


def test_an_int_is_no_key_of_uuids(settings: Any) -> None:
    class IntKey(Schema):
        id: ReadOnly[int]

    class UUIDKey(Schema):
        id: ReadOnly[uuid.UUID]

    class TextKey(Schema):
        id: ReadOnly[str]

    assert found(settings, of_schema(IntKey, Keyed)) == {"id type": "nova_drf.W110"}
    assert found(settings, of_schema(UUIDKey, Keyed)) == {}
    assert found(settings, of_schema(TextKey, Keyed)) == {}
    (message,) = messages_about(of_schema(IntKey, Keyed))
    assert "OfSchema.id: type is integer here, and UUID in" in message.msg


def test_a_relation_is_of_the_type_of_the_key(settings: Any) -> None:
    class IntKey(Schema):
        keyed: int

    class UUIDKey(Schema):
        keyed: uuid.UUID

    class IntColumn(Schema):
        keyed_id: int

    assert found(settings, of_schema(IntKey, Pointing)) == {"keyed type": "nova_drf.W110"}
    assert found(settings, of_schema(IntColumn, Pointing)) == {"keyed_id type": "nova_drf.W110"}
    assert found(settings, of_schema(UUIDKey, Pointing)) == {}

    class Classic(serializers.ModelSerializer[Pointing]):
        keyed = serializers.PrimaryKeyRelatedField(
            queryset=Keyed.objects.all(), pk_field=serializers.IntegerField()
        )
        keyed_id = serializers.IntegerField()

        class Meta:
            model = Pointing
            fields = ["keyed", "keyed_id"]

    assert found(settings, Classic) == {
        "keyed type": "nova_drf.W110",
        "keyed_id type": "nova_drf.W110",
    }


@pytest.mark.parametrize(
    ("name", "field", "drifts"),
    [
        ("name", drf("IntegerField"), True),
        ("name", drf("UUIDField"), False),
        ("name", drf("ListField"), True),
        ("day", drf("DateTimeField"), True),
        ("day", drf("CharField"), False),
        ("made", drf("DateField", read_only=True), True),
        ("made", drf("DateTimeField", read_only=True), False),
        ("amount", drf("IntegerField"), True),
        ("amount", drf("FloatField"), False),
        ("amount", drf("BooleanField"), True),
        ("amount", drf("JSONField"), False),
        ("amount", drf("ReadOnlyField"), False),
    ],
)
def test_types_that_lose_something(settings: Any, name: str, field: Any, drifts: bool) -> None:
    class Typed(serializers.ModelSerializer[Keyed]):
        class Meta:
            model = Keyed
            fields = [name]

        def get_fields(self) -> Any:
            return {name: field}

    assert (f"{name} type" in found(settings, Typed)) is drifts


def test_a_field_with_code_of_its_own_has_no_type(settings: Any) -> None:
    class Odd(serializers.IntegerField):
        def to_representation(self, value: Any) -> int:
            return len(value)

    class Typed(serializers.ModelSerializer[Keyed]):
        name = Odd(read_only=True)

        class Meta:
            model = Keyed
            fields = ["name"]

    assert found(settings, Typed) == {}


def test_the_types_of_a_form(settings: Any) -> None:
    form = form_of(Keyed, ["day", "name"], day=forms.IntegerField(), name=forms.UUIDField())
    assert found(settings, form) == {"day type": "nova_drf.W110"}


def test_the_columns_of_a_proxy_are_those_of_its_model(settings: Any) -> None:
    class Aardvark(Parcel):
        class Meta:
            app_label = "servicesapp"
            proxy = True

    class OfProxy(serializers.ModelSerializer[Aardvark]):
        label = serializers.CharField(max_length=5, min_length=2)

        class Meta:
            model = Aardvark
            fields = ["label"]

    assert found(settings, OfProxy) == {"label max_length": "nova_drf.I101"}
    (message,) = messages_about(OfProxy)
    assert "tests.servicesapp.models.Parcel.label" in message.msg


# Once


def test_what_is_inherited_is_named_once(settings: Any) -> None:
    class Base(serializers.ModelSerializer[Parcel]):
        label = serializers.CharField(min_length=2)

        class Meta:
            model = Parcel
            fields: Any = ["label"]

    class First(Base):
        pass

    class Second(Base):
        label = serializers.CharField(min_length=2, max_length=25)

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    messages = messages_about(Base, First, Second)
    assert [message.msg.partition(":")[0].rpartition(".")[0] for message in messages] == [
        f"{cls.__module__}.{cls.__qualname__}" for cls in (Base, Second)
    ]


def test_classes_of_one_name_have_one_message(settings: Any) -> None:
    first, second = wide("Same"), wide("Same")
    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    assert len(messages_about(first, second)) == 1


def test_a_base_that_cannot_be_made_is_no_finding(settings: Any) -> None:
    class Base(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel

    class Made(Base):
        class Meta(Base.Meta):
            fields = ["note"]

    assert found(settings, Base, Made) == {}

    class Alone(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    assert [message.id for message in messages_about(Alone)] == ["nova_drf.W108"]


def test_what_cannot_be_compiled_is_for_another_check() -> None:
    class Wrong(SchemaSerializer[Any]):
        class Meta:
            schema = Keyed_schema
            model = Keyed
            read_only_fields = ["nothing"]

    assert not [message for message in check_contract_drift() if message.obj is Wrong]


class Keyed_schema(Schema):  # like the model
    name: str


@pytest.mark.parametrize("error", [OperationalError, ProgrammingError])
def test_a_database_that_is_not_there_is_no_finding(settings: Any, error: Any) -> None:
    class Asking(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel
            fields = ["label"]

        def get_fields(self) -> Any:
            raise error("no such table")

    assert found(settings, Asking) == {}


def test_stricter_is_a_finding_of_its_own(settings: Any) -> None:
    described = of_parcels(
        label=drf("CharField", max_length=10, min_length=3),
        size=drf("ChoiceField", choices=["s"]),
        count=drf("IntegerField"),
        price=drf("DecimalField", max_digits=5, decimal_places=1),
        note=drf("CharField"),
    )
    names = {
        *("label max_length", "label min_length", "size choices", "count required"),
        *("price max_digits", "price decimal_places", "note null", "note required"),
    }
    assert found(settings, described) == dict.fromkeys(names, "nova_drf.I101")
    assert all(message.level < 30 for message in messages_about(described))
