"""In the child process: what the old code created is taken back before both sides create it again.

Otherwise each unique constraint would refuse it a second time. It happens within the transaction
that is rolled back, so the row stays where it is for all others.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.urls import Resolver404, resolve

from nova_drf.migration.proof.shadow.samples import Sample

_CREATED = 201


def created(sample: Sample) -> bool:
    """Whether the old code answered that it created something.

    Args:
        sample: The request, and what the old code answered.
    """
    return sample.method == "POST" and sample.status == _CREATED


def take_back(sample: Sample) -> bool:
    """Delete the row that an answer names as new; return whether it was found.

    Args:
        sample: The request, and what the old code answered.
    """
    if not created(sample):
        return False
    try:
        model, body = _model(sample), json.loads(sample.content)
    except (ValueError, Resolver404):
        return False
    if model is None or not isinstance(body, dict):
        return False
    for name in dict.fromkeys((model._meta.pk.name, "pk", "id")):
        if body.get(name) is not None:
            return _delete(model, body[name])
    return False


def _model(sample: Sample) -> Any:
    """Return the model whose rows the old view creates."""
    match: Any = resolve(sample.environ.get("PATH_INFO", "/"), sample.urlconf or None)
    sides = getattr(match.func, "sides", None)
    queryset = getattr(sides and sides.old, "queryset", None)
    return getattr(queryset, "model", None)


def _delete(model: Any, key: object) -> bool:
    # A row that others need stays; then the two sides are compared in what they refuse.
    try:
        with transaction.atomic():
            deleted, _ = model._base_manager.filter(pk=key).delete()
    except (DatabaseError, ProtectedError, RestrictedError, ValueError, TypeError):
        return False
    return bool(deleted)
