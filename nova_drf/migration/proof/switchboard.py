"""All switches of a project, what each chooses, and how that is changed at run time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from django.urls import URLResolver, get_resolver

from nova_drf.migration.proof.choices import Always, By, Choice, Rule, SwitchError, as_choice
from nova_drf.migration.proof.overrides import TABLE, override
from nova_drf.migration.proof.switching import Switch


@dataclass(frozen=True)
class Place:
    """One action of one switch.

    Attributes:
        switch: The name of the switch.
        action: The action.
        defined: What its definition says.
        override: What the setting or the table say instead; empty if they say nothing.
    """

    switch: str
    action: str
    defined: str
    override: str = ""


def switchboard(patterns: Iterable[object] | None = None) -> list[Place]:
    """List every action of every switch that is routed.

    Args:
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out.
    """
    url_patterns = get_resolver().url_patterns if patterns is None else patterns
    places: dict[tuple[str, str], Place] = {}
    for switch, action in routed(url_patterns):
        rule = switch.rule(action)
        said = override(switch.name, action)
        places[switch.name, action] = Place(switch.name, action, _as_written(rule), said or "")
    return [places[key] for key in sorted(places)]


def _as_written(rule: Rule) -> str:
    """Return a rule as its definition has it, without what is left out there."""
    if isinstance(rule, Always):
        return rule.choice.value
    if isinstance(rule, By):
        return _argument(rule.function)
    if not is_dataclass(rule) or isinstance(rule, type):
        return repr(rule)
    first, *others = ((field, getattr(rule, field.name)) for field in fields(rule))
    given = [
        f"{field.name}={_argument(value)}" for field, value in others if value != field.default
    ]
    return f"{type(rule).__name__}({', '.join([_argument(first[1]), *given])})"


def _argument(value: Any) -> str:
    if isinstance(value, str):
        return repr(str(value))
    if is_dataclass(value) and not isinstance(value, type):
        rule: Any = value
        return _as_written(rule)
    return getattr(value, "__qualname__", None) or repr(value)


def routed(patterns: Iterable[Any]) -> Iterator[tuple[Switch, str]]:
    """Yield every switch that is routed, with each of its actions.

    Args:
        patterns: The URL patterns.
    """
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routed(pattern.url_patterns)
            continue
        switch = getattr(getattr(pattern.callback, "cls", None), "switch", None)
        if isinstance(switch, Switch):
            actions = getattr(pattern.callback, "actions", None)
            methods = (name for name in switch.old.http_method_names if hasattr(switch.old, name))
            for action in methods if actions is None else actions.values():
                yield switch, action


def change(switch: str, action: str, choice: str, reason: str = "") -> None:
    """Let the table say what a switch chooses.

    Args:
        switch: The name of the switch; empty for all.
        action: The action; empty for all of the switch.
        choice: ``"old"`` or ``"new"``; empty takes back what the table says.
        reason: Why.

    Raises:
        SwitchError: There is no table, no such switch or action, or the choice is none.
    """
    if not TABLE.is_installed:
        raise SwitchError(
            "There is no table of choices. Add 'nova_drf.migration.proof' to INSTALLED_APPS and "
            "run manage.py migrate."
        )
    check_place(switch, action)
    if choice:
        TABLE.write(switch, action, Choice(as_choice(choice)), reason)
    else:
        TABLE.take_back(switch, action)


def check_place(switch: str, action: str) -> None:
    """Check that a choice would be about something.

    Args:
        switch: The name of a switch; empty for all.
        action: An action; empty for all of the switch.

    Raises:
        SwitchError: There is no such switch or action.
    """
    places = switchboard()
    switches = {place.switch for place in places}
    if switch and switch not in switches:
        raise SwitchError(
            f"There is no switch {switch!r} in the URL configuration. There are: "
            f"{', '.join(sorted(switches)) or 'none'}."
        )
    known = {place.action for place in places if place.switch == switch}
    if action and action not in known:
        raise SwitchError(
            f"The switch {switch!r} has no action {action!r}. It has: {', '.join(sorted(known))}."
        )
