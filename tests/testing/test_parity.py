"""``assert_parity`` finds what differs, and nothing where nothing does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework import serializers

from nova_drf.testing import ParityError, assert_parity
from tests.testapp.models import Author, Book, Publisher, Tag

pytestmark = pytest.mark.django_db


class BookSerializer(serializers.ModelSerializer[Book]):
    """Everything that a model gives, and a method field."""

    author_name = serializers.CharField(source="author.name", read_only=True, default=None)
    length = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = "__all__"

    def get_length(self, book: Book) -> int:
        return len(book.title)

    def validate_title(self, title: str) -> str:
        if title.startswith("x"):
            raise serializers.ValidationError("No x.", code="no_x")
        return title


@pytest.fixture
def library() -> None:
    author = Author.objects.create(name="Ada", email="ada@example.org")
    Publisher.objects.create(name="Press")
    tag = Tag.objects.create(name="new", slug="new")
    Book.objects.create(title="One", isbn="1", author=author).tags.add(tag)


def changed(**body: Any) -> Any:
    """Return a subclass that differs in something."""
    return type("ChangedSerializer", (BookSerializer,), body)


def loosened() -> Any:
    class LooseSerializer(BookSerializer):
        def get_fields(self) -> Any:
            fields = super().get_fields()
            fields["title"].validators = []
            return fields

    return LooseSerializer


def without_code(self: Any, title: str) -> str:
    if title.startswith("x"):
        raise serializers.ValidationError("No x.")
    return title


def as_text(self: Any, book: Any) -> str:
    return str(len(book.title))


CHANGES: dict[str, Any] = {
    "a validator is gone": lambda: loosened(),
    "another code": lambda: changed(validate_title=without_code),
    "a hook is gone": lambda: changed(validate_title=lambda self, title: title),
    "another type in the output": lambda: changed(get_length=as_text),
    "optional became required": lambda: changed(summary=serializers.CharField(allow_blank=True)),
    "null is refused": lambda: changed(rating=serializers.FloatField(required=False)),
    "a longer text is taken": lambda: changed(isbn=serializers.CharField(max_length=14)),
    "a number loses its bound": lambda: changed(pages=serializers.IntegerField(required=False)),
    "text instead of a number": lambda: changed(price=serializers.CharField(required=False)),
    "another order of keys": lambda: changed(
        Meta=type("Meta", (), {"model": Book, "fields": sorted(BookSerializer().fields)})
    ),
    "a field is gone": lambda: changed(
        Meta=type("Meta", (), {"model": Book, "exclude": ["website"]})
    ),
    "a read-only field is writable": lambda: changed(id=serializers.IntegerField(required=False)),
}


@pytest.mark.usefixtures("library")
def test_a_serializer_agrees_with_itself() -> None:
    assert_parity(BookSerializer, changed())


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("change", CHANGES)
def test_a_difference_is_found(change: str) -> None:
    with pytest.raises(ParityError):
        assert_parity(BookSerializer, CHANGES[change](), examples=300)


class Person(serializers.Serializer[Any]):
    """A payload without a model."""

    name = serializers.CharField(max_length=5)
    nick = serializers.CharField(required=False)


class LongerPerson(Person):
    """Takes one letter more."""

    name = serializers.CharField(max_length=6)


def test_the_case_is_small_and_can_be_pasted() -> None:
    with pytest.raises(ParityError) as found:
        assert_parity(Person, LongerPerson)
    difference = found.value.difference
    assert eval(difference.given) == {"name": "xxxxxx"}
    lines: list[str] = list(difference.as_test())
    names: dict[str, Any] = {"Person": Person, "LongerPerson": LongerPerson}
    with pytest.raises(AssertionError):
        exec("\n".join(lines), names)


LOUD = {"name": "a", "nick": "loud"}


def test_given_objects_are_printed() -> None:
    class Shouting(Person):
        def to_representation(self, instance: Any) -> Any:
            printed = super().to_representation(instance)
            return {**printed, "name": printed["name"].upper()} if instance == LOUD else printed

    assert_parity(Person, Shouting, examples=20)
    with pytest.raises(ParityError):
        assert_parity(Person, Shouting, examples=20, instances=[LOUD])


def test_the_context_reaches_both() -> None:
    class Contextual(Person):
        def validate_name(self, name: str) -> str:
            if self.context.get("strict") and name == name.upper():
                raise serializers.ValidationError("Do not shout.")
            return name

    assert_parity(Person, Contextual, context={})
    with pytest.raises(ParityError):
        assert_parity(Person, Contextual, context={"strict": True})


def test_where_the_old_one_crashes_the_new_one_may_refuse() -> None:
    class Crashing(Person):
        def validate(self, attrs: Any) -> Any:
            return {**attrs, "first": attrs["nick"][0]}

    class Careful(Person):
        def validate(self, attrs: Any) -> Any:
            if not attrs.get("nick"):
                raise serializers.ValidationError({"nick": "Give one."})
            return {**attrs, "first": attrs["nick"][0]}

    assert_parity(Crashing, Careful)
    with pytest.raises(ParityError):
        assert_parity(Careful, Crashing)


def test_a_random_default_is_no_difference() -> None:
    """But where the old serializer says the same twice, the new one has to as well."""

    class Old(serializers.Serializer[Any]):
        key = serializers.UUIDField(default=uuid4)
        text = serializers.CharField(default="a")

    class Other(Old):
        text = serializers.CharField(default="b")

    assert_parity(Old, type("New", (Old,), {}), examples=5)
    with pytest.raises(ParityError):
        assert_parity(Old, Other, examples=5)
