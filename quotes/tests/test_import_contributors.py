"""Who imported the present content has contributed to it, whoever accepted it (invariant 3)."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from quotes.actions import proposals
from quotes.actions.audit import acting
from quotes.models import Contribution, ImportRow, Quote
from quotes.models.proposal import records_of

from . import factories as make
from .test_import_proposals import file as file
from .test_imports import bring, story

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("statement", "occasion", "A speech"),
        ("quote", "cue", "warned"),
        ("figure", "as_printed", "five"),
        ("relay", "as_printed", "the Group"),
        ("article", "headline", "Another headline"),
        ("outlet", "name", "The News"),
        ("speaker", "name", "Ada Lovelace"),
        ("measure", "unit", "soldiers"),
    ],
)
def test_who_brought_in_an_accepted_value_cannot_pass_what_it_shows(
    curator: Any, reporter: Any, verifier: Any, file: Any, kind: str, field: str, value: str
) -> None:
    rows = story()
    bring(file(rows), reporter)
    wanted = [one["fields"] for one in rows if one["model"] == f"quotes.{kind}"]
    fields = next(one for one in wanted if one.get("slug") in (None, "ada", "news", "killed"))
    model = apps.get_model("quotes", kind)
    with acting(by=reporter, verb="people.touched"):
        same = {name: fields[name] for name in ("slug", "uid") if name in fields}
        model._base_manager.filter(**same).update(**{field: "By hand"})
    fields[field] = value
    bring(file(rows), verifier)
    proposal = ImportRow.objects.open_proposals().get(model=f"quotes.{kind}", after__has_key=field)
    seen = records_of([proposal])[proposal.pk].version
    proposals.decide(proposal, [field], "accepted", seen=seen, by=curator)
    quote = Quote.objects.get(uid="said-it-news")
    assert set(Contribution.objects.filter(quote=quote).values_list("user", flat=True)) == {
        reporter.pk, curator.pk, verifier.pk
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="imported or edited"), transaction.atomic():
        make.a_check(quote, verifier)
