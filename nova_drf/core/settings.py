"""The settings of nova_drf: one dictionary, ``NOVA_DRF``, in Django's settings.

``APPROVED_DIFFERENCES``, by default ``"approved_differences.toml"``
    The file of differences between old and new code that are approved, in ``BASE_DIR``; see
    :doc:`/approved-differences`.

``COLUMN_LIMITS_IN_CODE``, by default ``True``
    Whether ``nova_convert`` writes limits that repeat a column, such as ``max_length``. With
    ``False`` they come from the model, by :class:`~nova_drf.FromModel`.

``CONSTRAINT_ERRORS``, by default ``False``
    Whether ``save()`` of serializers raises a ``ValidationError`` if the database refuses a row.
    ``Meta.constraint_errors`` says it for one class. See
    :doc:`/constraints`.

``CONTRACT_DRIFT``, by default ``"schemas"``
    For which models ``manage.py check`` compares the contracts: ``"schemas"`` for those that a
    schema names, ``"all"``, or ``"off"``.

``DRIFT_WAIVERS``, by default ``{}``
    Disagreements that are intended, each with a reason; see :doc:`/contract-drift`.

``HISTORY``, by default ``"nova_history.jsonl"``
    The file in ``BASE_DIR`` to which commands append what was proved and measured.
    ``nova_report`` creates it; see :doc:`/report`.

``JSON_BODIES_UNPARSED``, by default ``True``
    Whether ``create()`` and ``update()`` of views may validate the text of a body before it is
    parsed, if only a serializer with a schema would read the values; see :doc:`/fast-lists`.

``N_PLUS_ONE``, by default ``"off"``
    What happens if a relation is read object by object while a list is printed: ``"off"``,
    ``"warn"`` or ``"error"``. For development; see :doc:`/fast-lists`.

``PREPARE_AT_START``, by default ``False``
    Whether the app compiles the serializers that the project's URLs import when Django starts.
    Otherwise each is compiled when it is first used; see :func:`nova_drf.views.prepare`.

``QUERY_PLAN``, by default ``None``
    Which relations of printed objects are read with one query for each relation: ``"safe"`` those
    where only the number of queries can show it, ``"all"``, or ``"off"``. ``None`` is ``"safe"``
    for serializers with a schema, and ``"off"`` for those with the mixin. ``Meta.query_plan`` says
    it for one serializer. The same is true for objects that validated lists look up. See
    :doc:`/fast-lists`.

``RECORDING``, by default ``{}``
    Which share of requests is recorded for ``nova_replay``, and which parts of them; see
    :doc:`/replay`.

``ROWS_STAND_FOR_INSTANCES``, by default ``True``
    Whether lists may be read as rows of the columns that their serializer prints, if no other code
    would see the instances. ``rows_stand_for_instances`` says it for one view. See
    :doc:`/fast-lists`.

``SHADOW``, by default ``{}``
    How new code runs aside and is compared with the old one; see
    :doc:`/shadow`.

``STREAM_SEND_TIMEOUT``, by default ``60``
    Seconds after which a stream ends if its client takes nothing, under gunicorn; ``None`` is
    never.

``SWITCHES``, by default ``{}``
    What switches choose instead of what their definitions say; see
    :doc:`/switching`.

``SWITCH_SECONDS``, by default ``1``
    Seconds for which a process uses what it read from the table of choices.

``TASK_MISMATCH_DELAYS``, by default ``(5, 10, 20, 40, 80, 160)``
    Seconds after which a Celery worker tries a job of another contract again: once for each
    number. Then the job goes into the queue ``<queue>.dead``.

``TASK_MODULES``, by default ``()``
    Modules that declare service tasks, besides the ``tasks`` module of each app.

``VALUES_ON_LOOP``, by default ``1000``
    The number of values, keys included, up to which a payload is validated or printed on the event
    loop. Larger payloads go to a worker thread. A hundred characters of a text count as one more
    value.

``VARIANTS_PER_CLASS``, by default ``256``
    The number of compiled variants (partial, changed fields, ...) that a serializer class keeps.
    The least recently used one is dropped first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from os import PathLike
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from nova_drf.core.exceptions import SettingError, UnknownSettingError

DEFAULTS: Mapping[str, object] = {
    "APPROVED_DIFFERENCES": "approved_differences.toml",
    "COLUMN_LIMITS_IN_CODE": True,
    "CONSTRAINT_ERRORS": False,
    "CONTRACT_DRIFT": "schemas",
    "DRIFT_WAIVERS": {},
    "HISTORY": "nova_history.jsonl",
    "JSON_BODIES_UNPARSED": True,
    "N_PLUS_ONE": "off",
    "PREPARE_AT_START": False,
    "QUERY_PLAN": None,
    "RECORDING": {},
    "ROWS_STAND_FOR_INSTANCES": True,
    "SHADOW": {},
    "STREAM_SEND_TIMEOUT": 60,
    "SWITCHES": {},
    "SWITCH_SECONDS": 1,
    "TASK_MISMATCH_DELAYS": (5, 10, 20, 40, 80, 160),
    "TASK_MODULES": (),
    "VALUES_ON_LOOP": 1000,
    "VARIANTS_PER_CLASS": 256,
}


def _is_one_of(*values: object) -> Callable[[object], bool]:
    return lambda value: any(value is one or value == one for one in values)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_list_of(is_item: Callable[[object], bool]) -> Callable[[object], bool]:
    def is_list(value: object) -> bool:
        return (
            isinstance(value, Sequence)
            and not isinstance(value, str)
            and all(is_item(item) for item in value)
        )

    return is_list


_FILE = (lambda value: isinstance(value, (str, PathLike)), "the name of a file")
_DICTIONARY = (lambda value: isinstance(value, Mapping), "a dictionary")
_YES_OR_NO = (lambda value: isinstance(value, bool), "True or False")

_VALUES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "APPROVED_DIFFERENCES": _FILE,
    "COLUMN_LIMITS_IN_CODE": _YES_OR_NO,
    "CONSTRAINT_ERRORS": _YES_OR_NO,
    "CONTRACT_DRIFT": (_is_one_of("schemas", "all", "off"), "'schemas', 'all' or 'off'"),
    "DRIFT_WAIVERS": _DICTIONARY,
    "HISTORY": _FILE,
    "JSON_BODIES_UNPARSED": _YES_OR_NO,
    "N_PLUS_ONE": (_is_one_of("off", "warn", "error"), "'off', 'warn' or 'error'"),
    "PREPARE_AT_START": _YES_OR_NO,
    "QUERY_PLAN": (_is_one_of(None, "safe", "all", "off"), "'safe', 'all', 'off' or None"),
    "RECORDING": _DICTIONARY,
    "ROWS_STAND_FOR_INSTANCES": _YES_OR_NO,
    "STREAM_SEND_TIMEOUT": (
        lambda value: value is None or _is_number(value),
        "seconds, or None",
    ),
    "SWITCHES": (
        lambda value: isinstance(value, (str, Mapping)),
        "a choice for all switches, or a dictionary",
    ),
    "SWITCH_SECONDS": (_is_number, "seconds, such as 1 or 0.5"),
    "TASK_MISMATCH_DELAYS": (_is_list_of(_is_number), "a list of seconds"),
    "TASK_MODULES": (
        _is_list_of(lambda item: isinstance(item, str)),
        "a list of dotted names of modules",
    ),
    "VALUES_ON_LOOP": (_is_count, "a whole number"),
    "VARIANTS_PER_CLASS": (
        lambda value: value is None or _is_count(value),
        "a whole number, or None for no limit",
    ),
}
"""What each setting may be: a test, and how a message says it.

