"""Serializers of users, and for logging in."""

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from accounts.models import User
from common.serializers import ClinicModelSerializer, ClinicSerializer


class LoginSerializer(ClinicSerializer):
    """E-mail address and password."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})

    def validate(self, attrs):
        user = authenticate(self.context["request"], **attrs)
        if user is None:
            raise serializers.ValidationError(_("Address or password is wrong."), code="login")
        attrs["user"] = user
        return attrs


class PairSerializer(TokenObtainPairSerializer):
    """A pair of tokens that say the practice and the role."""

    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["role"] = user.role
        token["practice"] = user.practice.slug if user.practice else None
        return token


class MeSerializer(ClinicModelSerializer):
    practice = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    role_label = serializers.CharField(source="get_role_display", read_only=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)

    class Meta:
        model = User
        fields = ["id", "email", "full_name", "role", "role_label", "practice", "language"]
        read_only_fields = ["email", "role"]


class PasswordSerializer(ClinicSerializer):
    """The old password and a new one."""

    old_password = serializers.CharField(write_only=True)
    new_password = serializers.CharField(write_only=True, min_length=8)

    def validate_old_password(self, value):
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError(_("This is not your password."), code="password")
        return value

    def validate_new_password(self, value):
        try:
            validate_password(value, self.context["request"].user)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value

    def save(self):
        user = self.context["request"].user
        user.set_password(self.validated_data["new_password"])
        user.save(update_fields=["password"])
        return user


class StaffSerializer(ClinicModelSerializer):
    password = serializers.CharField(write_only=True, required=False, min_length=8)

    class Meta:
        model = User
        fields = [
            "id", "email", "full_name", "role", "language", "is_active", "date_joined", "password",
        ]  # fmt: skip
        read_only_fields = ["is_active", "date_joined"]

    def validate_email(self, value):
        return value.lower()

    def create(self, validated_data):
        practice = self.context["request"].practice
        return User.objects.create_user(practice=practice, **validated_data)

    def update(self, instance, validated_data):
        password = validated_data.pop("password", None)
        if password is not None:
            instance.set_password(password)
        return super().update(instance, validated_data)
