"""The admin site, as it was before and stays."""

from __future__ import annotations

from django.contrib import admin

from catalogue.models import Author, Book, Review, Tag

admin.site.register([Author, Book, Review, Tag])
