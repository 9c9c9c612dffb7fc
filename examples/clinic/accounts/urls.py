from django.urls import include, path
from rest_framework.routers import SimpleRouter
from rest_framework_simplejwt.views import TokenRefreshView

from accounts import views

router = SimpleRouter()
router.register("staff", views.StaffViewSet, basename="staff")

urlpatterns = [
    path("auth/token/", views.LoginView.as_view(), name="login"),
    path("auth/jwt/", views.PairView.as_view(), name="jwt"),
    path("auth/jwt/refresh/", TokenRefreshView.as_view(), name="jwt-refresh"),
    path("me/", views.MeView.as_view(), name="me"),
    path("me/password/", views.PasswordView.as_view(), name="password"),
    path("", include(router.urls)),
]
