"""The only module with branches for versions of Django and Pydantic.

Each function says which versions differ and how; ``tests/core/test_compat.py`` fails when one
moves. Those of DRF are in :mod:`nova_drf.mapping.drf_versions`, for services know nothing of DRF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, get_args

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import ErrorType

if TYPE_CHECKING:
    from pydantic import BaseModel

DefaultFactory = Callable[[dict[str, object]], object]
"""A default factory that takes the data validated so far."""

COMPILING = RLock()
"""Held while models may look unfinished, which they do with Pydantic 2.11 only."""


def factories_wait() -> bool:
    """Whether a default factory that takes the validated data waits until all of it is valid.

    Pydantic 2.11 calls it with what there is; newer ones list a ``default_factory_not_called``.
    """
    return "default_factory_not_called" in get_args(ErrorType)


def patient_factory(factory: DefaultFactory, before: frozenset[str]) -> DefaultFactory:
    """Return a default factory that is not called where a field before it is not valid.

    Args:
        factory: Takes the validated data.
        before: The names of the fields before it.
    """

    def make(data: dict[str, object]) -> object:
        # What it returns does not matter: there is an error for the field that is missing.
        return factory(data) if before <= data.keys() else None

    return make


def can_compile_anew() -> bool:
    """Whether pydantic-core compiles the models of a tree on request, as from Pydantic 2.12 on."""
    return "_use_prebuilt" in (SchemaValidator.__text_signature__ or "")


def compiled_anew(core: Any, models: Iterable[type[BaseModel]]) -> SchemaValidator:
    """Compile a core schema without the validators that its models have already.

    pydantic-core 2.33, Pydantic 2.11's, only leaves alone the models that are still being built.
    For it they have to look so for a moment: of a model inside a tree, it asks nothing else.

    Args:
        core: The tree.
        models: The models that it has nodes of.
    """
    if can_compile_anew():
        build: Any = SchemaValidator
        validator: SchemaValidator = build(core, _use_prebuilt=False)
        return validator
    with _unfinished(models):
        return SchemaValidator(core)


@contextmanager
def _unfinished(models: Iterable[type[BaseModel]]) -> Iterator[None]:
    """Let models look unfinished; one thread at a time, so that each sees the true state."""
    with COMPILING:
        complete = [model for model in models if model.__dict__.get("__pydantic_complete__")]
        for model in complete:
            model.__pydantic_complete__ = False
        try:
            yield
        finally:
            for model in complete:
                model.__pydantic_complete__ = True
