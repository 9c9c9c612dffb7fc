"""Sends requests to the old code of the switches, while the new code runs aside and is compared.

It runs in a clinic's directory: ``python -m tests.drill.shadow schedule.views.RoomViewSet``.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from typing import Any

import django
from django.test import Client

from tests.drill.exchanges import exchanges
from tests.drill.send import content_of

PLACES = ("rooms/", "specialties/")
"""Where the endpoints are that have a switch."""


def main() -> None:
    """Send the requests; fail if anything differs, or nothing was compared."""
    logging.disable()
    django.setup()
    from django.contrib.auth import get_user_model
    from rest_framework.authtoken.models import Token

    from nova_drf.migration.proof.models import ShadowCount, ShadowDifference
    from nova_drf.migration.proof.shadow.runner import RUNNER

    users: Any = get_user_model()._default_manager.all()
    keys = {user.email: Token.objects.get_or_create(user=user)[0].key for user in users}
    client = Client(raise_request_exception=False)
    for request in exchanges():
        if request.path.startswith(PLACES):
            headers = {"accept-language": "en", **request.headers}
            if request.user:
                headers["authorization"] = f"Token {keys[request.user]}"
            content, content_type = content_of(request)
            path = f"/api/v1/{request.path}"
            client.generic(request.method, path, content, content_type, headers=headers)
            RUNNER.wait()
    counts = Counter[str]()
    for row in ShadowCount.objects.all():
        counts[row.outcome] += row.times
    print(", ".join(f"{times} {outcome}" for outcome, times in sorted(counts.items())))
    seen = [str(difference) for difference in ShadowDifference.objects.all()]
    if seen or not counts["equal"]:
        sys.exit("\n".join(["The shadow saw differences, or nothing:", *seen]))


if __name__ == "__main__":
    main()
