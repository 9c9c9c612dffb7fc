"""What switches choose, changed at run time; and what shadows saw."""

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
    choice = models.CharField(
        max_length=10, choices=[(member.value, member.value) for member in Choice]
    )
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


class ShadowDifference(models.Model):
    """A difference between the two sides of a switch, redacted; one row for each cause.

    Attributes:
        cause: By what one cause is told from another.
        switch: The name of the switch.
        action: The action.
        endpoint: The method and the route.
        kind: In what the answers differ.
        where: The path in the answer.
        detail: Where a crash came from.
        old: What the old code had there the first time.
        new: What the new code had there.
        example: A request that shows it.
        times: How often it was seen.
        first_seen: When it was seen first.
        last_seen: When it was seen last.
        approved_by: Who said that it is wanted; empty if nobody did.
    """

    cause = models.CharField(max_length=32, unique=True, editable=False)
    switch = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    endpoint = models.CharField(max_length=500)
    kind = models.CharField(max_length=20)
    where = models.CharField("path", max_length=500, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    example = models.TextField(blank=True)
    times = models.PositiveBigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField(db_index=True)
    approved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-last_seen"]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.kind}{f' at {self.where}' if self.where else ''}"


class ShadowCount(models.Model):
    """What came of the requests that were to be compared.

    Attributes:
        switch: The name of the switch.
        action: The action.
        outcome: What came of them.
        times: How often.
        changed: When it was last counted.
    """

    switch = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    outcome = models.CharField(max_length=20)
    times = models.PositiveBigIntegerField(default=0)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["switch", "action", "outcome"]
        constraints = [
            models.UniqueConstraint(
                fields=["switch", "action", "outcome"], name="nova_proof_one_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.switch}.{self.action}: {self.times} {self.outcome}"
