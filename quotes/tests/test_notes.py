"""Notes beside a quote, who has it in hand, and what is told to whom (issue 5, point 6)."""
# house: one ladder, from the note over the assignment to the bell that tells of both

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import DatabaseError, connection
from django.urls import reverse

from quotes.actions import notes as act
from quotes.actions import quotes as writing
from quotes.actions import verify
from quotes.actions.audit import acting
from quotes.actions.refusals import Changed, NotAllowed, NotValid
from quotes.models import Alert, Assignment, AuditEvent, Note, Quote, Standing, Statement
from quotes.models.queue import Order, Tab
from quotes.search import alerts as alert_reads
from quotes.search import notes as reads
from quotes.search.verify import quotes_waiting
from quotes.tests.htmx import get_part, keeps_the_three_laws, parsed

from . import factories as make

pytestmark = pytest.mark.django_db


def address(quote: Any) -> str:
    return reverse("quote-notes", args=[quote.uid])


def send(browser: Any, record: Any, /, **fields: Any) -> Any:
    return browser.post(address(record), {"do": "note", **fields})


def events(table: str) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(table=table).order_by("pk").values_list("verb", "actor"))


# --- Notes ---------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_byte_for_byte_and_tells_whom_it_names(
    client_of: Any, reporter: Any, verifier: Any, second_verifier: Any
) -> None:
    quote = make.a_held_quote(by=reporter)
    text = "  @verifier, is this right?\n— «так», @Verifier2. Ask desk@newsroom.example. "
    assert send(client_of(reporter), quote, text=text).status_code == 303
    note = Note.objects.get()
    assert (note.text, note.by, note.kind) == (text, reporter, "note")
    told = {(alert.to, alert.by, alert.kind, alert.note) for alert in Alert.objects.all()}
    assert told == {(verifier, reporter, "named", note), (second_verifier, reporter, "named", note)}
    assert events("quotes_note") == [("notes.write", "reporter")]


def test_an_unknown_name_is_said_and_what_was_typed_is_kept(client_of: Any, reporter: Any) -> None:
    quote = make.a_held_quote()
    answer = send(client_of(reporter), quote, text="@nobody and @ada: see above")
    page = parsed(answer)
    assert answer.status_code == 422
    assert "“@nobody”, “@ada”" in page.select_one(".notice-err").text
    assert page.select_one("#note-text").text.strip() == "@nobody and @ada: see above"
    assert not Note.objects.exists()
    assert not Alert.objects.exists()


@pytest.mark.parametrize("how", ["off", "embargo"])
def test_nobody_is_named_who_may_not_see_the_quote(
    client_of: Any, verifier: Any, curator: Any, reporter: Any, how: str
) -> None:
    import datetime as dt

    held = {"record": "off"} if how == "off" else {
        "embargoed_until": dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    }  # fmt: skip
    quote = make.a_held_quote(make.a_statement(**held))
    answer = send(client_of(verifier), quote, text="@curator and @reporter, look")
    assert answer.status_code == 422
    assert "@reporter may not see this quote" in answer.content.decode()
    assert not Alert.objects.exists()
    assert send(client_of(verifier), quote, text="@curator, look").status_code == 303
    assert Alert.objects.get().to == curator


def test_a_deactivated_account_and_that_of_imports_are_nobody_to_name(
    client_of: Any, reporter: Any, verifier: Any, make_person: Any
) -> None:
    quote = make.a_held_quote()
    importer = make_person("import", "Reporter")
    importer.set_unusable_password()
    importer.save()
    type(verifier).objects.filter(pk=verifier.pk).update(is_active=False)
    for name in ("import", "verifier"):
        assert send(client_of(reporter), quote, text=f"@{name}").status_code == 422
    offered = [person.username for person in reads.people_named(quote, "Ask @")]
    assert offered == ["reporter"]


