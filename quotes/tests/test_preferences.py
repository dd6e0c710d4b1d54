"""Theme, single-key shortcuts and row density: one form, three cookies."""

import re

import pytest
from django.urls import reverse

from quotes.templatetags import verbatim


@pytest.mark.django_db
def test_a_choice_is_kept_in_a_cookie_and_leads_back(client_of, reader):
    answer = client_of(reader).post(reverse("preferences"), {"theme": "dark", "next": "/search/?q=war"})
    assert (answer.status_code, answer["Location"]) == (303, "/search/?q=war")
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("dark", "Lax", True)
    assert "keys" not in answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_no_choice_leads_to_another_site(client_of, reader, back):
    answer = client_of(reader).post(reverse("preferences"), {"keys": "off", "next": back})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_a_swap_gets_the_form_again_and_the_event_for_the_page(client_of, reader):
    answer = client_of(reader).post(
        reverse("preferences"), {"theme": "light", "next": "/"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert '"theme": "light"' in answer["HX-Trigger"]
    html = answer.content.decode()
    assert html.lstrip().startswith('<form id="preferences"')
    assert re.search(r'value="light" aria-pressed="true"', html)


@pytest.mark.django_db
def test_a_choice_that_does_not_exist_is_refused(client_of, reader):
    answer = client_of(reader).post(reverse("preferences"), {"theme": "neon"})
    assert answer.status_code == 400
    assert not answer.cookies.get("theme")


@pytest.mark.django_db
def test_preferences_are_only_posted(client_of, reader):
    assert client_of(reader).get(reverse("preferences")).status_code == 405


def test_a_cookie_that_holds_nonsense_counts_as_the_default():
    assert verbatim.chosen_looks({"theme": '"><script>', "keys": "off"}) == {
        "theme": "system",
        "keys": "off",
        "density": "comfortable",
        "reads": "browser",
    }
