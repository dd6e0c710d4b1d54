"""What the embedded server may take of a machine's memory, and that no file and no refusal stops its start."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsroom.postgres import memory
from newsroom.postgres.cluster import configure
from newsroom.postgres.torture.lab import ROOT, laboratory, scratch

GB = 1024


class Machine:
    """A machine whose kernel says what a test writes."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.proc, self.groups = base / "proc", base / "cgroup"
        (self.proc / "self").mkdir(parents=True)
        self.groups.mkdir()
        monkeypatch.setattr(memory, "_machine", lambda: 64 * GB * memory.MB)

    def process_in(self, *lines: str) -> None:
        (self.proc / "self" / "cgroup").write_text("".join(f"{line}\n" for line in lines))

    def limit(self, file: str, text: str | bytes) -> None:
        path = self.groups / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def gives(self) -> int:
        return memory.given(self.proc, self.groups)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("has", "buffers", "cached"),
    [
        (64, 128, 128),
        (512, 128, 256),
        (2 * GB, 256, GB),
        (24105, 3013, 12052),
        (32 * GB, 4 * GB, 16 * GB),
        (512 * GB, 4 * GB, 256 * GB),
    ],
)
def test_an_eighth_is_the_servers_within_bounds_and_half_may_be_cached(
    has: int, buffers: int, cached: int
) -> None:
    assert memory.share(has) == memory.Memory(buffers, cached)


def test_the_sizes_are_written_in_whole_megabytes() -> None:
    assert memory.share(24105).settings() == {"shared_buffers": "3013MB", "effective_cache_size": "12052MB"}


def test_a_machine_without_control_groups_gives_all_it_has(machine: Machine) -> None:
    assert machine.gives() == 64 * GB


def test_a_container_of_either_version_gives_its_limit(machine: Machine) -> None:
    machine.process_in("0::/")
    machine.limit("memory.max", f"{2 * GB * memory.MB}\n")
    assert machine.gives() == 2 * GB
    machine.process_in("9:name=systemd:/", "4:cpu,memory:/docker/4f1e", "0::/")
    machine.limit("memory.max", "max\n")
    # The path is the one outside: within, the container's own group is the top.
    machine.limit("memory/memory.limit_in_bytes", f"{3 * GB * memory.MB}\n")
    assert machine.gives() == 3 * GB


def test_the_least_limit_on_the_way_up_counts(machine: Machine) -> None:
    machine.process_in("0::/system.slice/desk.service")
    machine.limit("system.slice/desk.service/memory.max", "max\n")
    machine.limit("system.slice/memory.max", f"{8 * GB * memory.MB}\n")
    assert machine.gives() == 8 * GB
    machine.limit("system.slice/desk.service/memory.max", f"{GB * memory.MB}\n")
    assert machine.gives() == GB


def test_a_group_beside_the_process_limits_nothing(machine: Machine) -> None:
    machine.process_in("4:memory:/ours", "0::/../theirs")
    for place in ("theirs", "../theirs"):
        machine.limit(f"{place}/memory.max", f"{GB * memory.MB}\n")
    machine.limit("memory/ours/memory.limit_in_bytes", "9223372036854771712\n")
    machine.limit("memory/theirs/memory.limit_in_bytes", f"{GB * memory.MB}\n")
    assert machine.gives() == 64 * GB


@pytest.mark.parametrize(
    "text", ["", "\n", "-1", "0", "1024", "max", "2G", "٣٠٠٠٠٠٠٠٠٠٠", "9" * 5000, b"\xff\xfe\0\0", " \0 "]
)
def test_a_file_that_says_nothing_sensible_limits_nothing(machine: Machine, text: str | bytes) -> None:
    machine.process_in("0::/", "4:memory:/")
    machine.limit("memory.max", text)
    machine.limit("memory/memory.limit_in_bytes", text)
    assert machine.gives() == 64 * GB


@pytest.mark.parametrize("line", ["", ":", "::", "0", "0:", "0::", "memory", "4:memory", "\0", "0::/\0"])
def test_a_line_that_no_kernel_writes_stops_nothing(machine: Machine, line: str) -> None:
    machine.process_in(line)
    assert machine.gives() == 64 * GB


def test_files_that_cannot_be_read_stop_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.process_in("0::/")
    (machine.groups / "memory.max").mkdir()
    assert machine.gives() == 64 * GB
    monkeypatch.setattr(memory, "_machine", lambda: 0)
    assert machine.gives() == memory.ASSUMED_MB
    assert memory.given(machine.proc / "nowhere", machine.groups) == memory.ASSUMED_MB


def test_the_sizes_are_written_anew_at_each_start_beside_what_people_set(tmp_path: Path) -> None:
    with laboratory(tmp_path) as lab:
        lab.server.data.mkdir()
        file = lab.server.data / "postgresql.auto.conf"
        file.write_text("shared_buffers = '1MB'\nwork_mem = '64MB'\n")
        for has, wanted in ((8 * GB, "1024MB"), (GB, "128MB")):
            configure(lab.server.data, lab.server.account, ".", memory.share(has))
            lines = file.read_text().splitlines()
            assert [line for line in lines if line.startswith("shared_buffers")] == [
                f"shared_buffers = '{wanted}'"
            ]
            assert "work_mem = '64MB'" in lines


REFUSED = """
import os, resource
from newsroom.postgres import memory
from newsroom.postgres.server import Server
import pathlib
memory.given = lambda: 64 * 1024
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, resource.getrlimit(resource.RLIMIT_AS)[1]))
server = Server(pathlib.Path(os.environ["VERBATIM_DATA"]))
for _ in range(2):
    server.use()
    auto = (server.data / "postgresql.auto.conf").read_text()
    print([line for line in auto.splitlines() if line.startswith("shared_buffers")], server.answers())
    server.stop()
    server.bring_back(60)
"""


def test_a_server_that_is_refused_its_memory_starts_with_the_least_and_says_so() -> None:
    with scratch() as base, laboratory(base / "data") as lab:
        done = subprocess.run(
            [sys.executable, "-c", REFUSED],
            cwd=ROOT,
            env=lab.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.splitlines() == ["[\"shared_buffers = '128MB'\"] True"] * 2, done.stderr
        assert (
            done.stderr == "verbatim: PostgreSQL did not get 4096 MB for its cache; it starts with 128 MB\n"
        )
        lab.expect_stopped()
