from django.urls import include, path
from rest_framework.routers import SimpleRouter

from billing import views

router = SimpleRouter()
router.register("tariffs", views.TariffViewSet)
router.register("invoices", views.InvoiceViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("invoices/<int:invoice>/payments/", views.PaymentList.as_view(), name="payments"),
    path("reports/revenue/<int:year>/", views.revenue_report, name="revenue"),
]
