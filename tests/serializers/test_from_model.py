"""``FromModel``, and house bases in front of a serializer with a schema."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.utils import translation
from pydantic import ValidationError
from rest_framework import serializers

from nova_drf import FromModel, ReadOnly, Schema, SchemaSerializer
from nova_drf.testing import assert_parity


class ClassicUserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "groups")
        extra_kwargs = {"username": {"max_length": 20}}


class UserSchema(Schema):
    id: ReadOnly[int]
    username: Annotated[str, FromModel(User, "username", max_length=20)]
    groups: Annotated[list[Group], FromModel(User, "groups")]


class UserSerializer(SchemaSerializer[UserSchema]):
    class Meta:
        model = User


@pytest.mark.django_db
def test_the_field_is_the_one_that_the_model_says() -> None:
    Group.objects.create(name="editors")
    User.objects.create(username="ada")
    assert_parity(ClassicUserSerializer, UserSerializer, examples=15)


@pytest.mark.django_db
def test_a_module_of_models_may_import_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the registry cannot say yet which models are related."""
    with monkeypatch.context() as loading:
        apps.clear_cache()
        loading.setattr(apps, "models_ready", False)

        class EarlySchema(Schema):
            id: ReadOnly[int]
            username: Annotated[str, FromModel(User, "username", max_length=20)]
            groups: Annotated[list[Group], FromModel(User, "groups")]

        class EarlySerializer(SchemaSerializer[EarlySchema]):
            class Meta:
                model = User

    Group.objects.create(name="editors")
    User.objects.create(username="ada")
    assert_parity(ClassicUserSerializer, EarlySerializer, examples=5)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "de"])
def test_it_is_asked_whenever_a_serializer_is_made(language: str) -> None:
    User.objects.create(username="ada")
    with translation.override(language):
        old, new = (
            cls(data={"username": "ada", "groups": []})
            for cls in (ClassicUserSerializer, UserSerializer)
        )
        assert old.is_valid() == new.is_valid() is False
        assert new.errors == old.errors
        assert new.fields["username"].help_text == old.fields["username"].help_text


@pytest.mark.django_db
def test_a_schema_that_is_built_in_python_asks_whether_a_value_is_unique() -> None:
    User.objects.create(username="ada")
    classic = ClassicUserSerializer(data={"username": "ada", "groups": []})
    assert not classic.is_valid()
    with pytest.raises(ValidationError) as raised:
        UserSchema(username="ada", groups=[])
    assert str(classic.errors["username"][0]) in str(raised.value)
    assert UserSchema(username="bo", groups=[]).username == "bo"


class House(serializers.ModelSerializer[Any]):
    """Names who wrote a row, whatever runs it."""

    signature = "house"

    def create(self, validated_data: Any) -> Any:
        return super().create({**validated_data, "first_name": self.signature})

    def to_representation(self, instance: Any) -> Any:
        return {"by": self.signature, **super().to_representation(instance)}


class NameSchema(Schema):
    username: str


class OfHouse(House, SchemaSerializer[NameSchema]):
    """Classic base first."""

    class Meta:
        model = User


class HouseBehind(SchemaSerializer[NameSchema], House):
    """Our class first, as Python has it."""

    class Meta:
        model = User


@pytest.mark.django_db
def test_a_house_base_is_a_mixin() -> None:
    serializer = OfHouse(data={"username": "ada"})
    serializer.is_valid(raise_exception=True)
    assert serializer.validated_schema.username == "ada"
    assert serializer.save().first_name == "house"
    assert serializer.data == {"by": "house", "username": "ada"}
    assert OfHouse([User(username="a")], many=True).data == [{"by": "house", "username": "a"}]


def test_the_order_of_the_bases_is_pythons() -> None:
    order = OfHouse.__mro__
    assert order.index(House) < order.index(SchemaSerializer)
    assert order.index(SchemaSerializer) < order.index(serializers.ModelSerializer)
    behind = HouseBehind.__mro__
    assert behind.index(SchemaSerializer) < behind.index(House)
    assert HouseBehind(User(username="a")).data == {"username": "a"}
