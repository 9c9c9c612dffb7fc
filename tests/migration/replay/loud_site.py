"""The same endpoints, whose new code shouts."""

from __future__ import annotations

from tests.migration.replay.site import LoudAuthors, site

urlpatterns = site(LoudAuthors)
