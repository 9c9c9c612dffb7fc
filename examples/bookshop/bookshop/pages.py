"""The start page of the demonstration, and the report on how far the bookshop is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_resolver

from nova_drf.migration.progress.pages import as_html
from nova_drf.migration.progress.report import progress_report

ENDPOINTS = [
    ("classic-book-list", "The classic viewset, as it was."),
    ("book-list", "The same contract; the serializer is a Pydantic schema."),
    ("async-book-list", "The same once more, in an async viewset."),
    ("switched-book-list", "A switch: the classic or the async viewset, action by action."),
    ("shadowed-book-list", "The classic viewset answers; a new one with a mistake is its shadow."),
    ("order-list", "A service: each action is a method that knows nothing of HTTP."),
]
PAGES = [
    ("docs", "Swagger UI", "All endpoints, and a form to try each."),
    ("report", "Migration report", "How far each endpoint is, and what to do next."),
    ("admin:nova_proof_shadowdifference_changelist", "Shadow", "What the new code gets wrong."),
    ("admin:nova_proof_switchchoice_changelist", "Switches", "What answers, changed at run time."),
    ("admin:index", "Admin site", "Authors, books, reviews and tags."),
]


def start(request: HttpRequest) -> HttpResponse:
    """Show what there is to look at."""
    return render(request, "bookshop/start.html", {"endpoints": ENDPOINTS, "pages": PAGES})


def report(request: HttpRequest) -> HttpResponse:
    """Show what ``manage.py nova_report --format html`` writes."""
    progress = progress_report(get_resolver().url_patterns, record=False)
    return HttpResponse(as_html(progress, "Bookshop"))
