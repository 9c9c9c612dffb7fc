from django.urls import path

from practices import views

urlpatterns = [
    path("practice/", views.PracticeView.as_view(), name="practice"),
    path("health/", views.health, name="health"),
    path("choices/", views.choices, name="choices"),
]
