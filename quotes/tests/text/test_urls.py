"""Web addresses: one spelling of each, and nothing that runs, hides or needs guessing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.urls import (
    NotAWebAddress,
    _canonical,
    canonical_url,
    domain_of,
    is_canonical,
    is_web_address,
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.fnnews.com/news/202602051022565171", None),
        ("HTTPS://WWW.Example.ORG", "https://www.example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:0443/a", "https://example.org/a"),
        ("http://example.org:443/a", None),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&id=1&fbclid=2", "https://example.org/a?id=1"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?b=1&&c=2", "https://example.org/a?b=1&c=2"),
        ("https://example.org/a?ref=front&b=%2f", "https://example.org/a?ref=front&b=%2F"),
        ("https://example.org/a/./b/../c/", "https://example.org/a/c/"),
        ("https://example.org/%2e%2E/x", "https://example.org/x"),
        ("https://example.org/a/..", "https://example.org/"),
        ("https://example.org/%7Euser/%41?q=%zz", "https://example.org/~user/A?q=%25zz"),
        ("https://uk.wikipedia.org/wiki/Київ", "https://uk.wikipedia.org/wiki/%D0%9A%D0%B8%D1%97%D0%B2"),
        (
            "https://президент.рф/новини",
            "https://xn--d1abbgf6aiiy.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8",
        ),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://ＥＸＡＭＰＬＥ。org/", "https://example.org/"),
        ("http://127.0.0.1:8000/a", None),
        ("http://[2001:DB8:0:0::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("https://example.org//double//slash", None),
        ('https://example.org/a"b<c>', "https://example.org/a%22b%3Cc%3E"),
        ("https://lite.mir24.tv/amp/news/16309455", None),
        (
            "https://example.org/?url=https://other.example/%3Fa=b",
            "https://example.org/?url=https://other.example/%3Fa=b",
        ),
    ],
)
def test_one_spelling_of_each_address(url: str, canonical: str | None) -> None:
    assert canonical_url(url) == (canonical or url)
    assert is_canonical(canonical or url)
    assert is_canonical(url) == (canonical in (None, url))
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "example.org",
        "//example.org/",
        "/a",
        "http:",
        "http:/",
        "http://",
        "http:///a",
        "https://?q",
        "https://#f",
        "http:example.org",
        "http:/example.org",
        "http:\\\\example.org",
        "https:/\\example.org",
        "https://example.org\\@evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        " javascript:alert(1)",
        "javascript&colon;alert(1)",
        "java&#115;cript:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "javascript:http://example.org",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,PHN2Zz4=",
        "vbscript:msgbox(1)",
        "blob:https://example.org/1",
        "file:///etc/passwd",
        "ftp://example.org/",
        "mailto:a@example.org",
        "view-source:https://example.org",
        "ws://example.org",
        "about:blank",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org@evil.example/",
        "https://@example.org/",
        "https://exa mple.org/",
        "https://example.org/a b",
        " https://example.org/",
        "https://example.org/\n",
        "https://example.org/a\u2028b",
        "https://example.org/\u200b",
        "https://example.org/\u202efdp",
        "https://example.org/a\0",
        "https://exam\tple.org/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://1.2.3.08/",
        "http://example.0x1/",
        "http://[::1",
        "http://[::1]a/",
        "http://[fe80::1%25eth0]/",
        "http://[1:2]/",
        "http://[]/",
        "http://%65xample.org/",
        "http://example%2eorg/",
        "http://exa%00mple.org/",
        "http://exa<mple.org/",
        "http://exa|mple.org/",
        "http://exam*ple.org/",
        "http://-example.org/",
        "http://example-.org/",
        "http://example..org/",
        "http://.org/",
        "http://./",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a.b" * 100 + ".org/",
        "http://example.org:99999/",
        "http://example.org:-1/",
        "http://example.org:８０/",
        "http://example.org:80:80/",
        "http://xn--a/",
        "http://xn--/",
        "http://xn--example-.org/",
        "http://XN--ＡＢ.org/",
        "http://☃.example/",
        "http://a\u00adb.example/",
        "https://example.org/" + "a" * 2000,
        "https://example.org/" + "ї" * 600,
        "http://\ud800.org/",
    ],
)
def test_what_runs_or_hides_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(NotAWebAddress) as refused:
        canonical_url(url)
    message = str(refused.value)
    assert message
    assert message.isprintable()
    assert not is_canonical(url)
    assert not is_web_address(url)


URLS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["http://", "https://", "HTTPS://", "ftp://", "javascript:", "//"]),
    st.one_of(
        st.sampled_from(["example.org", "ПРЕЗИДЕНТ.рф", "[::1]", "1.2.3.4", "xn--d1abbgf6aiiy"]),
        st.text(max_size=8),
    ),
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.one_of(
        st.text(max_size=20).map("/".__add__),
        st.sampled_from(["", "/a/../b", "/%2e./%41?utm_id=1&x", "?a#b"]),
    ),
)


@given(st.one_of(st.text(), URLS))
def test_the_canonical_spelling_of_a_canonical_address_is_itself(url: str) -> None:
    try:
        canonical = canonical_url(url)
    except NotAWebAddress:
        return
    assert canonical_url(canonical) == canonical
    assert canonical.isascii()
    assert canonical.startswith(("http://", "https://"))
    assert not set(canonical) & set(" \t\r\n\\<>\"'`^{}|\0") - {"'"}
    assert domain_of(url) == domain_of(canonical)


@given(
    st.one_of(
        URLS,
        st.text(st.sampled_from("https://a.b-x n--0/..%?~A1"), max_size=40).map(
            "https://a.xn--b.org/".__add__
        ),
    ),
    st.sampled_from(["", "/", "/.a", "/a..b", "/..", "//a", "/~a/b.html"]),
)
def test_the_short_way_is_the_long_way(url: str, path: str) -> None:
    def outcome(function: Callable[[str], str]) -> str | None:
        try:
            return function(url + path)
        except NotAWebAddress:
            return None

    assert outcome(canonical_url) == outcome(_canonical)


def test_the_domain_of_an_address() -> None:
    assert domain_of("https://WWW.Example.org:8080/a") == "www.example.org"
    assert domain_of("http://[::1]:80/") == "[::1]"
