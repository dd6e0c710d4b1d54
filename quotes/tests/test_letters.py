"""Mail by choice: outside the request, nothing lost, nothing twice, and no words of what is held back."""

import datetime as dt
import smtplib
from importlib import import_module
from io import StringIO
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from quotes.actions import alerts, letters, notes
from quotes.models import Alert, Letter, MailChoice, Statement

from . import factories as make

pytestmark = pytest.mark.django_db


class Server(BaseEmailBackend):
    """A mail server that does what a test says: `raises` is raised for a message, `opens` when it is called."""

    raises: ClassVar[list[Exception | None]] = []
    opens: ClassVar[Exception | None] = None
    taken: ClassVar[list[Any]] = []

    def open(self) -> bool:
        if Server.opens is not None:
            raise Server.opens
        return True

    def send_messages(self, email_messages: Any) -> int:
        trouble = Server.raises.pop(0) if Server.raises else None
        if trouble is not None:
            raise trouble
        Server.taken += email_messages
        return len(email_messages)


@pytest.fixture
def server(settings: Any) -> type[Server]:
    settings.MAILERS = {"default": {"BACKEND": "quotes.tests.test_letters.Server"}}
    Server.raises, Server.opens, Server.taken = [], None, []
    return Server


@pytest.fixture
def named(reporter: Any, verifier: Any) -> Any:
    """A quote in whose note a verifier, who wants mail at once, is named."""
    alerts.choose_mail("at_once", by=verifier)
    quote = make.a_held_quote()
    notes.write(quote, "@verifier canary-of-a-note", by=reporter)
    return quote


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_mail", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_nobody_gets_mail_who_did_not_choose_it(reporter: Any, verifier: Any) -> None:
    notes.write(make.a_held_quote(), "@verifier", by=reporter)
    run()
    assert mail.outbox == []
    assert not Letter.objects.exists()


def test_mail_at_once_says_who_and_where_and_no_words(named: Any) -> None:
    assert mail.outbox == [], "nothing is sent while somebody waits for a page"
    run()
    (letter,) = mail.outbox
    assert letter.to == ["verifier@newsroom.example"]
    assert letter.subject == "[Verbatim] 1 alert"
    assert "Reporter named you in a note" in letter.body
    assert f"/quotes/{named.uid}/notes/" in letter.body
    assert "canary" not in letter.body
    assert named.text not in letter.body


@pytest.mark.parametrize("held", [{"record": "off"}, {"record": "background"}, {"embargoed_until": "later"}])
def test_mail_about_what_is_held_back_does_not_say_which(
    verifier: Any, curator: Any, held: dict[str, Any]
) -> None:
    if "embargoed_until" in held:
        held = {"embargoed_until": timezone.now() + dt.timedelta(days=1)}
    alerts.choose_mail("at_once", by=curator)
    quote = make.a_held_quote(make.a_statement(**held))
    notes.assign(quote, "curator", "verify", "canary-of-a-reason", seen="", by=verifier)
    run()
    body = mail.outbox[0].body
    assert "asked you to verify a quote. It is held back" in body
    assert quote.uid not in body
    assert "canary" not in body


def test_what_one_may_no_longer_see_is_not_mailed(reporter: Any, verifier: Any) -> None:
    alerts.choose_mail("at_once", by=reporter)
    quote = make.a_held_quote()
    notes.write(quote, "@reporter", by=verifier)
    Statement.objects.filter(pk=quote.statement_id).update(record="off")
    run()
    assert mail.outbox == []


def test_what_was_read_first_is_not_mailed(named: Any, verifier: Any) -> None:
    alerts.read(Alert.objects.get(), by=verifier)
    run()
    assert mail.outbox == []


def test_the_command_run_again_sends_nothing_twice(named: Any, reporter: Any) -> None:
    for _ in range(3):
        run()
    assert len(mail.outbox) == 1
    notes.write(named, "@verifier again", by=reporter)
    run()
    assert len(mail.outbox) == 2


def test_choosing_mail_does_not_mail_what_was_in_the_bell_already(reporter: Any, verifier: Any) -> None:
    notes.write(make.a_held_quote(), "@verifier", by=reporter)
    alerts.choose_mail("at_once", by=verifier)
    run()
    assert mail.outbox == []


def test_the_letter_of_a_day_is_one_and_goes_out_from_seven(
    reporter: Any, verifier: Any, monkeypatch: Any
) -> None:
    alerts.choose_mail("daily", by=verifier)
    for _ in range(3):
        notes.write(make.a_held_quote(), "@verifier", by=reporter)
    monkeypatch.setattr(letters, "DAILY_HOUR", 24)
    run()
    assert mail.outbox == []
    monkeypatch.setattr(letters, "DAILY_HOUR", 0)
    run()
    notes.write(make.a_held_quote(), "@verifier", by=reporter)
    run()
    assert [letter.subject for letter in mail.outbox] == ["[Verbatim] 3 alerts"]
    day = timezone.localdate() - dt.timedelta(days=1)
    Letter.objects.update(key=letters._daily_key(verifier.pk, day))
    run()
    assert [letter.subject for letter in mail.outbox] == ["[Verbatim] 3 alerts", "[Verbatim] 1 alert"]


