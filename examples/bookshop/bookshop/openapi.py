"""What the OpenAPI document says of each operation in a line."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

VERBS = {
    "list": "List {many}",
    "create": "Add {an} {one}",
    "retrieve": "Show {an} {one}",
    "update": "Replace {an} {one}",
    "partial_update": "Change {an} {one}",
    "destroy": "Delete {an} {one}",
}


class ShopSchema(AutoSchema):
    """Summarises the usual actions by the model, and all others by their docstring."""

    def get_summary(self) -> str | None:
        view: Any = self.view
        action = getattr(view, "action", "")
        model = view.get_queryset().model._meta
        name = str(model.verbose_name)
        article = "an" if name[0] in "aeiou" else "a"
        if action in VERBS:
            return VERBS[action].format(one=name, an=article, many=model.verbose_name_plural)
        return self.get_description().partition(".")[0]
