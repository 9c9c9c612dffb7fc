"""Tests of nova_drf.checks.drift."""
