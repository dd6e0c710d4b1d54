"""The admin: curation by version and by rank; what was said and signed is only shown."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from quotes.models import AuditEvent, Speaker, SpeakerName, Topic
from quotes.models.rank import Rank, rank_of

from . import factories as make

pytestmark = pytest.mark.django_db

READ_ONLY = ["statement", "quote", "check", "evidence", "link", "auditevent"]
REFERENCE = ["speaker", "outlet", "article", "topic", "measure"]


def change_page(record: Any) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def typed(page: Any, **changes: Any) -> dict[str, Any]:
    """Return what the page's own form would send, with some fields typed over."""
    form = page.context["adminform"].form
    forms = [
        form,
        *(entry for formset in page.context["inline_admin_formsets"] for entry in formset.formset.forms),
    ]
    managements = [formset.formset.management_form for formset in page.context["inline_admin_formsets"]]
    sent = {}
    for entry in (*forms, *managements):
        for field in entry:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = value
    return sent | changes


class TestWhoMayEnter:
    @pytest.mark.parametrize("who", ["reader", "reporter", "verifier"])
    def test_only_curators_and_above_come_in(self, client_of: Any, request: Any, who: str) -> None:
        answer = client_of(request.getfixturevalue(who)).get("/admin/")
        assert answer.status_code in {302, 403}

    @pytest.mark.parametrize("model", REFERENCE + READ_ONLY)
    @pytest.mark.parametrize("who", ["curator", "superuser"])
    def test_every_list_opens_for_a_curator(self, client_of: Any, request: Any, who: str, model: str) -> None:
        make.a_check(quote := make.a_held_quote(), request.getfixturevalue("verifier"))
        make.a_link(quote.statement, make.a_statement())
        browser = client_of(request.getfixturevalue(who))
        assert browser.get(f"/admin/quotes/{model}/?q=a").status_code == 200

    @pytest.mark.parametrize("model", READ_ONLY)
    def test_what_was_said_and_signed_cannot_be_added_changed_or_deleted(
        self, client_of: Any, superuser: Any, verifier: Any, model: str
    ) -> None:
        quote = make.a_held_quote()
        make.a_check(quote, verifier)
        make.some_evidence(quote)
        make.a_link(quote.statement, make.a_statement())
        browser = client_of(superuser)
        record = admin.site._registry[
            next(m for m in admin.site._registry if m._meta.label_lower == f"quotes.{model}")
        ].model.objects.first()
        assert browser.get(f"/admin/quotes/{model}/add/").status_code == 403
        assert browser.get(change_page(record)).status_code == 200
        assert browser.post(change_page(record), {"verb": "x", "text": "x"}).status_code == 403
        assert browser.post(f"/admin/quotes/{model}/{record.pk}/delete/", {"post": "yes"}).status_code == 403


class TestCuration:
    def test_a_change_is_an_event_with_the_curators_name(self, client_of: Any, curator: Any) -> None:
        topic = make.a_topic("Ceasefire")
        browser = client_of(curator)
        page = browser.get(change_page(topic))
        assert browser.post(change_page(topic), typed(page, name="Truce")).status_code == 302
        topic.refresh_from_db()
        event = AuditEvent.objects.of_record(topic).newest_first()[0]
        assert (topic.name, topic.version, topic.updated_by) == ("Truce", 2, curator)
        assert (event.actor, event.verb, event.changes) == (
            curator.username,
            "topics.change",
            {"name": ("Ceasefire", "Truce")},
        )

    def test_a_form_that_was_opened_before_another_change_gets_a_409_with_both(
        self, client_of: Any, curator: Any, administrator: Any
    ) -> None:
        topic = make.a_topic("Ceasefire")
        browser = client_of(curator)
        page = browser.get(change_page(topic))
        other = client_of(administrator)
        other.post(change_page(topic), typed(other.get(change_page(topic)), name="Armistice"))
        answer = browser.post(change_page(topic), typed(page, name="Truce"))
        topic.refresh_from_db()
        text = answer.content.decode()
        assert answer.status_code == 409
        assert topic.name == "Armistice"
        assert "Armistice" in text
        assert "Truce" in text

    def test_only_what_was_meant_is_written(self, client_of: Any, curator: Any) -> None:
        speaker = make.a_speaker("Volodymyr Zelenskyy", description="President")
        browser = client_of(curator)
        page = browser.get(change_page(speaker))
        browser.post(change_page(speaker), typed(page, country="UA"))
        (event,) = AuditEvent.objects.of_record(speaker).newest_first()[:1]
        assert event.changes == {"country": ("", "UA")}

    def test_names_are_edited_with_their_speaker_each_by_its_version(
        self, client_of: Any, curator: Any
    ) -> None:
        speaker = make.a_speaker(names={"Зеленский": "uk", "Zelensky": "en"})
        browser = client_of(curator)
        page = browser.get(change_page(speaker))
        first = page.context["inline_admin_formsets"][0].formset.forms[0]
        stale = typed(page, **{f"{first.prefix}-text": "Зеленський"})
        assert browser.post(change_page(speaker), stale).status_code == 302
        assert SpeakerName.objects.filter(text="Зеленський").exists()
        assert browser.post(change_page(speaker), stale | {f"{first.prefix}-text": "X"}).status_code == 409
        assert not SpeakerName.objects.filter(text="X").exists()

    def test_what_others_rest_on_cannot_be_deleted(self, client_of: Any, curator: Any) -> None:
        speaker = make.a_statement().speaker
        client_of(curator).post(f"/admin/quotes/speaker/{speaker.pk}/delete/", {"post": "yes"})
        assert Speaker.objects.filter(pk=speaker.pk).exists()

    def test_what_nothing_rests_on_can_and_the_log_keeps_it(self, client_of: Any, curator: Any) -> None:
        topic = make.a_topic("Ceasefire")
        client_of(curator).post(f"/admin/quotes/topic/{topic.pk}/delete/", {"post": "yes"})
        assert not Topic.objects.exists()
        event = AuditEvent.objects.newest_first()[0]
        assert (event.verb, event.actor) == ("topics.remove", curator.username)
        assert "Ceasefire" in event.before

    def test_the_history_tells_what_the_audit_log_knows(self, client_of: Any, curator: Any) -> None:
        topic = make.a_topic("Ceasefire", by=curator)
        text = client_of(curator).get(f"/admin/quotes/topic/{topic.pk}/history/").content.decode()
        assert "topics.enter" in text
        assert "Ceasefire" in text

    def test_autocomplete_finds_a_speaker_in_any_script(self, client_of: Any, curator: Any) -> None:
        make.a_speaker("Volodymyr Zelenskyy", names={"Зеленський": "uk"})
        query = {"term": "Зелен", "app_label": "quotes", "model_name": "tenure", "field_name": "organisation"}
        found = client_of(curator).get("/admin/autocomplete/", query).json()
        assert [entry["text"] for entry in found["results"]] == ["Volodymyr Zelenskyy"]

    @pytest.mark.parametrize("number", ["zzz", "=cmd()", "9" * 30, "1.5", "-1"])
    def test_what_is_no_number_of_a_record_is_refused_by_its_field(
        self, client_of: Any, curator: Any, number: str
    ) -> None:
        outlet = make.an_outlet()
        browser = client_of(curator)
        answer = browser.post(change_page(outlet), typed(browser.get(change_page(outlet)), owner=number))
        assert answer.status_code == 200
        assert "owner" in answer.context["adminform"].form.errors

    @pytest.mark.parametrize(
        "address",
        [
            "/admin/quotes/speaker/?kind__exact=%00",
            "/admin/quotes/speaker/?q=%00",
            "/admin/quotes/article/?published_at__year=99999999999999999999",
            "/admin/quotes/article/?published_at__year=999999999",
            "/admin/quotes/speaker/?p=99999999999999999999999",
            "/admin/quotes/speaker/?o=9.9.9",
            "/admin/quotes/speaker/?id__in=1_000,%D9%A1",
            "/admin/autocomplete/?term=%00&app_label=quotes&model_name=tenure&field_name=organisation",
        ],
    )
    def test_no_filter_brings_the_admin_down(self, client_of: Any, superuser: Any, address: str) -> None:
        browser = client_of(superuser, raise_request_exception=False)
        assert browser.get(address).status_code < 500


