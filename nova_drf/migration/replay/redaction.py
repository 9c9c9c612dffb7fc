"""What of a request is never written down.

A value goes where its name says that it is secret, or where it looks secret. What stands in its
place can be sent again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

REDACTED = "redacted"
EMAIL = "redacted@example.com"

_IN_NAMES = (
    *("password", "passwd", "passphrase", "secret", "token", "authorization", "cookie"),
    *("sessionid", "csrf", "apikey", "accesskey", "privatekey", "credential", "signature"),
    *("cardnumber", "creditcard", "securitycode"),
)
_NAMES = frozenset(
    ("pin", "otp", "cvv", "cvc", "iban", "ssn", "pwd", "auth", "jwt", "session", "uidb64")
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PATTERNS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"(?i)\b(?:bearer|basic|token|digest)\s+[\w.~+/=-]{6,}",
        r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?",  # a JSON web token
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)",  # the credentials of an address
        r"\b[A-Za-z]{2}\d{2}(?:[ ]?[A-Za-z0-9]{4}){3,7}(?:[ ]?[A-Za-z0-9]{1,3})?\b",  # an IBAN
        r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?![0-9a-f]{8}-)[A-Za-z0-9_-]{32,}",  # a token
    )
)
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


class Redactor:
    """Takes out what is never written down.

    Args:
        names: Further names whose values are secret.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = _NAMES | frozenset(map(_plain, names))

    def hides(self, name: object) -> bool:
        """Whether a name says that its value is secret.

        Args:
            name: The name of a field, of a parameter or of an argument of a URL.
        """
        plain = _plain(str(name))
        return plain in self._names or any(part in plain for part in _IN_NAMES)

    def text(self, value: str) -> str:
        """Return a text without what looks secret.

        Args:
            value: The text.
        """
        value = _EMAIL.sub(EMAIL, value)
        for pattern in _PATTERNS:
            value = pattern.sub(REDACTED, value)
        return _CARD.sub(_card, value)

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


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _card(match: re.Match[str]) -> str:
    """Take out a number whose last digit is that of a payment card."""
    digits = [int(digit) for digit in match[0] if digit.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return match[0] if (sum(digits[::-2]) + sum(doubled)) % 10 else REDACTED
