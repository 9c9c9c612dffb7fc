"""Bodies that views leave as text, against DRF's views."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from unittest import mock

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from rest_framework import mixins, negotiation, parsers, serializers, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.utils import json as json_of_drf

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.parsers import JSONParser, SchemaJSONParser
from nova_drf.validation import json_input
from nova_drf.validation.json_input import JSONInput
from nova_drf.views import bodies
from nova_drf.viewsets import AsyncGenericViewSet, AsyncModelViewSet
from tests.testapp.models import Publisher

pytestmark = pytest.mark.django_db


class ClassicSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=10)
    city = serializers.CharField(allow_blank=True, default="")

    def create(self, validated_data: Any) -> Publisher:
        return Publisher(id=1, **validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return instance


class PublisherSchema(Schema):
    name: Annotated[str, Field(max_length=10)]
    city: Annotated[str, Field(min_length=0)] = ""


class PublisherSerializer(SchemaSerializer[PublisherSchema]):
    def create(self, validated_data: Any) -> Publisher:
        return Publisher(id=1, **validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return instance


class Objects:
    """Answers without the database."""

    def get_object(self) -> Publisher:
        return Publisher(id=1, name="old", city="town")


class Classic(Objects, viewsets.ModelViewSet):
    queryset = Publisher.objects.all()
    serializer_class = ClassicSerializer


class Ours(Objects, AsyncModelViewSet):
    queryset = Publisher.objects.all()
    serializer_class = PublisherSerializer


ROUTES = {"post": "create", "put": "update", "patch": "partial_update"}
GOOD = b'{"name": "ada", "city": "rome"}'


def send(
    view_class: Any,
    content: bytes = GOOD,
    method: str = "post",
    content_type: str = "application/json",
    **extra: Any,
) -> Any:
    request = getattr(APIRequestFactory(), "generic")(  # noqa: B009  # type checkers know no `request` here  # the stubs lack it
        method.upper(), "/", content, content_type, **extra
    )
    response = view_class.as_view(ROUTES)(request)
    response.render()
    return response


def answer(view_class: Any, *args: Any, **kwargs: Any) -> Any:
    response = send(view_class, *args, **kwargs)
    return response.status_code, sorted(response.items()), response.content


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Note of each body whether its text was taken."""
    json_input._agrees()
    notes: list[bool] = []
    validated = JSONInput.validated_data

    def noted(self: JSONInput, content: bytes) -> Any:
        values = validated(self, content)
        notes.append(values is not None)
        return values

    monkeypatch.setattr(JSONInput, "validated_data", noted)
    return notes


BODIES = [
    GOOD,
    b"",
    b"null",
    b"[]",
    b'{"name": 1, "city": null}',
    b'{"name": "x" ',
    b'{"name": NaN}',
    b'{"name": "x", "name": "y", "city": "\\u2028"}',
    b'{"name": "x", "other": NaN}',
    b'{"name": "x", "other": ' + b"9" * 5000 + b"}",
    b'\xef\xbb\xbf{"name": "x"}',
    b'{"name": "\xe9"}',
    b'{"name": "' + b"x" * 3_000_000 + b'"}',
]


@pytest.mark.parametrize("method", ROUTES)
@pytest.mark.parametrize("content", BODIES, ids=range(len(BODIES)))
def test_bodies_are_answered_as_drf_answers(content: bytes, method: str) -> None:
    assert _or_error(Ours, content, method) == _or_error(Classic, content, method)


TYPES = [
    *("application/json; charset=utf-8", "application/json; charset=UTF8", "application/jsonx"),
    *("application/json; charset=latin-1", "application/json; charset=nonsense", "text/plain"),
    *("application/json; indent=4", "application/x-www-form-urlencoded", ""),
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("content", [GOOD, b'{"name": "\xe9"}', b'{"name": "\xc3\xa9"}'])
def test_content_types_are_answered_as_drf_answers(content_type: str, content: bytes) -> None:
    assert answer(Ours, content, "post", content_type) == answer(
        Classic, content, "post", content_type
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"DATA_UPLOAD_MAX_MEMORY_SIZE": 5},
        {"DATA_UPLOAD_MAX_MEMORY_SIZE": None},
        {"DEFAULT_CHARSET": "latin-1"},
        {"REST_FRAMEWORK": {"STRICT_JSON": False}},
        {"REST_FRAMEWORK": {"DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"]}},
    ],
)
@pytest.mark.parametrize("content", [GOOD, b'{"name": "\xc3\xa9"}', b'{"name": "x", "a": NaN}'])
def test_settings_are_honoured(changed: dict[str, Any], content: bytes) -> None:
    with override_settings(**changed):
        assert _or_error(Ours, content) == _or_error(Classic, content)


