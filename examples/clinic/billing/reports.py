"""What a practice earned."""

from collections import defaultdict
from decimal import Decimal

from billing.models import Payment


def revenue(practice, year):
    """Add up payments by month and method.

    Args:
        practice: The practice.
        year: The year.
    """
    months = defaultdict(lambda: defaultdict(Decimal))
    rows = Payment.objects.filter(invoice__practice=practice, created__year=year).order_by(
        "created"
    )
    for row in rows:
        months[row.created.month][row.method] += row.amount
    return [
        {"month": month, "methods": dict(methods), "total": sum(methods.values())}
        for month, methods in sorted(months.items())
    ]
