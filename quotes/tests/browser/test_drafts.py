"""Nothing typed is lost (TRUST.md R11): eleven mishaps at three forms, and the drafts that a browser keeps."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from playwright.sync_api import Page, Route, expect

from quotes.actions import notes as note_actions
from quotes.actions import quotes as quote_actions
from quotes.actions import verify as verify_actions
from quotes.actions.audit import acting
from quotes.models import AuditEvent, Check, Note, Quote
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter
from quotes.tests.browser.test_verify import Opener
from quotes.tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOT_SAVED = re.compile(r"not saved|nothing was saved|not signed|send it once more", re.IGNORECASE)
TYPED = "typed by hand"
TOLD = "#warned *, #said *, .conf, .notice-err, .qf-after"
"""Where a page tells of a refusal; the line beside the button, which says it all along, does not count."""
WAIT = 20_000


@dataclass(frozen=True)
class Form:
    """One of the three forms: where it is, how it is filled and sent, and what is written by it."""

    name: str
    path: str
    field: str
    button: str
    said: str
    action: tuple[Any, str]
    count: Callable[[], int]

    def fill(self, page: Page) -> None:
        if self.name == "verify":
            page.locator("#words").focus()
            for key in "234":
                page.keyboard.press(key)
        page.locator(self.field).fill(TYPED)

    def send(self, page: Page) -> None:
        page.locator(self.button).click()


FORMS = {
    "edit": Form(
        "edit", "/quotes/{}/edit/", "#id_cue", "button[name=do][value=save]", "Saved",
        (quote_actions, "edit"), lambda: AuditEvent.objects.filter(verb="quotes.edit").count(),
    ),
    "verify": Form(
        "verify", "/verify/{}/", "#note", "[data-sign]", "Signed quote-",
        (verify_actions, "check"), lambda: Check.objects.count(),
    ),
    "note": Form(
        "note", "/quotes/{}/", "#note-text", "#note-form .nt-b button",
        "The note is saved", (note_actions, "write"), lambda: Note.objects.count(),
    ),
}  # fmt: skip


@pytest.fixture(params=FORMS)
def form(request: Any) -> Form:
    return FORMS[request.param]


@pytest.fixture
def quote(verifier: Any, reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


@pytest.fixture
def at_work(live_server: Any, open_page: Opener, watch: Any, form: Form, quote: Any) -> Iterator[Page]:
    """Somebody has typed into the form, and sent nothing yet."""
    watch.expects_refusals = True
    page = enter(open_page, live_server, form.path.format(quote.uid))
    form.fill(page)
    yield page
    # What is still under way would meet the emptying of the tables.
    page.unroute_all(behavior="ignoreErrors")
    page.context.set_offline(False)
    page.wait_for_load_state("networkidle")


def is_kept_and_not_saved(page: Page, form: Form) -> None:
    """What was typed is on the screen, the page says that it is not saved, and nothing was written."""
    expect(page.locator(TOLD).filter(has_text=NOT_SAVED).first).to_be_visible(timeout=WAIT)
    expect(page.locator(form.field)).to_have_value(TYPED)
    assert form.count() == 0
    assert page.locator("main form[action*='login']").count() == 0


def is_saved_once(page: Page, form: Form) -> None:
    expect(page.locator("#said")).to_contain_text(form.said, timeout=WAIT)
    assert form.count() == 1


def test_an_expired_session_keeps_it_behind_the_sign_in(at_work: Page, form: Form) -> None:
    page = at_work
    Session.objects.all().delete()
    form.send(page)
    expect(page.locator("dialog#sign-in-again")).to_be_visible()
    expect(page.locator(form.field)).to_have_value(TYPED)
    page.locator("#sign-in-again-login").fill("verifier")
    page.locator("#sign-in-again-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("dialog#sign-in-again")).to_have_count(0)
    is_kept_and_not_saved(page, form)
    form.send(page)
    is_saved_once(page, form)


def test_a_sign_in_in_a_second_tab_asks_to_send_it_again(at_work: Page, form: Form, live_server: Any) -> None:
    page = at_work
    other = page.context.new_page()
    other.goto(f"{live_server.url}/activity/alerts/")
    other.locator("button.me").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login/**")
    other.locator("#id_login").fill("verifier")
    other.locator("#id_password").fill(PASSWORD)
    other.locator("#id_password").press("Enter")
    other.wait_for_url(lambda url: "/login/" not in url)
    form.send(page)
    is_kept_and_not_saved(page, form)
    form.send(page)
    is_saved_once(page, form)


def test_a_server_that_is_gone_is_told_and_it_can_be_tried_again(at_work: Page, form: Form) -> None:
    page = at_work
    page.route("**/*", gone)
    form.send(page)
    is_kept_and_not_saved(page, form)
    page.unroute("**/*", gone)
    page.locator("#warned [data-again]").click()
    is_saved_once(page, form)


def gone(route: Route) -> None:
    route.abort("connectionrefused")


def test_an_answer_that_got_lost_is_not_written_twice(at_work: Page, form: Form) -> None:
    page = at_work
    first = []

    def lost(route: Route) -> None:
        if route.request.method == "POST" and not first:
            first.append(route.fetch(max_redirects=0))
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/*", lost)
    form.send(page)
    expect(page.locator(TOLD).filter(has_text=NOT_SAVED).first).to_be_visible(timeout=WAIT)
    expect(page.locator(form.field)).to_have_value(TYPED)
    page.locator("#warned [data-again]").click()
    is_saved_once(page, form)


def test_somebody_elses_change_is_shown_and_nothing_overwritten(
    at_work: Page, form: Form, quote: Any, curator: Any
) -> None:
    page = at_work
    with acting(by=curator, verb="quotes.move"):
        Quote.objects.filter(pk=quote.pk).update(role_as_printed="president")
    form.send(page)
    if form.name == "note":
        # A note adds, and contradicts nobody.
        is_saved_once(page, form)
        return
    is_kept_and_not_saved(page, form)
    expect(page.locator(".conf")).to_contain_text("curator")
    if form.name == "verify":
        form.fill(page)
    form.send(page)
    is_saved_once(page, form)
    assert Quote.objects.get(pk=quote.pk).role_as_printed == "president"


def test_too_much_at_once_is_refused_and_all_of_it_kept(at_work: Page, form: Form) -> None:
    page = at_work
    page.evaluate(
        "([field]) => { const one = document.createElement('input'); one.type = 'hidden'; one.name = 'filler';"
        " one.value = 'x'.repeat(3e6); document.querySelector(field).form.append(one); }",
        [form.field],
    )
    form.send(page)
    is_kept_and_not_saved(page, form)
    page.evaluate("() => document.querySelectorAll('[name=filler]').forEach((one) => one.remove())")
    form.send(page)
    is_saved_once(page, form)


def test_a_database_that_is_away_is_told_as_not_saved(at_work: Page, form: Form, monkeypatch: Any) -> None:
    page = at_work

    def away(*args: Any, **fields: Any) -> Any:
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as broken:
        broken.setattr(*form.action, away)
        form.send(page)
        is_kept_and_not_saved(page, form)
    form.send(page)
    is_saved_once(page, form)


def test_offline_is_told_and_it_is_sent_when_the_network_is_back(at_work: Page, form: Form) -> None:
    page = at_work
    page.context.set_offline(True)
    form.send(page)
    is_kept_and_not_saved(page, form)
    page.context.set_offline(False)
    form.send(page)
    is_saved_once(page, form)


def test_a_double_click_and_enter_with_a_click_save_once(at_work: Page, form: Form) -> None:
    page = at_work
    page.evaluate(
        "(one) => { const button = document.querySelector(one); button.click(); button.click();"
        " button.form.requestSubmit(button); }",
        form.button,
    )
    is_saved_once(page, form)
    page.wait_for_timeout(300)
    assert form.count() == 1


def test_back_and_sending_again_writes_nothing_more(at_work: Page, form: Form) -> None:
    page = at_work
    form.send(page)
    is_saved_once(page, form)
    page.go_back()
    page.wait_for_load_state()
    if page.locator(form.button).count() and page.locator(form.button).is_enabled():
        page.locator(form.button).click()
        page.wait_for_timeout(500)
    assert form.count() == 1


def test_a_slow_answer_is_waited_for_and_pressed_again_in_vain(at_work: Page, form: Form) -> None:
    page = at_work

    def slow(route: Route) -> None:
        if route.request.method == "POST":
            time.sleep(4.3)
        route.continue_()

    page.route("**/*", slow)
    page.locator(form.button).click(no_wait_after=True)
    page.evaluate("(one) => document.querySelector(one)?.click()", form.button)
    is_saved_once(page, form)


# --- Drafts --------------------------------------------------------------------------------------------------------


def a_draft_is_kept(page: Page, form: Form) -> None:
    expect(
        page.locator(f"form[data-draft^={'quote' if form.name == 'edit' else form.name}]")
    ).to_be_attached()
    page.wait_for_function("() => Object.keys(localStorage).some((one) => one.startsWith('verbatim-draft:'))")


def test_a_draft_comes_back_after_the_page_was_left(at_work: Page, form: Form, live_server: Any) -> None:
    page = at_work
    a_draft_is_kept(page, form)
    assert TYPED not in page.evaluate("JSON.stringify(localStorage)"), "a draft can be read without its key"
    page.goto(f"{live_server.url}/activity/alerts/")
    page.goto(live_server.url + form.path.format(Quote.objects.get().uid))
    bar = page.locator("[data-draft-bar]:visible")
    expect(bar).to_contain_text("Unsaved draft of")
    expect(page.locator(form.field)).not_to_have_value(TYPED)
    bar.get_by_role("button", name="Restore it").click()
    expect(page.locator(form.field)).to_have_value(TYPED)
    expect(page.locator("[data-draft-bar]:visible")).to_have_count(0)
    form.send(page)
    is_saved_once(page, form)
    page.goto(live_server.url + form.path.format(Quote.objects.get().uid))
    page.wait_for_timeout(300)
    expect(page.locator("[data-draft-bar]:visible")).to_have_count(0)


def test_a_draft_that_is_discarded_is_gone(at_work: Page, form: Form) -> None:
    page = at_work
    a_draft_is_kept(page, form)
    page.reload()
    page.locator("[data-draft-bar]:visible").get_by_role("button", name="Discard it").click()
    assert (
        page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('verbatim-draft')).length")
        == 0
    )
    page.reload()
    page.wait_for_timeout(300)
    expect(page.locator("[data-draft-bar]:visible")).to_have_count(0)


def test_a_draft_of_an_older_version_is_refused_as_stale(
    live_server: Any, open_page: Opener, watch: Any, quote: Any, curator: Any
) -> None:
    watch.expects_refusals = True
    form = FORMS["edit"]
    page = enter(open_page, live_server, form.path.format(quote.uid))
    form.fill(page)
    a_draft_is_kept(page, form)
    with acting(by=curator, verb="quotes.move"):
        Quote.objects.filter(pk=quote.pk).update(cue="announced")
    page.reload()
    page.locator("[data-draft-bar]:visible").get_by_role("button", name="Restore it").click()
    expect(page.locator(form.field)).to_have_value(TYPED)
    form.send(page)
    expect(page.locator(".conf")).to_contain_text("announced")
    is_kept_and_not_saved(page, form)
    assert Quote.objects.get(pk=quote.pk).cue == "announced"


def test_rows_of_a_draft_come_back_with_it(
    live_server: Any, open_page: Opener, watch: Any, quote: Any
) -> None:
    form = FORMS["edit"]
    page = enter(open_page, live_server, form.path.format(quote.uid))
    for number in range(2):
        page.locator(f"[name=relay-{number}-as_printed]").fill(f"step {number}")
    page.get_by_role("button", name="Look at it, more rows").click()
    expect(page.locator("[name=relay-3-as_printed]")).to_be_visible()
    page.locator("[name=relay-3-as_printed]").fill("step 3")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("[name=relay-3-as_printed]")).to_have_count(0)
    page.locator("[data-draft-bar]:visible").get_by_role("button", name="Restore it").click()
    expect(page.locator("[name=relay-3-as_printed]")).to_have_value("step 3")
    expect(page.locator("[name=relay-0-as_printed]")).to_have_value("step 0")


def test_signing_out_takes_the_drafts_away(at_work: Page, form: Form) -> None:
    page = at_work
    a_draft_is_kept(page, form)
    page.locator("button.me").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")
    assert (
        page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('verbatim-draft')).length")
        == 0
    )


def test_the_draft_of_one_person_is_not_offered_to_another(
    live_server: Any, open_page: Opener, watch: Any, quote: Any, curator: Any
) -> None:
    form = FORMS["note"]
    page = enter(open_page, live_server, form.path.format(quote.uid))
    form.fill(page)
    a_draft_is_kept(page, form)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/?next={form.path.format(quote.uid)}")
    page.locator("#id_login").fill("curator")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.wait_for_timeout(300)
    expect(page.locator("[data-draft-bar]:visible")).to_have_count(0)
