"""The founding story in fixtures/: what is in the files, and what the desk makes of them.

The files are read as text where a test is about what they hold, and loaded where it is about what they mean.
"""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import TestCase

from quotes.models import (
    AuditEvent,
    Check,
    Evidence,
    Figure,
    Link,
    Quote,
    Speaker,
    SpeakerName,
    Standing,
    Statement,
    Tenure,
)
from quotes.text.roles import Flag, Role, flag

FIXTURES = settings.BASE_DIR / "fixtures"
FOUNDING, WIDER = FIXTURES / "10-founding-story.json", FIXTURES / "20-wider-story.json"
THE_ARTICLE = "https://en.fnnews.com/news/202602051022565171"

LONGEST_SPAN = 240
"""Characters of one quote: two sentences. A quotation, not a copy."""
LONGEST_CONTEXT = 64
"""Characters on each side, PRODUCT.md §2."""
MOST_OF_ONE_ARTICLE = 1_400
"""Characters quoted from one article altogether: under half of the founding article's 2,989."""

NAMED_IN_THE_STORY = {
    "volodymyr-zelenskyy": 9,
    "rustem-umerov": 2,
    "kremlin": 2,
    "csis": 1,
    "unnamed-research-institutes": 1,
    "russia": 2,
    "ukraine": 2,
}
SERIES = [2_500, 31_000, 43_000, 45_100, 46_000, 55_000]
"""What Zelenskyy said of Ukrainian soldiers killed, April 2022 to February 2026 (lower ends)."""


def rows(*files: Any) -> list[Any]:
    return [
        row for file in files or (FOUNDING, WIDER) for row in json.loads(file.read_text(encoding="utf-8"))
    ]


def fields(model: str, *files: Any) -> list[Any]:
    """Return the fields of all records of one model in these files; in both when none is named."""
    return [row["fields"] for row in rows(*files) if row["model"] == f"quotes.{model}"]


# --- the files ---


def test_the_story_has_its_statements_each_with_its_speaker() -> None:
    assert Counter(s["speaker"][0] for s in fields("statement", FOUNDING)) == NAMED_IN_THE_STORY


def test_every_statement_of_the_story_is_quoted_from_the_one_article() -> None:
    quotes = fields("quote", FOUNDING)
    assert {quote["article"][0] for quote in quotes} == {THE_ARTICLE}
    assert {quote["statement"][0] for quote in quotes} == {s["uid"] for s in fields("statement", FOUNDING)}


def test_a_record_comes_after_those_it_refers_to() -> None:
    """So that plain `loaddata` of the files in the order of their names works."""
    known: set[tuple[str, str]] = set()
    for row in rows():
        model = apps.get_model(row["model"])
        assert "pk" not in row
        for name, value in row["fields"].items():
            field = model._meta.get_field(name)
            if not field.is_relation or value is None:
                continue
            for key in value if field.many_to_many else [value]:
                target = field.related_model._meta.label_lower
                assert (target, key[0]) in known, f"{row['model']} refers forward to {target} {key}"
        own = row["fields"].get("slug") or row["fields"].get("uid") or row["fields"].get("url")
        known.add((row["model"], own))


def test_only_short_spans_of_other_peoples_articles_are_kept() -> None:
    of_one_article: Counter[str] = Counter()
    for quote in fields("quote"):
        assert len(quote["text"]) <= LONGEST_SPAN, quote["uid"]
        assert max(len(quote["prefix"]), len(quote["suffix"])) <= LONGEST_CONTEXT, quote["uid"]
        of_one_article[quote["article"][0]] += len(quote["text"])
    article, most = of_one_article.most_common(1)[0]
    assert most <= MOST_OF_ONE_ARTICLE, article
    assert not fields("capture"), "a capture would hold the whole text"


def test_no_other_field_holds_an_article_in_disguise() -> None:
    for row in rows():
        for name, value in row["fields"].items():
            texts = value if isinstance(value, list) and row["model"] == "quotes.link" else [value]
            for text in texts:
                if isinstance(text, str) and not text.startswith("http"):
                    assert len(text) <= LONGEST_SPAN, f"{row['model']}.{name}: {text[:60]}…"


def test_a_file_brings_no_standing_check_evidence_or_decided_link() -> None:
    allowed = {
        "outlet", "speaker", "speakername", "tenure", "article", "topic", "measure", "statement", "quote",
        "relay", "figure", "link",
    }  # fmt: skip
    assert {row["model"].removeprefix("quotes.") for row in rows()} <= allowed
    for link in fields("link"):
        assert (link["state"], link["decided_by"], link["decided_at"]) == ("suggested", None, None)
        assert link["reasons"], "a suggestion says why"


