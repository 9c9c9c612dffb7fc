"""Tests of nova_drf.services."""
