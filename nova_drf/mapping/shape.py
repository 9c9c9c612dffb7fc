"""The neutral description of a payload: what each field is, whichever side it came from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeAlias

from rest_framework.fields import Field as SerializerField

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.input_paths import InputPath

    # To a type checker it is ``Any``: what is read here of DRF's fields, its stubs do not know.
    AnyField: TypeAlias = Any
    FieldBase = SerializerField[Any, Any, Any, Any]
else:
    AnyField = FieldBase = SerializerField


class Kind(StrEnum):
    """How the parts of a value nest; error locations and output are walked along it."""

    SCALAR = "scalar"
    LIST = "list"
    DICT = "dict"
    SCHEMA = "schema"
    UNION = "union"
    TAGGED_UNION = "tagged-union"
    RECORD = "record"
    """A fixed set of parts that is no schema: a tuple, ``TypedDict``, dataclass, ``NamedTuple``."""
    ROOT = "root"
    """A ``RootModel``: nothing but its one part."""
    PYDANTIC = "pydantic"
    """A type that DRF has no field for; Pydantic validates and prints it."""
    KEPT = "kept"
    """A classic DRF field that goes on running as itself."""


FAST: Final = "drf:fast"
"""Labels the fast validator in error locations; its errors never count."""

EXACT: Final = "drf:exact"
"""Labels DRF's own field, which is asked after it, in error locations."""


class Missing(StrEnum):
    """The type of :data:`MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""There is no default. (``None`` is a default, and so is :data:`nova_drf.UNSET`.)"""


Convert = Callable[[Any], Any]

PrintColumn = Callable[[Sequence[Any]], Sequence[Any] | None]


class TypeMapping(Protocol):
    """What is asked of the row of a type; :class:`nova_drf.mapping.registry.FieldMapping` says what
    each answer means."""

    python_type: ClassVar[object]
    needs_context: ClassVar[bool]
    iso_setting: ClassVar[str]
    prints_in_any_model: ClassVar[bool]
    json_schema: ClassVar[Mapping[str, Any] | None]

    def load_field_class(self) -> type[AnyField]: ...
    def fast(self, shape: TypeShape) -> Core | None: ...
    def in_json(self, shape: TypeShape) -> Core | None: ...
    def of_json(self, shape: TypeShape) -> Convert | None: ...
    def alone(self, shape: TypeShape) -> Core | None: ...
    def typed(self, shape: TypeShape) -> Convert | None: ...
    def given_as(self, shape: TypeShape) -> Convert | None: ...
    def validated(self, shape: TypeShape) -> Convert | None: ...
    def remainder(self, core: Core) -> Core | None: ...
    def native_types(self, shape: TypeShape) -> Collection[type]: ...
    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]: ...
    def represent(self, shape: TypeShape) -> Convert: ...


_SETS = frozenset(("set", "frozenset"))
_CONTAINERS = frozenset(("list", "dict", "tuple", *_SETS))
_UNHASHABLE = frozenset(("any", "list", "dict", "set"))
_COUNTS = frozenset(("min_length", "max_length"))


@dataclass(frozen=True, eq=False)
class TypeShape:
    """What one value is.

    Attributes:
        kind: How its parts nest.
        core: Pydantic's own core schema of the value, without DRF's semantics.
        has_drf_semantics: Whether the value belongs to a :class:`~nova_drf.Schema`.
        nullable: Whether ``None`` is a value.
        mapping: The row of the registry that connects the type with a DRF field.
        options: Keyword arguments of that DRF field: the constraints.
        bare: Whether no validator of the schema's author stands around the value.
        rest: Whether a constraint is left that DRF's field has no word for.
        item: The shape of a list's items, a dictionary's values or a root model's root.
        choices: The shapes of a union's members, by label or tag, or of a record's parts, by key.
        paths: Where in a record its parts are looked for, by key; where it is left out, under
            the key.
        schema: The nested model.
        definitions: What the references in ``core`` name.
        kept: The classic DRF field that goes on running as itself.
        held: Of a kept field, what the schema says that its attribute holds.
        annotation: The same, as it is written, where nobody has described it yet.
        make: Makes such a field anew, where DRF does so for each serializer instead of copying it.
        origin: The DRF field that this was read from, where it was.
        column: For a foreign key that is printed as its primary key, the attribute that holds it.
        relation: For a relation of ``Meta.model``, what the schema says its primary key is.
        stored_whole: Whether it goes to one column of ``Meta.model``, whatever is in it. Then
            ``validated_data`` has the extra values of the schemas in it, too.
    """

    kind: Kind
    core: Core
    has_drf_semantics: bool = False
    nullable: bool = False
    mapping: TypeMapping | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    bare: bool = True
    rest: bool = False
    item: TypeShape | None = None
    choices: Mapping[str, TypeShape] = field(default_factory=dict)
    paths: Mapping[str, Sequence[InputPath]] = field(default_factory=dict)
    schema: type[BaseModel] | None = None
    kept: AnyField | None = None
    held: TypeShape | None = None
    annotation: Any = None
    make: Callable[[], AnyField] | None = None
    origin: AnyField | None = None
    relation: TypeShape | None = None
    column: str | None = None
    stored_whole: bool = False
    definitions: Mapping[str, Core] = field(default_factory=dict)

    @cached_property
    def is_drf_container(self) -> bool:
        """Whether it is a list or dictionary that DRF's ``ListField``/``DictField`` can check.

        So are tuples of any length, and sets, but for those that count their different items, or
        may be given some that are in no set.
        """
        if self.item is None or not self.has_drf_semantics or self.core["type"] not in _CONTAINERS:
            return False
        is_set = self.core["type"] in _SETS
        if is_set and (self.core.keys() & _COUNTS or self.item.core.get("type") in _UNHASHABLE):
            return False
        if self.rest or self.item.rest or not self.item.bare:
            return False
        return self.item.is_drf_container or (
            self.item.kind is Kind.SCALAR and self.item.has_drf_semantics
        )

    @property
    def is_serializer(self) -> bool:
        """Whether a list of such values is a ``many=True``."""
        return self.kind is Kind.SCHEMA and not self.nullable

    @property
    def is_printed_by_field(self) -> bool:
        """Whether DRF's field prints a single value, rather than Pydantic."""
        if self.kind is not Kind.SCALAR or self.mapping is None:
            return False
        return self.has_drf_semantics or self.mapping.prints_in_any_model

    @cached_property
    def is_fast_and_exact(self) -> bool:
        """Whether a fast validator and then DRF's fields may validate it, of unions some."""
        return self.has_drf_semantics and (
            self.kind in (Kind.SCALAR, Kind.UNION) or self.is_drf_container
        )


