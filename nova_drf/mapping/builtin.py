"""The built-in rows of the registry, in the order in which they are asked.

The first row that matches a type wins, so a special case stands above the general one. A row that
a project registers is asked before all of these.
"""

from __future__ import annotations

from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.mapping.rows.choices import (
    EnumMapping,
    FilePathMapping,
    LiteralMapping,
    MultipleChoiceMapping,
)
from nova_drf.mapping.rows.contents import FileMapping, ImageMapping, JSONMapping
from nova_drf.mapping.rows.identifiers import IPAddressMapping, UUIDMapping
from nova_drf.mapping.rows.numbers import (
    BIG_INTEGERS,
    BooleanMapping,
    DecimalMapping,
    FloatMapping,
    IntegerMapping,
)
from nova_drf.mapping.rows.temporal import (
    DateMapping,
    DateTimeMapping,
    DurationMapping,
    TimeMapping,
)
from nova_drf.mapping.rows.text import (
    EmailMapping,
    PatternMapping,
    SlugMapping,
    StringMapping,
)
from nova_drf.mapping.rows.urls import UrlMapping

BUILTIN: tuple[FieldMapping, ...] = (
    PatternMapping(),
    StringMapping(),
    EmailMapping(),
    UrlMapping(),
    IPAddressMapping(),
    BooleanMapping(),
    IntegerMapping(),
    FloatMapping(),
    DecimalMapping(),
    DateMapping(),
    TimeMapping(),
    DateTimeMapping(),
    DurationMapping(),
    UUIDMapping(),
    LiteralMapping(),
    EnumMapping(),
    ImageMapping(),
    FileMapping(),
    JSONMapping(),
    SlugMapping(),
    MultipleChoiceMapping(),
    FilePathMapping(),
    *BIG_INTEGERS,
)
"""First match wins."""

for _row in reversed(BUILTIN):
    registry.register(_row)
