"""Every rule of test_house finds what it is for, and leaves what is right alone."""

import pytest

from quotes.tests.house import markup, source, tree
from quotes.tests.house.findings import excused, files, unexcused

VIEW = "quotes/views/verify.py"
ACTION = "quotes/actions/verify.py"
TEST = "quotes/tests/test_verify.py"
PAGE = "templates/verify/index.html"

# rule, path, what it must find, what it must leave alone
PYTHON = [
    (source.a_module_has_at_most_400_lines, VIEW, "x = 1\n" * 401, "x = 1\n" * 400),
    (
        source.a_module_has_at_most_400_lines,
        VIEW,
        "# house: long\n" + "x = 1\n" * 401,
        "# house: one table of one standard\n" + "x = 1\n" * 401,
    ),
    (source.nothing_is_marked_safe, VIEW, "mark_safe(text)", "render(request, 'x.html')"),
    (source.nothing_is_marked_safe, VIEW, "safestring.mark_safe(text)", "safe = True"),
    (source.nothing_is_marked_safe, VIEW, "SafeString(text)", "def f() -> SafeString: ..."),
    (source.nothing_is_marked_safe, VIEW, "shown = map(mark_safe, texts)", "shown = map(escape, texts)"),
    (source.nothing_is_marked_safe, VIEW, "format_html(f'<b>{x}</b>')", "format_html('<b>{}</b>', x)"),
    (source.nothing_is_marked_safe, VIEW, "format_html()", "format_html('<b>{}</b>', x)"),
    (source.sql_is_never_built_from_text, VIEW, "Quote.objects.extra(where=['1'])", "extra(1)"),
    (source.sql_is_never_built_from_text, VIEW, "Quote.objects.raw('SELECT 1')", "raw = 1"),
    (source.sql_is_never_built_from_text, VIEW, "RawSQL('1', [])", "F('text')"),
    (source.sql_is_never_built_from_text, VIEW, "c.execute(f'SELECT {x}')", "c.execute('SELECT %s', [x])"),
    (source.sql_is_never_built_from_text, VIEW, "c.execute('SELECT %s' % x)", "c.execute(QUERY, [x])"),
    (source.sql_is_never_built_from_text, VIEW, "c.execute('SELECT ' + x + ' FROM y')", "c.execute(a)"),
    (
        source.sql_is_never_built_from_text,
        VIEW,
        "c.execute('SELECT {}'.format(x))",
        "c.execute(SQL('SELECT {}').format(Identifier(x)))",
    ),
    (
        source.sql_is_never_built_from_text,
        VIEW,
        "migrations.RunSQL(f'GRANT {x}')",
        "migrations.RunSQL('GRANT')",
    ),
    (source.writes_are_verbs_in_actions, VIEW, "quote.save()", "super().save(*args)"),
    (source.writes_are_verbs_in_actions, "quotes/models/quote.py", "self.save()", "super().save()"),
    (source.writes_are_verbs_in_actions, "newsroom/accounts.py", "user.save()", "form.cleaned_data"),
    (source.writes_are_verbs_in_actions, VIEW, "form.save(commit=True)", "form.save(commit=False)"),
    (source.writes_are_verbs_in_actions, ACTION, "quote.save()", "quote.save(force_insert=True)"),
    (source.writes_are_verbs_in_actions, VIEW, "Quote.objects.filter(pk=1).update(text='')", "d.update({})"),
    (source.writes_are_verbs_in_actions, VIEW, "Quote.objects.create(text='')", "factory.create(text='')"),
    (source.writes_are_verbs_in_actions, VIEW, "quote.delete()", "cache.delete('key')"),
    (source.writes_are_verbs_in_actions, VIEW, "Quote.objects.bulk_create(rows)", "list(rows)"),
    (
        source.lists_of_the_admin_are_not_forms,
        "quotes/admin/x.py",
        "list_editable = ['a']",
        "list_display = []",
    ),
    (
        source.lists_of_the_admin_are_not_forms,
        "quotes/admin/x.py",
        "class A:\n    list_editable: list[str] = ['a']",
        "class A:\n    list_filter: list[str] = []",
    ),
    (
        source.nothing_happens_by_signal,
        VIEW,
        "from django.db.models.signals import post_save",
        "from django.db.models import F",
    ),
    (source.nothing_happens_by_signal, VIEW, "from django.dispatch import receiver", "import django"),
    (source.nothing_happens_by_signal, VIEW, "import django.core.signals", "import signal"),
    (source.nothing_prints, VIEW, "print('here')", "self.stdout.write('here')"),
    (source.views_are_functions, VIEW, "from django.views.generic import ListView", "import django.views"),
    (source.views_are_functions, VIEW, "from django.views import View", "from django.views.csrf import x"),
    (source.views_are_functions, "quotes/urls.py", "path('', Desk.as_view())", "path('', desk)"),
    (source.plain_rooms_know_no_django, "quotes/text/x.py", "import django.db", "import re"),
    (
        source.plain_rooms_know_no_django,
        "quotes/importing/x.py",
        "def f():\n    import psycopg",
        "import json",
    ),
    (
        source.plain_rooms_know_no_django,
        "quotes/text/x.py",
        "from quotes.models import Quote",
        "from quotes.text.names import fold",
    ),
    (source.every_action_says_by_whom, ACTION, "def check(quote): ...", "def check(quote, *, by): ..."),
    (
        source.every_action_says_by_whom,
        ACTION,
        "# house: steps of the import\n\n\ndef insert(rows): ...",
        "# house: steps of imports.run, which says by whom\n\n\ndef insert(rows): ...",
    ),
    (source.every_action_says_by_whom, ACTION, "def check(quote, by): ...", "def _helper(quote): ..."),
    (
        source.tests_are_sentences,
        TEST,
        "def test_check(): ...",
        "def test_a_reporter_cannot_verify(): ...",
    ),
    (
        source.tests_are_sentences,
        TEST,
        "class TestCheck:\n    def test_it_works_well(self): ...",
        "def helper(): ...",
    ),
    (
        source.tests_are_not_skipped,
        TEST,
        "@pytest.mark.skip\ndef test_x(): ...",
        "@pytest.mark.browser\ndef f(): ...",
    ),
    (source.tests_are_not_skipped, TEST, "pytest.xfail('later')", "pytest.fail('now')"),
]

