"""The house's own rules, those that no linter knows: each takes what git tracks and returns what is wrong.

A rule is a function from `Tracked` (path to text) to findings, so that tests need no repository.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

Tracked = Mapping[str, str]
"""Every tracked text file: path from the root of the repository, and its text."""

UNTESTED: Final = "scripts/untested.txt"
"""Source files that have no test file of their own, each with its reason. It only ever gets shorter."""

MAX_LINES: Final = 400
REASON_WITHIN_LINES: Final = 40

# Where tests of a source tree live. The first matching row counts.
_TREES: Final = (
    ("src/tidegate/", "tests/"),
    ("packages/tidegate-auth/src/tidegate_auth/", "packages/tidegate-auth/tests/"),
    ("scripts/", "tests/scripts/"),
    ("benchmarks/", "tests/benchmarks/"),
)
_HOSTNAME: Final = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b", re.IGNORECASE)
# SHA-256 of the last two labels, shortened: a rule that forbids names had better not list them.
_INDEX_DOMAINS: Final = frozenset(
    {
        "a4aa2ac280bb8d1a",
        "8b5bb5eb9d758455",
        "75adac515f0bd3db",
        "8743857e3ea00fd1",
        "87d14f070cb96869",
        "66394d5952c288e4",
    }
)
_MACHINE_PATH: Final = re.compile(r"(?<![\w.*-])/(?:work/\w|root/|home/[a-z]\w*/|Users/\w+/|opt/\w+/)")
_LOCK_OPTIONS: Final = re.compile(r"^\s*--?(?:index-url|extra-index-url|find-links|trusted-host|i|f)\b", re.MULTILINE)
_FOREIGN_LOCK: Final = re.compile(r"(?:^|/)(?:uv\.lock|poetry\.lock|Pipfile\.lock|pylock(?:\.[^/]*)?\.toml)$")
_FRAGMENT: Final = re.compile(
    r"(?:[0-9]+|\+[a-z0-9-]+)(?:\.[0-9]+)?\.(?:security|removed|deprecated|added|changed|fixed)\.md"
)
_LONG_REASON: Final = re.compile(
    r"\b(?:long|one file|one place|whole)\b.*\b(?:because|since|so that)\b", re.IGNORECASE | re.DOTALL
)
_SUPPRESSION: Final = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?)(?P<rest>.*)$")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One breach of a rule."""

    path: str
    line: int
    """1-based; 0 where the whole file is meant."""
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


def source_files_have_tests(tracked: Tracked) -> Iterator[Finding]:
    """A module that decides something has a test in the tree that mirrors it, or stands in the allow-list.

    Its test is `test_<module>.py` there, or any file there that imports the module or something that its package
    re-exports from it. A module without functions (a table, plain types) has nothing to test by itself.
    """
    allowed = _allowed(tracked)
    imported = _imported_by_tests(tracked)
    for path in sorted(tracked):
        tests = _tests_of(path)
        if tests is None or not _has_functions(tracked[path]):
            continue
        named = any(_tests(test, path) for test in tracked if test.startswith(tests))
        tested = named or any(test.startswith(tests) for test in imported.get(_module(path), ()))
        if not tested and path not in allowed:
            yield Finding(path, 0, f"has no test file below {tests}")
        if tested and path in allowed:
            yield Finding(UNTESTED, allowed[path], f"{path} has a test by now: remove the line")
    for path, line in allowed.items():
        if path not in tracked:
            yield Finding(UNTESTED, line, f"{path} is gone: remove the line")


def long_files_say_why(tracked: Tracked) -> Iterator[Finding]:
    """A source file of more than 400 lines says at its top why it is not two."""
    for path, text in sorted(tracked.items()):
        if not _is_source(path):
            continue
        lines = text.splitlines()
        if len(lines) > MAX_LINES and not _LONG_REASON.search("\n".join(lines[:REASON_WITHIN_LINES])):
            yield Finding(path, len(lines), f"{len(lines)} lines: split it, or say at the top why not (long because …)")


def no_index_hosts(tracked: Tracked) -> Iterator[Finding]:
    """Which package index a machine uses is that machine's business: no file names a host."""
    for path, text in sorted(tracked.items()):
        for found in _HOSTNAME.finditer(text):
            domain = ".".join(found[0].lower().split(".")[-2:])
            if hashlib.sha256(domain.encode()).hexdigest()[:16] in _INDEX_DOMAINS:
                yield Finding(path, _line_of(text, found.start()), f"names a package index host: `{found[0]}`")


def no_machine_paths(tracked: Tracked) -> Iterator[Finding]:
    """No file names a directory of the machine it was written on."""
    yield from _search(tracked, _MACHINE_PATH, "names an absolute path of one machine")


