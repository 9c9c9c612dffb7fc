"""``verify_endpoints`` finds, with its usual budget, what a rewritten endpoint may have got wrong.

A change is looked for with the methods that it concerns; under the profile ``deep``, with all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from rest_framework import filters, permissions, renderers, serializers, status
from rest_framework.decorators import action
from rest_framework.metadata import SimpleMetadata
from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from nova_drf.migration.proof.comparison import Kind
from nova_drf.migration.proof.endpoint_verification import verify_endpoints
from tests.migration.proof.library import BookSerializer, BookViewSet, Pages, fill
from tests.testapp.models import Author, Book

pytestmark = pytest.mark.django_db

Change = Callable[[], Any]


def view(**body: Any) -> Any:
    """Return a viewset in which something is different."""
    return type("NewBookViewSet", (BookViewSet,), {"__doc__": BookViewSet.__doc__, **body})


def serializer(**body: Any) -> Any:
    """Return a viewset whose serializer has something different."""
    made = type("NewBookSerializer", (BookSerializer,), {"__doc__": BookSerializer.__doc__, **body})
    return view(serializer_class=made)


def arguments(name: str, **changed: Any) -> Any:
    """Return a viewset whose serializer has a field with other arguments."""
    extra: Any = BookSerializer.Meta.extra_kwargs
    return meta(extra_kwargs={**extra, name: {**extra.get(name, {}), **changed}})


def meta(**body: Any) -> Any:
    return serializer(Meta=type("Meta", (BookSerializer.Meta,), body))


def fields(change: Callable[[Any], Any]) -> Any:
    """Return a viewset whose serializer's fields are changed."""

    def get_fields(self: Any) -> Any:
        made = super(type(self), self).get_fields()
        return change(made) or made

    return serializer(get_fields=get_fields)


def without(name: str) -> Any:
    return meta(fields=[one for one in BookSerializer.Meta.fields if one != name])


def printed(change: Callable[[dict[str, Any]], Any]) -> Any:
    def to_representation(self: Any, book: Any) -> Any:
        data = BookSerializer.to_representation(self, book)
        return change(data) or data

    return serializer(to_representation=to_representation)