class TestAccounts:
    def test_a_curator_makes_a_verifier(self, client_of: Any, curator: Any) -> None:
        sent = {
            "username": "ada",
            "email": "ada@newsroom.example",
            "rank": Rank.VERIFIER.value,
            "usable_password": "false",
        }
        answer = client_of(curator).post("/admin/auth/user/add/", sent)
        assert answer.status_code == 302, answer.context and answer.context["errors"]
        ada = type(curator).objects.get(username="ada")
        assert (rank_of(ada), ada.is_staff) == (Rank.VERIFIER, False)

    @pytest.mark.parametrize("rank", [Rank.CURATOR, Rank.ADMINISTRATOR, Rank.OWNER])
    def test_a_curator_cannot_give_a_rank_as_high_as_her_own(
        self, client_of: Any, curator: Any, reporter: Any, rank: Rank
    ) -> None:
        browser = client_of(curator)
        page = browser.get(change_page(reporter))
        assert browser.post(change_page(reporter), typed(page, rank=rank.value)).status_code == 200
        reporter.refresh_from_db()
        assert rank_of(reporter) == Rank.REPORTER

    @pytest.mark.parametrize("who", ["curator", "administrator", "superuser"])
    def test_a_curator_cannot_change_anybody_of_her_rank_or_above(
        self, client_of: Any, curator: Any, request: Any, who: str
    ) -> None:
        person = request.getfixturevalue(who)
        browser = client_of(curator)
        sent = {"username": "mallory", "rank": Rank.READER.value}
        assert browser.post(change_page(person), sent).status_code == 403
        assert browser.get(f"/admin/auth/user/{person.pk}/password/").status_code == 403
        person.refresh_from_db()
        assert person.username != "mallory"

    def test_extra_fields_in_the_form_change_nothing(
        self, client_of: Any, curator: Any, reporter: Any
    ) -> None:
        browser = client_of(curator)
        page = browser.get(change_page(reporter))
        extra = {"is_superuser": "on", "is_staff": "on", "groups": "5", "user_permissions": "1"}
        assert browser.post(change_page(reporter), typed(page, **extra)).status_code == 302
        reporter.refresh_from_db()
        assert (reporter.is_superuser, reporter.is_staff) == (False, False)
        assert not reporter.user_permissions.exists()

    def test_a_deactivated_person_is_out_at_the_next_request(
        self, client_of: Any, curator: Any, reporter: Any
    ) -> None:
        hers = client_of(reporter)
        browser = client_of(curator)
        sent = typed(browser.get(change_page(reporter)))
        sent.pop("is_active")
        assert browser.post(change_page(reporter), sent).status_code == 302
        assert hers.get("/accounts/password/change/").status_code == 302
        assert AuditEvent.objects.filter(verb="people.deactivate", actor=curator.username).exists()

    def test_nobody_deletes_an_account(self, client_of: Any, superuser: Any, reporter: Any) -> None:
        answer = client_of(superuser).post(f"/admin/auth/user/{reporter.pk}/delete/", {"post": "yes"})
        assert answer.status_code == 403
