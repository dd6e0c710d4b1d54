"""Mail: written into the house's own outbox, and sent by a command, never while somebody waits for a page.

`manage.py send_mail` writes the letters that alerts call for and sends what is due. Nothing is lost: a letter stays
until the mail server has taken it, and is tried again, later each time. Nothing is sent twice: a letter is marked as
being sent, and that is committed, before the server is spoken to; only where the server surely did not take it, it is
tried again. When that cannot be known (the connection broke off in the middle, the command was killed), the letter is
kept as uncertain and told of; an operator can send those again.

A letter about an alert says who and where, and never a word of a quote, a note or a reason; about what is held back,
or not on the record, not even where.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from smtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from quotes.models import Alert, Letter, MailChoice, Statement
from quotes.models.colleagues import colleagues

from .audit import acting

logger = logging.getLogger("quotes.letters")

FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=6)
MOST_TRIES = 30
"""With the waits above some six days, longer than mail servers themselves try (RFC 5321, 4.5.4.1: four to five)."""
BROKEN_OFF = dt.timedelta(minutes=15)
"""A letter that is being sent for so long is not: whoever sent it is gone."""
MOST_IN_A_LETTER = 50
ABOUT_ALERTS = frozenset({"alerts", "daily"})
TO_COLLEAGUES = ABOUT_ALERTS | {"saved", "saved-daily"}
"""The first words of the keys of letters that are for somebody because of who they are; the key of them comes next."""
DAILY_HOUR = 7
"""The hour, in the zone of the site, from which the letter of a day goes out."""


def post(
    key: str, address: str, subject: str, body: str, html: str = "", *, alerts: Sequence[Alert] = (), by: Any
) -> bool:
    """Put a letter into the outbox; False when one with this key is there already.

    Args:
        key: what makes it one letter.
        alerts: what it tells of.
        by: whose doing it is; no event is kept of letters, which follow from other writes.
    """
    made = {"address": address, "subject": subject[:300], "body": body, "html": html}
    with acting(by=by, verb="letters.post"):
        # Somebody else's letter with this key is no error.
        _found, new = Letter.objects.get_or_create(
            key=key, defaults={**made, "alerts": [alert.pk for alert in alerts]}
        )
    return new


# --- What alerts call for --------------------------------------------------------------------------------------------


def compose(*, by: Any) -> int:
    """Write the letters that unread alerts call for, one for each person who chose mail; returns how many.

    An alert is mailed once, whether or not its letter could be sent at once; one that was read first is not mailed.
    """
    return sum(_compose_for(choice.person_id, by) for choice in _due_choices())


def _due_choices() -> Iterator[MailChoice]:
    chosen = MailChoice.objects.exclude(when=MailChoice.When.NEVER).order_by("pk")
    past_the_hour = timezone.localtime().hour >= DAILY_HOUR
    for choice in chosen:
        if choice.when == MailChoice.When.AT_ONCE or past_the_hour:
            yield choice


def _compose_for(person: int, by: Any) -> int:
    with acting(by=by, verb="letters.compose"):
        # The row is the lock: two commands at once write one letter.
        choice = MailChoice.objects.select_for_update().get(person=person)
        reader = colleagues().filter(pk=person).exclude(email="").first()
        if reader is None or choice.when == MailChoice.When.NEVER:
            return 0
        alerts = Alert.objects.visible_to(reader).unread().filter(mailed_at=None, at__gte=choice.since)
        if choice.when == MailChoice.When.DAILY:
            day = timezone.localdate()
            if Letter.objects.filter(key=_daily_key(person, day)).exists():
                return 0
            key = _daily_key(person, day)
            found = list(_for_letter(alerts)[:MOST_IN_A_LETTER])
        else:
            found = list(_for_letter(alerts)[:MOST_IN_A_LETTER])
            key = f"alerts:{person}:{found[-1].pk}" if found else ""
        if not found:
            return 0
        new = post(key, reader.email, _subject(found), _text(reader, found), alerts=found, by=by)
        Alert.objects.filter(pk__in=[alert.pk for alert in found]).update(mailed_at=Now())
        return int(new)


def _daily_key(person: int, day: dt.date) -> str:
    return f"daily:{person}:{day:%Y-%m-%d}"


def _for_letter(alerts: Any) -> Any:
    return alerts.select_related("by", "quote__statement").order_by("pk")


DEEDS = {
    Alert.Kind.NAMED: "named you in a note",
    Alert.Kind.VERIFY: "asked you to verify a quote",
    Alert.Kind.CORRECT: "asked you to correct a quote",
    Alert.Kind.TAKEN_BACK: "no longer asks you for a quote",
    Alert.Kind.GIVEN_BACK: "gave a quote back to you",
    Alert.Kind.RETURNED: "sent back a quote that you entered",
    Alert.Kind.ANSWERED: "changed a quote that you sent back",
}


def _subject(alerts: Sequence[Alert]) -> str:
    return f"[Verbatim] {len(alerts)} alert{'' if len(alerts) == 1 else 's'}"


def _text(reader: Any, alerts: Sequence[Alert]) -> str:
    """The words of a letter: who did what, and where, unless the place itself tells too much."""
    lines = [f"{reader.get_full_name() or reader.get_username()},", ""]
    for alert in alerts:
        who = alert.by.get_full_name() or alert.by.get_username()
        told = f"- {who} {DEEDS[Alert.Kind(alert.kind)]}"
        if _is_open(alert.quote.statement):
            lines += [f"{told}:", f"  {_absolute(reverse('quote-notes', args=[alert.quote.uid]))}"]
        else:
            lines.append(f"{told}. It is held back, so this mail does not say which.")
    return "\n".join(
        [*lines, "", "All your alerts, and when you get mail like this:", _absolute(reverse("alerts")), ""]
    )


def _is_open(it: Statement) -> bool:
    """Whether a mail may say which statement it is about: on the record, and under no embargo."""
    return it.record == Statement.Terms.ON and (
        it.embargoed_until is None or it.embargoed_until <= timezone.now()
    )


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


# --- Sending ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sent:
    """What one round of sending did; `uncertain` are all letters of which it is not known, `waiting` those left."""

    sent: int = 0
    failed: int = 0
    refused: int = 0
    uncertain: int = 0
    waiting: int = 0


def send(*, by: Any, most: int = 500, tell: Callable[[str], Any] = lambda line: None) -> Sent:
    """Send what is due, one letter after the other; several commands at once share the letters.

    Args:
        by: who sends; None for the command line.
        most: letters in this round.
        tell: is given a line for every letter that was not sent.
    """
    done = Sent()
    _find_broken_off(by)
    connection: Any = None
    try:
        while done.sent + done.failed + done.refused < most:
            letter = _take(by)
            if letter is None:
                break
            idle = _idle(letter)
            if idle:
                _note(letter, by, state=Letter.State.REFUSED, body="", html="", trouble=idle)
                continue
            if connection is None:
                connection, trouble = _opened()
                if connection is None:
                    # Nobody was spoken to: this one and all others wait, and the next round asks again.
                    _later(letter, trouble, by)
                    done.failed += 1
                    tell(f"The mail server cannot be reached: {trouble}")
                    break
            if not _sent(letter, connection, done, tell, by):
                _close(connection)
                connection = None
    finally:
        _close(connection)
    done.uncertain = Letter.objects.filter(state=Letter.State.UNCERTAIN).count()
    done.waiting = Letter.objects.filter(state=Letter.State.WAITING).count()
    return done


def _idle(letter: Letter) -> str:
    """Look at a letter once more before it goes, since it may have waited for days; say why it need not go at all.

    One about alerts is written anew from those that its reader may still see, and as much as a mail may say of them
    now. A letter about an account goes as it is, to whoever has the address.
    """
    task, _, rest = letter.key.partition(":")
    if task not in TO_COLLEAGUES:
        return ""
    person = rest.partition(":")[0]
    reader = (
        colleagues().filter(pk=person, email__iexact=letter.address).first() if person.isdecimal() else None
    )
    if reader is None:
        return "Nobody is there for it."
    if task in ABOUT_ALERTS:
        alerts = list(_for_letter(Alert.objects.visible_to(reader).filter(pk__in=letter.alerts)))
        if not alerts:
            return "Nothing is left that it may tell."
        letter.subject, letter.body = _subject(alerts), _text(reader, alerts)
    return ""


def _opened() -> tuple[Any, str]:
    connection = mailers["default"]
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        return None, _words(error)
    return connection, ""


def _close(connection: Any) -> None:
    if connection is None:
        return
    try:
        connection.close()
    except (OSError, SMTPException):
        logger.info("The mail server had gone before the connection was closed")


def _sent(letter: Letter, connection: Any, done: Sent, tell: Callable[[str], Any], by: Any) -> bool:
    """Hand one letter over; False when the connection cannot be used any more."""
    try:
        connection.send_messages([_message(letter)])
    except SMTPResponseException as error:
        # The server answered with a refusal, so it did not take it.
        done.failed += 1
        tell(f"Letter {letter.pk}: {_words(error)}")
        if _later(letter, _words(error), by, lasting=500 <= error.smtp_code < 600):
            done.refused += 1
        return True
    except SMTPServerDisconnected as error:
        return _unknown(letter, error, tell, by)
    except SMTPException as error:
        # All addresses refused, or something the server does not offer: surely not taken.
        done.failed += 1
        tell(f"Letter {letter.pk}: {_words(error)}")
        if _later(letter, _words(error), by, lasting=_all_lasting(error)):
            done.refused += 1
        return True
    except OSError as error:
        return _unknown(letter, error, tell, by)
    except ValueError as error:
        # No message can be made of it: an address or a subject with a line break in it.
        done.refused += 1
        tell(f"Letter {letter.pk}: {_words(error)}")
        _later(letter, _words(error), by, lasting=True)
        return True
    done.sent += 1
    _note(letter, by, state=Letter.State.SENT, sent_at=Now(), body="", html="", trouble="")
    return True


def _unknown(letter: Letter, error: Exception, tell: Callable[[str], Any], by: Any) -> bool:
    tell(f"Letter {letter.pk} may or may not have been sent: {_words(error)}")
    _note(letter, by, state=Letter.State.UNCERTAIN, trouble=_words(error))
    return False


def _all_lasting(error: SMTPException) -> bool:
    """Whether every address of a letter was refused for good (5xx)."""
    codes = [code for code, _ in getattr(error, "recipients", {}).values()]
    return bool(codes) and all(500 <= code < 600 for code in codes)


def _message(letter: Letter) -> EmailMultiAlternatives:
    # The same letter always has the same id: should it go out twice by hand, mail programs show one.
    headers = {
        "Message-ID": f"<letter-{letter.pk}-{letter.at:%Y%m%d%H%M%S}@{_domain()}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(letter.subject, letter.body, None, [letter.address], headers=headers)
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].strip("> ") or "localhost"


def _take(by: Any) -> Letter | None:
    """Mark the next letter as being sent, and commit that, before anything is sent."""
    with acting(by=by, verb="letters.send"):
        letter = Letter.objects.due().select_for_update(skip_locked=True).first()
        if letter is not None:
            _note(letter, by, state=Letter.State.SENDING, tries=F("tries") + 1, next_try_at=Now())
            letter.tries += 1
    return letter


def _later(letter: Letter, trouble: str, by: Any, *, lasting: bool = False) -> bool:
    """Put a letter back for a later try; True when it is given up instead."""
    if lasting or letter.tries >= MOST_TRIES:
        _note(letter, by, state=Letter.State.REFUSED, trouble=trouble)
        return True
    wait = min(FIRST_WAIT * 2 ** min(max(letter.tries - 1, 0), 20), LONGEST_WAIT)
    _note(letter, by, state=Letter.State.WAITING, next_try_at=Now() + wait, trouble=trouble)
    return False


def _find_broken_off(by: Any) -> None:
    broken = Letter.objects.filter(state=Letter.State.SENDING, next_try_at__lt=Now() - BROKEN_OFF)
    with acting(by=by, verb="letters.send"):
        broken.update(state=Letter.State.UNCERTAIN, trouble="Sending broke off.")


def again(*, by: Any) -> int:
    """Let uncertain and given-up letters wait for sending once more: an operator's decision; returns how many."""
    with acting(by=by, verb="letters.again"):
        given_up = Letter.objects.filter(state__in=[Letter.State.UNCERTAIN, Letter.State.REFUSED])
        # One without words was for somebody who had gone, or told of what is held back by now.
        return given_up.exclude(body="").update(state=Letter.State.WAITING, next_try_at=Now(), tries=0)


def _note(letter: Letter, by: Any, **fields: Any) -> None:
    with acting(by=by, verb="letters.send"):
        Letter.objects.filter(pk=letter.pk).update(**fields)


def _words(error: Exception) -> str:
    """Say what went wrong without what the server repeats of the letter."""
    if isinstance(error, SMTPResponseException):
        told = (
            error.smtp_error.decode(errors="replace")
            if isinstance(error.smtp_error, bytes)
            else error.smtp_error
        )
        return f"{error.smtp_code} {told}"[:300]
    return f"{type(error).__name__}: {error}"[:300]
