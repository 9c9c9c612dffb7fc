from django.urls import include, path
from rest_framework.routers import SimpleRouter

from schedule import views

router = SimpleRouter()
router.register("specialties", views.SpecialtyViewSet)
router.register("rooms", views.RoomViewSet)
router.register("doctors", views.DoctorViewSet)
router.register("appointments", views.AppointmentViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("slots/", views.SlotView.as_view(), name="slots"),
    path("reminders/", views.ReminderView.as_view(), name="reminders"),
]
