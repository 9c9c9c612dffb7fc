"""The documentation site: the pages of the guide, and a reference made of the docstrings.

``make docs`` builds it with warnings as errors.
"""

from __future__ import annotations

import os
from typing import ClassVar

import django
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import load_command_class  # noqa: E402  (what needs settings)

import nova_drf  # noqa: E402

project = "nova_drf"
author = "The nova_drf authors"
copyright = author
release = version = nova_drf.__version__
root_doc = "index"
exclude_patterns = ["README.md", "_templates"]
templates_path = ["_templates"]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Follows", "notes_style")]

html_theme = "furo"
html_title = project
html_copy_source = False
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
# A site names its version; `make docs-version` builds one that lets readers choose another version.
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/versions.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}


class CommandHelp(Directive):
    """``command-help``: what ``manage.py help NAME`` prints, as it is when the site is built.

    The second argument is the app of the command, if it is another one than ``nova_drf``.
    """

    required_arguments: ClassVar[int] = 1
    optional_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return the help text as a block of text."""
        name, app = [*self.arguments, "nova_drf"][:2]
        os.environ["COLUMNS"] = "88"
        parser = load_command_class(app, name).create_parser("manage.py", name)
        text = parser.format_help()
        return [nodes.literal_block(text, text, language="text")]


def of_alias(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Give an alias the text below it: at run time it has that of ``Annotated``."""
    if what == "data" and name.startswith("nova_drf."):
        texts = ModuleAnalyzer.for_module("nova_drf.core.markers").find_attr_docs()
        lines[:] = texts.get(("", name.removeprefix("nova_drf.")), lines)


def setup(app: Sphinx) -> None:
    """Register what the pages use."""
    app.add_directive("command-help", CommandHelp)
    # Before the sections of the text are read.
    app.connect("autodoc-process-docstring", of_alias, priority=100)
