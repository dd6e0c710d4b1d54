"""What cannot be kept or read is refused at the door, by name, and never breaks a page (TRUST.md F5, F8)."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import path

from quotes.converters import AsciiInt
from quotes.tests.conftest import FROM_HERE, HTMX, StrictClient
from quotes.tests.factories import a_statement
from quotes.tests.failures import echo


@pytest.mark.parametrize(
    "address", ["/echo/%00", "/%00/", "/echo/?q=%00", "/echo/?%00=a", "/echo/?q=a&q=b%00c"]
)
def test_a_nul_in_the_address_is_refused(visitor: StrictClient, address: str) -> None:
    assert visitor.get(address).status_code == 400


@pytest.mark.parametrize("query", ["q=%ff", "q=%C3%28", "q=%ED%A0%80", "%80=1"])
def test_an_address_that_is_not_utf_8_is_refused(visitor: StrictClient, query: str) -> None:
    assert visitor.get(f"/echo/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["q=%zz", "q=100%", "q=%", "q=%E2%80%9Cwar%E2%80%9D"])
def test_a_lone_percent_sign_is_only_a_percent_sign(visitor: StrictClient, query: str) -> None:
    assert visitor.get(f"/echo/?{query}").status_code == 200


def test_a_nul_in_a_form_is_refused_by_the_name_of_its_field(visitor: StrictClient) -> None:
    answer = visitor.post("/echo/", {"note": "so\x00so"})
    assert answer.status_code == 400
    assert "“note”" in answer.content.decode()
    assert "Nothing was saved" in answer.content.decode()


def test_a_form_with_ordinary_words_passes_byte_for_byte(visitor: StrictClient) -> None:
    words = "  “Якщо ми програємо…”\t\r\n젤렌스키 👩‍🚀 \u202e "
    assert visitor.post("/echo/", {"note": words}).content.decode() == words


def upload(name: str, file_name: str) -> bytes:
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
    return head.encode() + b"[]\r\n--edge--\r\n"


def test_a_nul_in_the_name_of_a_field_is_refused(visitor: StrictClient) -> None:
    assert visitor.post("/echo/", {"no\x00te": "x"}).status_code == 400
    kind = "multipart/form-data; boundary=edge"
    answer = visitor.generic("POST", "/echo/", upload("fi\x00le", "a.json"), content_type=kind)
    assert answer.status_code == 400


def test_the_name_of_a_file_arrives_without_what_cannot_be_kept(settings: Any) -> None:
    kind = "multipart/form-data; boundary=edge"
    request = RequestFactory().generic("POST", "/echo/", upload("file", "a\x00b.json"), content_type=kind)
    assert request.FILES["file"].name == "ab.json"


def test_a_nul_hidden_in_a_cookie_is_refused(visitor: StrictClient) -> None:
    visitor.cookies = SimpleCookie()
    answer = visitor.get("/echo/", headers={"Cookie": 'sessionid="abcdefgh\\000ijk"'})
    assert answer.status_code == 400


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "iso-8859-1", "no-such"])
def test_a_form_in_another_charset_is_refused_and_not_misread(visitor: StrictClient, charset: str) -> None:
    body = '--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nЗеленський\r\n--edge--\r\n'.encode()
    kind = f"multipart/form-data; boundary=edge; charset={charset}"
    assert visitor.generic("POST", "/echo/", body, content_type=kind).status_code == 400
    fine = visitor.generic(
        "POST", "/echo/", body, content_type="multipart/form-data; boundary=edge; charset=UTF-8"
    )
    assert fine.content.decode() == "Зеленський"


def test_half_a_form_is_refused_without_a_fault(visitor: StrictClient) -> None:
    answer = visitor.generic(
        "POST", "/echo/", b"--x\r\nbroken", content_type="multipart/form-data; boundary="
    )
    assert answer.status_code == 400


def test_too_large_a_form_is_413_and_says_that_nothing_was_saved(
    visitor: StrictClient, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = visitor.post("/echo/", {"note": "x" * 2000}, headers=FROM_HERE)
    assert answer.status_code == 413
    assert "Nothing was saved" in answer.content.decode()


def test_a_swap_with_a_nul_gets_a_notice_and_no_page(visitor: StrictClient) -> None:
    answer = visitor.post("/echo/", {"note": "\x00"}, headers=HTMX)
    assert answer.status_code == 400
    assert answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()
    assert 'class="notice' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=99999999999999",
        "created_at__year=99999",
        "created_at__year=-1",
        "p=99999999999999999999",
        "p=-99999999999999999999",
        "id=99999999999999999999",
        "kind__exact=%00",
        "q=%00",
        "o=9999999999999999999999",
    ],
)
@pytest.mark.parametrize("records", ["quotes/speaker", "quotes/quote", "quotes/statement", "auth/user"])
def test_absurd_numbers_in_the_filters_of_the_admin_are_no_fault_of_ours(
    superuser: Any, client_of: Any, records: str, query: str
) -> None:
    browser = client_of(superuser, raise_request_exception=False)
    assert browser.get(f"/admin/{records}/?{query}").status_code in {302, 400}


@pytest.mark.parametrize("digits", ["9" * 19, "١٢٣", "1_000", "+1", "01", " 1", "1.0", "-1"])
def test_another_spelling_of_a_number_is_no_address(digits: str) -> None:
    pattern = path("<ascii-int:pk>/", echo)
    assert pattern.resolve(f"{digits}/") is None
    assert AsciiInt().to_python("123") == 123


@pytest.mark.parametrize("uid", ["ab", "Abc", "-abc", "a_b", "аbc", "a" * 65, "ab\n", "abc\n"])
def test_another_spelling_of_a_uid_is_no_address(uid: str) -> None:
    assert path("<uid:uid>/", echo).resolve(f"{uid}/") is None
    assert path("<uid:uid>", echo).resolve(uid) is None


@pytest.mark.parametrize(
    "address",
    [
        "/?show=new&day=9999-12-31",
        "/?show=open&at=9999-12-31",
        "/activity/?from=9999-12-31&to=9999-12-31",
        "/activity/?from=0001-01-01&to=0001-01-01",
        "/search/?from=9999-12&to=9999-12",
        "/search/?from=9999&to=9999",
        "/search/?q=on:9999-12-31",
        "/search/?q=until:9999-12",
        "/search/?from=0001-01-01",
    ],
)
def test_the_ends_of_the_calendar_are_days_like_any_other(reader: Any, client_of: Any, address: str) -> None:
    assert client_of(reader).get(address).status_code == 200


def test_a_statement_of_the_last_month_there_is_can_be_read(reader: Any, client_of: Any) -> None:
    statement = a_statement(said_on="9999-12-01", said_on_precision="month")
    assert client_of(reader).get(f"/statements/{statement.uid}/?as_of=9999-12-31").status_code == 200
    assert client_of(reader).get("/search/?from=9999-12&to=9999-12").status_code == 200
