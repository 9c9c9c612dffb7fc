from django.urls import include, path
from rest_framework.routers import SimpleRouter

from records import views

router = SimpleRouter()
router.register("drugs", views.DrugViewSet)
router.register("visits", views.VisitViewSet)
router.register("lab-results", views.LabResultViewSet)

urlpatterns = [path("", include(router.urls))]
