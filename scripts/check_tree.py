"""Checks of the checkout that need neither Django nor a database: requirements, addresses, stray locks.

Prints one line for each finding and ends with 1 when there is one.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RUNTIME = "requirements.txt"
DEV = "requirements-dev.txt"
BINARY = {".png", ".jpg", ".ico", ".woff2", ".gz", ".dump", ".mo"}

# Put together here, so that this file does not itself name what it looks for.
_INDEX_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("debian", "org"),
        ("crates", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
]
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")


def pins(text: str) -> dict[str, str]:
    """Read the pinned versions of a requirements file.

    Args:
        text: the file; only lines ``name==version`` count.

    Returns:
        Canonical name to version.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            found[canonicalize_name(match.group(1))] = match.group(2)
    return found


def out_of_step(wanted: Iterable[str], pinned: dict[str, str], where: str) -> Iterator[str]:
    """Name every requirement that a file does not pin, or pins outside the range asked for.

    Args:
        wanted: requirements as pyproject.toml writes them.
        pinned: what :func:`pins` read.
        where: the name of the file, for the message.
    """
    for text in wanted:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{where}: {requirement.name}, which pyproject.toml asks for, is not pinned; run make lock"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"{where}: {requirement.name}=={version} is outside {requirement.specifier}; run make lock"


def loose_pins(text: str, where: str) -> Iterator[str]:
    """Name every pin without a hash, and every line that names an address or an index.

    Args:
        text: a requirements file.
        where: its name, for the message.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if "://" in line or "index-url" in line or "find-links" in line:
            yield f"{where}:{number}: names an address or an index"
        follows = lines[number] if number < len(lines) else ""
        if _PIN.match(line) and "--hash=" not in line and "--hash=" not in follows:
            yield f"{where}:{number}: {line.split()[0]} has no hash"


def named_hosts(text: str, where: str) -> Iterator[str]:
    """Name every line that holds the host of a package registry.

    Whoever builds this chooses the registry in pip's own configuration; a name in the tree would go round it.

    Args:
        text: any tracked file.
        where: its name, for the message.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        for host in _INDEX_HOSTS:
            if host in line:
                yield f"{where}:{number}: names the registry {host}"


def tracked(root: Path) -> list[str]:
    """List the files that git tracks, or all outside hidden folders when there is no git (an archive)."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
        ]
    return [name for name in listed.stdout.decode().split("\0") if name]


def findings(root: Path) -> Iterator[str]:
    """Run every check over a checkout.

    Args:
        root: its top folder.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text())
    runtime_text, dev_text = (root / RUNTIME).read_text(), (root / DEV).read_text()
    runtime, dev = pins(runtime_text), pins(dev_text)
    yield from out_of_step(project["project"]["dependencies"], runtime, RUNTIME)
    yield from out_of_step(project["project"]["dependencies"], dev, DEV)
    yield from out_of_step(project["dependency-groups"]["dev"], dev, DEV)
    for name, version in runtime.items():
        if dev.get(name) != version:
            yield f"{DEV}: pins {name} as {dev.get(name)}, {RUNTIME} as {version}; run make lock"
    yield from loose_pins(runtime_text, RUNTIME)
    yield from loose_pins(dev_text, DEV)
    for name in tracked(root):
        path = root / name
        if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}:
            yield f"{name}: a second lock; the hashed requirement files are the only one"
        if path.suffix not in BINARY and path.is_file():
            yield from named_hosts(path.read_text(encoding="utf-8", errors="replace"), name)


def main() -> int:
    """Print the findings; 1 when there is one."""
    found = list(findings(Path(__file__).resolve().parent.parent))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
