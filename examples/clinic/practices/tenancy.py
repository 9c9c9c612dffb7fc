"""Which practice a request is for."""

from practices.models import Practice


def practice_of(request):
    """Return the practice that a header or the host names, else the one of the user.

    Args:
        request: A request; its user is known.
    """
    named = practice_named(request)
    if named is not None:
        return named
    if getattr(request, "practice_unknown", False):
        return None
    return getattr(request.user, "practice", None)


def practice_named(request):
    """Return the practice that the middleware has found."""
    return getattr(getattr(request, "_request", request), "named_practice", None)


def find(slug, host):
    """Return the practice of a header or a host, and whether one was named at all."""
    active = Practice.objects.filter(is_active=True)
    if slug:
        return active.filter(slug=slug).first(), True
    if host.endswith(".clinic.example"):
        return active.filter(host=host).first(), True
    return None, False
