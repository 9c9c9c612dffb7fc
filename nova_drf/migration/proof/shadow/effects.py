"""What a shadow would have done: rows, mail, tasks, and what it was refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils.module_loading import import_string

from nova_drf.core.ownership import Owner, home_of

_OURS = "django.tasks.backends.dummy.DummyBackend"
_BACKPORT = "django_tasks.backends.dummy.DummyBackend"


class Effects:
    """What was done since :meth:`forget`."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.refused: list[str] = []
        self._saved: dict[tuple[type[Model], str, Any], bool] = {}
        self._deleted: dict[tuple[type[Model], str], int] = {}
        self._related: dict[str, list[object]] = {}
        self._statements: dict[str, set[str]] = {}
        self._tasks: list[str] = []
        getattr(mail, "outbox", []).clear()

    def note_refusal(self, what: str) -> None:
        """Note what was refused.

        Args:
            what: The thing.
        """
        self.refused.append(what)

    def note_statement(self, alias: str, table: str, verb: str) -> None:
        """Note a statement that wrote something.

        Args:
            alias: The database.
            table: The table.
            verb: The first word of the statement.
        """
        self._statements.setdefault(table, set()).add(verb)

    def note_task(self, name: str) -> None:
        """Note a task that was to be sent.

        Args:
            name: Its name.
        """
        self._tasks.append(name)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note what models are saved and deleted."""
        receivers = (
            (post_save, self._on_save),
            (post_delete, self._on_delete),
            (m2m_changed, self._on_m2m),
        )
        for signal, receiver in receivers:
            signal.connect(receiver, weak=False)
        try:
            yield
        finally:
            for signal, receiver in receivers:
                signal.disconnect(receiver)

    def _on_save(self, sender: Any, instance: Any, created: bool, using: str, **more: Any) -> None:
        key = (sender, using, instance.pk)
        self._saved[key] = self._saved.get(key, False) or created

    def _on_delete(self, sender: Any, instance: Any, using: str, **more: Any) -> None:
        self._saved.pop((sender, using, instance.pk), None)
        self._deleted[sender, using] = self._deleted.get((sender, using), 0) + 1

    def _on_m2m(self, sender: Any, action: str, pk_set: Any, **more: Any) -> None:
        if action.startswith("post_") and pk_set != set():
            told = {"": action, "keys": sorted(map(str, pk_set or ()))}
            self._related.setdefault(sender._meta.db_table, []).append(told)

    def rows(self) -> dict[str, object]:
        """Return what would be there, by table or by what takes it; within the transaction."""
        rows: dict[str, Any] = {}
        for (model, alias, key), created in self._saved.items():
            told = rows.setdefault(model._meta.db_table, [])
            told.append(_stored(model, alias, key, created))
        for (model, _alias), times in self._deleted.items():
            told = rows.setdefault(model._meta.db_table, [])
            told.append({"": "deleted", "rows": times})
        for table, changes in self._related.items():
            rows.setdefault(table, []).extend(changes)
        for table, verbs in self._statements.items():
            rows.setdefault(table, [{"": verb} for verb in sorted(verbs)])
        sent = getattr(mail, "outbox", [])
        if sent:
            rows["mail"] = [
                {"to": sorted(message.to), "subject": message.subject} for message in sent
            ]
        tasks = [*self._tasks, *_django_tasks()]
        if tasks:
            rows["tasks"] = sorted(tasks)
        if self.refused:
            rows["outside"] = sorted(set(self.refused))
        return rows


def _stored(model: type[Model], alias: str, key: Any, created: bool) -> dict[str, object]:
    """Return the row of an instance as it stands now, without the key that it was given."""
    row = model._base_manager.using(alias).filter(pk=key).values().first() or {}
    if created:
        row.pop(model._meta.pk.attname, None)
    kept = (bool, int, float, str, type(None))
    plain = {name: value if isinstance(value, kept) else str(value) for name, value in row.items()}
    return {"": "inserted" if created else "changed", **plain}


# Tasks


def dummy_tasks(backends: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the setting ``TASKS`` with backends that send nothing.

    Args:
        backends: The project's.
    """
    return {
        alias: {
            "BACKEND": _dummy_for(str(backend.get("BACKEND"))),
            "QUEUES": backend.get("QUEUES", []),
        }
        for alias, backend in backends.items()
    }


def _dummy_for(backend: str) -> str:
    bases = import_string(backend).__mro__
    return _OURS if Owner.DJANGO in map(home_of, bases) else _BACKPORT


def _django_tasks() -> Iterator[str]:
    """Yield the names of the tasks that the dummy backends took, and let these forget them."""
    if not getattr(settings, "TASKS", None):
        return
    package = "django.tasks" if find_spec("django.tasks") else "django_tasks"
    backends = import_module(package).task_backends
    for alias in settings.TASKS:
        backend = backends[alias]
        for result in getattr(backend, "results", ()):
            yield str(result.task.module_path)
        getattr(backend, "clear", lambda: None)()


def hold_celery(effects: Effects) -> None:
    """Let no Celery task be sent from now on, in this process.

    Args:
        effects: Is told of each.
    """
    if not find_spec("celery"):
        return
    base, task = import_string("celery.app.base.Celery"), import_string("celery.app.task.Task")

    def apply_async(self: Any, *args: Any, task_id: str | None = None, **options: Any) -> Any:
        effects.note_task(self.name)
        return self.AsyncResult(task_id or str(uuid4()))

    def send_task(self: Any, name: str, *args: Any, task_id: str | None = None, **o: Any) -> Any:
        effects.note_task(name)
        return self.AsyncResult(task_id or str(uuid4()))

    # This process is the shadow's own.
    task.apply_async, base.send_task = apply_async, send_task
