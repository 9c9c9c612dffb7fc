from django.urls import path

from audit.views import EntryList

urlpatterns = [path("audit/", EntryList.as_view(), name="audit")]