def _or_error(*args: Any) -> Any:
    try:
        return answer(*args)
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)


def test_a_usual_body_is_not_parsed(taken: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [answer(Classic, GOOD, method) for method in ROUTES]
    monkeypatch.setattr(json, "load", None)
    assert [answer(Ours, GOOD, method) for method in ROUTES] == expected
    assert taken == [True, True, True]


@pytest.mark.parametrize("parser", [parsers.JSONParser, JSONParser, SchemaJSONParser])
def test_parsers_of_drf_and_ours_leave_bodies_alone(parser: Any, taken: list[bool]) -> None:
    class Chosen(Ours):
        parser_classes = [parser]

    assert answer(Chosen) == answer(Ours)
    assert taken == [True, True]


class Upper(parsers.JSONParser):
    """Reads something else."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body: Any = super().parse(stream, media_type, parser_context)
        return {name.lower(): value for name, value in body.items()}


class Negotiation(negotiation.DefaultContentNegotiation):
    """Chooses something else."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return Upper()


def look(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
    """Change what was sent before anybody validates it."""
    super(type(self), self).initial(request, *args, **kwargs)
    request.data["name"] = "seen"


def patched(request: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        setattr(request, name, value)
    return request


def with_serializer(self: Any, *args: Any, **kwargs: Any) -> Any:
    kwargs["data"] = {**kwargs["data"], "name": "given"}
    return super(type(self), self).get_serializer(*args, **kwargs)


def own_parsers(self: Any) -> Any:
    parser = parsers.JSONParser()
    parser.strict = False
    return [parser]


def with_choice(self: Any) -> Any:
    self.request.data["name"] = "chosen"
    return super(type(self), self).get_serializer_class()


def in_context(self: Any) -> Any:
    return {**super(type(self), self).get_serializer_context(), "data": dict(self.request.data)}


def after(self: Any, serializer: Any) -> None:
    assert serializer.initial_data is self.request.data
    assert type(self.request.data) is dict
    serializer.save(city=str(self.request.data))


OVERRIDES: list[dict[str, Any]] = [
    {"parser_classes": [Upper]},
    {"content_negotiation_class": Negotiation},
    {"initial": look},
    {"get_serializer": with_serializer},
    {"get_parsers": own_parsers},
    {"get_serializer_class": with_choice},
    {"get_serializer_context": in_context},
    {"perform_create": after},
]


@pytest.mark.parametrize("override", OVERRIDES, ids=lambda override: next(iter(override)))
@pytest.mark.parametrize("content", [GOOD, b'{"NAME": "x"}', b"{", b'{"name": "x", "a": NaN}'])
def test_overrides_are_honoured(override: dict[str, Any], content: bytes) -> None:
    classic, ours = type("Own", (Classic,), override), type("Own", (Ours,), override)
    assert _or_error(ours, content) == _or_error(classic, content)


def test_one_view_may_have_a_method_of_its_own() -> None:
    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        super(type(self), self).initial(request, *args, **kwargs)
        made = self.get_serializer
        self.get_serializer = lambda *args, data, **more: made(
            *args, data={**data, "name": "own"}, **more
        )

    classic, ours = (type("Own", (base,), {"initial": initial}) for base in (Classic, Ours))
    assert answer(ours) == answer(classic)
    assert b"own" in answer(ours)[2]


def test_of_a_body_that_cannot_be_parsed_the_client_hears_first() -> None:
    def refuse(self: Any) -> Any:
        raise PermissionDenied

    for name in ("get_serializer_class", "get_serializer_context"):
        classic, ours = (type("Own", (base,), {name: refuse}) for base in (Classic, Ours))
        for content in (GOOD, b"{"):
            assert answer(ours, content) == answer(classic, content)


class BackedSerializer(SchemaBackedMixin, ClassicSerializer):
    pass


@pytest.mark.parametrize("serializer_class", [ClassicSerializer, BackedSerializer])
def test_other_serializers_get_what_was_parsed(serializer_class: Any, taken: list[bool]) -> None:
    chosen = type("Chosen", (Ours,), {"serializer_class": serializer_class})
    for content in (GOOD, b"{", b'{"name": 1}'):
        assert answer(chosen, content) == answer(Classic, content)
    assert taken == []


def test_it_can_be_turned_off(taken: list[bool]) -> None:
    with override_settings(NOVA_DRF={"JSON_BODIES_UNPARSED": False}):
        assert answer(Ours) == answer(Classic)
    assert taken == []


def test_a_create_that_somebody_put_in_the_place_of_drfs(
    taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    create: Callable[..., Any] = mixins.CreateModelMixin.create

    def patched_create(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        assert type(request.data) is dict
        return create(self, request, *args, **kwargs)

    monkeypatch.setattr(mixins.CreateModelMixin, "create", patched_create)
    assert answer(Ours) == answer(Classic)
    assert taken == []


def test_the_request_that_stands_for_it_has_all_else() -> None:
    class Own(mixins.CreateModelMixin):
        def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return super().create(request, *args, **kwargs)

    class View(Own, mixins.UpdateModelMixin, AsyncGenericViewSet):
        serializer_class = PublisherSerializer

    assert answer(View)[2] == answer(Classic)[2]
    request: Any = APIRequestFactory().get("/", HTTP_X_ONE="1")
    assert bodies._WithText(request).headers["X-One"] == "1"


async def test_on_the_event_loop_it_is_the_same(taken: list[bool]) -> None:
    class Awaited(Ours):
        async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().create(request, *args, **kwargs)

    request: Any = APIRequestFactory().post("/", json.loads(GOOD), format="json")
    response = await Awaited.as_view(ROUTES)(request)
    response.render()
    assert response.data == {"name": "ada", "city": "rome"}
    assert taken == [True]


@pytest.mark.parametrize("encoding", ["nonsense", "latin-1", "utf-16", "zlib", "u8"])
def test_encodings_that_a_middleware_chooses(encoding: str) -> None:
    answers = []
    for view_class in (Classic, Ours):
        request: Any = APIRequestFactory().post("/", json.loads(GOOD), format="json")
        request.encoding = encoding
        try:
            answers.append(view_class.as_view(ROUTES)(request).data)
        except Exception as error:
            # An error is an answer, too: both sides have to give the same.
            answers.append(type(error))
    assert answers[0] == answers[1]


def test_a_stream_that_was_read_before() -> None:
    for read in (lambda request: request.body, lambda request: request.read()):
        answers = []
        for view_class in (Classic, Ours):
            request: Any = APIRequestFactory().post("/", json.loads(GOOD), format="json")
            read(request)
            try:
                response: Any = view_class.as_view(ROUTES)(request)
                answers.append((response.status_code, response.data))
            except Exception as error:
                # An error is an answer, too: both sides have to give the same.
                answers.append((type(error), str(error)))
        assert answers[0] == answers[1]


@pytest.mark.parametrize("length", ["x", "0", "-1"])
def test_lengths_that_are_none(length: str) -> None:
    assert _with_length(Ours, length) == _with_length(Classic, length)


def _with_length(view_class: Any, length: str) -> Any:
    try:
        return send(view_class, CONTENT_LENGTH=length).data
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)


# What is parsed from the text that is known already

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
CONTENTS = st.one_of(
    st.binary(max_size=20),
    JSON_VALUES.map(lambda value: json.dumps(value).encode()),
    JSON_VALUES.map(
        lambda value: json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
    ),
    st.sampled_from(BODIES[:-1]),
    st.sampled_from([b'{"name": []}\xc3', b'{"name": []} ', b'{"name": [NaN]}', b"[" * 100_000]),
)


class Seen:
    """Refuses all, and keeps what it was given."""

    data: list[Any]

    def handle_exception(self, exc: Exception) -> Any:
        request: Any = getattr(self, "request")  # noqa: B009  # type checkers know no `request` here
        try:
            data = request.data
        except Exception as error:
            # It is compared as well.
            data = type(error)
        state = {
            name: (type(value), repr(value))
            for name, value in vars(request).items()
            if name in ("_data", "_full_data", "_files")
        }
        self.data.append((type(data), repr(data), state, request._data is request._full_data))
        return super().handle_exception(exc)


@given(content=CONTENTS)
def test_the_request_has_what_drfs_parser_makes_of_it(content: bytes) -> None:
    seen: list[list[Any]] = []
    for view in (Classic, Ours):
        noted: Any = type("Noted", (Seen, view), {"data": []})
        _or_error(noted, content)
        seen.append(noted.data)
    assert seen[1] == seen[0]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Request, "_parse"),
        (Request, "_load_data_and_files"),
        (json_of_drf, "load"),
        (parsers.JSONParser, "parse"),
    ],
    ids=str,
)
def test_what_is_put_in_the_place_of_drfs_parses(owner: Any, name: str) -> None:
    function = getattr(owner, name)
    with mock.patch.object(owner, name, autospec=True, side_effect=function) as called:
        assert answer(Ours, b'{"name": []}')[0] == 400
    assert called.called


def test_nobody_parses_twice() -> None:
    with mock.patch.object(json_of_drf, "loads", side_effect=json_of_drf.loads) as parsed:
        assert answer(Ours, b'{"name": []}')[0] == 400
    assert parsed.call_count == 1