def test_somebody_who_names_herself_is_not_told(client_of: Any, reporter: Any) -> None:
    send(client_of(reporter), make.a_held_quote(), text="@reporter has to look again")
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("reader", 403), ("stranger", 403), ("reporter", 303)])
def test_notes_are_written_by_those_who_work_on_quotes(
    client_of: Any, request: Any, who: str, status: int
) -> None:
    quote = make.a_held_quote()
    browser = client_of(request.getfixturevalue(who))
    assert send(browser, quote, text="What I think").status_code == status
    assert browser.get(address(quote)).status_code == 200
    assert Note.objects.count() == (status == 303)


def test_notes_of_what_is_held_back_are_not_there_for_others(
    client_of: Any, reporter: Any, verifier: Any
) -> None:
    quote = make.a_held_quote(make.a_statement(record="off"))
    act.write(quote, "canary-in-a-note", by=verifier)
    browser = client_of(reporter)
    assert browser.get(address(quote)).status_code == 404
    assert browser.get(reverse("quote-people", args=[quote.uid])).status_code == 404
    assert send(browser, quote, text="hello").status_code == 404
    assert "canary-in-a-note" not in browser.get("/activity/").content.decode()


def test_one_form_sent_twice_is_one_note(client_of: Any, reporter: Any, verifier: Any) -> None:
    quote, browser = make.a_held_quote(), client_of(reporter)
    for _ in range(2):
        assert send(browser, quote, text="@verifier", idempotency_key="one").status_code == 303
    assert (Note.objects.count(), Alert.objects.count()) == (1, 1)


def test_a_note_changes_no_standing_and_makes_nobody_a_contributor(
    verifier: Any, second_verifier: Any, curator: Any
) -> None:
    quote = make.a_held_quote()
    for person in (verifier, second_verifier):
        make.a_check(quote, person)
    before = Standing.objects.filter(pk=quote.pk).values().get()
    act.write(quote, "A second look", by=verifier)
    act.assign(quote, "curator", "verify", "To be sure", seen="", by=verifier)
    assert Standing.objects.filter(pk=quote.pk).values().get() == before
    assert before["value"] == "verified"


def test_a_note_leaves_nothing_when_its_event_cannot_be_written(
    reporter: Any, verifier: Any, monkeypatch: Any
) -> None:
    quote = make.a_held_quote()

    def fail(*args: Any, **fields: Any) -> Any:
        raise RuntimeError("on the way")

    monkeypatch.setattr(Alert.objects, "create", fail)
    with pytest.raises(RuntimeError):
        act.write(quote, "@verifier", by=reporter)
    assert not Note.objects.exists()


SQL = {
    "a note in another's name": "INSERT INTO quotes_note (quote_id, by_id, kind, text) "
    "VALUES (%(quote)s, %(other)s, 'note', 'x')",
    "a note changed": "UPDATE quotes_note SET text = 'x'",
    "a note deleted": "DELETE FROM quotes_note",
    "an assignment in another's name": "INSERT INTO quotes_assignment (quote_id, to_id, by_id, task, reason) "
    "VALUES (%(quote)s, %(other)s, %(other)s, 'correct', 'x')",
    "an alert in another's name": "INSERT INTO quotes_alert (to_id, by_id, quote_id, kind, reason) "
    "VALUES (%(person)s, %(other)s, %(quote)s, 'returned', 'x')",
    "an alert rewritten": "UPDATE quotes_alert SET reason = 'x'",
    "an alert deleted": "DELETE FROM quotes_alert",
}


@pytest.mark.parametrize("road", SQL.values(), ids=SQL.keys())
def test_sql_of_the_app_bends_no_note_and_no_alert(reporter: Any, verifier: Any, road: str) -> None:
    quote = make.a_held_quote()
    act.write(quote, "@verifier", by=reporter)
    values = {"quote": quote.pk, "other": verifier.pk, "person": reporter.pk}
    with pytest.raises(DatabaseError), acting(by=reporter, verb="sql.road"), connection.cursor() as cursor:
        cursor.execute(road, values)


# --- The page ------------------------------------------------------------------------------------------------------


