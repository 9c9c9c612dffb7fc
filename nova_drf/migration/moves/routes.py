"""Puts a switch at the routes of a view: the file in which they stand is edited in place."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import libcst as cst
import libcst.matchers as m
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.routers import BaseRouter

from nova_drf.migration.codegen.imports import finished
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.codegen.sources import SourceModule
from nova_drf.migration.moves.trials import Trial
from nova_drf.migration.proof.switching import Switch

_REGISTER, _AS_VIEW = "register", "as_view"
_IN_TURN = (cst.For, cst.While, cst.FunctionDef, cst.Lambda, cst.BaseComp)

_SWITCH = "switch(old={old}, new={new})"


def by_hand(view: Any, new_module: str, new_name: str) -> str:
    """Return what a person has to write where the routes were not recognised.

    Args:
        view: The old view class.
        new_module: The module of the new one.
        new_name: Its name.
    """
    call = _SWITCH.format(old=view.__name__, new=new_name)
    return "\n".join(
        (
            "from nova_drf.migration import switch",
            f"from {new_module} import {new_name}",
            "",
            f"# in the place of {view.__name__}, at each of its routes:",
            call,
        )
    )


def switched_routes(view: object, new_module: str, new_name: str, root: Path) -> list[Change]:
    """Return the files with the routes of a view, with a switch in its place.

    Recognised are ``router.register(prefix, View)`` and ``View.as_view(...)``, by whatever name
    the file knows the view.

    Args:
        view: The old view class.
        new_module: The module of the new one, which can be imported.
        new_name: Its name.
        root: The directory of the project.
    """
    changes = (_changed(module, view, new_module, new_name) for module in _modules(view, root))
    return [change for change in changes if change is not None]


def _modules(view: object, root: Path) -> Iterator[ModuleType]:
    """Yield the modules that may route a view: those of URLs, and the project's that name it."""
    of_urls = dict.fromkeys(_url_modules(get_resolver()))
    libraries = [sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")]
    loaded = list(sys.modules.values())
    others = [module for module in loaded if _is_within(module, root, libraries)]
    for module in dict.fromkeys((*of_urls, *others)):
        if module.__name__ != view.__module__ or module in of_urls:
            yield module


def _url_modules(resolver: Any) -> Iterator[ModuleType]:
    name = resolver.urlconf_name
    module = sys.modules.get(name) if isinstance(name, str) else name
    if isinstance(module, ModuleType):
        yield module
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _url_modules(pattern)


def _is_within(module: object, root: Path, libraries: Iterable[str]) -> bool:
    file = getattr(module, "__file__", None)
    # There are thousands of modules, so the text decides first.
    if not isinstance(file, str) or not file.endswith(".py") or not file.startswith(str(root)):
        return False
    path = Path(file)
    if not isinstance(module, ModuleType) or not path.is_relative_to(root):
        return False
    return not any(path.is_relative_to(place) for place in libraries)


def _changed(module: ModuleType, view: Any, new_module: str, new_name: str) -> Change | None:
    text = _text(module)
    if _REGISTER not in text and _AS_VIEW not in text:
        return None
    source = SourceModule(module)
    finder = _Finder(vars(module), view)
    source.tree.visit(finder)
    if not finder.places:
        return None
    names = Names(vars(module), module.__name__)
    function = names.use("nova_drf.migration", "switch")
    new = names.use(new_module, new_name)
    once = f"Switched{view.__name__}" if len(finder.places) > 1 else ""
    name = names.reserve(once) if once else ""
    replaced: dict[cst.CSTNode, cst.BaseExpression]
    replaced = {node: _switch(function, node, new, name) for node in finder.places}
    tree: Any = source.tree.visit(_Replacing(replaced))
    first = next(
        at
        for at, statement in enumerate(source.tree.body)
        if _contains(statement, finder.places[0])
    )
    body = list(tree.body)
    if name:
        call = _code(_switch(function, finder.places[0], new, ""))
        body.insert(first, cst.parse_statement(f"{name} = {call}"))
    at = _below_imports(body[:first])
    body[at:at] = [
        cst.parse_statement(f"from {imported.module} import {_as(str(imported.attribute), bound)}")
        for bound, imported in names.imports.items()
    ]
    code = finished(tree.with_changes(body=body), source.tree, Names(), source.path)
    return Change(source.path, source.text, code)


def _below_imports(body: Sequence[Any]) -> int:
    """Return the place below the last import, or below the docstring, of some statements."""
    imports = m.SimpleStatementLine([m.Import() | m.ImportFrom()])
    last = [at for at, statement in enumerate(body) if m.matches(statement, imports)]
    docstring = m.SimpleStatementLine([m.Expr(m.SimpleString())])
    is_text = bool(body) and m.matches(body[0], docstring)
    return last[-1] + 1 if last else int(is_text)


def _as(attribute: str, bound: str) -> str:
    return attribute if attribute == bound else f"{attribute} as {bound}"


def _text(module: ModuleType) -> str:
    try:
        return Path(str(module.__file__)).read_text("utf-8", errors="replace")
    except OSError:
        # Of a module that was made in memory; its routes are told by hand.
        return ""


def _switch(function: str, node: cst.BaseExpression, new: str, name: str) -> cst.BaseExpression:
    if name:
        return cst.Name(name)
    return cst.parse_expression(f"{function}(old={_code(node)}, new={new})")


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _contains(statement: cst.CSTNode, node: cst.CSTNode) -> bool:
    return statement is node or any(_contains(child, node) for child in statement.children)


class _Finder(cst.CSTVisitor):
    """Notes the expressions by which a view is routed.

    Args:
        bound: What the names of the module stand for.
        view: The view class.
    """

    def __init__(self, bound: Mapping[str, object], view: Any) -> None:
        self.bound = bound
        self.view = view
        self.places: list[cst.BaseExpression] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Look at no place where a name may stand for several views in turn."""
        return not isinstance(node, _IN_TURN) and super().on_visit(node)

    def visit_Call(self, node: cst.Call) -> None:
        """Note the view of a call that routes it."""
        if not isinstance(node.func, cst.Attribute):
            return
        if node.func.attr.value == _AS_VIEW:
            self._note(node.func.value)
        elif node.func.attr.value == _REGISTER:
            for at, argument in enumerate(node.args):
                keyword = argument.keyword.value if argument.keyword else ""
                if keyword == "viewset" or (at == 1 and not keyword):
                    self._note(argument.value)

    def _note(self, node: cst.BaseExpression) -> None:
        if self._value(node) is self.view:
            self.places.append(node)

    def _value(self, node: cst.BaseExpression) -> object:
        if isinstance(node, cst.Name):
            return self.bound.get(node.value)
        if isinstance(node, cst.Attribute):
            return getattr(self._value(node.value), node.attr.value, None)
        return None


class _Replacing(cst.CSTTransformer):
    """Puts other expressions in the places of some.

    Args:
        replaced: The new expressions, by the nodes in whose places they stand.
    """

    def __init__(self, replaced: Mapping[cst.CSTNode, cst.BaseExpression]) -> None:
        self.replaced = replaced

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Return the new expression, or the node as it is."""
        replacement = self.replaced.get(original_node)
        return super().on_leave(original_node, updated_node) if replacement is None else replacement


# Whether the edited file routes the same


def routes_the_same(change: Change, module: ModuleType, view: object, trial: Trial) -> str:
    """Import an edited file in memory, and say what is wrong with its routes; nothing if all is.

    Args:
        change: The file.
        module: The module as it is.
        view: The view class in whose place the switch stands.
        trial: Where the file is imported.
    """
    before = set(_routes(module, view))
    with _routers_emptied(module):
        try:
            after = set(_routes(trial.module(module.__name__, change.after), view))
        except Exception as error:
            # Whatever the project's own code raises when it is imported a second time.
            return f"{change.path} cannot be imported twice ({type(error).__name__}: {error})"
    switched = {(*route, _What.SWITCH) for *route, what in before if what is _What.VIEW}
    others = {each for each in before if each[-1] is not _What.VIEW}
    if not after <= switched | others or not after & switched:
        return f"{change.path} would not route the same"
    return ""


class _What(Enum):
    """What stands at a route."""

    VIEW = "the view"
    SWITCH = "a switch that has the view"
    OTHER_SWITCH = "another switch"
    OTHER = "anything else"


def _routes(module: ModuleType, view: object) -> Iterator[tuple[str, str, _What]]:
    """Yield what a module routes: the pattern, the name, and what stands there."""
    for value in list(vars(module).values()):
        if isinstance(value, BaseRouter):
            for prefix, viewset, basename in value.registry:
                yield prefix, basename, _what(viewset, view)
    yield from _flat(getattr(module, "urlpatterns", ()), view, "")


def _flat(patterns: Iterable[Any], view: object, above: str) -> Iterator[tuple[str, str, _What]]:
    for pattern in patterns:
        full = f"{above}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, view, full)
        elif isinstance(pattern, URLPattern):
            cls = getattr(pattern.callback, "cls", pattern.callback)
            yield full, pattern.name or "", _what(cls, view)


def _what(cls: object, view: object) -> _What:
    switch = getattr(cls, "switch", None)
    if isinstance(switch, Switch):
        return _What.SWITCH if switch.old is view else _What.OTHER_SWITCH
    return _What.VIEW if cls is view else _What.OTHER


@contextmanager
def _routers_emptied(module: ModuleType) -> Iterator[None]:
    """Let a module register its views once more at routers that it shares with others."""
    routers = [value for value in vars(module).values() if isinstance(value, BaseRouter)]
    kept = [(router, dict(vars(router))) for router in routers]
    for router in routers:
        router.registry = []
        vars(router).pop("_urls", None)
    try:
        yield
    finally:
        for router, state in kept:
            vars(router).clear()
            vars(router).update(state)
