"""A test helper: no relation is read object by object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nova_drf.core.exceptions import NPlusOneError
from nova_drf.serializers.n_plus_one import watching


@contextmanager
def no_n_plus_one(at_most: int = 1) -> Iterator[None]:
    """Fail if, in a block, the same relation or deferred column is read object by object.

    >>> with no_n_plus_one():
    ...     client.get("/books/")

    It sees the queries of the thread that it is used in, whoever makes them: serializers, ours and
    DRF's, templates, or code of your own.

    Args:
        at_most: Of how many objects it may be read so.

    Raises:
        NPlusOneError: It was. The message names the serializer, its field, the model and the
            remedy, for each relation.
    """
    with watching(at_most) as watch:
        yield
    messages = watch.messages()
    if messages:
        raise NPlusOneError("\n".join(messages))
