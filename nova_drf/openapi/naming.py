"""Names of components: legal ones, and never the same one for two different things."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.apps import apps
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent, is_patched_serializer
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import Direction


@dataclass(frozen=True)
class Affixes:
    """What drf-spectacular puts around the name of a serializer's component."""

    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, serializer: object, direction: Direction) -> Affixes:
        """Return the affixes of one use of a serializer.

        Args:
            serializer: An instance; whether it is partial counts.
            direction: ``"request"`` or ``"response"``.
        """
        split = spectacular_settings.COMPONENT_SPLIT_REQUEST and direction == "request"
        patched = is_patched_serializer(serializer, direction)
        return cls("Patched" if patched else "", "Request" if split else "")

    def around(self, name: str) -> str:
        """Return the whole name."""
        return f"{self.prefix}{name}{self.suffix}"

    def without(self, name: str) -> str:
        """Return the name that the user knows."""
        return name.removeprefix(self.prefix).removesuffix(self.suffix)


@dataclass(frozen=True)
class Claim:
    """What somebody who needs a component asks for.

    Attributes:
        owner: What is described; it gets the same name each time.
        wanted: The name that it has when it is alone.
        path: Its dotted path, which tells it from others.
        holder: What others compare themselves with: a serializer, or something else.
        shares: Whether the component may be that of another holder as well.
        affixes: What drf-spectacular puts around the name.
    """

    owner: Hashable
    wanted: str
    path: str
    holder: Any
    shares: Callable[[Any], bool]
    affixes: Affixes = field(default_factory=Affixes)


class Claims:
    """Which names are taken in one document, and by whom."""

    def __init__(self) -> None:
        self._names: dict[Hashable, str] = {}
        self._holders: dict[str, Any] = {}

    def name(self, claim: Claim, registry: ComponentRegistry) -> str:
        """Return the name of an owner: the one it wants, or one that nobody else has.

        Args:
            claim: What it wants.
            registry: The components of the document.
        """
        if claim.owner not in self._names:
            name = next(
                candidate
                for candidate in _candidates(claim)
                if self._is_free(candidate, claim, registry)
            )
            self._names[claim.owner] = name
            self._holders.setdefault(name, claim.holder)
            if name != claim.wanted:
                _warn_of_clash(claim, name)
        return self._names[claim.owner]

    def has_named(self, owner: Hashable) -> bool:
        """Whether an owner has a name already."""
        return owner in self._names

    def _is_free(self, name: str, claim: Claim, registry: ComponentRegistry) -> bool:
        holders = (self._holders.get(name), _component_at(registry, claim.affixes.around(name)))
        return all(holder is None or claim.shares(holder) for holder in holders)


_claims: WeakKeyDictionary[ComponentRegistry, Claims] = WeakKeyDictionary()


def claimed_name(auto_schema: AutoSchema, claim: Claim) -> str:
    """Return the component name of an owner in the document that is being made.

    Args:
        auto_schema: drf-spectacular's inspector, which knows the document.
        claim: What the owner wants.
    """
    registry = auto_schema.registry
    return _claims.setdefault(registry, Claims()).name(claim, registry)


def is_named(auto_schema: AutoSchema, owner: Hashable) -> bool:
    """Whether an owner has a name in the document that is being made.

    Args:
        auto_schema: drf-spectacular's inspector, which knows the document.
        owner: What would be described.
    """
    claims = _claims.get(auto_schema.registry)
    return claims is not None and claims.has_named(owner)


def legal_name(name: str) -> str:
    """Return a type's name in OpenAPI's letters: ``Page[Book]`` becomes ``Page_Book``."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_")


def camel_case(words: str) -> str:
    """Return ``shop.line_items`` as ``ShopLineItems``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", words))


def _candidates(claim: Claim) -> Iterator[str]:
    """Yield a name and what to take in its place: with the app, with the module, with a number."""
    yield claim.wanted
    app = apps.get_containing_app_config(claim.path)
    if app is not None:
        yield camel_case(app.label) + claim.wanted
    yield camel_case(claim.path.rpartition(".")[0]) + claim.wanted
    for number in count(2):
        yield f"{claim.wanted}{number}"


def _component_at(registry: ComponentRegistry, name: str) -> object:
    """Return what the component of a name describes, or ``None`` if there is none."""
    try:
        component = registry[(name, ResolvedComponent.SCHEMA)]
    except KeyError:
        return None
    return component.object


def _warn_of_clash(claim: Claim, name: str) -> None:
    warn(
        f'Two components want the name "{claim.wanted}", and their documents differ. '
        f'"{claim.path}" becomes "{name}". Rename one of the two, or choose a name with '
        "@extend_schema_serializer(component_name=...)."
    )
