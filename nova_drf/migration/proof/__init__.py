"""Proof that a step of a migration changes nothing for clients, and the switch that makes it."""
