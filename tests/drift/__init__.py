"""Tests of nova_drf.drift."""
