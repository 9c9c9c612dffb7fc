from django.urls import include, path
from rest_framework.routers import SimpleRouter

from patients import views

router = SimpleRouter()
router.register("patients", views.PatientViewSet, basename="patient")
router.register("allergies", views.AllergyViewSet, basename="allergy")

urlpatterns = [
    path("", include(router.urls)),
    path("patients/<int:patient>/documents/", views.DocumentList.as_view(), name="documents"),
    path(
        "patients/<int:patient>/documents/<int:pk>/",
        views.DocumentDetail.as_view(),
        name="document",
    ),
    path("patients/<int:pk>/coverage/", views.CoverageView.as_view(), name="coverage"),
    path("patients/<int:pk>/timeline/", views.TimelineView.as_view(), name="timeline"),
]
