"""Real projects whose serializers are converted and compared, and what each needs to start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DJANGO = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "nova_drf",
)
"""The apps of every project."""


OSCAR = (
    "django.contrib.flatpages",
    "oscar.config.Shop",
    *(
        f"oscar.apps.{name}"
        for name in (
            *("analytics.apps.AnalyticsConfig", "checkout.apps.CheckoutConfig"),
            *("address.apps.AddressConfig", "shipping.apps.ShippingConfig"),
            *("catalogue.apps.CatalogueConfig", "catalogue.reviews.apps.CatalogueReviewsConfig"),
            *("communication.apps.CommunicationConfig", "partner.apps.PartnerConfig"),
            *("basket.apps.BasketConfig", "payment.apps.PaymentConfig"),
            *("offer.apps.OfferConfig", "order.apps.OrderConfig"),
            *("customer.apps.CustomerConfig", "search.apps.SearchConfig"),
            *("voucher.apps.VoucherConfig", "wishlists.apps.WishlistsConfig"),
            *("dashboard.apps.DashboardConfig",),
        )
    ),
    *(
        f"oscar.apps.dashboard.{name}.apps.{name.capitalize()}DashboardConfig"
        for name in (
            *("reports", "users", "orders", "catalogue", "offers", "partners", "pages", "ranges"),
            *("reviews", "vouchers", "communications", "shipping"),
        )
    ),
    "widget_tweaks",
    "haystack",
    "treebeard",
    "django_tables2",
)
"""The apps of a shop."""


@dataclass(frozen=True)
class Project:
    """A package from PyPI.

    Attributes:
        packages: The packages whose serializers count.
        apps: The apps beside those of every project.
        settings: Further settings.
        base: A module of the project with settings that it starts from.
    """

    packages: tuple[str, ...]
    apps: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    base: str | None = None


PROJECTS: Mapping[str, Project] = {
    "ara": Project(("ara",), ("ara.api",), {"READ_LOGIN_REQUIRED": False}),
    "djoser": Project(("djoser",), ("djoser", "djoser.webauthn")),
    "dj-rest-auth": Project(
        ("dj_rest_auth",),
        ("allauth", "allauth.account", "allauth.socialaccount", "allauth.mfa", "dj_rest_auth"),
        {
            "MIDDLEWARE": ["allauth.account.middleware.AccountMiddleware"],
            "ACCOUNT_EMAIL_VERIFICATION": "none",
        },
    ),
    "edx-submissions": Project(("submissions",), ("submissions",)),
    "edx-organizations": Project(
        ("organizations",),
        ("simple_history", "organizations"),
        {"ORGANIZATIONS_APP": True},
    ),
    "django-helpdesk": Project(
        ("helpdesk",),
        ("django.contrib.humanize", "helpdesk"),
        {"HELPDESK_TEAMS_MODE_ENABLED": False, "MIDDLEWARE": []},
    ),
    "rdmo": Project(("rdmo",), settings={"STATIC_ROOT": "static"}, base="rdmo.core.settings"),
    "django-oscar-api": Project(("oscarapi",), (*OSCAR, "oscarapi"), base="oscar.defaults"),
    "django-dynamic-preferences": Project(("dynamic_preferences",), ("dynamic_preferences",)),
    "django-taggit": Project(("taggit",), ("taggit",)),
    "django-rest-knox": Project(("knox",), ("knox",)),
    "django-rest-passwordreset": Project(
        ("django_rest_passwordreset",), ("django_rest_passwordreset",)
    ),
    "django-comments-xtd": Project(
        ("django_comments_xtd",), ("django_comments", "django_comments_xtd")
    ),
    "djangorestframework-simplejwt": Project(("rest_framework_simplejwt",)),
    "djangocms-rest": Project(
        ("djangocms_rest",),
        ("cms", "menus", "sekizai", "treebeard"),
        {
            "CMS_CONFIRM_VERSION4": True,
            "CMS_TEMPLATES": [("a.html", "A")],
            "LANGUAGE_CODE": "en",
            "LANGUAGES": [("en", "English")],
        },
    ),
    "openedx-core": Project(
        ("openedx_tagging",),
        ("organizations", "simple_history", "openedx_tagging", "openedx_content"),
        {"MIGRATION_MODULES": {"openedx_tagging": None, "openedx_content": None}},
    ),
}
