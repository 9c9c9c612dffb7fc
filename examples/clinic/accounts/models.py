"""Users: staff, who log in by their e-mail address."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager):
    """Makes users."""

    def create_user(self, email, password=None, **fields):
        """Make a user.

        Args:
            email: The address to log in with.
            password: The password; without one, nobody can log in.
            fields: The other attributes.
        """
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Make a user of the group, who may do everything in every practice."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works in a practice."""

    class Role(models.TextChoices):
        RECEPTION = "reception", _("Reception")
        DOCTOR = "doctor", _("Doctor")
        BILLING = "billing", _("Billing")
        MANAGER = "manager", _("Manager")

    email = models.EmailField(_("email address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.RECEPTION)
    practice = models.ForeignKey(
        "practices.Practice",
        on_delete=models.CASCADE,
        related_name="users",
        null=True,
        blank=True,
    )
    language = models.CharField(_("language"), max_length=2, default="en")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name", "pk"]

    def __str__(self):
        return self.full_name
