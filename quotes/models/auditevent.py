"""What happened, to what, by whom; one event for each record written, sealed into a hash chain.

The database writes both tables by triggers, so that `update()`, `bulk_create` and SQL leave events
too. The app's role may only read them. Every transaction's events are sealed at its commit: the seal
holds their number and a hash over them and over the seal before it, so a changed, missing, added or
moved event is found, and against a checkpoint kept elsewhere a cut tail or a rewritten chain as well
(invariant 11). Writers do not queue for it: of those that commit at the same moment, one takes the next
place in the chain at once, and the others' seals wait for theirs until the next one is placed.
"""

from __future__ import annotations

import json
from typing import Any, Self

from django.db import models
from django.db.models import Q

from .base import RecordQuerySet
from .statement import Statement, open_to


class AuditEventQuerySet(RecordQuerySet):
    """The questions that can be asked of audit event records."""

    def visible_to(self, user: Any) -> Self:
        """Leave out what happened to statements that `user` may not know of."""
        if user.has_perm("quotes.view_restricted"):
            return self.all()
        # What was joined into something held back is held back with it.
        whole = Q(joined_into__isnull=True) | open_to(user, "joined_into__")
        seen = Statement.objects.filter(open_to(user), whole).values("pk")
        return self.filter(Q(statement_pk__isnull=True) | Q(statement_pk__in=seen))

    def of_statement(self, statement: Statement) -> Self:
        return self.filter(statement_pk=statement.pk)

    def of_record(self, record: models.Model) -> Self:
        return self.filter(table=record._meta.db_table, record_pk=record.pk)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class AuditSeal(models.Model):
    """One transaction's place in the chain; without a position and with `waits` as `previous`, it waits for one."""

    position = models.BigIntegerField(unique=True, null=True, editable=False)
    transaction = models.TextField(editable=False)
    events = models.BigIntegerField(null=True, editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    previous = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["position"]
        indexes = [
            models.Index(
                fields=["transaction"], condition=Q(events__isnull=True), name="auditseal_uncounted"
            ),
            models.Index(fields=["id"], condition=Q(previous="waits"), name="auditseal_waits"),
        ]

    def __str__(self) -> str:
        return f"seal {self.position}"


class AuditEvent(models.Model):
    """One record written: who, when, verb, before, after.

    `before` and `after` are the row as JSON text, kept as the text that was hashed.
    """

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(
        AuditSeal, on_delete=models.PROTECT, related_name="entries", editable=False, db_constraint=False
    )
    at = models.DateTimeField(editable=False)
    actor_pk = models.IntegerField(null=True, editable=False, db_index=True)
    actor = models.CharField(max_length=150, blank=True, editable=False, help_text="The account’s name then.")
    verb = models.CharField(max_length=60, editable=False)
    table = models.CharField(max_length=63, editable=False)
    record_pk = models.BigIntegerField(null=True, editable=False)
    statement_pk = models.BigIntegerField(null=True, editable=False, db_index=True)
    before = models.TextField(null=True, editable=False)
    after = models.TextField(null=True, editable=False)
    leaf = models.BinaryField(max_length=32, editable=False, help_text="SHA-256 over all the fields above.")

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["table", "record_pk"], name="auditevent_of_record")]

    def __str__(self) -> str:
        return f"{self.verb} {self.table} {self.record_pk}"

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Field by field, what it was and what it became; housekeeping fields left out."""
        before = json.loads(self.before) if self.before else {}
        after = json.loads(self.after) if self.after else {}
        quiet = {"id", "version", "created_at", "created_by_id", "updated_at", "updated_by_id"}
        return {
            name: (before.get(name), after.get(name))
            for name in (after or before)
            if name not in quiet and before.get(name) != after.get(name)
        }