def test_every_page_and_every_role_has_its_source_in_the_readme() -> None:
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    sources = [article["url"] for article in fields("article")]
    sources += [tenure["source_url"] for tenure in fields("tenure")]
    for source in sources:
        assert re.match(r"https?://[\w.-]+\.\w+/\S", source), source
        assert source in readme, f"fixtures/README.md does not name {source}"


def test_an_outlet_is_there_because_something_refers_to_it() -> None:
    keys = [
        key for row in rows() for key in row["fields"].values() if isinstance(key, list) and len(key) == 1
    ]
    used = {key[0] for key in keys if isinstance(key[0], str)}
    idle = {outlet["slug"] for outlet in fields("outlet") if outlet["slug"] not in used}
    assert idle == {"ap"}, "The Associated Press is in the story by its photograph"


def test_names_are_given_in_the_scripts_of_the_sources() -> None:
    spelt = {name["text"] for name in fields("speakername") if name["speaker"] == ["volodymyr-zelenskyy"]}
    assert spelt >= {
        "Zelenskyy", "Zelensky", "Zelenskiy", "Zelenskyi", "Zełenski", "Selenskyj", "Зеленський", "Зеленский",
        "젤렌스키", "ゼレンスキー", "زيلينسكي", "泽连斯基",
    }  # fmt: skip


# --- the loaded story ---


def load() -> None:
    call_command("loaddata", str(FOUNDING), str(WIDER), verbosity=0)


def role(tenure: Tenure) -> Role:
    return Role(tenure.title, tenure.organisation.name if tenure.organisation else "")


def remark(person: Speaker, statement: Statement, printed: str, language: str = "en") -> Flag | None:
    """Return what is to be said of a role printed for `person` on the day of `statement`."""
    assert statement.days is not None
    held = person.roles_held(*statement.days)
    others = [role(tenure) for tenure in person.tenures.all() if tenure not in held]
    return flag(printed, language, [role(tenure) for tenure in held], others)