@dataclass(frozen=True)
class FieldShape:
    """One field of a payload.

    Attributes:
        name: The attribute of the schema.
        field_name: The key that clients get, and the name of the DRF field.
        input_paths: Where in a payload its value is looked for, the first place first; nearly
            always there is one, and it is ``(field_name,)``.
        source: The attribute of the object that is read and written, DRF's ``source``.
        type: What the value is.
        required: Whether a client must send it.
        default: The default, :data:`MISSING`, or :data:`nova_drf.UNSET` for "stays out".
        default_factory: Makes the default anew each time; wins over ``default``.
        read_only: Ignored on input.
        write_only: Never sent.
        label: A title for forms and documentation; ``None`` lets DRF make one from the name.
        help_text: The description.
        computed: Whether it is a ``computed_field``: a property of the schema.
        limits: What a column takes, where the schema does not say; as in a core schema.
    """

    name: str
    field_name: str
    input_paths: tuple[InputPath, ...]
    source: str
    type: TypeShape
    required: bool = True
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    read_only: bool = False
    write_only: bool = False
    label: str | None = None
    help_text: str | None = None
    computed: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """What clients call it: its key on the way out, and its aliases on the way in."""
        aliases = (str(path[0]) for path in self.input_paths if len(path) == 1)
        return (
            self.field_name,
            *(key for key in aliases if key not in (self.name, self.field_name)),
        )

    @property
    def input_name(self) -> str:
        """The key of a payload in which its value is, or in which the way to it begins."""
        return str(self.input_paths[0][0])


def by_key(fields: Collection[FieldShape]) -> dict[str, FieldShape]:
    """Return fields by all keys of clients for them; a key of the output is no other's alias.

    Args:
        fields: The fields of a payload.
    """
    by_alias = {key: field for field in fields for key in field.keys[1:]}
    return {**by_alias, **{field.field_name: field for field in fields}}


@dataclass(frozen=True)
class Shape:
    """One payload: the fields of a schema in order, and what else the schema does.

    Attributes:
        schema: The Pydantic model.
        fields: By attribute name, computed fields last.
        has_drf_semantics: Whether the model is a :class:`~nova_drf.Schema`.
        extra: What keys hold that no field is for, where the schema says so.
        taken: The keys that belong to the fields, whether or not a client may use them: names,
            aliases, sources. What a client sends under one of them is no extra value.
        sees_payload: Whether a validator of the model sees the payload before its fields do.
        validates_whole: Whether validators of the model as a whole see the finished instance.
        serializes_itself: Whether the model, or a field of it, has a serializer of its own.
    """

    schema: type[BaseModel]
    fields: Mapping[str, FieldShape]
    has_drf_semantics: bool
    validates_whole: bool
    serializes_itself: bool
    extra: TypeShape | None = None
    taken: frozenset[str] = frozenset()
    sees_payload: bool = False

    @property
    def sees_unknown(self) -> bool:
        """Whether what was sent under keys of no field makes a difference."""
        return self.sees_payload or self.schema.model_config.get("extra") in ("allow", "forbid")

    @property
    def allows_extra(self) -> bool:
        """Whether the schema keeps what was sent under keys of no field."""
        return self.schema.model_config.get("extra") == "allow"


def is_untyped(item: TypeShape | None) -> bool:
    """Whether nothing is said of what a list or dictionary holds.

    DRF leaves it unvalidated; a ``JSONField`` that somebody put there does validate.

    Args:
        item: One of them.
    """
    return item is None or (item.core.get("type") == "any" and item.origin is None)