def test_the_choice_is_made_on_the_page_of_alerts(client_of: Any, verifier: Any) -> None:
    browser = client_of(verifier)
    assert browser.post("/activity/alerts/", {"when": "daily"}).status_code == 303
    assert MailChoice.objects.get().when == "daily"
    assert browser.post("/activity/alerts/", {"when": "hourly"}).status_code == 400
    assert MailChoice.objects.get().when == "daily"
    browser.post("/activity/alerts/", {"when": "never"})
    assert MailChoice.objects.get().when == "never"


# --- When the server is away, refuses, or breaks off -----------------------------------------------------------------


def test_a_server_that_is_away_loses_nothing(named: Any, server: type[Server]) -> None:
    server.opens = ConnectionRefusedError("no mail server")
    with pytest.raises(CommandError, match="1 waiting, 0 uncertain, 0 given up"):
        run()
    letter = Letter.objects.get()
    assert (letter.state, letter.tries) == ("waiting", 1)
    assert letter.next_try_at > timezone.now()
    server.opens = None
    Letter.objects.update(next_try_at=Now())
    run()
    assert len(server.taken) == 1
    assert Letter.objects.get().state == "sent"


def test_each_further_try_waits_longer_and_in_the_end_it_is_given_up(
    named: Any, server: type[Server], monkeypatch: Any
) -> None:
    monkeypatch.setattr(letters, "MOST_TRIES", 4)
    waits = []
    for _ in range(4):
        server.raises = [smtplib.SMTPDataError(451, b"try later")]
        with pytest.raises(CommandError):
            run()
        letter = Letter.objects.get()
        waits.append(round((letter.next_try_at - timezone.now()).total_seconds() / 60))
        Letter.objects.filter(state="waiting").update(next_try_at=Now())
    assert waits[:3] == [1, 2, 4]
    assert (letter.state, letter.trouble) == ("refused", "451 try later")
    assert letter.body, "what was given up is not lost"


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (smtplib.SMTPDataError(550, b"no such person"), "refused"),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), "refused"),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"later")}), "waiting"),
        (smtplib.SMTPSenderRefused(421, b"busy", "a@b"), "waiting"),
        (smtplib.SMTPServerDisconnected("in the middle"), "uncertain"),
        (TimeoutError("no answer to the words"), "uncertain"),
        (BrokenPipeError("gone"), "uncertain"),
        (ValueError("a line break in the address"), "refused"),
    ],
)
def test_what_the_server_says_decides_what_becomes_of_a_letter(
    named: Any, server: type[Server], trouble: Exception, state: str
) -> None:
    server.raises = [trouble]
    with pytest.raises(CommandError):
        run()
    assert Letter.objects.get().state == state
    # What may have been taken is not sent again by itself.
    Letter.objects.update(next_try_at=Now())
    if state == "uncertain":
        with pytest.raises(CommandError, match="1 uncertain"):
            run()
        assert server.taken == []
        run("--again")
        assert len(server.taken) == 1


def test_what_is_held_back_while_a_letter_waits_is_not_in_it(named: Any, server: type[Server]) -> None:
    letters.compose(by=None)
    assert named.uid in Letter.objects.get().body
    Statement.objects.filter(pk=named.statement_id).update(record="off")
    run()
    (sent,) = server.taken
    assert named.uid not in sent.body
    assert "named you in a note. It is held back" in sent.body


def test_what_its_reader_may_not_see_any_more_is_not_in_a_letter_that_waited(
    reporter: Any, verifier: Any, server: type[Server]
) -> None:
    alerts.choose_mail("at_once", by=reporter)
    gone, stays = make.a_held_quote(), make.a_held_quote()
    for quote in (gone, stays):
        notes.write(quote, "@reporter", by=verifier)
    letters.compose(by=None)
    assert Letter.objects.get().subject == "[Verbatim] 2 alerts"
    Statement.objects.filter(pk=gone.statement_id).update(record="off")
    run()
    (sent,) = server.taken
    assert sent.subject == "[Verbatim] 1 alert"
    assert f"/quotes/{stays.uid}/notes/" in sent.body
    assert gone.uid not in sent.body
    assert "held back" not in sent.body


def test_a_letter_of_which_nothing_may_be_told_any_more_is_not_sent(
    reporter: Any, verifier: Any, server: type[Server]
) -> None:
    alerts.choose_mail("at_once", by=reporter)
    quote = make.a_held_quote()
    notes.write(quote, "@reporter", by=verifier)
    letters.compose(by=None)
    Statement.objects.filter(pk=quote.statement_id).update(record="off")
    run()
    letter = Letter.objects.get()
    assert (server.taken, letter.state, letter.body) == ([], "refused", "")


def test_a_letter_tells_of_no_alert_of_anybody_else(
    named: Any, reporter: Any, curator: Any, server: type[Server]
) -> None:
    notes.write(named, "@curator", by=reporter)
    letters.compose(by=None)
    Letter.objects.update(alerts=list(Alert.objects.filter(to=curator).values_list("pk", flat=True)))
    run()
    assert server.taken == []


