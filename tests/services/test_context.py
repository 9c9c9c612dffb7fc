"""Users travel as keys of ``AUTH_USER_MODEL``, and are refused where they may not act any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import override_settings
from django.utils.functional import SimpleLazyObject

from nova_drf.services import ContractMismatch, NotFound, PermissionDenied, ServiceDefinitionError
from nova_drf.services.context import user_of, user_text
from tests.servicesapp.models import Account, Topic

pytestmark = pytest.mark.django_db


def test_a_user_arrives_as_the_database_has_it() -> None:
    user = User.objects.create(username="ada")
    sent = user_text(user)
    User.objects.update(username="grace")
    assert user_of(sent).username == "grace"
    assert user_of(user_text(SimpleLazyObject(lambda: user))) == user
    assert user_of(user_text(None)) is None


def test_the_anonymous_user_stays_anonymous() -> None:
    assert isinstance(user_of(user_text(AnonymousUser())), AnonymousUser)
    lazy: Any = SimpleLazyObject(AnonymousUser)
    assert isinstance(user_of(user_text(lazy)), AnonymousUser)


def test_who_may_not_act_any_more() -> None:
    user = User.objects.create(username="ada", is_superuser=True)
    sent = user_text(user)
    User.objects.update(is_active=False)
    with pytest.raises(PermissionDenied, match="inactive") as caught:
        user_of(sent)
    assert caught.value.code == "user_inactive"
    user.delete()
    with pytest.raises(NotFound, match="no longer exists"):
        user_of(sent)


def test_users_of_a_model_that_knows_no_inactive_ones() -> None:
    """Django's own backends let them in as well."""
    with override_settings(AUTH_USER_MODEL="servicesapp.Topic"):
        topic = Topic.objects.create(name="ada")
        assert user_of(user_text(topic)) == topic


@pytest.mark.parametrize("key", ["anonymous", "pk:1", "", "a" * 40, "é\n"])
def test_keys_of_a_custom_model(key: str) -> None:
    with override_settings(AUTH_USER_MODEL="servicesapp.Account"):
        account = Account.objects.create(name=key)
        assert user_of(user_text(account)) == account
        Account.objects.update(closed=True)
        with pytest.raises(PermissionDenied, match="inactive"):
            user_of(user_text(account))
        account.delete()
        account.name = key
        with pytest.raises(NotFound):
            user_of(user_text(account))


@pytest.mark.parametrize(
    "user",
    [
        User(username="unsaved"),
        Account(name="of another model"),
        Topic(pk=1),
        SimpleNamespace(pk=1, is_active=True, is_authenticated=True),
        "1",
        1,
    ],
    ids=lambda user: type(user).__name__,
)
def test_others_are_refused(user: Any) -> None:
    """Their keys would name a user who did not ask for anything."""
    User.objects.create(pk=1, username="ada")
    with pytest.raises(ServiceDefinitionError, match=rf"a {type(user).__name__} .*AUTH_USER_MODEL"):
        user_text(user)


@pytest.mark.parametrize("text", ["1", "", "pk:", "pk:one", "pk:1; DROP", "Anonymous", "pk:1.5"])
def test_a_key_that_does_not_fit(text: str) -> None:
    User.objects.create(pk=1, username="ada")
    with pytest.raises(ContractMismatch, match="not a key of User"):
        user_of(text)
