"""What is never stored of a request or an answer. It knows nothing of Django.

Three rules, each of which suffices: the name says that the value is secret, the text looks like
something secret, or the text contains a value that was secret elsewhere in the same request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

REDACTED = "[redacted]"
"""What stands in the place of what is not stored."""

LENGTH = 300
"""How many characters of one value are stored."""

_IN_NAMES = (
    *("password", "passwd", "passphrase", "secret", "token", "authorization", "cookie"),
    *("sessionid", "csrf", "apikey", "accesskey", "privatekey", "credential", "signature"),
    *("cardnumber", "creditcard", "securitycode", "authenticate"),
)
_NAMES = frozenset(("pin", "otp", "cvv", "cvc", "iban", "ssn", "pwd", "auth", "jwt", "session"))

_PATTERNS = (
    r"(?i)\b(?:bearer|basic|token|digest)\s+[\w.~+/=-]{6,}",
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?",  # a JSON web token
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)",  # the credentials of an address
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
    r"\b[A-Za-z]{2}\d{2}(?:[ ]?[A-Za-z0-9]{4}){3,7}(?:[ ]?[A-Za-z0-9]{1,3})?\b",  # an IBAN
    r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?![0-9a-f]{8}-)[A-Za-z0-9_-]{32,}",  # a token
)
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")

_SHORT = 4
"""Values that are shorter would be found everywhere."""


class Redactor:
    """Takes out what is never stored.

    Args:
        names: Further names whose values are secret.
        patterns: Further regular expressions of what is secret.
        secrets: Values that are secret wherever they occur.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        patterns: Iterable[str] = (),
        secrets: Iterable[str] = (),
    ) -> None:
        self._names = frozenset(map(_plain, names)) | _NAMES
        self._patterns = [re.compile(pattern, re.DOTALL) for pattern in (*_PATTERNS, *patterns)]
        long_enough = {secret for secret in secrets if len(secret) >= _SHORT}
        self._secrets = sorted(long_enough, key=len, reverse=True)

    def hides(self, name: object) -> bool:
        """Whether a name says that its value is secret.

        Args:
            name: The name of a field, a header, a parameter or a column.
        """
        plain = _plain(str(name))
        return plain in self._names or any(part in plain for part in _IN_NAMES)

    def text(self, value: str) -> str:
        """Return a text without what looks secret, or is known to be.

        Args:
            value: The text.
        """
        for secret in self._secrets:
            value = value.replace(secret, REDACTED)
        for pattern in self._patterns:
            value = pattern.sub(REDACTED, value)
        return _CARD.sub(_card, value)

    def document(self, value: object) -> object:
        """Return a document without the values that are secret.

        Args:
            value: Dictionaries, lists and values.
        """
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): REDACTED if self.hides(key) else self.document(inner)
                for key, inner in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.document(inner) for inner in value]
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "backslashreplace"))
        if isinstance(value, (bool, type(None))):
            return value
        return self._value(value)

    def _value(self, value: object) -> object:
        text = self.text(str(value))
        return text if isinstance(value, str) or text != str(value) else value

    def shown(self, value: object, path: Sequence[object] = ()) -> str:
        """Return a value as the text that is stored.

        Args:
            value: What one side answered somewhere.
            path: The names on the way to it.
        """
        if value is None or any(self.hides(name) for name in path):
            return "" if value is None else REDACTED
        document = self.document(value)
        text = document if isinstance(document, str) else json.dumps(document, default=str)
        return text if len(text) <= LENGTH else f"{text[: LENGTH - 3]}..."

    def secrets_of(self, value: object, is_secret: bool = False) -> Iterator[str]:
        """Yield the values of a document that are secret by their names.

        Args:
            value: The document.
            is_secret: Whether all of it is.
        """
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from self.secrets_of(inner, is_secret or self.hides(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self.secrets_of(inner, is_secret)
        elif is_secret and value is not None and not isinstance(value, bool):
            yield str(value)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _card(match: re.Match[str]) -> str:
    """Take out a number whose last digit is that of a payment card."""
    digits = [int(digit) for digit in match[0] if digit.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return match[0] if (sum(digits[::-2]) + sum(doubled)) % 10 else REDACTED
