"""What the documentation shows is there: commands with options of these names, links, and imports."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("packages/*/README.md")),
    *(ROOT / "benchmarks" / "README.md", ROOT / "training" / "README.md"),
    ROOT / "tests" / "plugins" / "acme-ecg" / "README.md",
]
PACKAGES = ("ecg_render", "ecg_seg", "ecg_digitize", "ecg_classify", "ecg_diffusion", "torch")
ENDS = {"&&", "|", ">", ">>", ";", "&", "||"}
VARIABLE = re.compile(r"[A-Z_]+=\S*")
A_SHAPE = re.compile(r"…|\[--|\bTASK\b|\bNAME\b|<\w+>|, ecg ")
"""Tells a line that says what commands look like from one that can be typed."""

CHECK = '''
"""Reads commands as JSON, tells of each the fault that it has."""
import contextlib, io, json, sys
from ecg_core.cli.main import cli, main
from ecg_core.plugins.registry import registry
from ecg_core.plugins.loading import spec_of

def answer(words):
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        try:
            main(words)
        except SystemExit as end:
            return "" if not end.code else told.getvalue().strip()

def without(words, flag, values=1):
    words = list(words)
    while flag in words:
        at = words.index(flag)
        del words[at : at + 1 + values]
    return words

def fault(words):
    command, *rest = words
    if command in ("list", "info", "doctor", "--version"):
        return answer(words)
    if command == "run":
        if "--config" in rest and rest[rest.index("--config") + 1].endswith((".yaml", ".yml")):
            rest = without(rest, "--config")
        return answer(["run", *without(rest, "--resume", 0), "--help"])
    found = answer([*words, "--help"])
    sets = [["--set", word] for flag, word in zip(rest, rest[1:]) if flag == "--set"]
    if found or not sets:
        return found
    task = spec_of(registry().find("verbs", command)).task
    executor = ["--executor", rest[rest.index("--executor") + 1]] if "--executor" in rest else []
    return answer(["run", task, *executor, *sum(sets, []), "--help"])

json.dump([fault(words) for words in json.load(sys.stdin)], sys.stdout)
'''


def commands_of(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Place and words of each command ``ecg …`` that a page shows on a line of its own or in a sentence."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), start=1):
        shown = [line] if re.match(r"\s*(\$ )?([A-Z_]+=\S+ )*ecg ", line) else []
        for found in [*shown, *re.findall(r"`((?:[A-Z_]+=\S+ )*ecg [^`]+)`", line)]:
            if not A_SHAPE.search(found):
                yield f"{page.relative_to(ROOT)}:{number}", words_of(found)


def words_of(line: str) -> list[str]:
    """The words after ``ecg``, up to a comment, which may stand two spaces apart, a pipe or another command."""
    words = shlex.split(re.split(r"\s{2,}", line.strip())[0].removeprefix("$ "), comments=True)
    while VARIABLE.fullmatch(words[0]):
        words.pop(0)
    ends = [place for place, word in enumerate(words) if word in ENDS]
    return words[1 : min(ends, default=len(words))]


@pytest.mark.skipif(not all(map(find_spec, PACKAGES)), reason=f"needs {', '.join(PACKAGES)}")
def test_every_command_of_the_documentation_can_be_typed(environment: Callable[..., dict[str, str]], tmp_path: Path):
    commands = [command for page in PAGES for command in commands_of(page)]
    assert len(commands) > 150
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        input=json.dumps([words for _place, words in commands]),
        cwd=tmp_path,
        env=environment("acme-ecg"),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    faults = zip(commands, json.loads(done.stdout), strict=True)
    told = [f"{place}: ecg {shlex.join(words)}\n    {fault}" for (place, words), fault in faults if fault]
    assert not told, "\n".join(told)


def without_code(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors_of(page: Path) -> set[str]:
    """What a link may name of a page: its headings as the web shows them."""
    headings = re.findall(r"^#+ (.*)$", without_code(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    """Links to files and headings of the repository that are not there."""
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page)):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    assert list(broken_links(page)) == []


def imports_of(page: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything of ours that the Python code of a page imports when it runs."""
    for code in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        for node in ast.parse(code).body:
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ecg_"):
                yield from ((str(node.module), name.name) for name in node.names)


def test_everything_that_the_code_of_the_documentation_imports_is_there():
    shown = {each for page in PAGES for each in imports_of(page) if find_spec(each[0].partition(".")[0])}
    assert len(shown) > 30
    missing = []
    for module, name in sorted(shown):
        try:
            found = hasattr(import_module(module), name)
        except ModuleNotFoundError as error:
            found = not str(error.name).startswith("ecg_")
        if not found:
            missing.append(f"from {module} import {name}")
    assert missing == []
