"""The system check that names each disagreement, with both places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import DatabaseError, models

from nova_drf.checks.drift import places
from nova_drf.checks.drift.claims import Aspect, Claims
from nova_drf.checks.drift.comparison import Difference, difference
from nova_drf.checks.messages import distinct
from nova_drf.checks.uses import Uses, uses_of_serializers
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.settings import get_setting
from nova_drf.models import SchemaValidated

IDS = {
    Aspect.MAX_LENGTH: "nova_drf.W101",
    Aspect.MIN_LENGTH: "nova_drf.W101",
    Aspect.NULL: "nova_drf.W102",
    Aspect.CHOICES: "nova_drf.W103",
    Aspect.REQUIRED: "nova_drf.W104",
    Aspect.MIN_VALUE: "nova_drf.W105",
    Aspect.MAX_VALUE: "nova_drf.W105",
    Aspect.MAX_DIGITS: "nova_drf.W106",
    Aspect.DECIMAL_PLACES: "nova_drf.W106",
    Aspect.UNIQUE: "nova_drf.W107",
    Aspect.TYPE: "nova_drf.W110",
}
STRICTER = "nova_drf.I101"
UNREADABLE = "nova_drf.W108"
UNUSED_WAIVER = "nova_drf.W109"
NO_REASON = "nova_drf.E101"


class Waivers:
    """The disagreements that a project wants: ``NOVA_DRF["DRIFT_WAIVERS"]``.

    Args:
        reasons: Why, by ``"shop.Order.total max_digits"`` for all places, or by
            ``"shop.api.OrderSerializer.total max_digits"`` for one.
    """

    def __init__(self, reasons: dict[str, str]) -> None:
        self.reasons = reasons
        self.used: set[str] = set()

    def cover(self, claims: Claims, aspect: Aspect) -> bool:
        """Whether somebody has said why a place disagrees."""
        label = f"{claims.column.model._meta.label}.{claims.column.name}"
        for key in (f"{label} {aspect}", f"{claims.place} {aspect}"):
            if self.reasons.get(key):
                self.used.add(key)
                return True
        return False

    def problems(self) -> Iterator[CheckMessage]:
        """Yield a message for each waiver that gives no reason, or that nothing needs any more."""
        for key, reason in self.reasons.items():
            if not reason:
                yield Error(
                    f"settings.NOVA_DRF['DRIFT_WAIVERS'][{key!r}]: a waiver needs a reason.",
                    hint="Say in a sentence why the two places differ.",
                    id=NO_REASON,
                )
            elif key not in self.used:
                yield Warning(
                    f"settings.NOVA_DRF['DRIFT_WAIVERS'][{key!r}]: nothing disagrees there.",
                    hint="Remove the waiver, or correct its key.",
                    id=UNUSED_WAIVER,
                )


def check_contract_drift(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Compare what is said about the same column in different places.

    * ``nova_drf.W101`` length, ``W102`` null, ``W103`` choices, ``W104`` required, ``W105`` range,
      ``W106`` digits, ``W107`` uniqueness: a place lets something pass that the column refuses;
      the message names both. ``W110``: the place holds values of another type.
    * ``nova_drf.I101``: a place is stricter than its column. That may well be meant.
    * ``nova_drf.W108``: a serializer's fields cannot be read without a request.
    * ``nova_drf.W109``: a waiver that nothing needs. ``nova_drf.E101``: a waiver without a reason.

    ``NOVA_DRF["CONTRACT_DRIFT"]`` says of which models: ``"schemas"`` of those that a schema
    speaks of, ``"all"``, or ``"off"``.

    Follows:
        ``rest_framework.utils.field_mapping.get_field_kwargs``, which reads columns for DRF.

    Args:
        app_configs: The apps that Django asks about; all are compared.
        kwargs: What else Django passes to a check.
    """
    scope = get_setting("CONTRACT_DRIFT")
    if scope == "off":
        return []
    chosen = {*apps.get_models()} if scope == "all" else places.models_with_schema()
    waivers = Waivers(dict(get_setting("DRIFT_WAIVERS")))
    messages: list[CheckMessage] = []
    by_column: dict[Any, list[Claims]] = {}
    for claims in _all_claims(chosen, messages):
        by_column.setdefault(claims.column, []).append(claims)
    for claims_of_one in by_column.values():
        messages.extend(_disagreements(claims_of_one, waivers))
    return distinct([*messages, *waivers.problems()])


def _all_claims(chosen: set[type[models.Model]], messages: list[CheckMessage]) -> Iterator[Claims]:
    """Yield what all places say; the columns come first, as what the others are compared with."""
    in_order = sorted(chosen, key=places.name_of)
    columns = (claims for model in in_order for claims in places.claims_of_columns(model))
    # Proxies and children have the columns of other models.
    yield from {claims.column: claims for claims in columns}.values()
    serializers = [*places.model_serializers(), *places.schema_serializers()]
    uses = uses_of_serializers(serializers)
    for cls in serializers:
        if cls.Meta.model in chosen:
            yield from _readable(cls, uses, messages)
    for model in in_order:
        if issubclass(model, SchemaValidated):
            yield from places.claims_of_validation(model)
    for cls in places.model_forms():
        if cls._meta.model in chosen:
            yield from places.claims_of_form(cls)


def _readable(cls: Any, uses: Uses, messages: list[CheckMessage]) -> list[Claims]:
    try:
        return list(places.claims_of_serializer(cls, cls.Meta.model, uses))
    except SchemaDefinitionError:
        return []  # nova_drf.E002 says it.
    except DatabaseError:
        return []  # Its code asks a database that is not there yet: `migrate` checks first.
    except Exception as error:
        # Anything may be raised: these are the project's own hooks, called without a request.
        if cls.__subclasses__() and not uses.is_used(cls):
            return []  # A base of others, which has not all that it takes.
        messages.append(
            Warning(
                f"{places.name_of(cls)}: its fields cannot be compared with the model's, since "
                f"reading them without a request raises {type(error).__name__}: {error}",
                obj=cls,
                id=UNREADABLE,
            )
        )
        return []


def _disagreements(claims_of_one: list[Claims], waivers: Waivers) -> Iterator[CheckMessage]:
    for aspect in Aspect:
        speakers = [claims for claims in claims_of_one if aspect in claims.said]
        for claims in speakers[1:]:
            how = difference(aspect, claims.said[aspect], speakers[0].said[aspect])
            is_checked = how is Difference.LOOSER and aspect in claims.checked
            if how is Difference.NONE or is_checked or waivers.cover(claims, aspect):
                continue
            yield _message(aspect, claims, speakers[0], how)


def _message(aspect: Aspect, claims: Claims, other: Claims, how: Difference) -> CheckMessage:
    here, there = _shown(claims.said[aspect]), _shown(other.said[aspect])
    said = f"{claims.place}: {aspect} is {here} here, and {there} in {other.place}"
    reason = f"give a reason in NOVA_DRF['DRIFT_WAIVERS'] under '{claims.place} {aspect}'."
    if how is Difference.STRICTER and other.owner is other.column.model:
        return Info(
            f"{said}, which lets more pass.",
            hint=f"If that is not meant, let both say the same; if it is, {reason}",
            obj=claims.owner,
            id=STRICTER,
        )
    return Warning(
        f"{said}.",
        hint=f"Let both say the same, or {reason}",
        obj=claims.owner,
        id=IDS[aspect],
    )


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return "one of " + ", ".join(sorted(value))
    return "not limited" if value is None else str(value)
