"""Hooks that say no more than a type could: ``validate_<field>`` as Pydantic's validators."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
import libcst.matchers as m
from libcst.helpers import ensure_type

_HARMLESS_CALLS = frozenset(
    (
        *("all", "any", "bool", "isinstance", "len", "list", "set", "sorted", "str", "tuple"),
        *("ValidationError", "_", "gettext", "gettext_lazy", "ngettext"),
    )
)
"""Functions that raise no ``ValueError``, which Pydantic would take for a refusal."""

_HARMLESS_METHODS = frozenset(
    (
        *("capitalize", "casefold", "endswith", "isalnum", "isalpha", "isdigit", "islower"),
        *("isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "replace", "rstrip"),
        *("startswith", "strip", "swapcase", "title", "upper", "ValidationError"),
        *("date", "items", "keys", "values", "now", "today"),
    )
)
_REFUSED = (
    m.Assert()
    | m.Await()
    | m.FormattedStringExpression(format_spec=m.MatchIfTrue(bool))
    | m.FunctionDef()
    | m.Global()
    | m.Lambda()
    | m.Modulo()
    | m.Nonlocal()
    | m.Try()
    | m.With()
    | m.Yield()
)
"""What may fail with a ``ValueError``, or do more than look at the value."""


def is_pure(method: cst.FunctionDef) -> bool:
    """Whether a ``validate_<field>`` looks at nothing but the value and cannot fail otherwise.

    Args:
        method: The method, without the names around it.
    """
    parameters = method.params
    plain = not (parameters.kwonly_params or parameters.posonly_params or parameters.star_kwarg)
    if not plain or len(parameters.params) != 2 or method.decorators or method.asynchronous:
        return False
    if isinstance(parameters.star_arg, cst.Param) or parameters.params[1].default is not None:
        return False
    me = parameters.params[0].name.value
    if m.findall(method.body, m.Name(me)) or m.findall(method.body, m.Name("SkipField")):
        return False
    calls = (ensure_type(call, cst.Call) for call in m.findall(method.body, m.Call()))
    return all(map(_is_harmless, calls)) and not m.findall(method.body, _REFUSED)


def _is_harmless(call: cst.Call) -> bool:
    if isinstance(call.func, cst.Name):
        return call.func.value in _HARMLESS_CALLS
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in _HARMLESS_METHODS


def as_validator(method: cst.FunctionDef, attribute: str, decorator: str) -> cst.FunctionDef:
    """Return a method as a validator of the schema; its code and comments stay as they are.

    Args:
        method: The method.
        attribute: The schema's attribute.
        decorator: What ``field_validator`` is called in the file.
    """
    first, value = method.params.params
    renamed = first.with_changes(name=cst.Name("cls"))
    return method.with_changes(
        decorators=[
            cst.Decorator(cst.parse_expression(f'{decorator}("{attribute}")')),
            cst.Decorator(cst.Name("classmethod")),
        ],
        params=method.params.with_changes(params=[renamed, value]),
    )


def plain_additions(method: cst.FunctionDef) -> Mapping[str, cst.BaseExpression] | None:
    """Return the fields that a ``get_fields`` adds, if that is all it does.

    >>> def get_fields(self):
    ...     fields = super().get_fields()
    ...     fields["children"] = NodeSerializer(many=True)
    ...     return fields
    """
    statements = [part for part in _statements(method) if not m.matches(part, _DOCSTRING)]
    start = m.extract(statements[0], _FROM_SUPER) if len(statements) > 2 else None
    if start is None:
        return None
    name = ensure_type(start["name"], cst.Name).value
    if not m.matches(statements[-1], m.Return(value=m.Name(name))):
        return None
    added: dict[str, cst.BaseExpression] = {}
    for statement in statements[1:-1]:
        addition = m.extract(statement, _addition(name))
        if addition is None:
            return None
        value = ensure_type(addition["value"], cst.Call)
        if m.findall(value, m.Name("self") | m.Name(name)):
            return None
        added[str(ensure_type(addition["key"], cst.SimpleString).evaluated_value)] = value
    return added


def _statements(method: cst.FunctionDef) -> list[cst.CSTNode]:
    parts: list[cst.CSTNode] = []
    for line in method.body.body:
        parts += line.body if isinstance(line, cst.SimpleStatementLine) else [line]
    return parts


_DOCSTRING = m.Expr(m.SimpleString())
_FROM_SUPER = m.Assign(
    targets=[m.AssignTarget(m.SaveMatchedNode(m.Name(), "name"))],
    value=m.Call(m.Attribute(m.Call(m.Name("super")), m.Name("get_fields")), args=[]),
)


def _addition(name: str) -> m.Assign:
    key = m.SaveMatchedNode(m.SimpleString(), "key")
    target = m.Subscript(m.Name(name), [m.SubscriptElement(m.Index(key))])
    value = m.SaveMatchedNode(m.Call(), "value")
    return m.Assign(targets=[m.AssignTarget(target)], value=value)
