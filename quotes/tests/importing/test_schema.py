"""The table of what a file may hold, against the models: what is added there is added here, or refused on purpose."""

from typing import Any

import pytest
from django.apps import apps
from django.core.validators import MaxLengthValidator
from django.db import models

from quotes.importing.kinds import Wrong
from quotes.importing.schema import MODELS, REFUSED_FIELDS, REFUSED_MODELS
from quotes.models.base import Record

HELD = {model._meta.label_lower: model for model in apps.get_app_config("quotes").get_models()}
LABELS = sorted(MODELS)


def importable(label: str) -> dict[str, Any]:
    options = HELD[label]._meta
    fields = [*options.concrete_fields, *options.many_to_many]
    return {field.name: field for field in fields if not field.primary_key and not field.generated}


def test_every_record_that_people_edit_is_taken_or_refused_on_purpose() -> None:
    edited = {label for label, model in HELD.items() if issubclass(model, Record)}
    unsaid = edited - MODELS.keys() - REFUSED_MODELS.keys()
    assert not unsaid, f"say in importing/schema.py whether a file may bring {', '.join(sorted(unsaid))}"
    assert MODELS.keys() <= HELD.keys()


@pytest.mark.parametrize("label", LABELS)
def test_every_field_is_taken_or_refused_on_purpose(label: str) -> None:
    assert importable(label).keys() - REFUSED_FIELDS.keys() == MODELS[label].fields.keys()


@pytest.mark.parametrize("label", LABELS)
def test_fields_fit_the_models(label: str) -> None:
    for name, field in MODELS[label].fields.items():
        held = importable(label)[name]
        optional = held.null or held.blank or held.has_default() or isinstance(held, models.ManyToManyField)
        assert field.required == (not optional), f"{label}.{name}"
        if held.is_relation and field.refers_to:
            assert field.refers_to == held.related_model._meta.label_lower
        if held.null and not field.many:
            assert field.check(None) is None
        else:
            with pytest.raises(Wrong):
                field.check(None)
        if getattr(held, "choices", None):
            assert [value for value in held.choices if not taken(field.check, value[0])] == []


@pytest.mark.parametrize("label", LABELS)
def test_no_longer_text_is_taken_than_a_column_keeps(label: str) -> None:
    for name, field in MODELS[label].fields.items():
        held = importable(label)[name]
        limits = [v.limit_value for v in held.validators if isinstance(v, MaxLengthValidator)]
        if isinstance(held, models.CharField) and limits and not held.choices:
            assert not taken(field.check, "a" * (min(limits) + 1)), f"{label}.{name}"


@pytest.mark.parametrize("label", LABELS)
def test_the_natural_key_is_that_of_the_model(label: str) -> None:
    options = HELD[label]._meta
    unique = [{name} for name, field in importable(label).items() if field.unique]
    unique += [
        set(constraint.fields)
        for constraint in options.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    assert set(MODELS[label].key) in unique


def taken(check: Any, value: Any) -> bool:
    try:
        check(value)
    except Wrong:
        return False
    return True