def test_the_page_of_notes_keeps_the_three_laws(client_of: Any, reporter: Any, verifier: Any) -> None:
    quote = make.a_held_quote()
    act.write(quote, "@verifier: one", by=reporter)
    act.write(quote, "two <b>bold</b>", by=verifier)
    browser = client_of(reporter)
    keeps_the_three_laws(browser, address(quote), address(quote), "#notes")
    page = parsed(browser.get(address(quote)))
    assert [row.select_one(".nt-t").text for row in page.select("#note-list li")] == [
        "two <b>bold</b>",
        "@verifier: one",
    ]
    assert [name.text for name in page.select(".nt-n")] == ["@verifier"]


def test_notes_stand_beside_the_quote_on_its_pages_with_the_same_number_of_queries(
    client_of: Any, reporter: Any, verifier: Any, django_assert_max_num_queries: Any
) -> None:
    quote = make.a_held_quote()
    act.write(quote, "@verifier: the first", by=reporter)
    browser = client_of(verifier)
    for page in (f"/quotes/{quote.uid}/", f"/verify/{quote.uid}/"):
        assert "the first" in parsed(browser.get(page)).select_one("#notes").text
    reads.beside(quote, verifier)
    with CountQueries() as few:
        reads.beside(quote, verifier)
    for number in range(20):
        act.write(quote, f"@verifier: {number}", by=reporter)
    with CountQueries() as many:
        found = reads.beside(quote, verifier)
    assert few.number == many.number
    assert (len(found.rows), found.total, found.older is not None) == (5, 21, True)


class CountQueries:
    """Counts the queries inside."""

    def __enter__(self) -> "CountQueries":
        from django.test.utils import CaptureQueriesContext

        self.capture = CaptureQueriesContext(connection)
        self.capture.__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.capture.__exit__(*args)
        self.number = len(self.capture)


def test_names_are_offered_as_they_are_typed(client_of: Any, reporter: Any, make_person: Any) -> None:
    quote = make.a_held_quote()
    make_person("olena", "Reader", first_name="Олена", last_name="Verbytska")
    make_person("oleg", "Verifier")
    browser = client_of(reporter)
    where = reverse("quote-people", args=[quote.uid])

    def offered(text: str) -> list[str]:
        part = BeautifulSoup(get_part(browser, f"{where}?text={text}").content, "html.parser")
        return [button["data-name"] for button in part.select("button")]

    assert offered("Ask @ole") == ["oleg", "olena"]
    assert offered("Ask @Олен") == ["olena"]
    assert offered("Ask @Verb") == ["olena"]
    assert offered("Ask ole") == []
    assert offered("a@ole") == []
    assert "@olena" in browser.get(where).content.decode()


def test_only_who_may_see_a_quote_held_back_is_offered(verifier: Any, curator: Any, reporter: Any) -> None:
    quote = make.a_held_quote(make.a_statement(record="off"))
    assert {person.username for person in reads.people_named(quote, "@")} == {"verifier", "curator"}
    assert {person.username for person in reads.people_to_name(quote)} == {"verifier", "curator"}


# --- Assignments ---------------------------------------------------------------------------------------------------


