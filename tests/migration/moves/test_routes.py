"""Where a switch is put in: every way in which projects route a view."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from nova_drf.migration.moves.routes import routes_the_same, switched_routes
from nova_drf.migration.moves.trials import tried
from tests.migration.moves.conftest import URLS, Files

pytestmark = pytest.mark.django_db

HEAD = '''"""URLs of a shop."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from shop import views
from shop.views import AuthorList
from shop.views import AuthorViewSet as Authors

router = SimpleRouter()
'''
TAIL = 'urlpatterns = [path("api/", include(router.urls))]\n'


def edited(project: Files, **files: str) -> tuple[list[Any], Any]:
    """Return the changes for the routes of ``AuthorViewSet``, and the class."""
    folder = project(**files)
    view = importlib.import_module("shop.views").AuthorViewSet
    with tried() as trial:
        trial.module(
            "shop.nova_views",
            "from shop.views import AuthorViewSet\n\n\nclass NewAuthorViewSet(AuthorViewSet):\n"
            "    pass\n",
        )
        changes = switched_routes(view, "shop.nova_views", "NewAuthorViewSet", folder.parent)
        for change in changes:
            module = importlib.import_module(f"shop.{change.path.stem}")
            assert routes_the_same(change, module, view, trial) == ""
    return changes, view


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'router.register("authors", views.AuthorViewSet)\n',
            'router.register("authors", switch(old=views.AuthorViewSet, new=NewAuthorViewSet))\n',
        ),
        (
            'router.register("a", Authors, basename="a")\n',
            'router.register("a", switch(old=Authors, new=NewAuthorViewSet), basename="a")\n',
        ),
        (
            'router.register(viewset=Authors, prefix="authors")\n',
            "router.register(\n"
            '    viewset=switch(old=Authors, new=NewAuthorViewSet), prefix="authors"\n)\n',
        ),
    ],
)
def test_routers(before: str, after: str, project: Files) -> None:
    changes, _view = edited(project, urls=f"{HEAD}{before}{TAIL}")
    assert len(changes) == 1
    text = changes[0].after.replace("\n\n", "\n")
    flat = "".join(text.split())
    assert "".join(after.split()).replace(",)", ")") in flat.replace(",)", ")")
    assert "from nova_drf.migration import switch\n" in changes[0].after


def test_views_without_a_router(project: Files) -> None:
    routes = 'urlpatterns = [re_path(r"^a/$", Authors.as_view({"get": "list"}), name="a")]\n'
    changes, _view = edited(project, urls=f"{HEAD}{routes}")
    assert (
        're_path(r"^a/$", switch(old=Authors, new=NewAuthorViewSet).as_view({"get": "list"}), '
        'name="a")' in " ".join(changes[0].after.split())
    )


def test_a_view_with_several_routes_has_one_switch(project: Files) -> None:
    routes = (
        "urlpatterns = [\n"
        '    path("a/", Authors.as_view({"get": "list"})),\n'
        '    path("a/<pk>/", Authors.as_view({"get": "retrieve"})),\n'
        "]\n"
    )
    changes, _view = edited(project, urls=f"{HEAD}{routes}")
    text = changes[0].after
    assert text.count("switch(") == 1
    assert "SwitchedAuthorViewSet = switch(old=Authors, new=NewAuthorViewSet)\n" in text
    assert text.count("SwitchedAuthorViewSet.as_view(") == 2
    assert text.index("SwitchedAuthorViewSet = ") < text.index("urlpatterns")


def test_a_router_that_modules_share(project: Files, client: Client) -> None:
    routers = "from rest_framework.routers import SimpleRouter\n\nrouter = SimpleRouter()\n"
    registered = (
        "from shop.routers import router\nfrom shop.views import AuthorViewSet\n\n"
        'router.register("authors", AuthorViewSet)\n'
    )
    urls = (
        "from django.urls import include, path\n\nimport shop.registered\n"
        "from shop.routers import router\nfrom shop.views import MixedViewSet\n\n"
        'router.register("mixed", MixedViewSet, basename="mixed")\n\n'
        'urlpatterns = [path("api/", include(router.urls))]\n'
    )
    changes, view = edited(project, routers=routers, registered=registered, urls=urls)
    assert [change.path.name for change in changes] == ["registered.py"]
    # The trial left the router as it was.
    router = importlib.import_module("shop.routers").router
    assert next(entry[1] for entry in router.registry) is view
    assert len(router.registry) == 2
    assert client.get("/api/mixed/").status_code == 200


def test_a_file_that_is_not_formatted_keeps_its_style(project: Files) -> None:
    urls = f"{HEAD}router.register( 'authors',Authors )\n{TAIL}"
    changes, _view = edited(project, urls=urls)
    assert (
        "router.register( 'authors',switch(old=Authors, new=NewAuthorViewSet) )" in changes[0].after
    )


def test_imports_come_before_the_routes(project: Files) -> None:
    late = 'router.register("authors", Authors)\nimport sys\nassert sys\n'
    changes, _view = edited(project, urls=f"{HEAD}{late}{TAIL}")
    assert changes[0].after.index("import switch") < changes[0].after.index("switch(")


def test_names_that_are_taken_are_left_to_their_owners(project: Files) -> None:
    taken = "switch = NewAuthorViewSet = None\n"
    routes = 'router.register("authors", Authors)\n'
    changes, _view = edited(project, urls=f"{HEAD}{taken}{routes}{TAIL}")
    assert "import switch as nova_drf_switch\n" in changes[0].after
    assert "import NewAuthorViewSet as ShopNewAuthorViewSet\n" in changes[0].after


def test_other_calls_are_left_alone(project: Files) -> None:
    more = "Authors.as_view\n[].append(Authors)\n(lambda: Authors)()\nregister = print\n"
    more += 'register("a", Authors)\n'
    changes, _view = edited(project, urls=f"{HEAD}{more}{TAIL}")
    assert changes == []


def test_a_switch_that_is_there_stays(project: Files) -> None:
    urls = URLS.replace(
        'router.register("authors", AuthorViewSet)',
        'router.register("authors", AuthorViewSet)\n'
        'router.register("more", switch(old=AuthorViewSet, new=AuthorViewSet), basename="more")',
    ).replace("from shop", "from nova_drf.migration import switch\nfrom shop", 1)
    changes, _view = edited(project, urls=urls)
    assert changes[0].after.count("new=NewAuthorViewSet") == 1
    assert changes[0].after.count("new=AuthorViewSet") == 1


IN_TURN = [
    'for Authors in [Authors]:\n    router.register("a", Authors, basename="a")\n',
    '[router.register("a", it) for it in [Authors]]\n',
    'def add(it=Authors):\n    router.register("a", it)\n\n\nadd()\n',
    '(lambda: router.register("a", Authors))()\n',
    'while not router.registry:\n    router.register("a", Authors)\n',
]


@pytest.mark.parametrize("code", IN_TURN)
def test_a_name_that_may_stand_for_several_views_is_left_alone(code: str, project: Files) -> None:
    changes, _view = edited(project, urls=f"{HEAD}{code}{TAIL}")
    assert changes == []


def test_a_switch_for_another_view_is_noticed(project: Files) -> None:
    folder = project()
    module = importlib.import_module("shop.urls")
    view = module.AuthorViewSet
    change = switched_routes(view, "shop.views", "MixedViewSet", folder.parent)[0]
    wrong = change.after.replace(
        '"mixed", MixedViewSet', '"mixed", switch(old=MixedViewSet, new=MixedViewSet)'
    )
    with tried() as trial:
        said = routes_the_same(_with(change, wrong), module, view, trial)
    assert "would not route the same" in said


def test_routes_that_are_gone_are_noticed(project: Files) -> None:
    folder = project()
    module = importlib.import_module("shop.urls")
    view = module.AuthorViewSet
    change = switched_routes(view, "shop.views", "MixedViewSet", folder.parent)[0]
    for wrong in (
        change.before,
        change.after.replace('"authors"', '"writers"'),
        "urlpatterns = []",
    ):
        with tried() as trial:
            said = routes_the_same(_with(change, wrong), module, view, trial)
        assert "would not route the same" in said


def _with(change: Any, text: str) -> Any:
    return type(change)(change.path, change.before, text)


def test_a_module_without_a_file_has_no_routes_to_edit(project: Files, tmp_path: Path) -> None:
    project()
    module = importlib.import_module("shop.urls")
    module.__file__ = str(tmp_path / "gone.py")
    assert switched_routes(module.AuthorViewSet, "shop.views", "AuthorList", tmp_path) == []
