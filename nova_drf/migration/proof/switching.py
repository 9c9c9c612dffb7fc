"""``switch()``: one view of two, chosen action by action, request by request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.dispatch import Signal
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from nova_drf.migration.proof.choices import (
    Always,
    Choice,
    Choosable,
    Rule,
    SwitchError,
    as_rule,
    may_ask,
)
from nova_drf.migration.proof.health import Health, Limits
from nova_drf.migration.proof.overrides import TABLE, override
from nova_drf.migration.proof.replacement import named_like, new_arguments
from nova_drf.migration.proof.shadow.capture import Capturing
from nova_drf.migration.proof.shadow.options import Shadow
from nova_drf.migration.proof.switched_views import SwitchedViews, combined

logger = logging.getLogger("nova_drf.switch")

rolled_back = Signal()
"""Sent by a switch that gives the new code up, with ``action`` and ``reason``."""


def switch(
    *,
    old: Any,
    new: Any,
    actions: Mapping[str, Choosable] | None = None,
    default: Choosable = Choice.OLD,
    name: str = "",
    limits: Limits | None = None,
    shadow: Shadow | None = None,
) -> Any:
    """Return a view class that answers with the old code or the new, action by action.

    Register it on one route of any router. Routers, OpenAPI and ``reverse()`` see the old view.
    Each side runs its own authentication, permissions and throttles. If a choice fails, that is
    logged, and the old code answers.

    >>> BookViewSet = switch(
    ...     old=ClassicBookViewSet,
    ...     new=AsyncBookViewSet,
    ...     actions={"list": "new", "create": Percentage(10), "destroy": "old"},
    ... )
    >>> router.register("books", BookViewSet)

    Follows:
        ``rest_framework.views.APIView.as_view``.

    Args:
        old: The view class that is there.
        new: The one that is to replace it; a viewset if that is one. Either may be async.
        actions: What is chosen for each action, or for each HTTP method of a view that is no
            viewset; see :mod:`nova_drf.migration.proof.choices`.
        default: What is chosen for the others.
        name: By what the setting, the table and the log know it; the old class's dotted name when
            left out.
        limits: When the new code is given up by itself; ``Limits()`` when left out.
        shadow: How the new code is compared where ``"shadow"`` is chosen; as
            ``NOVA_DRF["SHADOW"]`` says when left out.

    Raises:
        SwitchError: An action does not exist, a choice is none, or the classes do not go together.
    """
    chooser = Switch(old, new, actions or {}, default, name, limits or Limits(), shadow or Shadow())

    def as_view(cls: type, /, actions: dict[str, str] | None = None, **initkwargs: Any) -> Any:
        return chooser.as_view(actions, **initkwargs)

    body = {
        "__doc__": old.__doc__,
        "__module__": old.__module__,
        "switch": chooser,
        "as_view": classmethod(as_view),
    }
    view = type(old)(old.__name__, (old,), body)
    view.__qualname__ = old.__qualname__
    chooser.view = view
    return view


class Switch:
    """Chooses between two view classes, and knows how the new one does.

    Args:
        old: The view class that is there.
        new: The one that is to replace it.
        actions: What is chosen for each action.
        default: What is chosen for the others.
        name: Its name.
        limits: When the new code is given up.
        shadow: How it is compared.
    """

    def __init__(
        self,
        old: Any,
        new: Any,
        actions: Mapping[str, Choosable],
        default: Choosable,
        name: str,
        limits: Limits,
        shadow: Shadow,
    ) -> None:
        self.name = name or f"{old.__module__}.{old.__qualname__}"
        self.old, self.new = old, named_like(old, new)
        self.view: Any = old
        self._default = as_rule(default)
        self._rules = {action: as_rule(chosen) for action, chosen in actions.items()}
        self._limits = limits
        self.shadow = Capturing(self.name, shadow)
        self._health: dict[str, Health] = {}
        self._given_up: dict[str, str] = {}
        self._check()

    def _check(self) -> None:
        for cls in (self.old, self.new):
            if not (isinstance(cls, type) and issubclass(cls, APIView)):
                raise SwitchError(
                    f"{self.name}: {cls!r} is no view class of DRF's. Name the "
                    "class, without as_view()."
                )
        if issubclass(self.old, ViewSetMixin) is not issubclass(self.new, ViewSetMixin):
            raise SwitchError(
                f"{self.name}: one of both is a viewset, and the other is not. "
                "Derive both from the same kind of view."
            )
        share = 0 if self._limits is None else self._limits.failures
        if not 0 <= share <= 1:
            raise SwitchError(
                f"{self.name}: Limits(failures={share!r}) is no share. Write a number from 0 to 1, "
                "such as 0.05."
            )
        for action, rule in self._rules.items():
            if not callable(getattr(self.old, action, None)):
                near = get_close_matches(action, dir(self.old), n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise SwitchError(
                    f"{self.name}: {self.old.__name__} has no action {action!r}.{hint}"
                )
            needs_new = rule in (Always(Choice.NEW), Always(Choice.SHADOW))
            if needs_new and not callable(getattr(self.new, action, None)):
                raise SwitchError(
                    f"{self.name}: the new class has no {action!r}. Write it, or choose 'old'."
                )

    # The choice

    def choose(self, request: Any, action: str) -> Choice:
        """Return which code answers a request; the old one if that cannot be told.

        Args:
            request: Django's request.
            action: The action.
        """
        try:
            if action in self._given_up:
                self._write_down(action)
                return Choice.OLD
            if not callable(getattr(self.new, action, None)):
                return Choice.OLD
            said = override(self.name, action)
            rule = self._rules.get(action, self._default)
            return said or rule.choose(request, self.name, action)
        except Exception:
            # Whatever fails here: the old code is there.
            logger.exception("%s.%s: the choice failed; the old code answers", self.name, action)
            return Choice.OLD

    def rule(self, action: str) -> Rule:
        """Return what is chosen for an action by definition.

        Args:
            action: The action.
        """
        return self._rules.get(action, self._default)

    def may_ask(self, action: str) -> bool:
        """Whether the choice may ask the database, or wait for something.

        Args:
            action: The action.
        """
        return may_ask(self.rule(action)) or TABLE.is_due or bool(self._given_up)

    # How the new code does

    def note(self, action: str, failed: bool, seconds: float) -> None:
        """Note an answer of the new code, and give it up if it fails too often.

        Args:
            action: The action.
            failed: Whether it is an exception, or of status 500 and above.
            seconds: How long it took.
        """
        health = self._health.get(action)
        if health is None:
            # Another thread may be as far, and its one counts then.
            health = self._health.setdefault(action, Health(self._limits))
        reason = health.note(failed, seconds)
        if reason and action not in self._given_up:
            self.give_up(action, reason)

    def give_up(self, action: str, reason: str) -> None:
        """Let the old code answer from now on, in this process, and in all if there is a table.

        Args:
            action: The action.
            reason: Why.
        """
        self._given_up[action] = reason
        logger.error("%s.%s is rolled back to the old code: %s", self.name, action, reason)
        for _receiver, error in rolled_back.send_robust(self, action=action, reason=reason):
            if isinstance(error, Exception):
                logger.error("A receiver of rolled_back failed", exc_info=error)

    def _write_down(self, action: str) -> None:
        """Let the table say for all processes that the new code was given up.

        Not at once: the transaction of the request that failed may have been rolled back. What was
        written counts when it was read.
        """
        if not TABLE.is_installed:
            return
        if Choice.OLD in TABLE.choices(self.name, action):
            self.try_again(action)
        else:
            TABLE.write(self.name, action, Choice.OLD, self._given_up[action])

    def try_again(self, action: str) -> None:
        """Let the definition choose again after the new code was given up.

        Args:
            action: The action.
        """
        self._given_up.pop(action, None)
        if action in self._health:
            self._health[action].forget()

    # The view

    def as_view(self, actions: dict[str, str] | None = None, **initkwargs: Any) -> Any:
        """Return the view function of a route.

        Args:
            actions: For a viewset, the actions by HTTP methods.
            initkwargs: As for DRF's ``as_view``.
        """
        if actions is None:
            old_view = self.old.as_view(**initkwargs)
            return self._combined(old_view, self.new.as_view(**initkwargs), {})
        old_view = self.old.as_view(actions, **initkwargs)
        answered = {method: name for method, name in actions.items() if hasattr(self.new, name)}
        if not answered:
            return self._combined(old_view, None, dict(actions))
        arguments = new_arguments(initkwargs, next(iter(answered.values())), self.old, self.new)
        new_view = self.new.as_view(answered, **arguments)
        return self._combined(old_view, new_view, dict(actions))

    def _combined(self, old_view: Any, new_view: Any, actions: Mapping[str, str]) -> Any:
        view: Any = combined(self, old_view, new_view, actions) if new_view else old_view
        view.cls = self.view
        if new_view:
            # For the shadow, which asks either side by itself.
            view.sides = SwitchedViews(
                self.name, self.old, {Choice.OLD: old_view, Choice.NEW: new_view}
            )
        return view
