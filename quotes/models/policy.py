"""The newsroom's rules that the database applies itself."""

from __future__ import annotations

from django.db import models


class Policy(models.Model):
    """One row. `checks_needed` is VERIFICATION_CHECKS as `migrate` last saw it.

    Kept in a table that the app's role can only read: a value in the session could be set by anybody
    with SQL, and a lower number would verify by itself.
    """

    checks_needed = models.PositiveSmallIntegerField(default=2)

    class Meta:
        verbose_name_plural = "policy"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="policy_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(checks_needed__gte=1), name="policy_needs_at_least_one_check"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checks_needed} checks needed"