``SHADOW`` is looked at where it is read, in :mod:`nova_drf.migration.proof.shadow.options`.
"""


def get_setting(name: str) -> Any:
    """Return one setting, or its default where the project sets nothing.

    ``NOVA_DRF`` is read once, and again when Django says that it was changed, as by
    ``override_settings``; so DRF does with its settings.

    Raises:
        SettingError: ``NOVA_DRF`` is no dictionary, or has a value that its key cannot have.
        UnknownSettingError: It has a key that does not exist, or ``name`` is none.
    """
    chosen = _chosen[0] if _chosen else _read()
    if name not in DEFAULTS:
        raise UnknownSettingError(unknown_setting(name))
    return chosen.get(name, DEFAULTS[name])


_chosen: list[Mapping[str, object]] = []
"""What the project sets, once it was read: Django takes its time to say that there is nothing."""


def _read() -> Mapping[str, object]:
    if not settings.configured:
        return {}
    chosen: Mapping[str, object] = getattr(settings, "NOVA_DRF", {})
    for complaint in complaints(chosen):
        raise complaint
    _chosen[:] = [chosen]
    return chosen


def complaints(chosen: object) -> Iterator[SettingError]:
    """Yield an error for each mistake in ``settings.NOVA_DRF``: where, what, remedy.

    Args:
        chosen: What the project has set.
    """
    if not isinstance(chosen, Mapping):
        yield SettingError(f"settings.NOVA_DRF is {chosen!r}. Write a dictionary.")
        return
    for key, value in chosen.items():
        if key not in DEFAULTS:
            yield UnknownSettingError(unknown_setting(key))
            continue
        if key not in _VALUES:
            continue
        is_right, expected = _VALUES[key]
        if not is_right(value):
            yield SettingError(f"settings.NOVA_DRF[{key!r}] is {value!r}. Write {expected}.")


def _forget(*, setting: str, **_: object) -> None:
    if setting == "NOVA_DRF":
        _chosen.clear()


setting_changed.connect(_forget)


def unknown_setting(key: str) -> str:
    """Return the sentence for a key that does not exist: where, what, remedy."""
    nearest = get_close_matches(str(key), DEFAULTS, n=1, cutoff=0.0)[0]
    return f"settings.NOVA_DRF: there is no setting {key!r}. Did you mean {nearest!r}?"
