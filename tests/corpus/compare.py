"""Convert every serializer of one project, and hold what comes out against the original."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from tests.corpus.generate import generate
from tests.corpus.projects import DJANGO, PROJECTS, Project
from tests.templates import TEMPLATES

DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
SEARCH = "haystack.backends.simple_backend.SimpleEngine"

EXAMPLES = int(os.environ.get("CORPUS_EXAMPLES", "25"))


def configure(project: Project) -> None:
    """Start Django with what the project needs."""
    base = importlib.import_module(project.base) if project.base else None
    given = {name: value for name, value in vars(base).items() if name.isupper()} if base else {}
    apps = [*DJANGO, *given.pop("INSTALLED_APPS", ()), *project.apps]
    settings.configure(
        **{
            **given,
            "SECRET_KEY": "only-for-tests",
            "DATABASES": {"default": DATABASE},
            "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
            "INSTALLED_APPS": list(dict.fromkeys(apps)),
            "ROOT_URLCONF": "tests.urls",
            "SITE_ID": 1,
            "STATIC_URL": "/static/",
            "TEMPLATES": TEMPLATES,
            "USE_TZ": True,
            # The default one takes longer than everything else together.
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
            "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": SEARCH}},
            **project.settings,
        }
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def serializer_classes(project: Project) -> list[Any]:
    """Return the serializer classes that the project's modules define."""
    from rest_framework.serializers import BaseSerializer

    found: dict[str, Any] = {}
    for module in modules(project):
        for cls in vars(module).values():
            if not inspect.isclass(cls) or not issubclass(cls, BaseSerializer):
                continue
            if cls.__module__.partition(".")[0] in project.packages:
                found[f"{cls.__module__}.{cls.__qualname__}"] = cls
    return [found[name] for name in sorted(found)]


def modules(project: Project) -> Iterator[Any]:
    """Import what looks like serializers; a module that needs more than we gave is left out."""
    for name in project.packages:
        package = importlib.import_module(name)
        for one in pkgutil.walk_packages(package.__path__, f"{name}.", onerror=lambda _name: None):
            if "serializers" not in one.name and not one.name.endswith((".api", ".fields")):
                continue
            try:
                yield importlib.import_module(one.name)
            except Exception as error:
                # A project's code may raise anything; the report has it.
                print(f"  left out {one.name}: {type(error).__name__}: {error}")
        yield package


def context() -> dict[str, Any]:
    """Return a context with a request of somebody who may do everything."""
    from django.contrib.auth import get_user_model
    from rest_framework.request import Request
    from rest_framework.test import APIRequestFactory

    users = get_user_model()._default_manager
    user = users.first() or users.create_superuser("ada", "ada@example.org", "secret")
    request = Request(APIRequestFactory().get("/"))
    request.user = user
    return {"request": request, "view": None, "format": None}


def compare(cls: Any) -> str:
    """Return what became of one class: ``"same"``, or what went wrong."""
    from rest_framework.serializers import ListSerializer

    from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
    from nova_drf.core.exceptions import SchemaDefinitionError
    from nova_drf.testing import assert_parity

    if issubclass(cls, ListSerializer):
        return "list"
    try:
        getattr(cls(), "fields", None)
    except Exception as error:
        # A project's code may raise anything; the report has it.
        return f"abstract ({type(error).__name__})"
    try:
        converted = serializer_from_schema(schema_from_serializer(cls))
    except SchemaDefinitionError as error:
        return f"NOT CONVERTED {error}"
    backed = type(cls.__name__, (SchemaBackedMixin, cls), {"__module__": cls.__module__})
    for ours in (converted, backed):
        assert_parity(cls, ours, context=context(), examples=EXAMPLES)
    return "same"


def became(classes: Iterable[Any]) -> Counter[str]:
    """Count what became of the fields of converted classes."""
    from nova_drf import conversion_report

    return Counter(line.how for cls in classes for line in conversion_report(cls).fields)


def main(name: str) -> int:
    """Compare one project; return the exit code."""
    warnings.simplefilter("ignore")
    project = PROJECTS[name]
    configure(project)
    print(f"{name}:", flush=True)
    bad, counts = 0, {"same": 0, "abstract": 0, "list": 0}
    classes = serializer_classes(project)
    started = time.perf_counter()
    fields = became(classes)
    took_to_convert = time.perf_counter() - started
    for cls in classes:
        try:
            result = compare(cls)
        except Exception:
            # A project's code may raise anything; the report has it.
            result = traceback.format_exc(limit=-3)
        kind = result.partition(" ")[0]
        if kind in counts:
            counts[kind] += 1
        else:
            bad += 1
            print(f"  {cls.__module__}.{cls.__qualname__}: {result}", flush=True)
    bad += generate(name, classes, context, EXAMPLES)
    took = time.perf_counter() - started
    print(f"  {counts['same']} same, {bad} differ, {counts['abstract']} abstract, {took:.1f} s")
    said = ", ".join(f"{count} {how}" for how, count in sorted(fields.items()))
    each = 1000 * took_to_convert / max(len(classes), 1)
    print(f"  fields: {said}; converting took {each:.1f} ms for each class")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
