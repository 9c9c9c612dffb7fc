"""JSON text of printed columns: what ``json.dumps`` makes of the dictionaries that they stand for.

Text is made of each column, and the text of all objects by joining what stands between the values,
and the values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from json.encoder import encode_basestring, encode_basestring_ascii
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any

from nova_drf.representation.row_plans import PrintedLists, PrintedMember, PrintedObjects

if TYPE_CHECKING:
    from nova_drf.representation.attributes import Column


class NotPlainJSON(Exception):  # it is no error
    """There are values that only ``json.dumps`` can write, or has to refuse."""


Piece = str | Sequence[str]
"""A part of the texts of many objects: one text for all of them, or one for each."""


def _add(pieces: list[Piece], piece: Piece) -> None:
    """Add a piece; what is the same for all goes with the one before, if that is, too."""
    last = pieces[-1]
    if isinstance(piece, str) and isinstance(last, str):
        pieces[-1] = last + piece
    else:
        pieces.append(piece)


def _each(piece: Piece) -> Iterable[str]:
    return repeat(piece) if isinstance(piece, str) else piece


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
        pieces = self._pieces(objects)
        if objects.missing is not None:
            return self.separators[0].join(self._texts(objects, pieces))
        # In one go, without a text for each object.
        first, *others = pieces
        before = chain([first], repeat(f"{self.separators[0]}{first}"))
        texts = zip(before, *map(_each, others))  # noqa: B905  # what is repeated has no end
        return "".join(chain.from_iterable(texts))

    def _texts(self, objects: PrintedObjects, pieces: list[Piece]) -> Iterable[str]:
        """Return the text of each object."""
        texts = map("".join, zip(*map(_each, pieces)))  # noqa: B905  # likewise
        if objects.missing is None:
            return texts
        return ["null" if gone else text for text, gone in zip(texts, objects.missing, strict=True)]

    def _pieces(self, objects: PrintedObjects) -> list[Piece]:
        """Return what the texts of objects are made of; the first and the last are for all."""
        between, after_key = self.separators
        pieces: list[Piece] = ["{"]
        for at, (name, member) in enumerate(zip(objects.names, objects.members, strict=True)):
            _add(pieces, f"{between if at else ''}{self.encode(name)}{after_key}")
            for piece in self._pieces_of(member):
                _add(pieces, piece)
        _add(pieces, "}")
        return pieces

    def _pieces_of(self, member: PrintedMember) -> list[Piece]:
        if isinstance(member, PrintedLists):
            return [self._texts_of_lists(member)]
        if not isinstance(member, PrintedObjects):
            return self._values(member)
        pieces = self._pieces(member)
        return pieces if member.missing is None else [list(self._texts(member, pieces))]

    def _texts_of_lists(self, lists: PrintedLists) -> list[str]:
        texts: Iterable[str] = ()
        if lists.objects is not None:
            texts = self._texts(lists.objects, self._pieces(lists.objects))
        return [f"[{self.separators[0].join(items)}]" for items in lists.divided(texts)]

    def _values(self, column: Column) -> list[Piece]:
        classes = set(map(type, column))
        may_be_null = NoneType in classes
        classes.discard(NoneType)
        write = self._writers.get(next(iter(classes), NoneType))
        if len(classes) > 1 or write is None:
            raise NotPlainJSON
        if float in classes and not all(isfinite(value) for value in column if value is not None):
            raise NotPlainJSON
        if may_be_null:
            return [["null" if value is None else write(value) for value in column]]
        if str in classes and self._are_written_as_they_are(column):
            return ['"', column, '"']
        return [list(map(write, column))]

    def _are_written_as_they_are(self, texts: Column) -> bool:
        """Whether no character of some texts is escaped."""
        together = "".join(texts)
        is_plain = together.isprintable() and '"' not in together and "\\" not in together
        return is_plain and (not self.ensure_ascii or together.isascii())

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
