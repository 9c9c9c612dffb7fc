"""What reads relations object by object is named while a project is developed."""

from __future__ import annotations

import warnings
from typing import Annotated, Any

import pytest
from django.db import connection
from django.test import override_settings
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, Source, serializer_from_schema
from nova_drf.core.exceptions import NPlusOneWarning
from nova_drf.serializers.n_plus_one import Watch
from nova_drf.testing import NPlusOneError, no_n_plus_one
from tests.queriesapp.models import Card, City, Copy, Label, Reader, Shelf
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db


class ClassicCity(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ["name"]


class ClassicReader(serializers.ModelSerializer[Reader]):
    city = ClassicCity()

    class Meta:
        model = Reader
        fields = ["name", "city"]


class ClassicCopy(serializers.ModelSerializer[Copy]):
    to = ClassicReader(source="reader")
    shown = serializers.SerializerMethodField()

    class Meta:
        model = Copy
        fields = ["code", "to", "shown"]

    def get_shown(self, copy: Copy) -> list[str]:
        return [label.name for label in copy.labels.all()]


class BackedCopy(SchemaBackedMixin, ClassicCopy):
    class Meta(ClassicCopy.Meta):
        pass


class TagSchema(Schema):
    name: str


class TaggedSchema(Schema):
    title: str
    marks: Annotated[list[TagSchema], Source("tags")]


Tagged = serializer_from_schema(TaggedSchema)


@pytest.fixture(autouse=True)
def rows(settings: Any) -> None:
    settings.NOVA_DRF = {"QUERY_PLAN": "safe"}
    shelf = Shelf.objects.create(name="top")
    label = Label.objects.create(name="new")
    author = Author.objects.create(name="Ada", email="a@a.io")
    for at in range(3):
        city = City.objects.create(name=f"city {at}")
        reader = Reader.objects.create(name=f"reader {at}", city=city)
        Card.objects.create(reader=reader, number=at)
        Copy.objects.create(code=at, shelf=shelf, reader=reader).labels.add(label)
        Book.objects.create(title=str(at), isbn=str(at), author=author)


def complaints(call: Any) -> list[str]:
    with pytest.raises(NPlusOneError) as caught, no_n_plus_one():
        call()
    return str(caught.value).splitlines()


def test_a_classic_serializer() -> None:
    reader, city, labels = complaints(lambda: ClassicCopy(Copy.objects.all(), many=True).data)
    assert reader == (
        "ClassicCopy asks the database for `reader` of 3 objects of Copy, one by one, to print "
        '`to`. Add .select_related("reader") to the queryset, or make it with plan_queries().'
    )
    assert "`city` of 3 objects of Reader, one by one, to print `to.city`" in city
    assert 'prefetch_related("reader__city")' in city
    assert "`labels` of 3 objects of Copy, one by one, in ClassicCopy.get_shown (" in labels
    assert f"{__file__}:" in labels
    assert 'prefetch_related("labels")' in labels


def test_the_remedy_helps() -> None:
    queryset = Copy.objects.select_related("reader__city").prefetch_related("labels")
    with no_n_plus_one():
        ClassicCopy(queryset, many=True).data
        ClassicCopy(Copy.objects.all()[:1], many=True).data
    with no_n_plus_one(at_most=3):
        ClassicCopy(Copy.objects.all(), many=True).data


def test_a_serializer_of_ours() -> None:
    (labels,) = complaints(lambda: BackedCopy(Copy.objects.all(), many=True).data)
    assert "BackedCopy" in labels
    assert "ClassicCopy.get_shown" in labels
    (tags,) = complaints(lambda: Tagged(list(Book.objects.all()), many=True).data)
    assert tags.startswith("TaggedSchema") or tags.startswith("Tagged")
    assert "`tags` of 3 objects of Book, one by one, to print `marks`" in tags
    assert tags.endswith('Or say query_plan = "all" in Meta.')


def test_deferred_columns_and_other_sides() -> None:
    def read() -> None:
        for copy in Copy.objects.only("id"):
            copy.code
        for reader in Reader.objects.all():
            reader.card
            reader.copies.count()

    code, card, copies = complaints(read)
    assert code.startswith("It asks the database for `code` of 3 objects of Copy, one by one, in ")
    assert code.endswith("Do not leave `code` out of the queryset with only() or defer().")
    assert 'Add .select_related("card")' in card
    assert 'Add .prefetch_related("copies")' in copies


def test_other_queries_are_nobodys() -> None:
    with no_n_plus_one():
        for _ in range(3):
            Tag.objects.count()
            Shelf.objects.create(name="new").copies.update(code=1)
            list(Book.objects.all())
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")


def test_lists_are_watched_if_the_setting_says_so() -> None:
    objects = Book.objects.all()
    with override_settings(NOVA_DRF={"N_PLUS_ONE": "warn"}), pytest.warns(NPlusOneWarning) as said:
        answer = Tagged(objects, many=True).data
    assert len(answer) == 3
    assert len(said) == 1
    assert "`marks`" in str(said[0].message)
    with (
        override_settings(NOVA_DRF={"N_PLUS_ONE": "error"}),
        pytest.raises(NPlusOneError, match="`marks`"),
    ):
        Tagged(objects, many=True).data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Tagged(objects, many=True).data


def test_lists_in_lists_are_watched_once() -> None:
    class Outer(SchemaBackedMixin, serializers.ModelSerializer[Author]):
        books = Tagged(many=True)

        class Meta:
            model = Author
            fields = ["name", "books"]

    authors = Author.objects.all()
    with override_settings(NOVA_DRF={"N_PLUS_ONE": "warn"}), pytest.warns(NPlusOneWarning) as said:
        Outer(authors, many=True).data
    assert len(said) == 1
    assert "`books.marks`" in str(said[0].message)


def test_what_goes_wrong_is_not_hidden() -> None:
    class Broken(BackedCopy):
        def get_shown(self, copy: Copy) -> list[str]:
            super().get_shown(copy)
            if copy.code == 0:
                raise LookupError("broken")
            return []

    with override_settings(NOVA_DRF={"N_PLUS_ONE": "error"}), pytest.raises(LookupError):
        Broken(Copy.objects.all(), many=True).data
    assert not any(isinstance(wrapper, Watch) for wrapper in connection.execute_wrappers)
