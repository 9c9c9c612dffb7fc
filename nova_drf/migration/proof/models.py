"""``SwitchChoice``: what switches choose, changed at run time."""

from __future__ import annotations

from django.db import models

from nova_drf.migration.proof.choices import Choice


class SwitchChoice(models.Model):
    """What a switch chooses, whatever its definition says.

    Attributes:
        switch: The name of the switch; empty for all.
        action: The action; empty for all of the switch.
        choice: What answers.
        reason: Why; a switch that rolled itself back says it here.
        changed: When it was last changed.
    """

    switch = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=100, blank=True)
    choice = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Choice])
    reason = models.CharField(max_length=255, blank=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["switch", "action"]
        constraints = [
            models.UniqueConstraint(fields=["switch", "action"], name="nova_proof_one_choice")
        ]

    def __str__(self) -> str:
        place = ".".join(part for part in (self.switch, self.action) if part) or "everything"
        return f"{place}: {self.choice}"
