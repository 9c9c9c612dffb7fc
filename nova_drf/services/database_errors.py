"""What an error of the database means to the caller of a service."""

from __future__ import annotations

from django.db import DatabaseError, IntegrityError

from nova_drf.services.constraints import violation
from nova_drf.services.errors import ServiceError, Unavailable
from nova_drf.services.transient import is_transient


def translated(error: DatabaseError) -> ServiceError | None:
    """Return what a service raises instead; ``None`` for what is a mistake in the program.

    Args:
        error: As Django raised it, from a statement or from a commit.
    """
    if isinstance(error, IntegrityError):
        return violation(error)
    return Unavailable() if is_transient(error) else None
