"""The steps from the classic clinic to the migrated one: patches by hand, and public commands."""

from __future__ import annotations

from dataclasses import dataclass

VIEWS = ("schedule.views.RoomViewSet", "schedule.views.SpecialtyViewSet")
"""The views that get a switch; all else is converted in place."""

TRAFFIC = "nova_traffic.jsonl"
"""The requests that were recorded, in the clinic's directory."""

REPLAY = f"nova_replay {TRAFFIC} --old {{old}} --new {{new}}"
"""Sends them to a server of the classic clinic and to one of the clinic as it is."""

_USERS = "--user anonymous --user manager@lakeside.example"


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: What it is called, in the table and in the commit.
        patch: What a person writes, in ``examples/clinic/steps``; empty for nothing.
        commands: Management commands, run after that.
        records: Whether the requests are recorded, to be replayed later.
        shadows: Whether requests are then sent while the new code runs aside.
        flips: Whether the new code of all switches answers from then on.
        proves: Management commands that are run when the step is committed; ``HEAD~1`` is the
            commit before it.
        is_replayed: Whether two servers then answer what was recorded.
        removes: Files that are deleted.
        is_asked_through_asgi: Whether all requests are sent through ASGI as well.
        is_measured: Whether its processor time is told.
    """

    name: str
    patch: str = ""
    commands: tuple[str, ...] = ()
    records: bool = False
    shadows: bool = False
    flips: bool = False
    proves: tuple[str, ...] = ()
    is_replayed: bool = False
    removes: tuple[str, ...] = ()
    is_asked_through_asgi: bool = False
    is_measured: bool = False


def steps(*, is_quick: bool) -> list[Step]:
    """Return the steps.

    Args:
        is_quick: Whether less is drawn, and ASGI is asked at the end only.
    """
    measured = not is_quick
    examples = 1 if is_quick else 10
    migrate = [f"nova_migrate {view} {_USERS} --examples {examples}" for view in VIEWS]
    return [
        Step("install", "1-install.diff", ("check", "migrate", "nova_inventory"), records=True),
        Step("mixin", "2-mixin.diff", is_measured=measured),
        Step(
            "switch",
            commands=(*migrate, "nova_switch all shadow"),
            shadows=True,
            proves=(f"nova_replay {TRAFFIC}",),
        ),
        Step("flip", commands=("nova_switch all new",), flips=True),
        Step(
            "convert",
            commands=("nova_convert --all --in-place",),
            flips=True,
            is_measured=measured,
            proves=(f"nova_convert --all --verify HEAD~1 --examples {examples * 5}",),
        ),
        Step("service", "3-service.diff", flips=True),
        Step("async", "4-async.diff", flips=True, is_asked_through_asgi=not is_quick),
        Step(
            "remove",
            "5-remove.diff",
            is_replayed=True,
            removes=("schedule/nova_views.py", "schedule/nova_serializers.py"),
        ),
        Step("wanted", "6-wanted.diff", is_asked_through_asgi=True, is_measured=measured),
    ]
