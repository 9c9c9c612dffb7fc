"""Pages, numbered and by a cursor."""

from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.response import Response


class Pages(PageNumberPagination):
    """Numbered pages; a client may ask for longer ones."""

    page_size_query_param = "page_size"
    max_page_size = 50

    def get_paginated_response(self, data):
        return Response(
            {
                "meta": {
                    "count": self.page.paginator.count,
                    "pages": self.page.paginator.num_pages,
                    "page": self.page.number,
                },
                "results": data,
            }
        )


class Newest(CursorPagination):
    """By a cursor, the newest first."""

    page_size = 5
    ordering = ("-created", "-pk")


class Earliest(CursorPagination):
    """By a cursor, in the order of the day."""

    page_size = 5
    ordering = ("starts_at", "pk")
