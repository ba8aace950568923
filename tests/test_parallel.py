"""Windows, teams of threads and stages that run ahead, but not far."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geotag import parallel, teams


def test_windows_cut_a_stream() -> None:
    assert list(parallel.windows(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(parallel.windows([], 3)) == []


def test_pool_keeps_order_and_works_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=20)

    def meet(number: int) -> int:
        both.wait()
        return number * number

    with parallel.Pool(2) as pool:
        assert pool.map(meet, [3, 1, 4, 2]) == [9, 1, 16, 4]


def test_trouble_in_a_pool_comes_out_and_nothing_more_begins() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return 1 // number

    with parallel.Pool(1) as pool, pytest.raises(ZeroDivisionError):
        pool.map(work, [2, 1, 0, 3, 4])
    assert begun == [2, 1, 0]


def test_a_pool_without_work_has_no_results() -> None:
    with parallel.Pool(2) as pool:
        assert pool.map(str, []) == []


def test_staged_keeps_order() -> None:
    assert list(parallel.staged(lambda number: number + 1, range(5), 2)) == [1, 2, 3, 4, 5]


def test_staged_reads_no_further_ahead_than_told() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    stream = parallel.staged(lambda number: number, source(), 2)
    assert next(stream) == 0
    time.sleep(0.1)
    assert len(read) <= 4
    stream.close()


def test_staged_works_while_its_user_does() -> None:
    started = threading.Event()

    def stage(number: int) -> int:
        if number == 1:
            started.set()
        return number

    stream = parallel.staged(stage, range(5), 2)
    assert next(stream) == 0
    assert started.wait(20)
    stream.close()


def test_trouble_in_the_stage_comes_out() -> None:
    stream = parallel.staged(lambda number: 1 // number, [2, 1, 0, 1], 1)
    assert next(stream) == 0
    with pytest.raises(ZeroDivisionError):
        list(stream)


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    stream = parallel.staged(lambda number: number, range(1000), 2)
    next(stream)
    stream.close()
    assert threading.active_count() == before


class Team:
    """A team of this thread, which does work when its result is wanted."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.begun: list[Callable[[], Any]] = []
        self.abandoned = 0

    def begin(self, work: Callable[[], Any]) -> Callable[[], Any]:
        self.begun.append(work)
        return work

    def result(self, begun: Callable[[], Any]) -> Any:
        return begun()

    def abandon(self, begun: list[Any]) -> None:
        self.abandoned += len(begun)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_team_is_given_all_the_work_in_order(threads: int) -> None:
    team = Team(threads)
    assert list(teams.spread(lambda number: number * number, range(20), team)) == [n * n for n in range(20)]
    assert len(team.begun) == 20, "nothing is done here, however small the team is"
    assert list(teams.spread(abs, [], team)) == []


def test_a_team_is_given_no_more_than_is_used() -> None:
    team = Team(3)
    results = teams.spread(abs, range(1000), team)
    for used in range(1, 6):
        next(results)
        assert len(team.begun) == 6 + used
    results.close()
    assert team.abandoned == 6


def test_trouble_of_the_team_comes_out_and_ends_the_work() -> None:
    team = Team(2)
    results = teams.spread(lambda number: 6 // number, [3, 2, 0, 1, 1, 1, 1, 1], team)
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert team.abandoned == 3


def test_trouble_of_the_source_comes_out() -> None:
    def source() -> Iterator[int]:
        yield from range(9)
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(teams.spread(abs, source(), Team(1)))


@pytest.mark.parametrize(
    ("said", "cores"), [("250000 100000", 3), ("max 100000", 8), ("50000 100000", 1), ("", 8)]
)
def test_a_container_has_the_cores_it_pays_for(
    said: str, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text(said)
    monkeypatch.setattr(parallel, "_CPU_MAX", str(limit))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert parallel.cores() == cores
