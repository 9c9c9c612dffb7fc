"""JSON text of printed columns: what ``json.dumps`` makes of the dictionaries that they stand for.

Text is made of each column, and the text of an object by filling in a template.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from json.encoder import encode_basestring, encode_basestring_ascii
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any

from nova_drf.representation.row_plans import PrintedLists, PrintedObjects

if TYPE_CHECKING:
    from nova_drf.representation.attributes import Column


class NotPlainJSON(Exception):  # it is no error
    """There are values that only ``json.dumps`` can write, or has to refuse."""


@dataclass(frozen=True)
class JSONStyle:
    """How JSON is written: what ``json.dumps`` is told, without an indent.

    Attributes:
        encoder_class: DRF's encoder, or one of ours.
        ensure_ascii: Whether all characters but those of ASCII are escaped.
        allow_nan: Whether there may be numbers that JSON has not got.
        separators: What stands between members, and after keys.
        reads_back: Whether ``json.loads`` has to give the same primitives again.
    """

    encoder_class: type[json.JSONEncoder]
    ensure_ascii: bool
    allow_nan: bool
    separators: tuple[str, str]
    reads_back: bool = False

    def members(self, objects: PrintedObjects) -> str:
        """Return what is between the brackets of a JSON array.

        Args:
            objects: The printed objects.

        Raises:
            NotPlainJSON: Only ``json.dumps`` can write it; or what is written is not what would be
                read back.
        """
        return self.separators[0].join(self._texts_of_objects(objects))

    def _texts_of_objects(self, objects: PrintedObjects) -> Iterable[str]:
        columns: list[Iterable[str]] = []
        template = self._template(objects, columns)
        texts = map(template.__mod__, zip(*columns, strict=True))
        if objects.missing is None:
            return texts
        return ["null" if gone else text for text, gone in zip(texts, objects.missing, strict=True)]

    def _template(self, objects: PrintedObjects, columns: list[Iterable[str]]) -> str:
        """Return what the text of an object is made of; what fills it in is added to columns."""
        between, after_key = self.separators
        members = [
            f"{self.encode(name).replace('%', '%%')}{after_key}{self._value(member, columns)}"
            for name, member in zip(objects.names, objects.members, strict=True)
        ]
        return f"{{{between.join(members)}}}"

    def _texts_of_lists(self, lists: PrintedLists) -> Iterable[str]:
        texts = () if lists.objects is None else self._texts_of_objects(lists.objects)
        return [f"[{self.separators[0].join(items)}]" for items in lists.divided(texts)]

    def _value(
        self, member: Column | PrintedObjects | PrintedLists, columns: list[Iterable[str]]
    ) -> str:
        if isinstance(member, PrintedObjects) and member.missing is None:
            return self._template(member, columns)
        if isinstance(member, PrintedObjects):
            columns.append(self._texts_of_objects(member))
        elif isinstance(member, PrintedLists):
            columns.append(self._texts_of_lists(member))
        else:
            columns.append(self._texts(member))
        return "%s"

    def _texts(self, column: Column) -> Iterable[str]:
        classes = set(map(type, column))
        may_be_null = NoneType in classes
        classes.discard(NoneType)
        write = self._writers.get(next(iter(classes), NoneType))
        if len(classes) > 1 or write is None:
            raise NotPlainJSON
        if float in classes and not all(isfinite(value) for value in column if value is not None):
            raise NotPlainJSON
        if may_be_null:
            return ["null" if value is None else write(value) for value in column]
        return map(write, column)

    @cached_property
    def _writers(self) -> dict[type, Callable[[Any], str]]:
        """What writes values, by their class."""
        return {
            NoneType: self.encode,
            str: encode_basestring_ascii if self.ensure_ascii else encode_basestring,
            bool: {True: "true", False: "false"}.__getitem__,
            int: int.__repr__,
            float: float.__repr__,
            # There may be anything in these.
            **({} if self.reads_back else {dict: self.encode, list: self.encode}),
        }

    @cached_property
    def encode(self) -> Callable[[Any], str]:
        """Return the text of a value, as ``json.dumps`` writes it."""
        return self.encoder_class(
            ensure_ascii=self.ensure_ascii,
            allow_nan=self.allow_nan,
            separators=self.separators,
        ).encode
