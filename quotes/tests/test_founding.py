"""The results of the founding story, as the desk itself finds them in the loaded fixtures."""

from io import StringIO
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.test import TestCase

from quotes.actions.audit import acting
from quotes.models import Relay, Statement, Tenure
from quotes.search.founding import results
from quotes.tests.test_story import load


def found() -> dict[str, Any]:
    return {result.name: result for result in results(AnonymousUser())}


class TestTheFoundingStory(TestCase):
    """A class, because its records are loaded once for all of its tests."""

    told: ClassVar[dict[str, Any]]

    @classmethod
    def setUpTestData(cls) -> None:
        load()
        cls.told = found()

    def test_all_seven_results_are_as_they_are_to_be(self) -> None:
        assert len(self.told) == 7
        assert {name: len(result.found) for name, result in self.told.items()} == {
            "One root for 55,000 over all its reports": 1,
            "The six-point series in order": 6,
            "One conflict": 1,
            "One “not comparable”": 1,
            "The role flag": 1,
            "Two partial quotes": 2,
            "The dropped condition": 1,
        }

    def test_the_one_root_is_france_televisions_behind_fourteen_reports(self) -> None:
        root = self.told["One root for 55,000 over all its reports"]
        assert (list(root.found), root.said) == (["France Télévisions"], "14 reports, 1 root")

    def test_the_series_rises_from_april_2022_and_every_step_is_an_update(self) -> None:
        series = self.told["The six-point series in order"]
        assert list(series.found) == [
            "between 2,500 and 3,000 (15 Apr 2022)", "31,000 (25 Feb 2024)", "43,000 (8 Dec 2024)",
            "45,100 (4 Feb 2025)", "46,000 (14 Feb 2025)", "55,000 (2026)",
        ]  # fmt: skip
        assert series.said == "5 of 5 steps are updates"

    def test_the_conflict_and_what_does_not_compare_say_because_of_what(self) -> None:
        conflict, other = self.told["One conflict"], self.told["One “not comparable”"]
        assert list(conflict.found) == ["CSIS: between 100,000 and 140,000"]
        assert conflict.said.endswith(
            "as of Dec 2025, according to CSIS (estimate). The two figures conflict."
        )
        assert other.said.endswith("also counts the wounded and missing.")

    def test_the_condition_that_one_report_drops_is_named_with_its_words(self) -> None:
        dropped = self.told["The dropped condition"]
        assert list(dropped.found) == ["но, пока, не"]
        assert dropped.said.startswith("Lenta.ru leaves out what NEWS.ru has: “Но пока")

    def test_results_follow_the_records_and_are_not_known_beforehand(self) -> None:
        with acting(by=None, verb="tests.change"):
            Statement.objects.filter(uid__startswith="csis-").update(record="off")
            Relay.objects.filter(quote__uid="unn-55000-killed").delete()
            Tenure.objects.filter(person__slug="donald-trump").delete()
        now = found()
        assert len(now["One conflict"].found) == 0
        assert len(now["One “not comparable”"].found) == 0
        assert len(now["The role flag"].found) == 0
        assert len(now["One root for 55,000 over all its reports"].found) == 2
        assert len(now["The six-point series in order"].found) == 6

    def test_the_command_prints_them_all_and_fails_when_one_is_missing(self) -> None:
        out = StringIO()
        call_command("founding_story", stdout=out)
        lines = [line for line in out.getvalue().splitlines() if line.startswith(("ok", "FAIL"))]
        assert [line.split()[0] for line in lines] == ["ok"] * 7
        with acting(by=None, verb="tests.change"):
            Statement.objects.filter(uid="csis-ukrainians-killed").update(record="off")
            Statement.objects.filter(uid="csis-ukrainian-casualties").update(record="off")
        with pytest.raises(CommandError):
            call_command("founding_story", stdout=StringIO())

    def test_the_command_says_when_there_is_no_story(self) -> None:
        with acting(by=None, verb="tests.change"):
            Statement.objects.filter(uid="zelenskyy-55000-killed").update(record="off")
        with pytest.raises(CommandError, match="not loaded"):
            call_command("founding_story", stdout=StringIO())
