"""``manage.py nova_convert``: serializers as Pydantic source code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Writes serializers as schemas, and the serializer classes that run them."""

    help = "Write serializers as Pydantic schemas, and serializer classes that run them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "targets",
            nargs="*",
            metavar="app.serializers.BookSerializer",
            help="a serializer class, a module, or an app",
        )
        parser.add_argument(
            "--all", action="store_true", help="every serializer of the project's apps"
        )
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--output",
            metavar="FILE",
            type=Path,
            help="write a module, or one for each app into a folder; the default is to print",
        )
        where.add_argument(
            "--diff", action="store_true", help="show what --in-place would change, as a diff"
        )
        where.add_argument(
            "--in-place", action="store_true", help="replace the classes in their own files"
        )
        parser.add_argument(
            "--view",
            action="store_true",
            help="with --output: let the views that use the serializers take the new ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import libcst  # noqa: F401
        except ImportError as error:
            raise CommandError(
                "nova_convert reads and writes source code with libcst, which is not installed. "
                "Install it: pip install 'nova_drf[convert]'."
            ) from error
        classes = self._classes(options["targets"], everything=options["all"])
        if options["diff"] or options["in_place"]:
            self._change_files(classes, apply=options["in_place"])
            return
        if options["view"] and options["output"] is None:
            raise CommandError(
                "--view: the views need a module to import from. Say --output FILE; with "
                "--in-place the names stay, and no view has to change."
            )
        self._write_modules(classes, options["output"], views=options["view"])

    def _classes(self, targets: Sequence[str], *, everything: bool) -> list[Any]:
        from nova_drf.migration.codegen.discovery import named, project_serializers

        if everything == bool(targets):
            raise CommandError("Name serializers, or say --all.")
        try:
            found = project_serializers() if everything else [*map(named, targets)]
        except LookupError as error:
            raise CommandError(str(error)) from error
        classes = found if everything else [cls for group in found for cls in group]
        if not classes:
            raise CommandError("The project's apps define no serializers.")
        return list(dict.fromkeys(classes))

    # In their own files

    def _change_files(self, classes: list[Any], *, apply: bool) -> None:
        from nova_drf.migration.codegen.discovery import by_module
        from nova_drf.migration.codegen.in_place import changed_file
        from nova_drf.migration.codegen.sources import forget_sources

        for of_module in by_module(classes).values():
            try:
                change = changed_file(of_module)
            except OSError as error:
                raise CommandError(f"{of_module[0].__module__}: {error}") from error
            if apply:
                change.apply()
            else:
                self.stdout.write(change.diff(), ending="")
            self._report(change.written)
        forget_sources()

    # In new modules

    def _write_modules(self, classes: list[Any], output: Path | None, *, views: bool) -> None:
        from nova_drf.migration.codegen.module import module_source

        if output is None:
            made = module_source(classes, Path("generated.py"))
            self.stdout.write(made.text, ending="")
            self._report(made.written)
            return
        for path, of_path in self._by_path(classes, output).items():
            made = module_source(of_path, path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made.text)
            self._report(made.written)
            if views:
                self._change_views(made.written, path)

    def _by_path(self, classes: list[Any], output: Path) -> dict[Path, list[Any]]:
        from nova_drf.migration.codegen.discovery import app_label

        if output.suffix == ".py":
            return {output: classes}
        found: dict[Path, list[Any]] = {}
        for cls in classes:
            found.setdefault(output / f"{app_label(cls)}.py", []).append(cls)
        return found

    def _change_views(self, written: Sequence[Any], path: Path) -> None:
        from nova_drf.migration.codegen.views import changed_views, module_name

        name = module_name(path)
        if name is None:
            raise CommandError(f"--view: {path} cannot be imported. Write it into a package.")
        for change in changed_views(written, name):
            change.apply()
            self.stderr.write(f"{change.path}: takes its serializers from {name}")

    def _report(self, written: Sequence[Any]) -> None:
        for one in written:
            if one.reason:
                self.stderr.write(f"{one.name} goes on running as it is: {one.reason}")
