"""Whom words are attributed to, and every way that name is written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Func, Q

from .base import Record, RecordQuerySet

if TYPE_CHECKING:
    from .tenure import Tenure


class Fold(Func):
    """The database's folding of a name: case, accents, apostrophes, hyphens and spaces even out."""

    function = "verbatim_fold"
    arity = 1
    output_field = models.TextField()


class FinalSpeaker(Func):
    """The speaker that one was merged into, in the end, or itself; `Speaker.present` in a query."""

    function = "verbatim_final_speaker"
    arity = 1
    output_field = models.BigIntegerField()


class SpeakerQuerySet(RecordQuerySet):
    """The questions that can be asked of speaker records."""

    def current(self) -> Self:
        """Speakers that were not merged into another."""
        return self.filter(redirects_to__isnull=True)

    def named(self, text: str) -> Self:
        """Speakers with a name that folds to the same key as `text`, in any script."""
        folded = Fold(models.Value(text))
        return self._called(Q(sort_key=folded), Q(folded=folded))

    def spelt_like(self, text: str) -> Self:
        """Speakers with a name in which `text` occurs, in any script."""
        folded = Fold(models.Value(text))
        return self._called(Q(sort_key__contains=folded), Q(folded__contains=folded))

    def _called(self, own: Q, spelling: Q) -> Self:
        """Add to those so called the ones that somebody so called was merged into."""
        called = own | Q(pk__in=SpeakerName.objects.filter(spelling).values("speaker"))
        merged = Speaker.objects.filter(called, redirects_to__isnull=False)
        return self.filter(called | Q(pk__in=merged.values(final=FinalSpeaker("pk"))))

    def alphabetical(self) -> Self:
        """In the order of a printed index: accents and case do not count."""
        return self.order_by("sort_key", "pk")

    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)


class Speaker(Record):
    """A person, an institution (also by metonym), an office, a group, a document's issuer, the unnamed."""

    class Kind(models.TextChoices):
        PERSON = "person", "person"
        INSTITUTION = "institution", "institution"
        OFFICE = "office", "office"
        GROUP = "group", "group"
        DOCUMENT = "document", "document’s issuer"
        UNNAMED = "unnamed", "unnamed source"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    sort_key = models.GeneratedField(
        expression=Fold(F("name")), output_field=models.TextField(), db_persist=True
    )
    kind = models.CharField(max_length=12, choices=Kind)
    description = models.TextField(blank=True)
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166-1 alpha-2, in capitals; empty when none applies."
    )
    wikidata_id = models.CharField(max_length=16, unique=True, null=True, blank=True)
    redirects_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="speaker_country_is_alpha_2"
            ),
            models.CheckConstraint(
                condition=Q(wikidata_id__isnull=True) | Q(wikidata_id__regex=r"^Q[1-9][0-9]*$"),
                name="speaker_wikidata_id_is_a_q_number",
            ),
            models.CheckConstraint(
                condition=Q(redirects_to__isnull=True) | ~Q(redirects_to=F("id")),
                name="speaker_does_not_redirect_to_itself",
            ),
        ]
        indexes = [models.Index("sort_key", "id", name="speaker_alphabetical")]
        permissions = [("merge_speaker", "Can merge and unmerge speakers")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def present(self) -> Speaker:
        """The speaker that this one was merged into, in the end, or itself."""
        speaker, seen = self, {self.pk}
        while speaker.redirects_to is not None and speaker.redirects_to.pk not in seen:
            speaker = speaker.redirects_to
            seen.add(speaker.pk)
        return speaker

    def roles_held(self, first: dt.date, last: dt.date) -> list[Tenure]:
        """Return the roles held on a day from `first` to `last`, the latest first, from `tenures` at hand."""
        held = [tenure for tenure in self.tenures.all() if tenure.was_held(first, last)]
        return sorted(held, key=lambda tenure: (tenure.starts or dt.date.min, tenure.pk), reverse=True)


class SpeakerNameQuerySet(RecordQuerySet):
    """The questions that can be asked of speaker name records."""

    def get_by_natural_key(self, speaker: str, text: str, language: str) -> Any:
        return self.get(speaker__slug=speaker, text=text, language=language)


class SpeakerName(Record):
    """One way in which a speaker's name is written, in one language."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", "official"
        TRANSLITERATION = "transliteration", "transliteration"
        ALIAS = "alias", "alias"
        METONYM = "metonym", "metonym"

    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="names")
    text = models.CharField(max_length=200)
    language = models.CharField(max_length=12, help_text="ISO 639 code; “und” when it is not known.")
    kind = models.CharField(max_length=15, choices=Kind)
    folded = models.GeneratedField(
        expression=Fold(F("text")), output_field=models.TextField(), db_persist=True
    )

    objects = SpeakerNameQuerySet.as_manager()

    class Meta:
        ordering = ["speaker", "language", "text", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["speaker", "text", "language"], name="speakername_natural_key")
        ]
        indexes = [models.Index(fields=["folded"], name="speakername_folded")]

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.speaker.natural_key(), self.text, self.language)

    natural_key.dependencies = ["quotes.speaker"]  # type: ignore[attr-defined]