MARKUP = [
    (markup.nothing_is_inline, "<script>go()</script>", '<script src="{% static "js/a.js" %}"></script>'),
    (
        markup.nothing_is_inline,
        '<script type="module">x</script>',
        '<script type="application/json">{}</script>',
    ),
    (markup.nothing_is_inline, "<style>a{}</style>", '<link rel="stylesheet" href="a.css">'),
    (markup.nothing_is_inline, '<p style="color:red">', '<p class="style">'),
    (
        markup.nothing_is_inline,
        '<p {% if x %}style="width:{{ w }}%"{% endif %}>',
        "<p {% if x %}hidden{% endif %}>",
    ),
    (markup.nothing_is_inline, '<button onclick="go()">', '<button name="on">'),
    (markup.nothing_is_inline, '<div hx-on:click="go()">', '<div hx-target="#a">'),
    (markup.nothing_is_inline, '<a href=" JavaScript:go()">', '<a href="/javascript:go">'),
    (markup.escaping_stays_on, "{{ quote.text|safe }}", "{{ quote.text }} is |safe in words"),
    (markup.escaping_stays_on, "{{ names|safeseq|join:', ' }}", "{{ safely|lower }}"),
    (markup.escaping_stays_on, "{% autoescape off %}", "{% autoescape on %}"),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<a hx-get="/x/">',
        '<a href="{% url "search" %}" hx-get="/x/">',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<a href="#" hx-get="/x/">',
        '<a href="?page={{ next }}" hx-get="/x/">',
    ),
    (markup.htmx_sits_on_something_that_works_without_it, '<a href="/x/" hx-post="/x/">', '<a href="/x/">'),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<div hx-get="/x/" hx-trigger="load">',
        '<div hx-target="#results" hx-swap="outerHTML">',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form hx-post="/x/">',
        '<form method="post" hx-post="/x/">',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form method="post" hx-get="/x/">',
        '<form action="/search/" hx-get="/search/">',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form></form><button hx-get="/x/">',
        '<form><button hx-get="/x/"></form>',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form method="post"><button type="button" hx-post="/x/"></form>',
        '<form method="post"><button hx-post="/x/"></form>',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form><button hx-post="/x/"></form>',
        '<form><button formmethod="post" hx-post="/x/"></form>',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<form method="post"><button hx-delete="/x/"></form>',
        '<button form="filters" hx-get="/x/">',
    ),
    (markup.htmx_sits_on_something_that_works_without_it, '<i data-hx-get="/x/">', "{# <i hx-get='/x/'> #}"),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        '<a href="/x/" hx-get="/x/" hx-trigger="click[ctrlKey]">',
        '<a href="/x/" hx-get="/x/" hx-trigger="click">',
    ),
    (
        markup.htmx_sits_on_something_that_works_without_it,
        "<form hx-vals='js:{a: 1}'>",
        """<form hx-vals='{"a": 1}'>""",
    ),
    (markup.nothing_comes_from_elsewhere, '<img src="//cdn.example/x.png">', '<img src="/static/x.png">'),
    (
        markup.nothing_comes_from_elsewhere,
        '<link rel="stylesheet" href="https://cdn.example/x.css">',
        '<a href="https://www.example/">',
    ),
    (markup.nothing_is_left_for_later, "<p>TODO: words</p>", "<p>To do: nothing</p>"),
    (markup.nothing_is_left_for_later, "<p>Lorem ipsum</p>", "<p>Words</p>"),
    (markup.scripts_build_no_markup_from_text, "eval(text)", "retrieval(text)"),
    (markup.scripts_build_no_markup_from_text, "node.innerHTML = text", "node.textContent = text"),
    (markup.scripts_build_no_markup_from_text, "new Function(text)", "new FormData(form)"),
    (markup.scripts_build_no_markup_from_text, "document.write(text)", "document.title"),
    (markup.scripts_build_no_markup_from_text, "e.insertAdjacentHTML('x', t)", "e.append(t)"),
    (markup.styles_load_nothing_from_elsewhere, "a { background: url('//x/y.png') }", "url(../img/y.svg)"),
    (markup.styles_load_nothing_from_elsewhere, "@import 'https://x/y.css';", "@import 'tokens.css';"),
]


