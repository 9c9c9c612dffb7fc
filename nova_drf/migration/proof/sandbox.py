"""A place where endpoints can be tried out: nothing that they do is left behind.

Rows go with a transaction that is rolled back; mail, files and what is cached go to the memory.
What a sequence of the database gave away is not given again.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import InMemoryStorage, storages
from django.db import connections, transaction
from django.test.utils import override_settings

from nova_drf.core.exceptions import NovaError


class SandboxError(NovaError):
    """Nothing can be tried out here without leaving a trace."""


@contextmanager
def sandbox() -> Iterator[None]:
    """Try endpoints out; whatever they write is rolled back at the end.

    Raises:
        SandboxError: A database knows no transactions.
    """
    with ExitStack() as stack:
        stack.enter_context(sandboxed_settings())
        for alias in connections:
            stack.enter_context(rolled_back(alias))
        yield


@contextmanager
def sandboxed_settings() -> Iterator[None]:
    """Keep mail, files and caches in the memory; databases are as they were."""
    with _overridden_settings(), _quiet("django.request"):
        yield


@contextmanager
def rolled_back(alias: str) -> Iterator[None]:
    """Roll back what is written to a database meanwhile.

    Args:
        alias: The alias of the database.

    Raises:
        SandboxError: It knows no transactions.
    """
    if not connections[alias].features.supports_transactions:
        raise SandboxError(f"DATABASES[{alias!r}] knows no transactions. Use one that does.")
    with transaction.atomic(using=alias):
        try:
            yield
        finally:
            transaction.set_rollback(True, using=alias)


def sandbox_settings() -> dict[str, Any]:
    """Return the settings under which files, mail and what is cached go to the memory."""
    caches = {
        alias: {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": f"nova-sandbox-{alias}",
        }
        for alias in settings.CACHES
    }
    default = {
        "BACKEND": f"{__name__}.{ScratchStorage.__name__}",
        "OPTIONS": {"real": settings.STORAGES["default"]},
    }
    return {
        "CACHES": caches,
        "STORAGES": {**settings.STORAGES, "default": default},
        **_mail_settings(),
        "ALLOWED_HOSTS": [*settings.ALLOWED_HOSTS, "testserver"],
        # A page for programmers is no contract, and takes its time.
        "DEBUG": False,
        "DEBUG_PROPAGATE_EXCEPTIONS": False,
    }


@contextmanager
def _overridden_settings() -> Iterator[None]:
    overridden = override_settings(**sandbox_settings())
    with email_backend_may_be_set():
        overridden.enable()
    try:
        yield
    finally:
        with email_backend_may_be_set():
            overridden.disable()


def _mail_settings() -> dict[str, Any]:
    """Return the settings under which no mail goes out.

    Since Django 6.1 a project may have ``MAILERS``, and then ``EMAIL_BACKEND`` counts for nothing.
    """
    backend = "django.core.mail.backends.locmem.EmailBackend"
    mailers = getattr(settings, "MAILERS", None)
    if mailers is None:
        return {"EMAIL_BACKEND": backend}
    return {"MAILERS": {alias: {"BACKEND": backend} for alias in mailers}}


@contextmanager
def email_backend_may_be_set() -> Iterator[None]:
    """Let ``EMAIL_BACKEND`` be set and read, which Django 6.1 deprecates."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*EMAIL_BACKEND")
        yield


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Do not log what is tried out: refusals and crashes are counted."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


class ScratchStorage(InMemoryStorage):
    """Writes to the memory, and reads what is not there from the project's storage.

    Args:
        real: The project's storage, as ``STORAGES`` names it.
    """

    def __init__(self, real: dict[str, Any]) -> None:
        super().__init__()
        self.real = storages.create_storage(real)

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        if super().exists(name) or "w" in mode:
            return super()._open(name, mode)  # type: ignore[misc,no-any-return]  # not in the stubs
        return self.real.open(name, mode)

    def exists(self, name: str) -> bool:
        """Whether there is such a file, in the memory or in the project's storage."""
        return super().exists(name) or self.real.exists(name)

    def size(self, name: str) -> int:
        """Return the size of a file."""
        return super().size(name) if super().exists(name) else self.real.size(name)

    def url(self, name: str | None) -> str:
        """Return the address that the project's storage gives a file."""
        return self.real.url(name)

    def delete(self, name: str) -> None:
        """Delete a file of the memory; those of the project stay."""
        if super().exists(name):
            super().delete(name)
