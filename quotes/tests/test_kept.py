"""What every page asks with less work than Django would: the same answers, for everybody, at once."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.backends import db
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from newsroom.accounts import SignInBackend
from newsroom.sessions import SessionStore
from quotes.actions import saved
from quotes.actions.audit import acting
from quotes.models import SavedSearch, Statement
from quotes.search.kept import Kept
from quotes.templatetags.stamped import beside, stamp
from quotes.tests import factories as make

pytestmark = pytest.mark.django_db


def anew(person: User) -> User:
    """The same person as the next request would know her."""
    return User.objects.get(pk=person.pk)


# --- Questions that are kept -----------------------------------------------------------------------------------------


def statements_open_to() -> Kept:
    return Kept(lambda user: Statement.objects.visible_to(user).order_by("pk").values_list("gist"))


def gists(kept: Kept, person: User) -> list[str]:
    return [row[0] for row in kept.rows(person)]


def test_a_kept_question_hides_what_the_queryset_hides(reader: User, verifier: User) -> None:
    make.a_statement(gist="Open")
    make.a_statement(gist="Held back", record="off")
    kept = statements_open_to()
    for _ in range(2):
        assert gists(kept, reader) == ["Open"]
        assert gists(kept, verifier) == ["Open", "Held back"]


def test_a_right_given_or_taken_counts_in_the_next_question(reader: User) -> None:
    make.a_statement(gist="Held back", record="off")
    kept = statements_open_to()
    right = Permission.objects.get(codename="view_restricted")
    assert gists(kept, anew(reader)) == []
    with acting(by=None, verb="test.right"):
        reader.user_permissions.add(right)
    assert gists(kept, anew(reader)) == ["Held back"]
    with acting(by=None, verb="test.right"):
        reader.user_permissions.remove(right)
    assert gists(kept, anew(reader)) == []


def test_an_embargo_that_ends_needs_no_new_question(reader: User) -> None:
    statement = make.a_statement(gist="Soon", embargoed_until=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    kept = statements_open_to()
    assert gists(kept, reader) == []
    with acting(by=None, verb="test.lift"):
        Statement.objects.filter(pk=statement.pk).update(
            embargoed_until=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        )
    assert gists(kept, reader) == ["Soon"]


def test_two_people_with_the_same_rights_get_each_their_own(make_person: Any) -> None:
    first, second = make_person("ida", "Reader"), make_person("eva", "Reader")
    kept = Kept(lambda user: SavedSearch.objects.filter(owner=user).values_list("name"))
    saved.keep("Of Ida", "q=war", by=first)
    saved.keep("Of Eva", "q=peace", by=second)
    assert kept.rows(first) == [("Of Ida",)]
    assert kept.rows(second) == [("Of Eva",)]


def test_a_kept_question_is_put_into_sql_once_for_each_set_of_rights(make_person: Any) -> None:
    built = []

    def build(user: Any) -> Any:
        built.append(user.username)
        return SavedSearch.objects.filter(owner=user).values_list("pk")

    kept = Kept(build)
    people = [make_person("ida", "Reader"), make_person("eva", "Reader"), make_person("ada", "Verifier")]
    with CaptureQueriesContext(connection) as asked:
        for person in people * 2:
            person.get_all_permissions()
            kept.rows(person)
    assert built == ["ida", "ada"]
    assert sum("quotes_savedsearch" in query["sql"] for query in asked) == 6


# --- Rights, accounts and sessions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", ["Reader", "Reporter", "Verifier", "Curator", "Administrator", ""])
def test_everybody_has_the_rights_that_django_gives_them(make_person: Any, rank: str) -> None:
    person = make_person("ida", *([rank] if rank else []))
    with acting(by=None, verb="test.right"):
        person.user_permissions.add(Permission.objects.get(codename="merge_speaker"))
    own = SignInBackend().get_all_permissions(anew(person))
    assert own == ModelBackend().get_all_permissions(anew(person))
    assert "quotes.merge_speaker" in own


def test_who_is_closed_or_nobody_has_no_rights_at_all(make_person: Any, superuser: User) -> None:
    from django.contrib.auth.models import AnonymousUser

    closed = make_person("ida", "Administrator", is_active=False)
    assert SignInBackend().get_all_permissions(closed) == set()
    assert SignInBackend().get_all_permissions(AnonymousUser()) == set()
    assert SignInBackend().get_all_permissions(superuser, obj=superuser) == set()
    assert SignInBackend().get_all_permissions(anew(superuser)) == ModelBackend().get_all_permissions(
        anew(superuser)
    )


def test_rights_are_one_question_however_often_they_are_asked(verifier: User) -> None:
    person = anew(verifier)
    with CaptureQueriesContext(connection) as asked:
        assert person.has_perm("quotes.add_check")
        assert not person.has_perm("quotes.no_such_right")
    assert len(asked) == 1


def test_the_account_of_a_session_is_the_one_that_django_finds(make_person: Any, reader: User) -> None:
    found, own = SignInBackend().get_user(reader.pk), anew(reader)
    assert found is not None
    assert {field.attname: getattr(found, field.attname) for field in User._meta.concrete_fields} == {
        field.attname: getattr(own, field.attname) for field in User._meta.concrete_fields
    }
    assert found._state.db == own._state.db
    assert not found._state.adding
    assert SignInBackend().get_user(make_person("ida", is_active=False).pk) is None
    assert SignInBackend().get_user(0) is None


def test_a_session_is_read_as_django_wrote_it_and_not_after_its_end() -> None:
    written = db.SessionStore()
    written["thing"] = "kept"
    written.save()
    key = written.session_key
    assert SessionStore(key)["thing"] == "kept"
    written.set_expiry(-1)
    written.save()
    over = SessionStore(key)
    assert over.get("thing") is None
    assert over.session_key is None
    assert SessionStore("x" * 32).get("thing") is None


# --- Lines that are drawn once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["<b>{}</b>", "\"&'", "{name}", "{{ x }}", "\ue000who\ue001", "%s"])
def test_a_text_in_a_drawn_line_stays_a_text(text: str) -> None:
    texts = {"avatar": "", "cue": "", "who": text, "role": text}
    drawn = stamp("shared/row_who.html", texts, {"has_cue": False, "has_role": True})
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = safe.replace('"', "&quot;").replace("'", "&#x27;")
    assert f"<bdi>{safe}</bdi></b>, {safe}</span>" in drawn
    assert isinstance(drawn, SafeString)


def test_only_what_is_markup_already_is_not_escaped_again() -> None:
    texts = {"avatar": beside("", [format_html("<i>{}</i>", "&")]), "cue": "", "who": "A", "role": ""}
    drawn = stamp("shared/row_who.html", texts, {"has_cue": False, "has_role": False})
    assert drawn.startswith('<p class="qrow-who"><i>&amp;</i><span>')