@pytest.mark.parametrize(("rule", "path", "bad", "good"), PYTHON)
def test_each_rule_for_python_finds_the_bad_and_leaves_the_good(rule, path, bad, good):
    assert list(unexcused(rule(path, bad), path, bad))
    assert not list(unexcused(rule(path, good), path, good))


@pytest.mark.parametrize(("rule", "bad", "good"), MARKUP)
def test_each_rule_for_markup_finds_the_bad_and_leaves_the_good(rule, bad, good):
    assert list(unexcused(rule(PAGE, bad), PAGE, bad))
    assert not list(unexcused(rule(PAGE, good), PAGE, good))


def test_every_rule_has_an_example_of_breaking_it():
    shown = {case[0] for case in PYTHON + MARKUP}
    assert {
        *source.RULES,
        *markup.TEMPLATE_RULES,
        *markup.SCRIPT_RULES,
        *markup.STYLE_RULES,
    } == shown


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (source.every_action_says_by_whom, VIEW, "def verify(request): ..."),
        (source.every_action_says_by_whom, "quotes/actions/__init__.py", "def verify(request): ..."),
        (source.writes_are_verbs_in_actions, TEST, "quote.save()"),
        (source.writes_are_verbs_in_actions, "quotes/migrations/0009_x.py", "quote.save()"),
        (source.writes_are_verbs_in_actions, ACTION, "Quote.objects.filter(pk=1).update(text='')"),
        (source.views_are_functions, "quotes/admin/site.py", "X.as_view()"),
        (source.plain_rooms_know_no_django, "quotes/tests/text/test_x.py", "import django"),
        (source.tests_are_sentences, "quotes/tests/factories.py", "def test(): ..."),
        (source.a_module_has_at_most_400_lines, "quotes/migrations/0001_x.py", "x = 1\n" * 500),
        (source.nothing_prints, "newsroom/postgres/torture/__main__.py", "print()"),
        (source.nothing_happens_by_signal, TEST, "from django.dispatch import receiver"),
    ],
)
def test_a_rule_holds_only_in_the_rooms_it_is_for(rule, path, text):
    assert list(rule(path, text)) == []


def test_a_finding_names_the_file_and_the_line_to_look_at():
    text = "import re\n\n\nprint(re)\n"
    (found,) = unexcused(source.nothing_prints(VIEW, text), VIEW, text)
    assert str(found).startswith("quotes/views/verify.py:4: print()")


def test_a_finding_below_a_form_of_many_lines_keeps_its_line():
    text = "{% comment %}\n\n{% endcomment %}\n<p\n  class='a'>\n{{ a\n}}<b style='x'>"
    assert [line for line, _ in markup.nothing_is_inline(PAGE, text)] == [7]


@pytest.mark.parametrize(
    ("comment", "is_reason"),
    [
        ("# house: the library needs one", True),
        ("{# house: the library needs one #}", True),
        ("/* house: the library needs one */", True),
        ("// house: the library needs one", True),
        ("# house:", False),
        ("# house: because", False),
        ("# the library needs one", False),
        ("x = 'house: the library needs one'", False),
    ],
)
def test_an_exception_is_only_excused_by_a_reason_in_words(comment, is_reason):
    assert excused([comment, "print()"], 2) is is_reason
    assert excused(["x", f"print()  {comment}"], 2) is is_reason
    assert not excused([comment, "", "print()"], 3)


def test_a_template_that_nothing_renders_is_named():
    templates = {"search/index.html": "", "index.html": "", "shared/row.html": "", "404.html": ""}
    templates["verify/index.html"] = ""
    sources = ['render(request, "search/index.html#results")', 'render(request, f"verify/index.html{part}")']
    assert list(tree.unmentioned_templates(templates, sources, [])) == ["index.html", "shared/row.html"]
    templates["index.html"] = '{% include "shared/row.html" %}'
    assert list(tree.unmentioned_templates(templates, sources, [])) == ["index.html"]


def test_a_template_that_overrides_one_of_an_app_needs_no_other_mention(tmp_path):
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "login.html").write_text("")
    templates = {"account/login.html": "", "account/logon.html": ""}
    assert list(tree.unmentioned_templates(templates, [], [tmp_path])) == ["account/logon.html"]


def test_a_script_that_nothing_loads_is_named():
    users = {"templates/base.html": '{% static "js/a.js" %}', "static/js/b.js": "// b.js itself"}
    assert list(tree.unloaded_files(["js/a.js", "js/b.js"], users)) == ["js/b.js"]


def test_files_are_found_below_the_folder_that_is_asked_for(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text("x")
    assert list(files("**/*.py", root=tmp_path)) == [("a/b.py", "x")]