def answered(name: str, change: Callable[[Response], Any]) -> Any:
    """Return a viewset in which the response of an action is changed."""

    def handler(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = getattr(BookViewSet, name)(self, request, *args, **kwargs)
        return change(response) or response

    return view(**{name: handler})


def with_status(code: int) -> Callable[[Response], None]:
    def change(response: Response) -> None:
        response.status_code = code

    return change


def refusing(message: str, code: str) -> Any:
    def validate_isbn(self: Any, value: str) -> str:
        if not value.isdigit():
            raise serializers.ValidationError(message, code=code)
        return value

    return serializer(validate_isbn=validate_isbn)


def saved(**values: Any) -> Any:
    def perform_create(self: Any, made: Any) -> None:
        BookViewSet.perform_create(self, made)
        Book.objects.filter(pk=made.instance.pk).update(**values)

    return view(perform_create=perform_create)


def silent(self: Any, made: Any) -> None:
    made.save()


def without_commit(self: Any, made: Any) -> None:
    book = made.save()
    mail.send_mail("New", book.title, "shop@example.org", ["ada@example.org"])


def no_validators(name: str) -> Any:
    def change(made: Any) -> None:
        made[name].validators = []

    return fields(change)


def asks_per_row(self: Any, book: Any) -> int:
    return len(Book.objects.only("title").get(pk=book.pk).title)


def as_text(self: Any, book: Any) -> str:
    return str(len(book.title))


class OtherMetadata(SimpleMetadata):
    def determine_metadata(self, request: Any, view: Any) -> Any:
        metadata = super().determine_metadata(request, view)
        metadata.pop("parses")
        return metadata


class BiggerPages(Pages):
    page_size = 3


class NamedPages(Pages):
    page_size_query_param = "page_size"


class UnlimitedPages(Pages):
    max_page_size = 100


class BarePages(Pages):
    def get_paginated_response(self, data: Any) -> Response:
        return Response(data)


class ReadOnly(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return request.method in permissions.SAFE_METHODS


class NotTheThird(permissions.IsAuthenticatedOrReadOnly):
    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return bool(obj.pages != 102)


def dumped(response: Response) -> HttpResponse:
    return HttpResponse(renderers.JSONRenderer().render(response.data), "application/json")


def loose_author(made: Any) -> None:
    made["author"] = serializers.IntegerField(source="author_id")


WRITES = ("post", "put", "patch")
CHANGES: Mapping[str, tuple[tuple[str, ...], Change]] = {
    # What is taken
    "a longer text is taken": (WRITES, lambda: arguments("title", max_length=21)),
    "a text may be one shorter": (WRITES, lambda: arguments("title", max_length=19)),
    "spaces are kept": (WRITES, lambda: arguments("title", trim_whitespace=False)),
    "a text may be blank": (WRITES, lambda: arguments("title", allow_blank=True)),
    "null is taken": (WRITES, lambda: arguments("pages", allow_null=True)),
    "null is refused": (WRITES, lambda: arguments("published", allow_null=False)),
    "required became optional": (("post",), lambda: arguments("isbn", required=False)),
    "optional became required": (("post",), lambda: arguments("pages", required=True)),
    "another default": (("post",), lambda: arguments("pages", default=7)),
    "a default is gone": (("post",), lambda: saved(in_print=False)),
    "a lower bound is gone": (WRITES, lambda: arguments("pages", min_value=None)),
    "a lower bound by one": (WRITES, lambda: arguments("pages", min_value=0)),
    "an upper bound by one": (WRITES, lambda: arguments("pages", max_value=5001)),
    "more decimals": (WRITES, lambda: serializer(price=decimal(8, 3))),
    "more digits": (WRITES, lambda: serializer(price=decimal(9, 2))),
    "a unique check is gone": (WRITES, lambda: no_validators("isbn")),
    "a unique check of two is gone": (("post",), lambda: meta(validators=[])),
    "a choice more": (WRITES, lambda: arguments("status", choices=["draft", "published", "x"])),
    "any choice": (WRITES, lambda: serializer(status=serializers.CharField(required=False))),
    "a hook is gone": (WRITES, lambda: serializer(validate_isbn=lambda self, value: value)),
    "validate() is gone": (
        WRITES,
        lambda: serializer(
            validate=lambda self, data: {**data, "password": data.pop("password", 0)}
        ),
    ),
    "a read-only field is writable": (WRITES, lambda: arguments("id", read_only=False)),
    "a writable field is read-only": (WRITES, lambda: arguments("pages", read_only=True)),
    "a relation that is not there is taken": (WRITES, lambda: fields(loose_author)),
    "fewer rows may be related": (
        WRITES,
        lambda: arguments("author", queryset=Author.objects.filter(name="Ada")),
    ),
    "a flag is a text": (
        WRITES,
        lambda: serializer(in_print=serializers.CharField(required=False)),
    ),
    "a date takes a time": (
        WRITES,
        lambda: serializer(published=serializers.DateTimeField(required=False, allow_null=True)),
    ),
    "another input format": (
        WRITES,
        lambda: arguments("published", input_formats=["iso-8601", "%d.%m.%Y"]),
    ),
    "one input format less": (WRITES, lambda: arguments("published", input_formats=["%d.%m.%Y"])),
    "an unknown key is refused": (WRITES, lambda: serializer(run_validation=strict)),
    "a number is no text": (WRITES, lambda: serializer(title=strict_text())),
    # What is told
    "another message": (WRITES, lambda: refusing("Only digits.", "digits")),
    "another word for blank": (
        WRITES,
        lambda: arguments("title", error_messages={"blank": "Not blank."}),
    ),
    "a message is not translated": (
        WRITES,
        lambda: arguments("title", error_messages={"required": "This field is required."}),
    ),
    "an error is no list": (WRITES, lambda: serializer(errors=property(first_errors))),
    "only the first error": (WRITES, lambda: serializer(errors=property(one_error))),
    "another status for refusals": (("post",), lambda: view(handle_exception=as_422)),
    # What is printed
    "a field is gone": (("get",), lambda: without("pages")),
    "a field more": (("get",), lambda: printed(lambda data: {**data, "more": 1})),
    "another order of keys": (
        ("get",),
        lambda: meta(fields=[*reversed(BookSerializer.Meta.fields)]),
    ),
    "a decimal as a number": (("get",), lambda: serializer(price=decimal(8, 2, text=False))),
    "a decimal without its zeros": (("get",), lambda: printed(shorter_price)),
    "a number as a text": (("get",), lambda: serializer(get_length=as_text)),
    "a date in another format": (("get",), lambda: arguments("published", format="%d.%m.%Y")),
    "a time without its zone": (("get",), lambda: arguments("created", format="%Y-%m-%dT%H:%M:%S")),
    "a time in another zone": (("get",), lambda: serializer(created=in_utc())),
    "a time of day without seconds": (("get",), lambda: arguments("opens_at", format="%H:%M")),
    "a duration as ISO": (("get",), lambda: printed(iso_duration)),
    "a flag as a number": (("get",), lambda: printed(lambda data: {**data, "in_print": 1})),
    "null as a text": (("get",), lambda: printed(lambda data: {**data, "published": ""})),
    "a relation as an object": (
        ("get",),
        lambda: printed(lambda data: {**data, "author": {"id": data["author"]}}),
    ),
    "a nested field is gone": (("get",), lambda: printed(shorter_tags)),
    "a nested list is one": (
        ("get",),
        lambda: printed(lambda data: {**data, "tag_names": data["tag_names"][0]}),
    ),
    "a secret is printed": (
        ("post",),
        lambda: printed(lambda data: {**data, "password": "x"}),
    ),
    "other bytes for the same": (("get",), lambda: answered("retrieve", dumped_indented)),
    # Statuses and headers
    "200 for 201": (("post",), lambda: answered("create", with_status(200))),
    "202 for 200": (("put",), lambda: answered("update", with_status(202))),
    "200 for 204": (("delete",), lambda: answered("destroy", with_status(200))),
    "404 for an empty page": (("get",), lambda: view(get_object=forgiving)),
    "a header is lost": (("get",), lambda: view(list=plain_list)),
    "a header has another value": (
        ("get",),
        lambda: answered("list", lambda response: response.__setitem__("X-Shelf", "B")),
    ),
    "a method is gone": (
        ("options",),
        lambda: view(http_method_names=["get", "head", "options", "post", "put", "delete"]),
    ),
    "deleting is gone": (("delete",), lambda: view(http_method_names=["get", "post", "options"])),
    "Location is lost": (
        ("post",),
        lambda: view(get_success_headers=lambda self, data: {"X": "1"}),
    ),
    # Lists
    "a filter is ignored": (("get",), lambda: view(filterset_fields=["author"])),
    "all filters are ignored": (("get",), lambda: view(filter_backends=[filters.OrderingFilter])),
    "a filter more": (("get",), lambda: view(filterset_fields=["status", "author", "pages"])),
    "search looks elsewhere": (("get",), lambda: view(search_fields=["isbn"])),
    "an order is not offered": (("get",), lambda: view(ordering_fields=["title"])),
    "another default order": (
        ("get",),
        lambda: view(queryset=BookViewSet.queryset.order_by("-id")),
    ),
    "a bigger page": (("get",), lambda: view(pagination_class=BiggerPages)),
    "the size has another name": (("get",), lambda: view(pagination_class=NamedPages)),
    "pages of any size": (("get",), lambda: view(pagination_class=UnlimitedPages)),
    "no pages": (("get",), lambda: view(pagination_class=None)),
    "no envelope": (("get",), lambda: view(pagination_class=BarePages)),
    "fewer rows": (
        ("get",),
        lambda: view(queryset=BookViewSet.queryset.filter(author_id__gt=0)[:3]),
    ),
    "rows that were not to be seen": (
        ("get",),
        lambda: view(queryset=BookViewSet.queryset.exclude(pages=102)),
    ),
    # Who may
    "a permission is dropped": (WRITES, lambda: view(permission_classes=[permissions.AllowAny])),
    "another permission": (WRITES, lambda: view(permission_classes=[permissions.IsAdminUser])),
    "reading needs a user": (
        ("get",),
        lambda: view(permission_classes=[permissions.IsAuthenticated]),
    ),
    "nobody may write": (WRITES, lambda: view(permission_classes=[ReadOnly])),
    "a row is forbidden": (("get",), lambda: view(permission_classes=[NotTheThird])),
    "no throttle": (("get",), lambda: view(throttle_classes=[])),
    # OPTIONS, formats, actions
    "a label": (("options",), lambda: arguments("title", label="The title")),
    "a help text": (("options",), lambda: arguments("title", help_text="As it is printed.")),
    "a choice's label": (
        ("options",),
        lambda: arguments("status", choices=[("draft", "Sketch"), ("published", "Published")]),
    ),
    "the description": (("options",), lambda: view(__doc__="Some books.")),
    "other metadata": (("options",), lambda: view(metadata_class=OtherMetadata)),
    "a parser less": (WRITES, lambda: view(parser_classes=[JSONParser])),
    "a renderer less": (("get",), lambda: view(renderer_classes=[renderers.JSONRenderer])),
    "an action is gone": (("post",), lambda: view(publish=None)),
    "an action has another method": (
        ("post",),
        lambda: view(publish=action(detail=True, methods=["put"])(plain_publish)),
    ),
    "an action does less": (
        ("post",),
        lambda: view(publish=action(detail=True, methods=["post"])(plain_publish)),
    ),
    "an action for some only": (
        ("get",),
        lambda: view(
            stats=action(detail=False, permission_classes=[permissions.IsAdminUser])(plain_stats)
        ),
    ),
    # What happens behind
    "one more query per row": (("get",), lambda: serializer(get_length=asks_per_row)),
    "rows are not fetched together": (
        ("get",),
        lambda: view(queryset=Book.objects.order_by("id")),
    ),
    "another value is stored": (("post",), lambda: saved(summary="changed")),
    "nothing is deleted": (("delete",), lambda: view(perform_destroy=lambda self, book: None)),
    "no mail": (("post",), lambda: view(perform_create=silent)),
    "nothing waits for the commit": (("post",), lambda: view(perform_create=without_commit)),
    "it crashes": (("get",), lambda: serializer(get_length=lambda self, book: 1 // 0)),
    "it crashes for one row": (
        ("get",),
        lambda: serializer(get_length=lambda self, book: len(book.title) // (102 - book.pages)),
    ),
    "only PATCH differs": (("patch",), lambda: view(partial_update=whole_update)),
}


def decimal(digits: int, places: int, text: bool = True) -> Any:
    return serializers.DecimalField(
        max_digits=digits, decimal_places=places, required=False, coerce_to_string=text
    )


def strict(self: Any, data: Any = serializers.empty) -> Any:
    if isinstance(data, dict) and "unknown" in data:
        raise serializers.ValidationError({"unknown": ["No."]})
    return BookSerializer.run_validation(self, data)


def strict_text() -> Any:
    class StrictField(serializers.CharField):
        def to_internal_value(self, data: Any) -> Any:
            if not isinstance(data, str):
                self.fail("invalid")
            return super().to_internal_value(data)

    return StrictField(max_length=20, help_text="As on the cover.")


def first_errors(self: Any) -> Any:
    return {name: errors[0] for name, errors in BookSerializer.errors.fget(self).items()}


def one_error(self: Any) -> Any:
    return dict(list(BookSerializer.errors.fget(self).items())[:1])


def as_422(self: Any, error: Exception) -> Any:
    response = BookViewSet.handle_exception(self, error)
    if response.status_code == status.HTTP_400_BAD_REQUEST:
        response.status_code = 422
    return response


def shorter_price(data: dict[str, Any]) -> Any:
    return {**data, "price": str(Decimal(data["price"]).normalize())}


def in_utc() -> Any:
    import zoneinfo

    return serializers.DateTimeField(
        required=False, allow_null=True, default_timezone=zoneinfo.ZoneInfo("UTC")
    )


def iso_duration(data: dict[str, Any]) -> Any:
    return {**data, "reading_time": "P1DT06H"}


def shorter_tags(data: dict[str, Any]) -> Any:
    return {**data, "tag_names": [{"name": tag["name"]} for tag in data["tag_names"]]}


def dumped_indented(response: Response) -> HttpResponse:
    return HttpResponse(
        renderers.JSONRenderer().render(response.data, "application/json; indent=1"),
        "application/json",
    )


def forgiving(self: Any) -> Any:
    return Book.objects.filter(pk__lte=self.kwargs["pk"]).last()


def plain_list(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    return super(BookViewSet, self).list(request, *args, **kwargs)


def plain_publish(self: Any, request: Any, pk: Any = None) -> Response:
    return Response({"status": self.get_object() and "published"})


def plain_stats(self: Any, request: Any) -> Response:
    return BookViewSet.stats(self, request)


plain_publish.__name__, plain_stats.__name__ = "publish", "stats"


def whole_update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    return self.update(request, *args, **kwargs)


@pytest.fixture
def library(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("fr", "French")]
    fill()


@pytest.mark.thorough
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found(change: str) -> None:
    methods, changed = CHANGES[change]
    if os.environ.get("HYPOTHESIS_PROFILE") == "deep":
        methods = ()
    report = verify_endpoints(BookViewSet, changed(), methods=methods, first_only=True)
    finding = report.findings[0]
    assert finding.difference.kind in Kind
    assert finding.test


def test_there_are_enough_of_them() -> None:
    assert len(CHANGES) >= 80
