"""Tests of the proof that nothing changes for clients."""
