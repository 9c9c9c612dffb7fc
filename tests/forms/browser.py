"""A browser, as far as it sends forms: https://html.spec.whatwg.org/#constructing-entry-list."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict

_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?"
_SANITIZED = {
    "date": r"\d{4,}-\d\d-\d\d",
    "time": _TIME,
    "datetime-local": rf"\d{{4,}}-\d\d-\d\d[T ]{_TIME}",
    "number": r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?",
}
"""What inputs of these types show; they are empty for any other value."""


class Browser(HTMLParser):
    """Shows a page, and sends its form as it stands.

    Args:
        page: The page.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent = QueryDict(mutable=True)
        self._select: dict[str, Any] | None = None
        self._area: list[str] | None = None
        self.feed(page)

    def _send(self, name: str, value: str) -> None:
        lines = value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        self.sent.appendlist(name, lines)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "input":
            self._input(given)
        elif tag == "select":
            self._select = {"name": given["name"], "multiple": "multiple" in given, "options": []}
        elif tag == "option" and self._select is not None:
            self._select["options"].append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._area = [given["name"], ""]

    def _input(self, given: dict[str, Any]) -> None:
        kind, value = given.get("type", "text"), given.get("value")
        if kind == "checkbox":
            if "checked" in given:
                self._send(given["name"], "on" if value is None else value)
        elif kind != "file":
            shown = value or ""
            if kind in _SANITIZED:
                shown = shown if re.fullmatch(_SANITIZED[kind], shown) else ""
            self._send(given["name"], re.sub(r"[\r\n]", "", shown))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self._send(self._area[0], self._area[1].removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._select is not None:
            options, several = self._select["options"], self._select["multiple"]
            chosen = [value for value, selected in options if selected]
            if not several:
                chosen = (chosen or [value for value, _selected in options])[-1 if chosen else 0 :][
                    :1
                ]
            for value in chosen:
                self._send(self._select["name"], value)
            self._select = None