class TestTheLoadedStory(TestCase):
    """A class, because its records are loaded once for all of its tests."""

    statements: ClassVar[dict[str, Any]]

    @classmethod
    def setUpTestData(cls) -> None:
        load()
        cls.statements = {statement.uid: statement for statement in Statement.objects.for_list()}

    def test_a_second_load_changes_nothing(self) -> None:
        def everything() -> dict[str, list[Any]]:
            models = [m for m in apps.get_app_config("quotes").get_models() if m is not AuditEvent]
            kept = {m.__name__: sorted(map(repr, m._default_manager.values_list())) for m in models}
            return kept | {"events": [AuditEvent.objects.count()]}

        before = everything()
        assert len(before["Statement"]) == 31
        load()
        assert everything() == before

    def test_nothing_in_it_is_verified(self) -> None:
        assert set(Standing.objects.values_list("value", "depth")) == {("unchecked", "cited")}
        assert Standing.objects.count() == Quote.objects.count() > 0
        assert not Check.objects.exists()
        assert not Evidence.objects.exists()
        assert not Link.objects.confirmed().exists()

    def test_all_reports_of_the_55000_are_one_root(self) -> None:
        statement = self.statements["zelenskyy-55000-killed"]
        assert statement.reports == 14
        assert [outlet.slug for outlet in statement.roots] == ["france-televisions"]

    def test_the_story_tells_its_chain_from_the_kyiv_post_to_france_2(self) -> None:
        chain = Quote.objects.get(uid="fn-zelenskyy-55000-killed").chain
        assert [(relay.position, relay.outlet.slug) for relay in chain if relay.outlet] == [
            (1, "kyiv-post"),
            (2, "france-2"),
        ]
        assert chain[0].as_printed == "According to Ukrainian media including the Kyiv Post on the 4th"

    def test_a_source_without_a_name_is_no_root(self) -> None:
        statement = self.statements["institutes-deaths-far-higher"]
        assert (statement.reports, statement.roots) == (2, [])

    def test_the_figures_follow_one_another_in_time(self) -> None:
        newest = self.statements["zelenskyy-55000-killed"]
        series, days = [], []
        while newest is not None:
            figures = Figure.objects.filter(quote__statement=newest, measure__slug="ukr-soldiers-killed")
            series.append({figure.low for figure in figures})
            days.append(newest.said_on)
            link = Link.objects.filter(source=newest, type="updates_figure").first()
            newest = link.target if link else None
        assert [min(lows) for lows in reversed(series)] == SERIES
        assert all(len(lows) == 1 for lows in series), "reports of one statement agree on its number"
        assert days == sorted(days, reverse=True)

    def test_one_figure_conflicts_and_what_cannot_be_compared_does_not(self) -> None:
        conflict = Link.objects.get(type="conflicts_figure")
        assert {conflict.source.uid, conflict.target.uid} == {
            "zelenskyy-55000-killed",
            "csis-ukrainians-killed",
        }
        casualties = Figure.objects.get(quote__uid="trt-world-csis-casualties")
        assert (casualties.low, casualties.high) == (Decimal(500_000), Decimal(600_000))
        assert casualties.measure.slug == "ukr-military-casualties"

    def test_wounds_are_cases_unless_a_report_made_them_persons(self) -> None:
        counted = Figure.objects.filter(quote__statement__uid__endswith="-wound-cases")
        units = Counter(figure.measure.unit for figure in counted)
        assert units == {"cases": 4, "persons": 1}
        assert counted.get(measure__unit="persons").quote.uid == "euromedia24-370000-wounded"

    def test_a_partial_quote_is_a_few_words_of_what_others_print_in_full(self) -> None:
        partial = Quote.objects.filter(kind="partial")
        assert {quote.text for quote in partial} == {
            "productive", "large number of people", "only scared of Trump", "intense but professional",
        }  # fmt: skip
        for uid in ("fn-umerov-productive", "reuters-many-missing"):
            quote = partial.get(uid=uid)
            longer = [q.text for q in quote.statement.quotes.exclude(kind="partial") if quote.text in q.text]
            assert longer, f"nobody prints more than “{quote.text}”"

    def test_the_open_door_has_its_condition_beside_it(self) -> None:
        door, condition = self.statements["kremlin-door-open"], self.statements["kremlin-operation-continues"]
        assert Link.objects.filter(source=condition, target=door, type="context_for").exists()
        texts = {quote.uid: quote.text for quote in door.quotes.all()}
        assert " Но пока " in texts["news-ru-door-open"]
        assert " Но пока " not in texts["lenta-door-open"], "re-reported without the condition"

    def test_the_kremlins_words_are_held_once_with_peskovs_mouth(self) -> None:
        for slug in ("kremlin", "dmitry-peskov"):
            said = Statement.objects.of_speaker(Speaker.objects.get(slug=slug))
            assert sorted(said.values_list("uid", flat=True)) == [
                "kremlin-door-open",
                "kremlin-operation-continues",
            ]
        roles = self.statements["kremlin-door-open"].mouth_roles
        assert [tenure.speaks_for for tenure in roles] == [True]

    def test_every_name_leads_to_one_speaker(self) -> None:
        names = SpeakerName.objects.select_related("speaker")
        assert len({name.speaker_id for name in names}) == Speaker.objects.count()
        for name in names:
            for written in (name.text, name.text.upper()):
                assert list(Speaker.objects.named(written)) == [name.speaker], written

    def test_the_president_is_shown_as_president_though_the_day_is_not_known(self) -> None:
        statement = self.statements["zelenskyy-lose-war-lose-independence"]
        assert statement.said_on_precision == "year"
        assert [tenure.title for tenure in statement.roles] == ["President of Ukraine"]

    def test_trump_was_not_the_former_president_that_day(self) -> None:
        quote = Quote.objects.get(uid="fn-zelenskyy-putin-fears-trump")
        assert "former U.S. President Donald Trump" in quote.text
        found = remark(Speaker.objects.get(slug="donald-trump"), quote.statement, "former U.S. President")
        assert found is not None
        assert found.kind == "not_former"

    def test_of_the_roles_printed_for_speakers_only_kulebas_was_no_longer_held(self) -> None:
        remarks = {}
        for quote in Quote.objects.select_related("statement__speaker", "statement__uttered_by"):
            person = quote.statement.uttered_by or quote.statement.speaker
            found = remark(person, quote.statement, quote.role_as_printed, quote.language)
            if found:
                remarks[quote.uid] = found.kind
        assert remarks == {"palestine-telegraph-kuleba": "other_time"}
        kuleba = Tenure.objects.get(person__slug="dmytro-kuleba")
        sybiha = Tenure.objects.get(person__slug="andrii-sybiha")
        assert kuleba.title == sybiha.title
        assert kuleba.ends == sybiha.starts

    def test_no_report_of_the_interview_passes_for_the_original(self) -> None:
        interview = Quote.objects.filter(statement__occasion__startswith="France 2")
        assert interview.count() > 30
        assert not interview.filter(is_translation=False).exists()
        assert not interview.exclude(statement__original_language="").exists()

    def test_what_is_not_known_is_null(self) -> None:
        hope = self.statements["zelenskyy-hopes-prisoner-exchange"]
        assert (hope.said_on, hope.said_on_precision, hope.occasion) == (None, None, "")
        assert self.statements["russia-demands-withdrawal"].uttered_by is None
        assert Tenure.objects.get(title__startswith="Chief negotiator").starts is None