def test_a_letter_that_does_not_know_its_alerts_is_not_sent(named: Any, server: type[Server]) -> None:
    letters.compose(by=None)
    Letter.objects.update(alerts=[])
    run()
    assert (server.taken, Letter.objects.get().state) == ([], "refused")


def test_letters_from_before_get_the_keys_of_their_alerts(
    reporter: Any, verifier: Any, second_verifier: Any
) -> None:
    for person in (verifier, second_verifier):
        alerts.choose_mail("at_once", by=person)
    for number in range(3):
        for _ in range(number + 1):
            notes.write(make.a_held_quote(), "@verifier and @verifier2", by=reporter)
        letters.compose(by=None)
    notes.write(make.a_held_quote(), "@verifier", by=reporter)
    kept = dict(Letter.objects.values_list("pk", "alerts"))
    assert [len(one) for one in kept.values()] == [1, 1, 2, 2, 3, 3]
    letters.post("saved:1:2", "a@b.example", "New in a search", "Two.", by=None)
    Letter.objects.update(alerts=[])
    with connection.cursor() as cursor:
        cursor.execute(import_module("quotes.migrations.0065_letter_alerts").FIND)
    assert dict(Letter.objects.exclude(key="saved:1:2").values_list("pk", "alerts")) == kept
    assert Letter.objects.get(key="saved:1:2").alerts == []


def test_who_has_gone_while_a_letter_waits_does_not_get_it(
    named: Any, verifier: Any, server: type[Server]
) -> None:
    letters.compose(by=None)
    type(verifier).objects.filter(pk=verifier.pk).update(is_active=False)
    run()
    letter = Letter.objects.get()
    assert (server.taken, letter.state, letter.body) == ([], "refused", "")
    assert letters.again(by=None) == 0


def test_a_letter_about_an_account_goes_whoever_is_there(server: type[Server]) -> None:
    letters.post("account:0", "gone@newsroom.example", "Reset", "Your link.", by=None)
    run()
    assert [letter.to for letter in server.taken] == [["gone@newsroom.example"]]


def test_one_letter_that_is_refused_does_not_hold_up_the_others(
    reporter: Any, verifier: Any, second_verifier: Any, server: type[Server]
) -> None:
    for person in (verifier, second_verifier):
        alerts.choose_mail("at_once", by=person)
    notes.write(make.a_held_quote(), "@verifier and @verifier2", by=reporter)
    server.raises = [smtplib.SMTPDataError(550, b"no")]
    with pytest.raises(CommandError):
        run()
    assert [letter.to for letter in server.taken] == [["verifier2@newsroom.example"]]


def test_a_command_that_was_killed_while_sending_leaves_the_letter_to_be_seen(
    named: Any, server: type[Server]
) -> None:
    letters.compose(by=None)
    letter = letters._take(None)
    assert letter is not None
    # Somebody else may still be at it: it is left alone.
    run()
    assert Letter.objects.get().state == "sending"
    assert server.taken == []
    Letter.objects.filter(pk=letter.pk).update(next_try_at=Now() - letters.BROKEN_OFF * 2)
    with pytest.raises(CommandError, match="1 uncertain"):
        run()
    assert server.taken == []


def test_the_same_letter_always_has_the_same_id_and_its_words_are_not_kept_once_it_went(
    named: Any, server: type[Server]
) -> None:
    letters.compose(by=None)
    letter = Letter.objects.get()
    first, second = (letters._message(letter).extra_headers["Message-ID"] for _ in range(2))
    assert first == second
    run()
    assert (Letter.objects.get().body, Letter.objects.get().state) == ("", "sent")


@pytest.mark.django_db(transaction=True)
def test_commands_at_the_same_moment_share_the_letters(in_threads: Any, server: type[Server]) -> None:
    for number in range(24):
        letters.post(f"k{number}", f"p{number}@newsroom.example", "s", "b", by=None)
    sent = in_threads(lambda _: letters.send(by=None).sent, range(4))
    assert sum(sent) == 24
    assert sorted(letter.to[0] for letter in server.taken) == sorted(
        f"p{number}@newsroom.example" for number in range(24)
    )


def test_a_letter_with_a_key_that_is_there_is_not_written_again() -> None:
    assert letters.post("one", "a@b.example", "s", "b", by=None) is True
    assert letters.post("one", "a@b.example", "s", "b", by=None) is False
    assert Letter.objects.count() == 1


def test_a_person_without_an_address_keeps_her_alerts(named: Any, verifier: Any) -> None:
    type(verifier).objects.filter(pk=verifier.pk).update(email="")
    run()
    assert not Letter.objects.exists()
    assert Alert.objects.get().mailed_at is None


@pytest.mark.parametrize("seconds", ["0", "-1", "9" * 20])
def test_a_pause_that_no_clock_can_wait_for_is_refused(seconds: str, db: None) -> None:
    with pytest.raises(CommandError, match="from 1 to 86,400"):
        run(f"--every={seconds}")
