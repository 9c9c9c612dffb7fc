"""Who may do what."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated


class IsStaffOfPractice(IsAuthenticated):
    """Whoever is logged in, and works in the practice that is asked."""

    message = _("You do not work in this practice.")

    def has_permission(self, request, view):
        if not super().has_permission(request, view):
            return False
        practice = request.practice
        if practice is None:
            return False
        return request.user.is_superuser or request.user.practice_id == practice.pk

    def has_object_permission(self, request, view, obj):
        owner = getattr(obj, "practice_id", None)
        return owner is None or owner == request.practice.pk


class HasRole(BasePermission):
    """Whoever has one of the roles that the view names."""

    message = _("Your role does not allow this.")

    def has_permission(self, request, view):
        if request.method in SAFE_METHODS or request.user.is_superuser:
            return True
        return request.user.role in getattr(view, "roles", ())


class IsManager(BasePermission):
    """Managers, also for reading."""

    message = _("Only managers may do this.")

    def has_permission(self, request, view):
        return bool(request.user.is_superuser or request.user.role == "manager")
