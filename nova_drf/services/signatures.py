"""Reading the signature of a method: its parameters, with the types that a subclass gave them."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from types import GenericAlias
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import typing_extensions
from typing_extensions import NoDefault

from nova_drf.services.errors import ServiceDefinitionError

Method: TypeAlias = Callable[..., Any]

_UNPACK = (typing.Unpack, typing_extensions.Unpack)
"""Python 3.11 and ``typing_extensions`` each have their own."""

_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class UnresolvedAnnotation(ServiceDefinitionError):
    """An annotation names something that does not exist, or not yet."""


@dataclass(frozen=True)
class Argument:
    """One parameter of a method.

    Attributes:
        name: As written.
        annotation: The type of what arrives under that name: for ``*args: int`` a tuple of them.
        required: Whether a caller must give it.
        is_variadic: Whether it is ``*args`` or ``**kwargs``.
    """

    name: str
    annotation: Any
    required: bool
    is_variadic: bool


class Arguments:
    """Binds what a caller passed to names, and spreads names for the method again.

    Args:
        function: The method as written, ``self`` included.
        hints: Its resolved annotations.
        where: How messages name it.
    """

    def __init__(self, function: Method, hints: Mapping[str, Any], where: str) -> None:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())[1:]
        self.signature = signature.replace(parameters=parameters)
        self.all = {each.name: _argument(each, hints) for each in parameters}
        self._where = where
        self._names = tuple(self.all)
        self._required = frozenset(name for name, argument in self.all.items() if argument.required)
        kinds = {parameter.kind for parameter in parameters}
        self._positional = tuple(
            parameter.name
            for parameter in parameters
            if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        )
        self._by_keyword = kinds <= {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}

    def bind(self, args: tuple[object, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return what was passed, by name; defaults stay out.

        Raises:
            TypeError: The call does not fit the signature, in Python's own words.
        """
        if self._by_keyword and len(args) <= len(self._positional):
            bound = dict(zip(self._positional, args, strict=False))
            if not bound.keys() & kwargs.keys():
                bound.update(kwargs)
                if self._required <= bound.keys() <= self.all.keys():
                    return bound
        try:
            return dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{self._where}(): {error}") from None

    def spread(self, arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return positional and keyword arguments that pass ``arguments`` on."""
        if self._by_keyword:
            return (), arguments
        bound = inspect.BoundArguments(
            self.signature,
            {name: arguments[name] for name in self._names if name in arguments},
        )
        return bound.args, bound.kwargs


def _argument(parameter: Parameter, hints: Mapping[str, object]) -> Argument:
    annotation = hints.get(parameter.name, Any)
    if parameter.kind is Parameter.VAR_POSITIONAL:
        annotation = GenericAlias(tuple, (annotation, ...))
    elif parameter.kind is Parameter.VAR_KEYWORD:
        unpacked = get_origin(annotation) in _UNPACK
        annotation = get_args(annotation)[0] if unpacked else GenericAlias(dict, (str, annotation))
    is_variadic = parameter.kind in _VARIADIC
    return Argument(
        name=parameter.name,
        annotation=annotation,
        required=parameter.default is Parameter.empty and not is_variadic,
        is_variadic=is_variadic,
    )


def hints_of(
    function: Method, owner: type, where: str, local_names: Mapping[str, object]
) -> dict[str, object]:
    """Return the annotations of a method as types, as they read in a subclass.

    Args:
        function: The method as written.
        owner: The class whose type arguments replace type variables.
        where: How messages name the method.
        local_names: From :func:`local_names_around`.

    Raises:
        UnresolvedAnnotation: A name cannot be resolved.
    """
    try:
        hints = get_type_hints(function, localns=dict(local_names), include_extras=True)
    except NameError as error:
        raise UnresolvedAnnotation(
            f"{where}: an annotation cannot be resolved ({error}). The signature is read when the "
            "program runs: define the name at the top of a module, and import it outside of "
            "`if TYPE_CHECKING`."
        ) from error
    arguments = type_arguments(owner)
    return {name: substituted(hint, arguments) for name, hint in hints.items()}


def type_arguments(cls: type) -> dict[Any, object]:
    """Return what each type variable of a class and its generic bases stands for."""
    arguments: dict[Any, object] = {}
    for base in getattr(cls, "__orig_bases__", ()):
        origin = get_origin(base)
        if origin is None or origin is Generic or not isinstance(origin, type):
            continue
        variables = getattr(origin, "__parameters__", ())
        own = dict(zip(variables, get_args(base), strict=False))
        inherited = type_arguments(origin)
        for variable in variables:
            arguments[variable] = own.get(variable, variable)
        for variable, value in inherited.items():
            arguments.setdefault(variable, substituted(value, own))
    for base in cls.__bases__:
        for variable, value in type_arguments(base).items():
            if arguments.get(variable, variable) is variable:
                arguments[variable] = value
    return arguments


def substituted(annotation: Any, arguments: Mapping[Any, object]) -> object:
    """Replace the type variables of an annotation; those that nobody bound get their default."""
    if isinstance(annotation, TypeVar):
        value = arguments.get(annotation, annotation)
        if value is not annotation:
            return substituted(value, arguments)
        default = getattr(annotation, "__default__", NoDefault)
        return annotation if default is NoDefault else substituted(default, arguments)
    variables = getattr(annotation, "__parameters__", ())
    if isinstance(annotation, type) or not variables:
        return annotation
    return annotation[tuple(substituted(variable, arguments) for variable in variables)]


def local_names_around(cls: type) -> Mapping[str, object]:
    """Return what annotations may name besides the module, for a class made in a function.

    Pydantic finds the same names for its models, and in the same way: in the frame of the function.
    To be called from ``__init_subclass__``, while that function still runs.
    """
    if "<locals>" not in cls.__qualname__:
        return {}
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name in ("local_names_around", "__init_subclass__"):
        frame = frame.f_back
    return {**(frame.f_locals if frame is not None else {}), cls.__name__: cls}
