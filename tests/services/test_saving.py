"""Which columns a ``ModelService`` writes and checks, and which attributes nobody may write."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, RootModel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from nova_drf import NotRequired, ReadOnly, Source
from nova_drf.services import (
    AlreadyExists,
    Invalid,
    ModelService,
    NotFound,
    ServiceDefinitionError,
)
from nova_drf.services.attributes import may_be_stored
from tests.constraintsapp.models import Article, Base, Capital, Country, Derived, Renamed
from tests.servicesapp.models import Item, Parcel, Shelf, Ticket, Topic

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=900)


class Changes(BaseModel):
    title: str = ""
    body: str = ""
    heading: str = ""
    views: int = 0
    extra: dict[str, Any] = {}
    topics: list[int] = []


class NewArticle(BaseModel):
    title: str
    body: str = ""


class ArticleService(ModelService[Article, NewArticle, Changes]):
    pass


class Untyped(ModelService[Article]):
    pass


def article(**values: Any) -> Article:
    made = Article.objects.create(**{"title": "One", "body": "a b", "words": 2, **values})
    Article.objects.filter(pk=made.pk).update(made=LONG_AGO, changed=LONG_AGO)
    return made


def stored(row: Article) -> Article:
    return Article.objects.get(pk=row.pk)


# Two at once


class Interrupted(ArticleService):
    """Somebody else writes while the row is in hand."""

    def get_object(self, pk: Any, *, lock: bool = False) -> Article:
        found = super().get_object(pk, lock=lock)
        Article.objects.filter(pk=pk).update(**self.meanwhile)
        return found

    meanwhile: dict[str, Any] = {"views": 7, "extra": {"by": "other"}}


@pytest.mark.parametrize("change", [{"title": "Two"}, {"body": "c"}, {}, {"topics": []}])
def test_two_who_change_different_columns_both_succeed(change: dict[str, Any]) -> None:
    row = article()
    Interrupted().update(row.pk, Changes(**change))
    now = stored(row)
    assert (now.views, now.extra) == (7, {"by": "other"})
    for name in change.keys() - {"topics"}:
        assert getattr(now, name) == change[name]


def test_interleaved_saves() -> None:
    row = article()
    service = ArticleService()
    one, other = service.get_object(row.pk), service.get_object(row.pk)
    service.save(one, {"body": "x y z"})
    service.save(other, {"views": 3})
    now = stored(row)
    assert (now.body, now.views, now.words) == ("x y z", 3, 3)


# What the model itself changes


def test_what_the_model_sets_is_stored() -> None:
    row = article()
    ArticleService().update(row.pk, Changes(title="Another Title"))
    now = stored(row)
    assert (now.slug, now.words, now.made) == ("another-title", 2, stored(row).made)
    assert now.made == LONG_AGO.replace(microsecond=now.made.microsecond)
    assert now.changed > LONG_AGO
    ArticleService().update(row.pk, Changes(heading="  By Property "))
    assert (stored(row).title, stored(row).slug) == ("By Property", "by-property")
    ArticleService().update(row.pk, Changes(body="one two three"))
    assert stored(row).words == 3


def test_nothing_to_write_still_touches_the_row() -> None:
    row = article(hidden="old")
    ArticleService().update(row.pk, Changes())
    assert stored(row).changed > LONG_AGO
    with CaptureQueriesContext(
        connection,
    ) as queries:
        Renames().update(Renamed.objects.create(code="a").pk, Code.model_construct(set()))
    assert not [one for one in queries if one["sql"].startswith("UPDATE")]


class Code(BaseModel):
    code: str = ""


class Renames(ModelService[Renamed, Code]):
    pass


def test_what_an_override_sets_is_stored() -> None:
    class Stamped(ArticleService):
        def save(self, instance: Article, values: dict[str, Any]) -> Article:
            instance.views += 1
            instance.extra["seen"] = True
            return super().save(instance, values)

    row = article()
    Stamped().update(row.pk, Changes(title="Two"))
    assert (stored(row).views, stored(row).extra) == (1, {"seen": True})
    made = Stamped().create(NewArticle(title="Three"))
    assert stored(made).views == 1


@contextmanager
def receiver(signal: Any, function: Any) -> Iterator[None]:
    signal.connect(function, sender=Article)
    try:
        yield
    finally:
        signal.disconnect(function, sender=Article)


def test_what_a_receiver_sets_is_stored() -> None:
    def count(instance: Article, update_fields: Any, **kwargs: Any) -> None:
        assert "title" in update_fields
        assert "made" not in update_fields
        instance.views += 1

    copies: list[bytes] = []

    def copy(instance: Article, **kwargs: Any) -> None:
        copies.append(pickle.dumps(instance))

    row = article()
    with receiver(pre_save, count), receiver(post_save, copy):
        ArticleService().update(row.pk, Changes(title="Two"))
    assert stored(row).views == 1
    copied = pickle.loads(copies[0])
    copied.body = "changed"
    copied.save()
    assert stored(row).body == "changed"


def test_deferred_columns_stay_unread() -> None:
    class Partly(ArticleService):
        queryset = Article.objects.defer("body", "words")

        def meddle(self, pk: int) -> None:
            Article.objects.filter(pk=pk).update(views=9)

    class Unchecked(Partly):
        def get_object(self, pk: Any, *, lock: bool = False) -> Article:
            found = super().get_object(pk, lock=lock)
            self.meddle(pk)
            return found

    row = article()
    Unchecked().update(row.pk, Changes(title="Two"))
    assert (stored(row).title, stored(row).views, stored(row).body) == ("Two", 9, "a b")


def test_only_what_was_loaded_can_be_written() -> None:
    class Partly(ModelService[Renamed, Code]):
        queryset = Renamed.objects.only("code", "first")

        def get_object(self, pk: Any, *, lock: bool = False) -> Renamed:
            found = super().get_object(pk, lock=lock)
            Renamed.objects.filter(pk=pk).update(first=5, second=6)
            return found

    row = Renamed.objects.create(code="a")
    Partly().update(row.pk, Code(code="b"))
    row.refresh_from_db()
    assert (row.code, row.first, row.second) == ("b", 5, 6)


class Twice(Article):
    """A model that saves itself in its own ways."""

    class Meta:
        proxy = True
        app_label = "constraintsapp"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.words = self.pk
        super().save(update_fields=["words"])


def test_a_model_that_saves_twice() -> None:
    class Twices(ModelService[Twice, NewArticle, Changes]):
        pass

    made = Twices().create(NewArticle(title="One"))
    assert stored(made).words == made.pk
    Article.objects.update(words=0, views=4)
    other = Twices().get_object(made.pk)
    Article.objects.update(views=5)
    Twices().save(other, {"title": "Two"})
    assert (stored(made).title, stored(made).words, stored(made).views) == ("Two", made.pk, 5)


def test_a_row_that_is_gone_is_not_made_again() -> None:
    class Gone(ArticleService):
        def get_object(self, pk: Any, *, lock: bool = False) -> Article:
            found = super().get_object(pk, lock=lock)
            Article.objects.filter(pk=pk).delete()
            return found

    with pytest.raises(NotFound):
        Gone().update(article().pk, Changes(title="Two"))
    assert Article.objects.get().title == "One"  # all of it was undone


def test_a_queryset_of_values() -> None:
    class Values(ModelService[Any]):
        queryset = Article.objects.values("title")

    assert Values().get_object(article().pk) == {"title": "One"}


def test_columns_of_parents() -> None:
    class Label(BaseModel):
        label: str = ""
        number: int = 0

    class Deriveds(ModelService[Derived, Label]):
        pass

    row = Derived.objects.create(code="a", label="x")
    service = Deriveds()
    one, other = service.get_object(row.pk), service.get_object(row.pk)
    service.save(one, {"number": 4})
    service.save(other, {"label": "y"})
    row.refresh_from_db()
    assert (row.number, row.label, row.code) == (4, "y", "a")


# What is checked


def test_hidden_columns_are_not_checked() -> None:
    row = article()
    Article.objects.filter(pk=row.pk).update(title="x" * 40, hidden="")
    ArticleService().update(row.pk, Changes(body="new"))
    assert stored(row).body == "new"
    with pytest.raises(ValidationError) as caught:
        ArticleService().update(row.pk, Changes(title="x" * 41))
    assert set(caught.value.message_dict) == {"title"}
    assert ArticleService().create(NewArticle(title="new")).hidden == ""


def test_what_a_property_sets_is_checked() -> None:
    with pytest.raises(ValidationError) as caught:
        ArticleService().update(article().pk, Changes(heading="x" * 41))
    assert set(caught.value.message_dict) == {"title"}


class Strict(Article):
    class Meta:
        proxy = True
        app_label = "constraintsapp"

    def clean(self) -> None:
        raise ValidationError({"hidden": "Secret rule.", "body": "Too short."})


def test_what_clean_says_of_hidden_columns_is_about_the_whole() -> None:
    class Body(BaseModel):
        title: str = ""
        body: str = ""

    class Stricts(ModelService[Strict, Body]):
        pass

    with pytest.raises(ValidationError) as caught:
        Stricts().update(article().pk, Body(title="Two"))
    assert caught.value.message_dict == {"__all__": ["Secret rule."], "body": ["Too short."]}

    class Anything(ModelService[Strict]):
        pass

    with pytest.raises(ValidationError) as caught:
        Anything().update(article().pk, {"title": "Two"})
    assert set(caught.value.message_dict) == {"hidden", "body"}


def test_rows_that_keep_a_schema() -> None:
    class Title(BaseModel):
        title: str

    class Tickets(ModelService[Ticket, Title]):
        pass

    ticket = Ticket.objects.create(title="good", seats=1)
    Ticket.objects.filter(pk=ticket.pk).update(seats=-5)
    Tickets().update(ticket.pk, Title(title="better"))
    ticket.refresh_from_db()
    assert (ticket.title, ticket.seats) == ("better", -5)
    with pytest.raises(ValidationError) as caught:
        Tickets().update(ticket.pk, Title(title=""))
    assert set(caught.value.message_dict) == {"title"}


# What nobody may write


@pytest.mark.parametrize(
    "name",
    [
        *("pk", "id", "_state", "objects", "heading", "summary", "publish", "save", "Meta"),
        *("__class__", "__dict__", "nothing", "refresh_from_db", "_meta", "", "topics__name"),
    ],
)
def test_keys_that_no_schema_names(name: str) -> None:
    row = article()
    for write in (
        lambda: Untyped().create({"title": "x", name: 1}),
        lambda: Untyped().update(row.pk, {"title": "x", name: 1}),
        lambda: Untyped().save(stored(row), {"title": "x", name: 1}),
        lambda: Untyped().save(Article(), {"title": "x", name: 1}),
    ):
        with pytest.raises(ServiceDefinitionError, match="Article") as caught:
            write()
        assert "." in str(caught.value)
    assert stored(row).title == "One"
    assert Article.objects.count() == 1


def test_keys_that_are_no_names() -> None:
    with pytest.raises(ServiceDefinitionError, match="no attribute 1"):
        Untyped().create({1: 2})
    with pytest.raises(ServiceDefinitionError, match="a relation of another model"):
        ModelService[Country]().save(Country(), {"rivals": []})
    with pytest.raises(ServiceDefinitionError, match="a relation of another model"):
        ModelService[Country]().save(Country(), {"capital": None})


class Named(BaseModel):
    code: str
    id: int | None = None


def test_a_key_that_a_schema_names() -> None:
    class Bases(ModelService[Base, Named]):
        pass

    made = Bases().create(Named(code="a", id=7))
    assert made.pk == 7
    with pytest.raises(AlreadyExists):
        Bases().create(Named(code="b", id=7))
    assert Base.objects.get().code == "a"
    assert Bases().update(7, Named(code="c", id=7)).code == "c"
    Base.objects.create(pk=8, code="eight", number=8)
    with pytest.raises(Invalid) as caught:
        Bases().update(7, Named(code="d", id=8))
    assert set(caught.value.detail) == {"id"}
    assert {one.pk: one.code for one in Base.objects.all()} == {7: "c", 8: "eight"}


def test_a_row_of_a_parent_is_not_overwritten() -> None:
    class WithId(BaseModel):
        code: str
        label: str
        id: int | None = None

    class WithLink(BaseModel):
        code: str
        label: str
        base_ptr: int

    class Deriveds(ModelService[Derived, WithId | WithLink]):
        pass

    base = Base.objects.create(code="a", kind="old")
    for data in (
        WithId(code="b", label="x", id=base.pk),
        WithLink(code="b", label="x", base_ptr=base.pk),
    ):
        with pytest.raises(AlreadyExists):
            Deriveds().create(data)
    base.refresh_from_db()
    assert (base.code, base.kind) == ("a", "old")
    assert Deriveds().create(WithId(code="b", label="x")).kind == "k"


def test_natural_keys() -> None:
    class Countries(ModelService[Country]):
        pass

    class Capitals(ModelService[Capital]):
        pass

    assert Countries().create({"iso": "fr"}).pk == "fr"
    with pytest.raises(AlreadyExists):
        Countries().create({"iso": "fr"})
    with pytest.raises(ServiceDefinitionError, match="primary key"):
        Countries().update("fr", {"iso": "de"})
    assert Capitals().create({"country": "fr"}).country_id == "fr"
    assert Capitals().create.__name__ == "create"


def test_the_key_by_its_other_name() -> None:
    class ByAlias(BaseModel):
        pk: int
        code: str = ""

    class Bases(ModelService[Base, ByAlias]):
        pass

    assert Bases().create(ByAlias(pk=5, code="a")).id == 5
    assert Bases().update(5, ByAlias(pk=5, code="b")).code == "b"
    with pytest.raises(Invalid):
        Bases().update(5, ByAlias(pk=6, code="c"))
    with pytest.raises(Invalid):
        Bases().save(Base.objects.get(), {"pk": Base(pk=9)})


def test_a_method_that_a_schema_names() -> None:
    class Wrong(BaseModel):
        publish: str = "x"

    class Wrongs(ModelService[Article, Wrong]):
        pass

    class Reads(BaseModel):
        summary: str = "x"

    with pytest.raises(ServiceDefinitionError, match="neither a column nor a property"):
        Wrongs().create(Wrong())
    with pytest.raises(ServiceDefinitionError, match="neither a column nor a property"):
        Untyped().create(Reads())
    assert Untyped().create(Changes(heading="By name")).title == "By name"


# Extras and read-only fields


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    title: str
    views: ReadOnly[int] = 0


class OpenDict(TypedDict, total=False):
    __pydantic_config__ = ConfigDict(extra="allow")
    title: str
    name: Annotated[str, Source("body")]
    views: ReadOnly[int]
    heading: NotRequired[str]


@pydantic_dataclass(config=ConfigDict(extra="allow"))
class OpenClass:
    title: str
    views: ReadOnly[int] = 0
    name: Annotated[str, Source("body")] = ""


@dataclass
class PlainClass:
    title: str
    views: ReadOnly[int] = 0
    name: Annotated[str, Source("body")] = ""


EXTRA = {"title": "x", "views": 9, "hidden": "h", "words": 5, "id": 1, "name": "n"}


@pytest.mark.parametrize("schema", [Open, OpenDict, OpenClass])
def test_extras_are_not_written(schema: Any) -> None:
    class Service(ModelService[Article, schema]):
        pass

    row = article(hidden="old")
    made = stored(Service().create(EXTRA))
    changed = stored(Service().update(row.pk, EXTRA))
    for one, hidden in ((made, ""), (changed, "old")):
        assert (one.title, one.views, one.hidden) == ("x", 0, hidden)
    assert made.pk != 1 or row.pk != 1
    assert changed.body == ("a b" if schema is Open else "n")


def test_a_dataclass_and_a_model_of_the_root() -> None:
    made = stored(Untyped().create(PlainClass("x", 9, "n")))
    assert (made.title, made.views, made.body) == ("x", 0, "n")
    with pytest.raises(ServiceDefinitionError, match="no attribute 'root'"):
        Untyped().create(RootModel[dict[str, Any]]({"title": "x"}))


def test_a_dataclass_that_cannot_be_read() -> None:
    @dataclass
    class Local:
        title: Nowhere  # noqa: F821  # there is no such name, which the test is about

    with pytest.raises(ServiceDefinitionError, match="cannot be resolved"):
        Untyped().create(Local("x"))


def test_one_of_several_schemas() -> None:
    class Text(BaseModel):
        body: str

    class Service(ModelService[Article, Annotated[Changes, "or"] | Text | None]):
        def get_values(self, data: Any, *, only_given: bool) -> dict[str, Any]:
            return {**super().get_values(data, only_given=only_given), "heading": "set here"}

    assert Service().create(Text(body="x")).title == "set here"


# Keys that no row can have


@pytest.mark.parametrize(
    "key", ["a\x00b", "\ud800", "x" * 5000, 10**40, -(10**40), "", b"\x00", float("nan")]
)
@pytest.mark.parametrize("model", [Item, Country, Article])
def test_keys_that_no_database_can_look_up(model: Any, key: Any) -> None:
    class Rows(ModelService[Any]):
        queryset = model.objects.all()

    Topic.objects.create(name="before")
    with pytest.raises(NotFound):
        Rows().retrieve(key)
    with pytest.raises(NotFound):
        Rows().delete(key)
    Topic.objects.create(name="after")


def test_related_keys_that_no_database_can_look_up() -> None:
    assert not may_be_stored(("a", "\x00"))

    class Neighbours(ModelService[Country]):
        pass

    for key in ("a\x00b", "\ud800", "xx"):
        with pytest.raises(ValidationError) as caught:
            Neighbours().create({"iso": "fr", "neighbours": [key]})
        assert set(caught.value.message_dict) == {"neighbours"}


def test_other_models_still_work() -> None:
    shelf = Shelf.objects.create(name="s")

    class Parcels(ModelService[Parcel]):
        pass

    made = Parcels().create(
        {
            "label": "ab",
            "code": "c",
            "size": "s",
            "weight": 1,
            "price": "1.00",
            "shelf_id": shelf.pk,
        }
    )
    assert Parcels().update(made.pk, {"shelf": shelf}).shelf == shelf
