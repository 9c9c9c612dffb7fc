"""Misuse is one sentence, when the class is first used or at ``manage.py check``."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import computed_field
from rest_framework import serializers

from nova_drf import (
    ReadOnly,
    Schema,
    SchemaSerializer,
    Source,
    UseField,
    WriteOnly,
    schema_from_model,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.checks.definitions import check_serializers
from nova_drf.core.exceptions import SchemaDefinitionError
from tests.testapp.models import Book


class BookSchema(Schema):
    title: str
    pages: int


def messages_for(serializer_class: type) -> list[tuple[str, str]]:
    """Return the ids and texts of the messages about one class."""
    return [
        (str(message.id), f"{message.msg} {message.hint or ''}")
        for message in check_serializers()
        if message.obj is serializer_class
    ]


def test_a_good_class_has_no_messages() -> None:
    class Good(SchemaSerializer[BookSchema]):
        class Meta:
            model = Book
            own_attribute = 1
            read_only_fields = ["pages"]

    assert messages_for(Good) == []


NOTHING_CONVERTED = """
import django
from django.conf import settings
from django.core.management import call_command

apps = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "nova_drf"]
settings.configure(INSTALLED_APPS=apps)
django.setup()

import nova_drf.migration.convert.serializer

call_command("check")
"""


def test_a_project_that_converts_nothing_has_no_messages_about_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_CONVERTED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_class_without_a_schema() -> None:
    class Bare(SchemaSerializer[Any]):
        pass

    ((code, text),) = messages_for(Bare)
    assert code == "nova_drf.E002"
    assert "Bare: no schema. Write SchemaSerializer[YourSchema]" in text
    with pytest.raises(SchemaDefinitionError, match="no schema"):
        Bare(data={}).is_valid()

    class Base(SchemaSerializer[Any]):
        pass

    class Concrete(Base):
        class Meta:
            schema = BookSchema

    assert messages_for(Base) == messages_for(Concrete) == []


def test_a_class_without_a_schema_may_have_something_to_pass_on() -> None:
    class Helping(SchemaSerializer[Any]):
        def help(self) -> int:
            return 1

    class Declaring(SchemaSerializer[Any]):
        more = serializers.IntegerField()

    class Configured(SchemaSerializer[Any]):
        class Meta:
            read_only_fields = ("title",)

    assert messages_for(Helping) == messages_for(Declaring) == []
    assert [code for code, _ in messages_for(Configured)] == ["nova_drf.E002"]

    class Used(SchemaSerializer[Any]):
        def help(self) -> int:
            return 1

    class Around(SchemaSerializer[BookSchema]):
        inner = Used()

    assert [code for code, _ in messages_for(Used)] == ["nova_drf.E002"]


def test_something_else_than_a_model() -> None:
    with pytest.raises(SchemaDefinitionError, match="is not a Pydantic model"):

        class Wrong(SchemaSerializer[Any]):
            class Meta:
                schema = int


@pytest.mark.parametrize("option", ["read_only_fields", "write_only_fields"])
def test_names_that_the_schema_lacks(option: str) -> None:
    meta = type("Meta", (), {"schema": BookSchema, option: ("titel",)})
    wrong = type("Wrong", (SchemaSerializer,), {"Meta": meta})
    ((code, text),) = messages_for(wrong)
    assert code == "nova_drf.E002"
    assert f"Meta.{option}: BookSchema has no field 'titel'. Its fields are: pages, title." in text


def test_options_of_the_wrong_kind_or_against_each_other() -> None:
    class Text(SchemaSerializer[BookSchema]):
        class Meta:
            read_only_fields = "title"

    class Both(SchemaSerializer[BookSchema]):
        class Meta:
            read_only_fields = ("title",)
            write_only_fields = ("title",)

    assert "expected a list or tuple of field names" in messages_for(Text)[0][1]
    assert "Keep one of the two" in messages_for(Both)[0][1]


def test_a_misspelt_option() -> None:
    class Misspelt(SchemaSerializer[BookSchema]):
        class Meta:
            read_only_field = ("title",)

    ((code, text),) = messages_for(Misspelt)
    assert code == "nova_drf.W001"
    assert "Did you mean 'read_only_fields'?" in text


def test_a_field_that_the_model_lacks() -> None:
    class Loose(Schema):
        title: str
        colour: str
        secret: WriteOnly[str]
        writer: Annotated[str, Source("author.name")]
        whole: Annotated[str, Source("*")]

        @computed_field
        @property
        def shout(self) -> str:
            return self.title.upper()

    class LooseSerializer(SchemaSerializer[Loose]):
        class Meta:
            model = Book

    ((code, text),) = messages_for(LooseSerializer)
    assert code == "nova_drf.W002"
    assert "LooseSerializer.colour: Book has no attribute 'colour' to read." in text


def test_an_annotation_that_cannot_be_resolved() -> None:
    class Open(Schema):
        other: "Nowhere"  # noqa: F821, UP037  # there is no such name, which the test is about

    class OpenSerializer(SchemaSerializer[Open]):
        pass

    ((code, text),) = messages_for(OpenSerializer)
    assert code == "nova_drf.E002"
    assert "Nowhere" in text
    assert "model_rebuild()" in text


def test_an_annotation_that_cannot_be_resolved_is_one_sentence_and_the_remedy() -> None:
    class Open(Schema):
        other: "Nowhere"  # noqa: F821, UP037  # there is no such name, which the test is about

    class OpenSerializer(SchemaSerializer[Open]):
        pass

    ((_, text),) = messages_for(OpenSerializer)
    assert "\n" not in text
    assert "http" not in text


@pytest.mark.parametrize("option", ["fields", "exclude", "extra_kwargs", "depth"])
def test_an_option_that_only_model_serializer_reads(option: str) -> None:
    meta = type("Meta", (), {"schema": BookSchema, option: ["title"]})
    moved = type("Moved", (SchemaSerializer,), {"Meta": meta})
    ((code, text),) = messages_for(moved)
    assert code == "nova_drf.W001"
    assert f"Moved.Meta.{option}: nothing reads this option. The schema says it" in text


@pytest.mark.parametrize(
    ("option", "value", "says_more"),
    [
        ("fields", ["title", "pages"], False),
        ("fields", ("pages", "title"), False),
        ("fields", "__all__", True),
        ("fields", ["title", "pages", "isbn"], True),
        ("exclude", ["isbn"], False),
        ("exclude", ["title"], True),
        ("extra_kwargs", {}, False),
        ("extra_kwargs", {"title": {"max_length": 3}}, True),
        ("depth", 0, False),
        ("depth", 1, True),
    ],
)
def test_an_option_that_says_what_the_schema_says(option: str, value: Any, says_more: bool) -> None:
    # A name of its own: what another test has left of one is not told from it.
    name = f"Moved{option}{value}"
    moved = type(name, (SchemaSerializer,), {"Meta": meta_of(**{option: value})})
    assert bool(messages_for(moved)) is says_more


def test_what_is_inherited_is_said_once() -> None:
    class Loose(Schema):
        title: str
        colour: str

    class Base(SchemaSerializer[Loose]):
        class Meta:
            model = Book
            fields = ["title"]

    class Derived(Base):
        pass

    class Broken(SchemaSerializer[Loose]):
        class Meta:
            read_only_fields = ("nothing",)

    class BrokenToo(Broken):
        pass

    assert [code for code, _ in messages_for(Base)] == ["nova_drf.W001", "nova_drf.W002"]
    assert [code for code, _ in messages_for(Broken)] == ["nova_drf.E002"]
    assert messages_for(Derived) == messages_for(BrokenToo) == []


def test_the_options_of_a_converted_serializer_are_read() -> None:
    class Classic(serializers.ModelSerializer[Book]):
        class Meta:
            model = Book
            fields = ["id", "title"]

    class Longer(serializer_from_schema(schema_from_serializer(Classic))):
        class Meta:
            fields = ["id", "title", "pages"]

    assert messages_for(Longer) == []


@pytest.mark.parametrize("model", [BookSchema, "testapp.Book"])
def test_a_model_that_is_none(model: Any) -> None:
    wrong = type("Wrong", (SchemaSerializer,), {"Meta": meta_of(model=model)})
    ((code, text),) = messages_for(wrong)
    assert code == "nova_drf.E002"
    assert "Wrong.Meta.model: " in text
    assert "is not a Django model. Name the model's class." in text


def test_a_field_that_travels_in_no_direction() -> None:
    class Lost(Schema):
        title: ReadOnly[WriteOnly[str]]

    class LostSerializer(SchemaSerializer[Lost]):
        pass

    ((code, text),) = messages_for(LostSerializer)
    assert code == "nova_drf.E002"
    assert "LostSerializer: 'title' is read-only and write-only. Keep one of the two." in text


def test_a_field_class_instead_of_a_field() -> None:
    with pytest.raises(SchemaDefinitionError, match=r"Write UseField\(CharField\(\)\)\."):
        UseField(serializers.CharField)


@pytest.mark.parametrize("wrong", [42, int, serializers.Serializer, "BookSchema"])
def test_a_serializer_from_what_is_no_schema(wrong: Any) -> None:
    with pytest.raises(SchemaDefinitionError, match="is not a Pydantic model"):
        serializer_from_schema(wrong)


@pytest.mark.parametrize("wrong", [42, int, BookSchema, serializers.Serializer()])
def test_a_schema_from_what_is_no_serializer_class(wrong: Any) -> None:
    with pytest.raises(SchemaDefinitionError, match="is not a serializer class"):
        schema_from_serializer(wrong)


@pytest.mark.parametrize("wrong", [42, int, BookSchema, "testapp.Book"])
def test_a_schema_from_what_is_no_model(wrong: Any) -> None:
    with pytest.raises(SchemaDefinitionError, match="is not a Django model"):
        schema_from_model(wrong)


def meta_of(**options: Any) -> type:
    """Return a ``Meta``."""
    return type("Meta", (), {"schema": BookSchema, **options})