def test_a_quote_is_given_to_a_person_listed_for_her_and_taken_back(
    client_of: Any, verifier: Any, second_verifier: Any
) -> None:
    quote, browser = make.a_held_quote(), client_of(verifier)
    answer = send(browser, quote, do="assign", to="@verifier2", task="verify", reason="You speak French")
    assert answer.status_code == 303
    held = Assignment.objects.get()
    assert (held.to, held.by, held.task, held.reason) == (
        second_verifier,
        verifier,
        "verify",
        "You speak French",
    )
    assert list(quotes_waiting(second_verifier, Tab.ASSIGNED)) == [quote]
    assert list(quotes_waiting(verifier, Tab.ASSIGNED)) == []
    assert "You speak French" in client_of(second_verifier).get("/activity/alerts/").content.decode()
    page = client_of(second_verifier).get("/verify/?tab=assigned")
    assert quote.uid in page.content.decode()
    assert send(browser, quote, do="take_back", mark=held.mark).status_code == 303
    assert not Assignment.objects.exists()
    assert [kind for kind, _ in Alert.objects.filter(to=second_verifier).values_list("kind", "pk")] == [
        "verify",
        "taken_back",
    ]
    assert events("quotes_assignment") == [("notes.assign", "verifier"), ("notes.take_back", "verifier")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to": "nobody"}, "Nobody here is called"),
        ({"to": ""}, "Say to whom"),
        ({"reason": "  "}, "Say why"),
        ({"task": ""}, "to verify or to correct"),
        ({"to": "reporter"}, "has no right to do it"),
        ({"to": "verifier2", "task": "publish"}, "publish"),
        ({"to": "curator"}, "a pass of theirs would not count"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_with_a_sentence(
    client_of: Any, verifier: Any, second_verifier: Any, reporter: Any, curator: Any, fields: Any, words: str
) -> None:
    quote = make.a_held_quote(by=curator)
    given = {"do": "assign", "to": "verifier2", "task": "verify", "reason": "kept as typed", **fields}
    answer = send(client_of(verifier), quote, **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert given["reason"].strip() in answer.content.decode()
    assert not Assignment.objects.exists()
    assert not Alert.objects.exists()


def test_nobody_is_asked_for_what_she_may_not_see(verifier: Any, reporter: Any) -> None:
    quote = make.a_held_quote(make.a_statement(record="off"))
    with pytest.raises(NotValid, match="may not see"):
        act.assign(quote, "reporter", "correct", "please", seen="", by=verifier)


def test_a_reporter_asks_for_corrections_but_not_for_checks(reporter: Any, verifier: Any) -> None:
    quote = make.a_held_quote()
    with pytest.raises(NotAllowed):
        act.assign(quote, "verifier", "verify", "please", seen="", by=reporter)
    act.assign(quote, "verifier", "correct", "a typing error", seen="", by=reporter)
    assert Assignment.objects.get().to == verifier


def test_two_who_give_it_at_once_do_not_overwrite_each_other(
    client_of: Any, verifier: Any, second_verifier: Any, curator: Any
) -> None:
    quote = make.a_held_quote()
    act.assign(quote, "curator", "verify", "first", seen="", by=second_verifier)
    answer = send(client_of(verifier), quote, do="assign", to="verifier2", task="verify", reason="second")
    assert answer.status_code == 409
    page = parsed(answer)
    assert page.select_one("#assign-reason")["value"] == "second"
    assert "first" in page.select_one("#assigned").text
    assert Assignment.objects.get().to == curator
    with pytest.raises(Changed):
        act.take_back(quote, "", seen="", by=verifier)


def test_giving_it_to_another_tells_both(verifier: Any, second_verifier: Any, curator: Any) -> None:
    quote = make.a_held_quote()
    mark = act.assign(quote, "verifier2", "verify", "first", seen="", by=verifier).mark
    act.assign(quote, "curator", "verify", "second", seen=mark, by=verifier)
    told = list(Alert.objects.order_by("pk").values_list("to__username", "kind"))
    assert told == [("verifier2", "verify"), ("verifier2", "taken_back"), ("curator", "verify")]


def test_giving_back_needs_a_reason_and_tells_who_asked(verifier: Any, second_verifier: Any) -> None:
    quote = make.a_held_quote()
    mark = act.assign(quote, "verifier2", "verify", "first", seen="", by=verifier).mark
    with pytest.raises(NotValid):
        act.take_back(quote, " ", seen=mark, by=second_verifier)
    act.take_back(quote, "On leave", seen=mark, by=second_verifier)
    given_back = Alert.objects.get(to=verifier)
    assert (given_back.kind, given_back.reason, given_back.by) == ("given_back", "On leave", second_verifier)


def test_a_quote_that_another_was_asked_to_verify_is_handed_to_nobody_else(
    verifier: Any, second_verifier: Any
) -> None:
    first, second = make.a_held_quote(), make.a_held_quote()
    act.assign(first, "verifier2", "verify", "yours", seen="", by=verifier)
    assert verify.claim_next(by=verifier, tab=Tab.FIRST, order=Order.OLDEST) == second
    assert verify.claim_next(by=second_verifier, tab=Tab.FIRST, order=Order.OLDEST) == first


def test_signing_ends_the_assignment_in_the_same_transaction(verifier: Any, second_verifier: Any) -> None:
    quote = make.a_held_quote()
    act.assign(quote, "verifier2", "verify", "yours", seen="", by=verifier)
    verdicts = dict.fromkeys(("attribution", "wording", "context", "dating"), "pass")
    seen = Standing.objects.get(pk=quote.pk).content_hash
    verify.check(quote, by=second_verifier, seen=seen, verdicts=verdicts)
    assert not Assignment.objects.exists()
    assert events("quotes_assignment")[-1] == ("verify.check", "verifier2")


# --- Returns -------------------------------------------------------------------------------------------------------


def test_a_return_reaches_who_entered_it_and_the_correction_who_sent_it_back(
    client_of: Any, reporter: Any, verifier: Any
) -> None:
    quote = make.a_held_quote(by=reporter)
    seen = Standing.objects.get(pk=quote.pk).content_hash
    client_of(verifier).post(
        f"/verify/{quote.uid}/", {"do": "return", "seen": seen, "note": "The verb is another"}
    )
    back = Alert.objects.get(to=reporter)
    assert (back.kind, back.reason) == ("returned", "The verb is another")
    assert alert_reads.place_of(back) == f"/quotes/{quote.uid}/edit/"
    quote = Quote.objects.select_related("statement").get(pk=quote.pk)
    writing.edit(quote, writing.Entry(quote={"cue": "warned"}), seen=quote.version, by=reporter)
    answered = Alert.objects.get(to=verifier)
    assert (answered.kind, answered.by) == ("answered", reporter)


# --- The bell ------------------------------------------------------------------------------------------------------


def test_the_bell_counts_unread_alerts_in_one_query(
    client_of: Any, reporter: Any, verifier: Any, django_assert_num_queries: Any
) -> None:
    quote = make.a_held_quote()
    for number in range(3):
        act.write(quote, f"@verifier {number}", by=reporter)
    # Rights are read once for each request, whatever the page asks them for.
    verifier.has_perm("quotes.view_restricted")
    with django_assert_num_queries(1):
        assert alert_reads.waiting(verifier) == "3"
    bell = parsed(client_of(verifier).get("/activity/alerts/")).select_one("#bell")
    assert bell["aria-label"] == "Alerts: 3 new"
    assert parsed(client_of(reporter).get("/activity/alerts/")).select_one("#bell")["aria-label"] == "Alerts"


def test_an_alert_about_a_quote_that_one_may_no_longer_see_is_neither_shown_nor_counted(
    client_of: Any, reporter: Any, verifier: Any
) -> None:
    quote = make.a_held_quote(text=make.WORDS)
    act.write(quote, "@reporter canary-of-a-note", by=verifier)
    alert = Alert.objects.get()
    Statement.objects.filter(pk=quote.statement_id).update(record="off")
    browser = client_of(reporter)
    page = browser.get("/activity/alerts/")
    assert "canary-of-a-note" not in page.content.decode()
    assert parsed(page).select_one("#bell")["aria-label"] == "Alerts"
    assert browser.post(reverse("alert", args=[alert.pk])).status_code == 404
    browser.post("/activity/alerts/", {"newest": alert.pk})
    assert Alert.objects.get().read_at is None


def test_opening_an_alert_leads_to_the_place_and_makes_it_read(
    client_of: Any, reporter: Any, verifier: Any
) -> None:
    quote = make.a_held_quote()
    note = act.write(quote, "@verifier", by=reporter)
    browser = client_of(verifier)
    answer = browser.post(reverse("alert", args=[Alert.objects.get().pk]))
    assert (answer.status_code, answer["Location"]) == (303, f"{address(quote)}#note-{note.pk}")
    assert parsed(browser.get("/activity/alerts/")).select_one("#bell")["aria-label"] == "Alerts"


def test_the_alert_of_another_is_not_there(
    client_of: Any, reporter: Any, verifier: Any, curator: Any
) -> None:
    act.write(make.a_held_quote(), "@verifier", by=reporter)
    alert = Alert.objects.get()
    assert client_of(curator).post(reverse("alert", args=[alert.pk])).status_code == 404
    client_of(curator).post("/activity/alerts/", {"newest": alert.pk})
    assert Alert.objects.get().read_at is None
    assert client_of(verifier).get(reverse("alert", args=[alert.pk])).status_code == 405


def test_marking_all_as_read_spares_what_came_in_since(client_of: Any, reporter: Any, verifier: Any) -> None:
    quote = make.a_held_quote()
    act.write(quote, "@verifier one", by=reporter)
    newest = Alert.objects.get().pk
    act.write(quote, "@verifier two", by=reporter)
    client_of(verifier).post("/activity/alerts/", {"newest": newest})
    assert [alert.read_at is None for alert in Alert.objects.order_by("pk")] == [False, True]


def test_the_page_of_alerts_keeps_the_three_laws_at_one_row_and_at_twenty(
    client_of: Any, reporter: Any, verifier: Any
) -> None:
    quote, browser = make.a_held_quote(), client_of(verifier)
    act.write(quote, "@verifier", by=reporter)
    keeps_the_three_laws(browser, "/activity/alerts/", "/activity/alerts/", "#alerts")
    with CountQueries() as few:
        browser.get("/activity/alerts/")
    for _ in range(19):
        act.write(make.a_held_quote(), "@verifier", by=reporter)
    with CountQueries() as many:
        browser.get("/activity/alerts/")
    assert few.number == many.number


@pytest.mark.parametrize("address", ["/activity/alerts/?cursor=x", "/activity/alerts/?cursor=1_0"])
def test_a_cursor_that_no_page_gave_is_not_found(client_of: Any, verifier: Any, address: str) -> None:
    assert client_of(verifier).get(address).status_code == 404


# --- Unbending -----------------------------------------------------------------------------------------------------


def test_the_forms_change_no_field_that_they_do_not_name(client_of: Any, verifier: Any, curator: Any) -> None:
    from django.apps import apps

    quote = make.a_held_quote()
    before = json.dumps(Quote.objects.filter(pk=quote.pk).values().get(), default=str)
    ours = {"do", "text", "to", "task", "reason", "mark"}
    names = {
        spelt
        for model in apps.get_app_config("quotes").get_models()
        for field in model._meta.get_fields()
        for spelt in (field.name, f"{field.name}_id", f"{field.name}__in")
    } - ours
    send(client_of(verifier), quote, **{**dict.fromkeys(names, "1"), "text": "mine", "by": curator.pk})
    note = Note.objects.get()
    assert (note.by, note.kind, note.text) == (verifier, "note", "mine")
    assert json.dumps(Quote.objects.filter(pk=quote.pk).values().get(), default=str) == before


# --- History ---------------------------------------------------------------------------------------------------------


def test_history_and_log_name_notes_assignments_returns_and_what_was_taken_back(
    client_of: Any, reporter: Any, verifier: Any, second_verifier: Any
) -> None:
    quote = make.a_held_quote(by=reporter)
    act.write(quote, "Words of a note", by=reporter)
    mark = act.assign(quote, "verifier2", "verify", "You speak French", seen="", by=verifier).mark
    act.take_back(quote, "", seen=mark, by=verifier)
    verify.undo(make.a_check(quote, verifier), by=verifier)
    seen = Standing.objects.get(pk=quote.pk).content_hash
    verify.return_to_reporter(quote, by=verifier, seen=seen, reason="The verb is another")
    browser = client_of(verifier)
    for where in (f"/quotes/{quote.uid}/", "/activity/"):
        text = " ".join(parsed(browser.get(where)).select_one("#history, #results").get_text(" ").split())
        for told in (
            f"wrote a note on {quote.uid} kind: note text: Words of a note",
            f"gave an assignment of {quote.uid} to: Verifier2 task: verify reason: You speak French",
            f"ended an assignment of {quote.uid} to: Verifier2",
            f"took back a check {quote.uid}",
            f"sent back the quote {quote.uid} to: Reporter reason: The verb is another",
        ):
            assert told in text, (where, told)
    assert "Words of a note" in browser.get("/activity/?kind=quotes_note").content.decode()
    assert "You speak French" in browser.get("/activity/?verb=notes.assign").content.decode()
