"""Logging in, the user's own account, and the staff of a practice."""

from django.utils.translation import gettext_lazy as _
from rest_framework import generics, mixins, status, viewsets
from rest_framework.authtoken.models import Token
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView

from accounts.models import User
from accounts.serializers import (
    LoginSerializer,
    MeSerializer,
    PairSerializer,
    PasswordSerializer,
    StaffSerializer,
)
from common.exceptions import Conflict
from common.permissions import HasRole, IsStaffOfPractice
from common.views import PracticeMixin


class LoginView(APIView):
    """A token for an address and a password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    def post(self, request):
        serializer = LoginSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        token, _created = Token.objects.get_or_create(user=user)
        user_data = MeSerializer(user, context={"request": request}).data
        return Response({"token": token.key, "user": user_data})


class PairView(TokenObtainPairView):
    """Two JSON web tokens for an address and a password."""

    serializer_class = PairSerializer
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"


class MeView(generics.RetrieveUpdateAPIView):
    """The user's own account."""

    serializer_class = MeSerializer
    permission_classes = [IsAuthenticated]

    def get_object(self):
        return self.request.user


class PasswordView(APIView):
    """A new password."""

    permission_classes = [IsAuthenticated]

    def post(self, request):
        serializer = PasswordSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        Token.objects.filter(user=request.user).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class StaffViewSet(
    PracticeMixin,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Who works in the practice."""

    queryset = User.objects.all()
    serializer_class = StaffSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("manager",)
    filterset_fields = ["role", "is_active"]
    search_fields = ["full_name", "email"]
    ordering_fields = ["full_name", "date_joined"]

    @action(detail=True, methods=["post"])
    def deactivate(self, request, pk=None):
        """Let somebody log in no more."""
        user = self.get_object()
        if user == request.user:
            raise Conflict(_("You cannot deactivate yourself."), code="self")
        user.is_active = False
        user.save(update_fields=["is_active"])
        return Response(self.get_serializer(user).data)
