"""What the desk alone finds in the founding story: steps, the conflict, a dropped condition, what does not compare."""

import itertools
import json
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from quotes.actions import imports
from quotes.models import Link, Statement

pytestmark = pytest.mark.django_db


class TestTheFoundingStory:
    @pytest.fixture
    def story(self, verifier: Any) -> dict[str, int]:
        """Both fixtures without their links, suggested for by the desk alone."""
        records = [
            record
            for name in ("10-founding-story.json", "20-wider-story.json")
            for record in json.loads((settings.BASE_DIR / "fixtures" / name).read_text(encoding="utf-8"))
            if record["model"] != "quotes.link"
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "story.json"
            path.write_text(json.dumps(records), encoding="utf-8")
            report = imports.run([path], by=verifier)
        assert not report.refused, report.errors
        call_command("suggest_links", stdout=StringIO(), stderr=StringIO())
        return dict(Statement.objects.values_list("uid", "pk"))

    def test_the_desk_finds_the_steps_the_conflict_the_context_and_what_does_not_compare(
        self, story: Any
    ) -> None:
        def found(kind: str) -> set[tuple[str, str]]:
            return set(Link.objects.filter(type=kind).values_list("source__uid", "target__uid"))

        series = ["2500-3000", "31000", "43000", "45100", "46000", "55000"]
        steps = {
            (f"zelenskyy-{new}-killed", f"zelenskyy-{old}-killed") for old, new in itertools.pairwise(series)
        }
        assert steps <= found("updates_figure")
        assert (
            not {pair for pair in found("updates_figure") if "killed" in pair[0] and "killed" in pair[1]}
            - steps
        )
        conflicts = {frozenset(pair) for pair in found("conflicts_figure")}
        assert frozenset({"zelenskyy-55000-killed", "csis-ukrainians-killed"}) in conflicts
        assert ("kremlin-operation-continues", "kremlin-door-open") in found("context_for")
        assert ("csis-ukrainian-casualties", "csis-ukrainians-killed") in found("context_for")
        context = Link.objects.get(source__uid="csis-ukrainian-casualties", type="context_for")
        assert any(reason.startswith("Not comparable") for reason in context.reasons)
        assert set(Link.objects.values_list("state", flat=True)) == {"suggested"}

    def test_every_suggestion_of_the_story_is_replayed(self, story: Any) -> None:
        call_command("suggest_links", "--replay", stdout=StringIO())

    def test_the_files_bring_an_echo_and_a_repetition_by_hand(self) -> None:
        records = json.loads(
            (settings.BASE_DIR / "fixtures" / "20-wider-story.json").read_text(encoding="utf-8")
        )
        types = {record["fields"]["type"] for record in records if record["model"] == "quotes.link"}
        assert {"echoes", "repeats"} <= types
