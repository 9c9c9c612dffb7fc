"""What a service raises: plain exceptions with a message, a code and a detail.

Nothing here knows about HTTP. A viewset gives each class its status; a command, a task or a test
catches them like any other exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nova_drf.core.exceptions import NovaError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    Text: TypeAlias = str | Promise


class Problem(NamedTuple):
    """One sentence about what is wrong, and a code for programs.

    Follows:
        ``rest_framework.exceptions.ErrorDetail``.
    """

    message: Text
    code: str

    def __str__(self) -> str:
        return str(self.message)


Problems: TypeAlias = "list[Problem] | dict[str | int, Problems]"
"""What is wrong with an input: problems of the whole, or problems by field, item or key."""


class ServiceDefinitionError(NovaError, TypeError):
    """A service class is wrong: found by ``manage.py check``, or when it is first used."""


class ContractError(NovaError, TypeError):
    """A method returned something else than its signature says: a mistake in the program."""


class ContractMismatch(NovaError):
    """A background job was enqueued for another contract than this worker has."""


class ServiceError(Exception):
    """The base class of the errors that services raise for their callers.

    Follows:
        ``rest_framework.exceptions.APIException``.

    Args:
        message: A sentence for the caller, translated or lazily translated; the class has one.
        code: What programs know the problem by; the class has one.
    """

    message: Text = _("The operation could not be carried out.")
    code: str = "error"

    def __init__(self, message: Text | None = None, *, code: str | None = None) -> None:
        self.message = type(self).message if message is None else message
        self.code = code or type(self).code
        super().__init__(self.message)

    @property
    def detail(self) -> Any:
        """What went wrong, as data: a :class:`Problem`, or for :class:`Invalid` a tree of them."""
        return Problem(self.message, self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(ServiceError, LookupError):
    """The object does not exist, or this caller may not see it. Over HTTP: 404.

    Follows:
        ``rest_framework.exceptions.NotFound``.
    """

    message = _("Not found.")
    code = "not_found"


class PermissionDenied(ServiceError, DjangoPermissionDenied):
    """The caller may not do this. Over HTTP: 403, in any Django view.

    Follows:
        ``rest_framework.exceptions.PermissionDenied``.
    """

    message = _("You do not have permission to perform this action.")
    code = "permission_denied"


class Conflict(ServiceError):
    """The input is valid, but the current state does not allow the operation. Over HTTP: 409."""

    message = _("This is in conflict with the current state.")
    code = "conflict"


class Invalid(ServiceError, ValueError):
    """The input is wrong. Over HTTP: 400, in the shape of DRF's validation errors.

    >>> raise Invalid("Nothing is left.", field="quantity", code="sold_out")
    >>> raise Invalid({"quantity": "Nothing is left.", "lines": {2: {"sku": "Unknown."}}})

    Follows:
        ``rest_framework.exceptions.ValidationError``.

    Args:
        detail: A sentence, a list of them, or a mapping of these by field, nested as the input is.
        code: The code of each sentence that brings none of its own as a :class:`Problem`.
        field: The field that a sentence, or a list of them, is about.
    """

    message = _("Invalid input.")
    code = "invalid"

    def __init__(
        self,
        detail: Text | Problem | Sequence[Any] | Mapping[Any, Any] | None = None,
        *,
        code: str | None = None,
        field: str | None = None,
    ) -> None:
        detail = type(self).message if detail is None else detail
        super().__init__(code=code)
        problems = problems_of(detail, self.code)
        self._problems: Problems = problems if field is None else {field: problems}
        self.args = (self._problems,)

    @property
    def detail(self) -> Problems:
        """The problems: a list for the input as a whole, else a dictionary by field."""
        return self._problems

    def __str__(self) -> str:
        return "; ".join(
            f"{'.'.join(map(str, path))}: {problem}" if path else str(problem)
            for path, problem in walk(self._problems)
        )


class InvalidArguments(Invalid):
    """A method was called with arguments that its signature does not allow.

    Follows:
        ``rest_framework.exceptions.ValidationError``.

    Attributes:
        method: The qualified name of the method.
    """

    method: str = ""

    @classmethod
    def from_pydantic(cls, error: ValidationError, method: str) -> InvalidArguments:
        """Say what Pydantic found, by argument; values and Python's internals stay out of it."""
        problems = ((line["loc"], Problem(line["msg"], line["type"])) for line in _lines(error))
        refused = cls(problem_tree(problems))
        refused.method = method
        return refused

    def __str__(self) -> str:
        return f"{self.method}(): {super().__str__()}"


