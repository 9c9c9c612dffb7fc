"""A call as data: what arrives is what was sent, or the call is refused."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretBytes, SecretStr

from nova_drf.services import (
    ContractMismatch,
    InvalidArguments,
    NotFound,
    PermissionDenied,
    Service,
    ServiceContext,
    ServiceDefinitionError,
    contract_of,
)
from nova_drf.services.calls import Call, call_in, call_of, fingerprint_of, read_call, run_call
from tests.servicesapp.jobs import (
    Changes,
    Color,
    Echo,
    Everything,
    JobContext,
    Patient,
    Point,
    Wire,
)
from tests.servicesapp.models import Topic

EVERYTHING = {
    "amount": Decimal("0.10"),
    "at": datetime(2024, 10, 27, 2, 30, 0, 123456, tzinfo=UTC),
    "day": date(2024, 2, 29),
    "hour": time(23, 59, 59, 999999),
    "length": timedelta(days=-1, microseconds=1),
    "key": UUID(int=7),
    "color": Color.RED,
    "ratio": 0.1 + 0.2,
}


class SecretContext(ServiceContext):
    token: SecretStr = SecretStr("")


def call(method: Any, *args: Any, context: ServiceContext | None = None, **kwargs: Any) -> Call:
    contract = contract_of(method)
    context = context or contract.owner.context_class()
    return call_of(contract, contract.validated(args, kwargs), context)


def test_types_arrive_exactly() -> None:
    thing = Everything(
        **EVERYTHING,
        by_key={3: Decimal("1.50")},
        raw=b"\xff\x00",
        wire=Wire.model_validate({"price": "2.50", "at": "2024-01-02T03:04:05Z"}),
    )
    sent = call(Echo.types, thing, Decimal("1.0"), Decimal(2), best=Color.RED)
    assert all(isinstance(value, str | None) for value in sent.model_dump().values())
    assert run_call(sent) == Echo().types(thing, Decimal("1.0"), Decimal(2), best=Color.RED)


@given(
    st.builds(
        Everything,
        amount=st.decimals(allow_nan=False, allow_infinity=False),
        at=st.datetimes(timezones=st.just(UTC) | st.none()),
        day=st.dates(),
        hour=st.times(),
        length=st.timedeltas(min_value=timedelta(days=-9999), max_value=timedelta(days=9999)),
        key=st.uuids(),
        color=st.just(Color.RED),
        ratio=st.floats(allow_nan=False, allow_infinity=False),
        raw=st.binary(),
        by_key=st.dictionaries(st.integers(), st.decimals(allow_nan=False, allow_infinity=False)),
    )
)
def test_whatever_is_sent_arrives(thing: Everything) -> None:
    assert run_call(call(Echo.types, thing)) == Echo().types(thing)


def test_defaults_of_the_signature_and_coroutines() -> None:
    assert run_call(call(Echo.later, "1.5")) == "1.5"
    assert run_call(call(Echo.later, 1, Point(1, Decimal("0.25")))) == "1.25"


def test_which_fields_were_given_arrives() -> None:
    assert run_call(call(Echo.given, Changes(price=Decimal(1)))) == ["price"]
    assert run_call(call(Echo.given, Changes())) == []


class Lossy(BaseModel):
    kept: int = 0
    secret: str = Field(default="", exclude=True)


class Losing(Service):
    def take(self, count: int, lossy: Lossy) -> None: ...

    def nan(self, ratio: float) -> None: ...


def test_what_would_change_on_the_way_is_refused() -> None:
    with pytest.raises(InvalidArguments) as caught:
        call(Losing.take, 1, Lossy(secret="x"))
    assert set(caught.value.detail) == {"lossy"}
    assert caught.value.method == "Losing.take"
    with pytest.raises(InvalidArguments):
        call(Losing.nan, float("nan"))


@pytest.mark.django_db
def test_on_whose_behalf() -> None:
    user = User.objects.create(username="ada")
    context = JobContext(user=user, shop=UUID(int=5), locale="fr")
    assert run_call(call(Echo.who, context=context)) == ["ada", str(UUID(int=5)), "fr"]
    anonymous = JobContext(user=AnonymousUser())
    assert run_call(call(Echo.who, context=anonymous))[0] == ""
    assert run_call(call(Echo.who))[0] == "None"
    sent = call(Echo.who, context=context)
    User.objects.update(is_active=False)
    with pytest.raises(PermissionDenied, match="inactive"):
        run_call(sent)
    user.delete()
    with pytest.raises(NotFound, match="no longer exists"):
        run_call(sent)


@pytest.mark.parametrize("tenant", [UUID(int=1), object()])
def test_a_context_that_would_change_is_refused(tenant: Any) -> None:
    with pytest.raises(ServiceDefinitionError, match=r"JobContext\.tenant: .*type of its own"):
        call(Echo.who, context=JobContext(tenant=tenant))


@pytest.mark.django_db
def test_results() -> None:
    assert run_call(call(Echo.topic, "t")) == Topic.objects.get().pk
    assert run_call(call(Echo.unprintable)) is None


def test_the_fingerprint_is_of_types_not_of_prose() -> None:
    def taking(annotation: Any, name: str = "title") -> str:
        class Taking(Service):
            def take(self, thing: Any) -> None: ...

        contract = contract_of(Taking.take)
        contract.hints["thing"] = annotation
        return fingerprint_of(contract)

    def model(**changes: Any) -> Any:
        class Model(BaseModel):
            __doc__ = changes.get("doc", "One.")
            title: str = Field(max_length=changes.get("length", 3), description=changes.get("doc"))

        return Model

    assert taking(model()) == taking(model(doc="Two."))
    assert taking(model()) != taking(model(length=4))
    assert taking(int) != taking(str)


def test_a_context_is_part_of_the_contract() -> None:
    class Plain(Service):
        def who(self) -> list[str]:
            return []

    assert fingerprint_of(contract_of(Plain.who)) != fingerprint_of(contract_of(Echo.who))


def test_another_contract_is_refused() -> None:
    sent = call(Echo.later, 1)
    with pytest.raises(ContractMismatch, match=r"Echo\.later: .*contract abc, .*accepts"):
        run_call(sent.model_copy(update={"contract": "abc"}))
    assert run_call(call(Patient.take, 3).model_copy(update={"contract": "an-older-one"})) == 3


def test_arguments_are_validated_when_run() -> None:
    with pytest.raises(InvalidArguments) as caught:
        run_call(call(Echo.later, 1).model_copy(update={"arguments": '{"amount": 0.1}'}))
    assert set(caught.value.detail) == {"amount"}
    with pytest.raises(ContractMismatch, match="context does not fit"):
        run_call(call(Echo.later, 1).model_copy(update={"context": '{"moon": 1}'}))


def test_what_cannot_travel_is_refused_when_declared() -> None:
    with pytest.raises(ServiceDefinitionError, match=r"no form in JSON.*Pass a key"):
        fingerprint_of(contract_of(Echo.takes_an_object))


class Login(BaseModel):
    name: str
    password: SecretStr


class Secretive(Service[SecretContext]):
    def login(self, password: SecretStr) -> None: ...

    def nothing(self) -> None: ...

    def nested(self, login: Login, *, more: list[SecretBytes] = []) -> None: ...  # noqa: B006  # the default is what is tested


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        (Secretive.login, (SecretStr("hunter2"),), "password"),
        (Secretive.nested, (Login(name="a", password=SecretStr("hunter2")),), "login"),
    ],
)
def test_a_secret_does_not_travel(method: Any, arguments: Any, name: str) -> None:
    with pytest.raises(InvalidArguments, match="Pass a key") as caught:
        call(method, *arguments)
    assert set(caught.value.detail) == {name}
    assert "hunter2" not in _logged(caught.value)


def test_a_secret_of_the_context_does_not_travel() -> None:
    context = SecretContext(token=SecretStr("hunter2"))
    with pytest.raises(ServiceDefinitionError, match=r"SecretContext\.token") as caught:
        call(Secretive.nothing, context=context)
    assert "hunter2" not in _logged(caught.value)


def test_no_value_of_a_message_gets_into_messages() -> None:
    sent = call(Echo.later, 1)
    for changes in (
        {"arguments": '{"amount": "hunter2"}'},
        {"arguments": "hunter2"},
        {"context": '{"shop": "hunter2"}'},
        {"context": "hunter2"},
    ):
        with pytest.raises((InvalidArguments, ContractMismatch)) as caught:
            run_call(sent.model_copy(update=changes))
        assert "hunter2" not in _logged(caught.value)
    for data in (None, "hunter2", {**sent.model_dump(), "arguments": ["hunter2"]}):
        with pytest.raises(ContractMismatch, match="no call of a service") as mismatch:
            call_in(data)
        assert "hunter2" not in _logged(mismatch.value)
    secret = sent.model_copy(update={"arguments": '{"amount": "hunter2"}', "user": "hunter2"})
    assert repr(secret) == (
        f"Call(method='tests.servicesapp.jobs:Echo.later', contract='{sent.contract}', id=None)"
    )
    assert "1" not in repr(read_call(sent)).partition("Contract")[2]


def _logged(error: Exception) -> str:
    """Return what a log shows of an error, its causes included."""
    return "".join(traceback.format_exception(error))
