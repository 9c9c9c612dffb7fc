"""DRF's hooks around writing, the service's own overrides, and what a body can never replace."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import User
from django.db import transaction
from pydantic import BaseModel, ConfigDict
from rest_framework import serializers
from rest_framework.test import APIRequestFactory, force_authenticate

from nova_drf import ReadOnly, Schema, SchemaSerializer
from nova_drf.services import ModelService, Service, ServiceDefinitionError, atomic
from nova_drf.viewsets import ModelServiceViewSet, ServiceViewSet, delegate
from tests.servicesapp.models import Letter
from tests.views.sending import in_sync
from tests.views.test_permission_matrix import LetterSchema, LetterSerializer, LetterService

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> Letter:
    return Letter.objects.create(text="first")


def ask(viewset: Any, method: str, action: str, data: Any = None, **kwargs: Any) -> Any:
    """Return the response of a viewset, however its view wants to be called."""
    body = {} if data is None else {"data": data, "format": "json"}
    request = getattr(APIRequestFactory(), method)("/", **body)
    force_authenticate(request, User(pk=1, username="ann"))
    view = viewset.as_view({method: action})
    answer = in_sync(view)
    return answer(request, **kwargs)


class OfLetters(ModelServiceViewSet[LetterService]):
    permission_classes: Any = []


# perform_create() and its like


class Adding(OfLetters):
    def perform_create(self, serializer: Any) -> None:
        serializer.validated_data["text"] = serializer.validated_data["text"].upper()
        saved = serializer.save(owner=User.objects.get_or_create(pk=1, username="ann")[0])
        assert serializer.instance is saved

    async def perform_update(self, serializer: Any) -> None:
        await asyncio.sleep(0)
        await serializer.asave(done=True)

    def perform_destroy(self, instance: Letter) -> Any:
        async def destroy() -> None:
            await asyncio.sleep(0)
            await Letter.objects.filter(pk=instance.pk).aupdate(text="gone")

        return destroy()


@pytest.mark.django_db(transaction=True)
def test_hooks_add_to_what_is_written_in_any_colour() -> None:
    made = ask(Adding, "post", "create", {"text": "a", "owner": 7})
    assert (made.status_code, made.data["text"]) == (201, "A")
    letter = Letter.objects.get()
    assert (letter.owner_id, letter.text) == (1, "A")
    changed = ask(Adding, "patch", "partial_update", {"text": "b"}, pk=str(letter.pk))
    assert (changed.status_code, changed.data["done"]) == (200, True)
    assert ask(Adding, "delete", "destroy", pk=str(letter.pk)).status_code == 204
    assert Letter.objects.get().text == "gone"


def test_a_hook_that_saves_nothing_prints_what_drf_prints(letter: Letter) -> None:
    class Silent(OfLetters):
        def perform_create(self, serializer: Any) -> None:
            pass

        def perform_update(self, serializer: Any) -> None:
            pass

        def perform_destroy(self, instance: Letter) -> None:
            pass

    made = ask(Silent, "post", "create", {"text": "a", "done": True})
    assert (made.status_code, made.data) == (201, {"text": "a", "done": True})
    kept = ask(Silent, "put", "update", {"text": "b"}, pk=str(letter.pk))
    assert (kept.status_code, kept.data["text"]) == (200, "first")
    assert ask(Silent, "delete", "destroy", pk=str(letter.pk)).status_code == 204
    assert list(Letter.objects.values_list("text")) == [("first",)]


def test_a_hook_cannot_take_out_what_the_schema_names() -> None:
    class Taking(OfLetters):
        def perform_create(self, serializer: Any) -> None:
            serializer.validated_data.pop("text")
            serializer.save()

    with pytest.raises(
        ServiceDefinitionError, match=r"Taking\.create: perform_create\(\) takes text"
    ):
        ask(Taking, "post", "create", {"text": "a"})


class Clerk(Service):
    def create(self, data: LetterSchema) -> LetterSchema:
        return data

    def start(self) -> int:
        return Letter.objects.count()

    def destroy(self, pk: int) -> None:
        Letter.objects.filter(pk=pk).delete()

    def rename(self, pk: int, text: str) -> str:
        Letter.objects.filter(pk=pk).update(text=text)
        return text


def test_what_only_columns_can_take_is_not_lost_in_silence() -> None:
    class OfClerk(ServiceViewSet[Clerk]):
        permission_classes: Any = []
        create = delegate(Clerk.create)

        def perform_create(self, serializer: Any) -> None:
            serializer.save(owner=1)

    with pytest.raises(ServiceDefinitionError, match="owner would be lost"):
        ask(OfClerk, "post", "create", {"text": "a"})


class OwnedSchema(LetterSchema):
    owner: ReadOnly[int | None]


class OwnedService(ModelService[Letter, OwnedSchema]):
    pass


class Secretary(Service):
    def create(self, data: OwnedSchema) -> str:
        return f"{data.text} of {data.owner}"


@pytest.mark.parametrize("chosen", [None, "classic"])
def test_a_field_that_clients_only_read_is_written_by_a_hook(chosen: Any) -> None:
    class OwnedSerializer(serializers.ModelSerializer[Letter]):
        owner = serializers.HiddenField(default=None)

        class Meta:
            model = Letter
            fields = ["text", "owner"]

    class OfOwned(ModelServiceViewSet[OwnedService]):
        permission_classes: Any = []

        def perform_create(self, serializer: Any) -> None:
            serializer.save(owner=User.objects.get_or_create(pk=1, username="ann")[0])

        if chosen:

            def get_serializer_class(self) -> Any:
                return OwnedSerializer

    class OfSecretary(ServiceViewSet[Secretary]):
        permission_classes: Any = []
        create = delegate(Secretary.create)

        def perform_create(self, serializer: Any) -> None:
            serializer.save(owner=1)

    made = ask(OfOwned, "post", "create", {"text": "a", "owner": 7})
    assert made.status_code == 201
    assert Letter.objects.get().owner_id == 1
    assert ask(OfSecretary, "post", "create", {"text": "a", "owner": 7}).data == "a of 1"


def test_a_service_that_does_not_write_it_is_an_error() -> None:
    class Forgetful(LetterService):
        @atomic
        def create(self, data: LetterSchema) -> Letter:
            return Letter.objects.create(text=data.text)

    class OfForgetful(ModelServiceViewSet[Forgetful]):
        permission_classes: Any = []

        def perform_create(self, serializer: Any) -> None:
            serializer.save(done=True, owner=None)

    with (
        pytest.raises(ServiceDefinitionError, match=r"owner were to be written.*Call super"),
        transaction.atomic(),
    ):
        ask(OfForgetful, "post", "create", {"text": "a"})
    assert not Letter.objects.exists()


def test_hooks_that_have_nothing_to_work_on_are_errors(letter: Letter) -> None:
    with pytest.raises(ServiceDefinitionError, match=r"create: perform_create.*reads no body"):

        class NoBody(ServiceViewSet[Clerk]):
            create = delegate(Clerk.start)

            def perform_create(self, serializer: Any) -> None:
                serializer.save()

    with pytest.raises(ServiceDefinitionError, match=r"destroy: perform_destroy.*which objects"):

        class NoObjects(ServiceViewSet[Clerk]):
            destroy = delegate(Clerk.destroy)

            def perform_destroy(self, instance: Letter) -> None:
                instance.delete()

    class Later(ServiceViewSet[Clerk]):
        permission_classes: Any = []
        create = delegate(Clerk.start)
        destroy = delegate(Clerk.destroy)

        def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            self.perform_create = lambda serializer: serializer.save()
            self.perform_destroy = lambda instance: instance.delete()

    with pytest.raises(ServiceDefinitionError, match="the action reads no body"):
        ask(Later, "post", "create")
    with pytest.raises(ServiceDefinitionError, match="nothing says which objects there are"):
        ask(Later, "delete", "destroy", pk=str(letter.pk))


def test_the_hooks_of_an_action_that_the_viewset_writes_itself(letter: Letter) -> None:
    class Classic(OfLetters):
        def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            self.perform_destroy(self.get_object())
            return self.list(request)

        def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            serializer = LetterSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            self.perform_create(serializer)
            return self.list(request)

        def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            serializer = LetterSerializer(self.get_object(), data=request.data)
            serializer.is_valid(raise_exception=True)
            self.perform_update(serializer)
            return self.list(request)

    assert [one["text"] for one in ask(Classic, "post", "create", {"text": "b"}).data] == [
        "first",
        "b",
    ]
    changed = ask(Classic, "put", "update", {"text": "a"}, pk=str(letter.pk))
    assert [one["text"] for one in changed.data] == ["a", "b"]
    assert [one["text"] for one in ask(Classic, "delete", "destroy", pk=str(letter.pk)).data] == [
        "b"
    ]


def test_super_lets_the_service_delete(letter: Letter) -> None:
    class Keeping(LetterService):
        @atomic
        def delete(self, pk: Any) -> None:
            Letter.objects.filter(pk=self.get_object(pk).pk).update(text="kept")

    class OfKeeping(ModelServiceViewSet[Keeping]):
        permission_classes: Any = []

        def perform_destroy(self, instance: Letter) -> None:
            assert instance == letter
            super().perform_destroy(instance)

    assert ask(OfKeeping, "delete", "destroy", pk=str(letter.pk)).status_code == 204
    assert Letter.objects.get().text == "kept"


def test_a_hook_gets_the_arguments_of_a_body_without_a_schema() -> None:
    class Adder(Service):
        def create(self, text: str, done: bool = False) -> str:
            return f"{text} {done}"

    class OfAdder(ServiceViewSet[Adder]):
        permission_classes: Any = []
        create = delegate(Adder.create)

        def perform_create(self, serializer: Any) -> None:
            serializer.save(done=True)

    assert ask(OfAdder, "post", "create", {"text": "a"}).data == "a True"


# The service's own overrides


class Strict(LetterService):
    def finish_by_key(self, pk: int) -> Any:
        raise PermissionError


class AsyncStrict(Strict):
    async def finish_by_key(self, pk: int) -> Any:
        raise PermissionError


class Finishing(OfLetters):
    finish = delegate(LetterService.finish_by_key, detail=True)


@pytest.mark.parametrize("service", [Strict, AsyncStrict])
def test_the_method_of_the_services_own_class_is_called(letter: Letter, service: Any) -> None:
    class Named(Finishing):
        service_class = service

    class Chosen(Finishing):
        def get_service(self) -> Any:
            return service()

    assert ask(Finishing, "post", "finish", pk=str(letter.pk)).data == {"text": "first"}
    for viewset in (Named, Chosen):
        with pytest.raises(PermissionError):
            ask(viewset, "post", "finish", pk=str(letter.pk))
    assert iscoroutinefunction(Named.as_view({"post": "finish"})) is (service is AsyncStrict)


def test_a_sync_override_of_an_async_method(letter: Letter) -> None:
    class Later(ModelService[Letter, LetterSchema]):
        async def finish(self, letter: Letter) -> str:
            return letter.text

    class Now(Later):
        def finish(self, letter: Letter) -> str:
            return letter.text.upper()

    class OfLater(ModelServiceViewSet[Later]):
        permission_classes: Any = []
        finish = delegate(Later.finish, detail=True)

        def get_service(self) -> Any:
            return Now()

    assert ask(OfLater, "post", "finish", pk=str(letter.pk)).data == "FIRST"


# What a body cannot replace


class Renaming(serializers.Serializer[Any]):
    pk = serializers.IntegerField(required=False)
    text = serializers.CharField()


class LooseRenaming(Schema):
    model_config = ConfigDict(extra="allow")

    text: str


class LooseRenamingSerializer(SchemaSerializer[LooseRenaming]):
    pass


@pytest.mark.parametrize("request_", [Renaming, LooseRenamingSerializer, LooseRenaming])
def test_a_key_in_the_body_never_replaces_that_of_the_url(letter: Letter, request_: Any) -> None:
    other = Letter.objects.create(text="other")

    class OfClerk(ServiceViewSet[Clerk]):
        permission_classes: Any = []
        queryset = Letter.objects.all()
        rename = delegate(Clerk.rename, detail=True, request=request_)

    body = {"pk": other.pk, "text": "new", "self": 1, "view": 2}
    assert ask(OfClerk, "post", "rename", body, pk=str(letter.pk)).status_code == 200
    assert list(Letter.objects.values_list("text", flat=True)) == ["new", "other"]


class LooseLetter(LetterSchema):
    model_config = ConfigDict(extra="allow")


@pytest.mark.parametrize("hooked", [False, True])
def test_extras_of_a_body_are_never_written(hooked: bool) -> None:
    class Writing(ModelService[Letter, LooseLetter]):
        pass

    class OfWriting(ModelServiceViewSet[Writing]):
        permission_classes: Any = []

        if hooked:

            def perform_create(self, serializer: Any) -> None:
                serializer.save(done=True)

    User.objects.create(pk=7, username="eve")
    made = ask(OfWriting, "post", "create", {"text": "a", "owner": 7, "owner_id": 7, "pk": 77})
    assert made.status_code == 201
    letter = Letter.objects.get()
    assert (letter.owner_id, letter.pk == 77, letter.done) == (None, False, hooked)


class Narrow(BaseModel):
    text: str


class NarrowSerializer(SchemaSerializer[Narrow]):
    class Meta:
        model = Letter


def test_a_serializer_that_a_hook_chooses_says_what_is_written(letter: Letter) -> None:
    class Chosen(OfLetters):
        def get_serializer_class(self) -> Any:
            return NarrowSerializer

        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            return super().get_serializer(*args, **kwargs)

    body = {"text": "new", "done": True}
    made = ask(Chosen, "patch", "partial_update", body, pk=str(letter.pk))
    assert made.data == {"text": "new"}
    letter.refresh_from_db()
    assert (letter.text, letter.done) == ("new", False)
    assert ask(Chosen, "post", "create", {"text": "b", "done": True}).data == {"text": "b"}
    assert list(Letter.objects.values_list("done", flat=True)) == [False, False]
