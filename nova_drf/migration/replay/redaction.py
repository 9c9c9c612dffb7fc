"""What of a request is never written down: the rules of the shadow, so that it can be sent again.

What stands in the place of a secret value is of its type, and an e-mail address stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nova_drf.migration.proof.shadow.redaction import REDACTED, Redactor

EMAIL = "redacted@example.com"
"""What stands in the place of an e-mail address."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class RequestRedactor(Redactor):
    """Takes out of requests what is never written down.

    Args:
        names: Further names whose values are secret.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__((*names, "uidb64"))

    def text(self, value: str) -> str:
        """Return a text without what looks secret.

        Args:
            value: The text.
        """
        return EMAIL.join(super(RequestRedactor, self).text(part) for part in _EMAIL.split(value))

    def document(self, value: object) -> object:
        """Return a document without what is secret.

        Args:
            value: What JSON can hold.
        """
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): _hidden(inner) if self.hides(key) else self.document(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.document(inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return 0 if self.text(str(value)) != str(value) else value
        return self.text(value) if isinstance(value, str) else value

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the names and values of a query string or a form without what is secret.

        Args:
            pairs: The names and values.
        """
        return [
            (self.text(name), REDACTED if self.hides(name) and value else self.text(value))
            for name, value in pairs
        ]


def _hidden(value: object) -> object:
    """Return what stands in the place of a secret value: something of its type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return 0
    if isinstance(value, Mapping):
        return {}
    return [] if isinstance(value, list) else REDACTED
