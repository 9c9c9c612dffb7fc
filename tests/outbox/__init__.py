"""Tests of nova_drf.outbox."""