class ConstraintViolated(Invalid):
    """The database refused an object: a check, a column that may not be null, or a foreign key.

    Follows:
        ``django.db.IntegrityError``, which it stands for.

    Attributes:
        model: The model whose object it would have been.
        fields: The names of the fields that the constraint is about; empty for an expression.
        constraint: The name of the constraint in ``Meta.constraints``, if it is one of those.
    """

    message = _("This is not allowed.")
    model: Any = None
    fields: tuple[str, ...] = ()
    constraint: str | None = None


class AlreadyExists(ConstraintViolated, Conflict):
    """A unique column, or several together, has this value already.

    Follows:
        ``rest_framework.validators.UniqueValidator``, its answer.
    """

    message = _("This exists already.")
    code = "unique"


class StillReferenced(Conflict):
    """The object cannot be deleted, because others refer to it. Over HTTP: 409.

    Follows:
        ``django.db.models.ProtectedError``, which it stands for.
    """

    message = _("This cannot be deleted, because other objects refer to it.")
    code = "still_referenced"


class Unavailable(ServiceError):
    """The operation failed for now, and may succeed later. Over HTTP: 503.

    A service raises it for a deadlock, for a transaction that cannot be serialized, and where a
    lock was waited for too long; see the ``retries`` of :func:`~nova_drf.services.atomic`.

    Follows:
        ``django.db.OperationalError``, which it stands for.

    Attributes:
        retry_after: After how many seconds it is worth trying again. Over HTTP: ``Retry-After``.
    """

    message = _("This is temporarily unavailable. Please try again.")
    code = "unavailable"
    retry_after: int = 1


def problems_of(detail: Any, code: str) -> Problems:
    """Give what somebody passed to :class:`Invalid` its regular form.

    Args:
        detail: A sentence, a :class:`Problem`, a list or a mapping of these.
        code: For sentences without a code.
    """
    if isinstance(detail, Problem):
        return [detail]
    if isinstance(detail, Mapping):
        if set(detail) <= {NON_FIELD_ERRORS, ""} and detail:
            return problems_of(next(iter(detail.values())), code)
        return {key: problems_of(value, code) for key, value in detail.items()}
    if isinstance(detail, (list, tuple)):
        if any(isinstance(item, (Mapping, list)) for item in detail):
            return {at: problems_of(item, code) for at, item in enumerate(detail) if item}
        return [problem for item in detail for problem in _leaves(item, code)]
    return [Problem(detail, code)]


def _leaves(item: Any, code: str) -> list[Problem]:
    return [item] if isinstance(item, Problem) else [Problem(item, code)]


def walk(
    problems: Problems, path: tuple[object, ...] = ()
) -> Iterator[tuple[tuple[object, ...], Problem]]:
    """Yield each problem with the path that leads to it."""
    if isinstance(problems, list):
        for problem in problems:
            yield path, problem
        return
    for key, below in problems.items():
        yield from walk(below, path if key in ("", NON_FIELD_ERRORS) else (*path, key))


def problem_tree(
    problems: Iterable[tuple[tuple[int | str, ...], Problem]],
) -> dict[str | int, Problems]:
    """Return problems by place, each given with the path that leads to it."""
    tree: dict[str | int, Problems] = {}
    for path, problem in problems:
        _insert(tree, path, problem)
    return tree


def _insert(tree: dict[str | int, Problems], path: tuple[int | str, ...], problem: Problem) -> None:
    *outer, last = path or (NON_FIELD_ERRORS,)
    for key in outer:
        below = tree.setdefault(key, {})
        if isinstance(below, list):
            below = tree[key] = {NON_FIELD_ERRORS: below}
        tree = below
    problems = tree.setdefault(last, [])
    while isinstance(problems, dict):
        problems = problems.setdefault(NON_FIELD_ERRORS, [])
    problems.append(problem)


def problems_in(error: ValidationError, *path: str) -> str:
    """Say what Pydantic found, for a programmer's eyes and for logs: without any value.

    Args:
        error: As Pydantic raised it.
        path: What stands before each place.
    """
    return "; ".join(
        f"{'.'.join(map(str, (*path, *line['loc'])))}: {line['msg']} ({line['type']})"
        for line in _lines(error)
    )


def places_in(error: ValidationError) -> str:
    """Name what does not fit, for logs: without any value and without messages."""
    return ", ".join(
        f"{'.'.join(map(str, line['loc'])) or 'all of it'} ({line['type']})"
        for line in _lines(error)
    )


def _lines(error: ValidationError) -> list[ErrorDetails]:
    """Return what Pydantic found, without the values that it refuses."""
    return error.errors(include_url=False, include_context=False, include_input=False)