def locks_are_hashed_and_name_no_index(tracked: Tracked) -> Iterator[Finding]:
    """requirements/*.txt pin every distribution with hashes and leave the index to pip; no other lock file is kept."""
    for path, text in sorted(tracked.items()):
        if _FOREIGN_LOCK.search(path):
            yield Finding(path, 0, "is a lock file that records index hosts; requirements/*.txt are ours")
        if not (path.startswith("requirements/") and path.endswith(".txt")):
            continue
        if option := _LOCK_OPTIONS.search(text):
            yield Finding(path, _line_of(text, option.start()), "chooses an index; leave that to pip's configuration")
        for pin in re.finditer(r"^[A-Za-z0-9].*$", text, re.MULTILINE):
            if "==" not in pin[0] or not text[pin.end() :].lstrip("\n").lstrip().startswith("--hash=sha256:"):
                yield Finding(path, _line_of(text, pin.start()), f"`{pin[0].split()[0]}` is not pinned with a hash")


def newsfragments_are_well_formed(tracked: Tracked) -> Iterator[Finding]:
    """A fragment is named `<number>.<kind>.md` and is one paragraph of whole sentences about what users notice."""
    for path, text in sorted(tracked.items()):
        name = PurePosixPath(path)
        if name.parent.as_posix() != "newsfragments" or name.name == "README.md":
            continue
        if not _FRAGMENT.fullmatch(name.name):
            yield Finding(path, 0, "is not named <number>.<security|removed|deprecated|added|changed|fixed>.md")
        body = text.strip()
        if not body.endswith(".") or "\n\n" in body:
            yield Finding(path, 1, "is not one paragraph that ends with a period")


def suppressions_give_reasons(tracked: Tracked) -> Iterator[Finding]:
    """`noqa` and `type: ignore` say on the same line why the tool is wrong there."""
    for path, text in sorted(tracked.items()):
        if not path.endswith(".py"):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found = _SUPPRESSION.search(line)
            if found and not re.search(r"[a-z]{3,}", found["rest"]):
                yield Finding(path, number, "suppresses a finding without a reason on the same line")


RULES: Final[tuple[Callable[[Tracked], Iterator[Finding]], ...]] = (
    source_files_have_tests,
    long_files_say_why,
    no_index_hosts,
    no_machine_paths,
    locks_are_hashed_and_name_no_index,
    newsfragments_are_well_formed,
    suppressions_give_reasons,
)


def check(tracked: Tracked) -> list[Finding]:
    """Apply every rule; findings by file and line."""
    return sorted(finding for rule in RULES for finding in rule(tracked))


def _is_source(path: str) -> bool:
    roots = ("src/", "packages/", "examples/", "scripts/", "benchmarks/")
    return path.startswith(roots) and "/tests/" not in path and path.endswith((".py", ".lua"))


def _tests_of(path: str) -> str | None:
    """The directory whose tests may cover the module at `path`; None where no test is asked for."""
    name = PurePosixPath(path)
    if name.suffix != ".py" or name.stem in {"__init__", "__main__"}:
        return None
    for source, tests in _TREES:
        if path.startswith(source):
            package = path.removeprefix(source).split("/")[:-1]
            return tests + "".join(f"{part}/" for part in package[:1])
    return None


def _module(path: str) -> str:
    """The dotted name by which the module at `path` is imported."""
    for prefix in ("src/", "packages/tidegate-auth/src/"):
        path = path.removeprefix(prefix)
    return path.removesuffix(".py").replace("/", ".")


def _imported_by_tests(tracked: Tracked) -> Mapping[str, set[str]]:
    """Dotted module to the test files that import it, or something from it, also by way of its package."""
    exported = {
        f"{_module(path).removesuffix('.__init__')}.{name}": module
        for path, text in tracked.items()
        if path.endswith("/__init__.py")
        for module, name in _imports(text)
        if name
    }
    found: dict[str, set[str]] = {}
    for path, text in tracked.items():
        if path.endswith(".py") and ("/tests/" in path or path.startswith("tests/")):
            for module, name in _imports(text):
                full = f"{module}.{name}" if name else module
                for each in (module, full, exported.get(full, full)):
                    found.setdefault(each, set()).add(path)
    return found


def _imports(text: str) -> Iterator[tuple[str, str]]:
    """Each import of a file: the module and the name taken from it, "" where the module itself is imported."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, "") for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((module, alias.name) for alias in names)
            case _:
                pass


def _has_functions(text: str) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(text)))


def _tests(test: str, source: str) -> bool:
    """Say whether the file `test` is, by its name, a test of `source`: `test_parse.py`, `test_expressions_parse.py`."""
    stem = PurePosixPath(test).stem
    module = PurePosixPath(source).stem.lstrip("_")
    package = PurePosixPath(source).parent.name
    return any(stem == name or stem.startswith(f"{name}_") for name in (f"test_{module}", f"test_{package}_{module}"))


def _allowed(tracked: Tracked) -> dict[str, int]:
    rows = enumerate(tracked.get(UNTESTED, "").splitlines(), start=1)
    return {line.split("#")[0].strip(): number for number, line in rows if line.split("#")[0].strip()}


def _search(tracked: Tracked, pattern: re.Pattern[str], message: str) -> Iterator[Finding]:
    for path, text in sorted(tracked.items()):
        for found in pattern.finditer(text):
            yield Finding(path, _line_of(text, found.start()), f"{message}: `{found[0]}`")


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
