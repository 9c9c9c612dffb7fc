"""What stands above the definition of a switch: the setting, and the table if it is installed.

``NOVA_DRF["SWITCHES"]`` is ``"old"`` for all switches, or says it by the name of a switch: one
choice, or one for each action. The table says the same at run time. Where one of them says ``old``,
the old code answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from time import monotonic

from django.apps import apps
from django.db import router, transaction

from nova_drf.core.settings import get_setting
from nova_drf.migration.proof.choices import Choice, SwitchError, as_choice

_APP = "nova_proof"
"""The label of the app that has the table."""


def override(switch: str, action: str, *, with_table: bool = True) -> Choice | None:
    """Return what is chosen whatever the definition of a switch says, or ``None``.

    Args:
        switch: The name of the switch.
        action: The action.
        with_table: Whether the table is asked, too.

    Raises:
        SwitchError: The setting says something else than a choice.
    """
    chosen, rows = get_setting("SWITCHES"), TABLE.rows() if with_table else {}
    if not chosen and not rows:
        return None
    said = [*_of_setting(chosen, switch, action), *_of_table(rows, switch, action)]
    if Choice.OLD in said:
        return Choice.OLD
    return said[-1] if said else None


def _of_setting(chosen: object, switch: str, action: str) -> Iterator[Choice]:
    if isinstance(chosen, Mapping):
        chosen = chosen.get(switch)
    if isinstance(chosen, Mapping):
        chosen = chosen.get(action)
    if chosen is not None:
        try:
            yield as_choice(chosen)
        except SwitchError as error:
            raise SwitchError(f'settings.NOVA_DRF["SWITCHES"]: {error}') from error


def _of_table(rows: Rows, switch: str, action: str) -> Iterator[Choice]:
    for key in (("", ""), (switch, ""), (switch, action)):
        if key in rows:
            yield rows[key]


Rows = Mapping[tuple[str, str], Choice]
"""What is chosen, by the names of switch and action; an empty name stands for all."""


class Table:
    """The rows of ``SwitchChoice``, read again after ``SWITCH_SECONDS``."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Choice] = {}
        self._due_at = 0.0
        self._lock = Lock()

    @property
    def is_installed(self) -> bool:
        """Whether there is a table."""
        return _APP in apps.app_configs

    @property
    def is_due(self) -> bool:
        """Whether the next question asks the database."""
        return self.is_installed and monotonic() >= self._due_at

    def rows(self) -> Rows:
        """Return the rows, as they were a moment ago."""
        if monotonic() >= self._due_at and self.is_installed and self._lock.acquire(blocking=False):
            # Others go by what was read before.
            try:
                self._read()
            finally:
                self._lock.release()
        return self._rows

    def choices(self, switch: str, action: str) -> list[Choice]:
        """Return what the rows say of an action, the most special one last.

        Args:
            switch: The name of the switch.
            action: The action.
        """
        return [*_of_table(self.rows(), switch, action)]

    def _read(self) -> None:
        from nova_drf.migration.proof.models import SwitchChoice

        # Even if it fails: a table that is not there is not asked for at every request.
        self._due_at = monotonic() + get_setting("SWITCH_SECONDS")
        with transaction.atomic(using=router.db_for_read(SwitchChoice)):
            rows = list(SwitchChoice._default_manager.values_list("switch", "action", "choice"))
        self._rows = {(switch, action): as_choice(choice) for switch, action, choice in rows}

    def forget(self) -> None:
        """Read the rows again at the next question."""
        self._due_at = 0.0

    def write(self, switch: str, action: str, choice: Choice, reason: str) -> None:
        """Write what a switch chooses from now on.

        Args:
            switch: The name of the switch.
            action: The action.
            choice: The choice.
            reason: Why.
        """
        from nova_drf.migration.proof.models import SwitchChoice

        with transaction.atomic(using=router.db_for_write(SwitchChoice)):
            SwitchChoice._default_manager.update_or_create(
                switch=switch, action=action, defaults={"choice": choice, "reason": reason[:255]}
            )
        self.forget()

    def take_back(self, switch: str, action: str) -> None:
        """Let the definition of a switch count again.

        Args:
            switch: The name of the switch.
            action: The action.
        """
        from nova_drf.migration.proof.models import SwitchChoice

        SwitchChoice._default_manager.filter(switch=switch, action=action).delete()
        self.forget()


TABLE = Table()
"""The table of this process."""
