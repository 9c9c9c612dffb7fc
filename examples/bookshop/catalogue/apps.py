"""The catalogue app."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Books, their authors, tags and reviews."""

    name = "catalogue"
