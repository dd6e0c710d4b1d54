"""Whatever is joined, split and merged, in whatever order: undone, every row is as it was (invariants 5 to 9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quotes.actions.refusals import Refused
from quotes.models import Quote, SameUtterance, Speaker, Statement
from quotes.tests import factories as make
from quotes.tests.joined import join, merge, nothing_is_astray, rows, split, undo

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A world takes a second to make: making it smaller and smaller would take minutes."""
number = st.integers(0, 5)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("join"), number, number),
        st.tuples(st.just("split"), number, number),
        st.tuples(st.just("merge"), number, number),
        st.tuples(st.just("undo"), number, number),
    ),
    min_size=1,
    max_size=9,
)
links = st.lists(
    st.tuples(
        number,
        number,
        st.sampled_from(["contradicts", "repeats", "responds_to", "conflicts_figure"]),
        st.sampled_from(["suggested", "confirmed", "rejected"]),
    ),
    max_size=6,
    unique_by=lambda link: (frozenset(link[:2]), link[2]),
)


class World:
    """Four speakers, six statements with two quotes each, roles, names, topics, checks and the links drawn."""

    def __init__(self, drawn: Any, people: Any) -> None:
        self.by, self.checker, self.other_checker = people
        self.speakers = [
            make.a_speaker(f"Ada {n}", names={"Ада": "uk", f"Ada {n}": "en"} if n else {"Ада": "uk"})
            for n in range(3)
        ]
        office = make.a_speaker("The office", kind="institution")
        for speaker in self.speakers[:2]:
            make.a_tenure(speaker, "Minister", organisation=office, starts=dt.date(2020, 1, 1))
        make.a_tenure(self.speakers[2], "Spokesperson", organisation=office, speaks_for=True)
        self.speakers.append(office)
        topics = [make.a_topic(), make.a_topic()]
        self.statements = []
        for n in range(6):
            statement = make.a_statement(
                self.speakers[n % 4], said_on=DAY if n != 4 else None, topics=topics[n % 2 :],
                uttered_by=self.speakers[2] if n == 3 else None,
            )  # fmt: skip
            for _ in range(2):
                make.a_held_quote(statement)
            self.statements.append(statement)
        checked = Quote.objects.filter(statement=self.statements[0]).first()
        make.a_check(checked, self.checker)
        make.a_check(checked, self.other_checker)
        for source, target, kind, state in drawn:
            if source != target:
                ends = self.statements[source], self.statements[target]
                make.a_link(*ends, kind, state=state, by=self.checker)
        SameUtterance.objects.create(
            source=self.statements[0], target=self.statements[4], state="rejected", decided_by=self.checker
        )
        self.done: list[tuple[Any, Any]] = []
        self.new = 0

    def do(self, deed: str, first: int, second: int) -> None:
        """Do one deed; one that is refused must have changed nothing at all."""
        before = rows()
        try:
            with transaction.atomic():
                move = self._do(deed, first, second)
        except Refused:
            assert rows() == before, f"{deed} was refused and changed something"
            return
        if move is not None:
            self.done.append((move, before))

    def _do(self, deed: str, first: int, second: int) -> Any:
        statements, speakers = list(Statement.objects.order_by("pk")), list(Speaker.objects.order_by("pk"))
        if deed == "join":
            one = statements[first % len(statements)]
            two = statements[(first + 1 + second) % len(statements)]
            return join(one, two, by=self.by, despite=True)
        if deed == "split":
            statement = statements[first % len(statements)]
            quotes = list(Quote.objects.filter(statement=statement).order_by("pk"))
            self.new += 1
            return split(statement, quotes[: second % 3], f"split-{self.new}", by=self.by)
        if deed == "merge":
            return merge(speakers[first % 4], speakers[(first + 1 + second) % 4], by=self.by, despite=True)
        if self.done:
            # The latest: undoing it must give back exactly what was there.
            move, before = self.done.pop()
            undo(move, by=self.by)
            assert rows() == before
        return None


@settings(
    max_examples=6,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=links, plan=deeds)
def test_undoing_everything_gives_back_the_earlier_rows(
    verifier: Any, second_verifier: Any, curator: Any, drawn: Any, plan: Any
) -> None:
    with transaction.atomic():
        world = World(drawn, (curator, verifier, second_verifier))
        for deed in plan:
            world.do(*deed)
            nothing_is_astray()
        while world.done:
            world.do("undo", 0, 0)
        nothing_is_astray()
        transaction.set_rollback(True)


@settings(
    max_examples=4,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=links, plan=deeds, order=st.randoms(use_true_random=False))
def test_undoing_in_any_order_ends_with_the_earlier_rows(
    verifier: Any, second_verifier: Any, curator: Any, drawn: Any, plan: Any, order: Any
) -> None:
    with transaction.atomic():
        world = World(drawn, (curator, verifier, second_verifier))
        first = rows()
        for deed in plan:
            if deed[0] != "undo":
                world.do(*deed)
        moves = [move for move, _ in world.done]
        order.shuffle(moves)
        # What rests on a later deed is refused, and done after that one.
        while moves:
            left = []
            for move in moves:
                try:
                    with transaction.atomic():
                        undo(move, by=curator)
                except Refused:
                    left.append(move)
                nothing_is_astray()
            assert len(left) < len(moves), "none of these can be undone any more"
            moves = left
        assert rows() == first
        transaction.set_rollback(True)
