"""Tells of each request which practice it names."""

from practices.tenancy import find


class PracticeMiddleware:
    """Looks for ``X-Practice``, and for the host."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        host = request.get_host().partition(":")[0]
        request.named_practice, is_named = find(request.headers.get("X-Practice"), host)
        request.practice = request.named_practice
        request.practice_unknown = is_named and request.named_practice is None
        response = self.get_response(request)
        if request.named_practice is not None:
            response["X-Practice"] = request.named_practice.slug
        return response
