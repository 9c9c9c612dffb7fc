"""The URLs of the clinic: one prefix, the routes of each app."""

from django.urls import include, path

urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                path("", include("accounts.urls")),
                path("", include("practices.urls")),
                path("", include("patients.urls")),
                path("", include("schedule.urls")),
                path("", include("records.urls")),
                path("", include("billing.urls")),
                path("", include("audit.urls")),
            ]
        ),
    ),
]
