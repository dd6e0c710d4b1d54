"""Who published."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from .base import Record, RecordQuerySet


class OutletQuerySet(RecordQuerySet):
    """The questions that can be asked of outlet records."""

    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)


class Outlet(Record):
    """A news agency, paper, broadcaster, site, official channel, institute or social account.

    Two outlets of one owner are one root (invariant 6): an owner is an outlet too.
    """

    class Kind(models.TextChoices):
        AGENCY = "agency", "news agency"
        NEWSPAPER = "newspaper", "newspaper"
        BROADCASTER = "broadcaster", "broadcaster"
        SITE = "site", "news site"
        OFFICIAL = "official", "official channel"
        INSTITUTE = "institute", "institute"
        SOCIAL = "social", "social account"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=12, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    owner = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="owned")

    objects = OutletQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="outlet_country_is_alpha_2"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | ~Q(owner=F("id")), name="outlet_does_not_own_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def house(self) -> Outlet:
        """The outlet that in the end owns this one, or itself; two outlets of one house are one root."""
        house, seen = self, {self.pk}
        while house.owner is not None and house.owner.pk not in seen:
            house = house.owner
            seen.add(house.pk)
        return house
