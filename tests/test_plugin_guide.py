"""The guide for authors of plugins is complete: what stands there, copied into an empty folder, installs and works."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import pytest

from ecg_core import synthesize_record, write_record

ROOT = Path(__file__).parent.parent
ACME = ROOT / "tests" / "plugins" / "acme-ecg"
GUIDE = (ROOT / "docs" / "guide" / "plugin-author.md").read_text(encoding="utf-8")
PYPROJECT, SPECS = "pyproject.toml", "src/acme_ecg/plugin.py"
MERGED = {PYPROJECT, SPECS}
"""Files of which each section shows its part."""

FIRST, RULE = "A first plugin", "Spec and implementation"
NEEDED = {
    "A layout": (),
    "A style": ("ecg_render",),
    "A degradation": ("ecg_render",),
    "A format": (),
    "A task and a verb": (),
    "An executor": (),
    "A digitizer": ("ecg_digitize",),
    "An engine": ("onnxruntime",),
    "A backbone": ("torch",),
    "A model and a data set": ("ecg_seg",),
    "A backend": (),
    "A hook": (),
}
"""What has to be installed for the plugins of each section."""


@attrs.frozen
class Block:
    """Code that the guide shows: a file, or its part of one."""

    file: str
    code: str


def blocks_of(text: str) -> list[Block]:
    found = re.findall(r"^`(\S+)`\n\n```\w+\n(.*?)```\n", text, flags=re.DOTALL | re.MULTILINE)
    return [Block(file, code) for file, code in found]


SECTIONS = {part.partition("\n")[0]: part for part in GUIDE.split("\n## ")[1:]}
SHOWN = blocks_of(GUIDE)


def copied(blocks: Iterable[Block], folder: Path) -> Path:
    """The files of the blocks in a folder; parts of one file follow each other."""
    for block in blocks:
        path = folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
        path.write_text(before + block.code, encoding="utf-8")
    return folder


def registered_in(folder: Path) -> set[tuple[str, str]]:
    """Kind and name of every plugin of a distribution."""
    groups = tomllib.loads((folder / PYPROJECT).read_text(encoding="utf-8"))["project"]["entry-points"]
    return {(group.removeprefix("ecg."), name) for group, names in groups.items() for name in names}


def statements(code: str) -> tuple[set[str], list[str]]:
    """Names that a module imports, and its other statements but its docstring."""
    body = ast.parse(code).body
    imports = [each for each in body if isinstance(each, ast.ImportFrom) and each.module != "__future__"]
    others = [each for each in body if not isinstance(each, ast.ImportFrom | ast.Expr)]
    return {name.name for each in imports for name in each.names}, [ast.unparse(each) for each in others]


def test_every_block_of_code_says_which_file_it_is():
    fences = re.findall(r"^```(?:python|toml)$", GUIDE, flags=re.MULTILINE)
    assert len(SHOWN) == len(fences) > 30


def test_the_guide_shows_every_file_of_the_example():
    files = {path.relative_to(ACME).as_posix() for path in ACME.rglob("*.py")}
    assert {block.file for block in SHOWN} == files | {PYPROJECT}


@pytest.mark.parametrize("block", [block for block in SHOWN if block.file not in MERGED], ids=lambda block: block.file)
def test_a_file_is_shown_whole_and_once(block: Block):
    assert [each.file for each in SHOWN].count(block.file) == 1
    assert block.code == (ACME / block.file).read_text(encoding="utf-8")


def test_the_parts_of_the_specs_are_together_those_of_the_example():
    parts = [block.code for block in SHOWN if block.file == SPECS]
    source = (ACME / SPECS).read_text(encoding="utf-8")
    assert statements("\n".join(parts)) == statements(source)
    for part in parts:
        head, _, spec = part.partition("\n\n")
        assert head.startswith("from ecg_core.plugins.spec import ")
        assert spec in source


def test_the_parts_of_the_project_file_are_together_that_of_the_example():
    shown = "\n".join(block.code for block in SHOWN if block.file == PYPROJECT)
    assert tomllib.loads(shown) == tomllib.loads((ACME / PYPROJECT).read_text(encoding="utf-8"))


def test_every_kind_of_the_example_has_a_section():
    links = re.findall(r"^\| [^|]+ \| \[[^\]]+\]\(#([a-z-]+)\) \|$", GUIDE, flags=re.MULTILINE)
    assert links == [title.lower().replace(" ", "-") for title in NEEDED]
    assert list(SECTIONS)[2 : 2 + len(NEEDED)] == list(NEEDED)


@pytest.fixture
def first(ecg: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """The command where the first plugin is installed."""
    folder = copied(blocks_of(SECTIONS[FIRST]), tmp_path / "acme-ecg")
    assert len(list(folder.rglob("*.*"))) == 3
    return partial(ecg, plugins=(str(folder),))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the guide shows, copied into an empty folder."""
    return copied(SHOWN, tmp_path_factory.mktemp("author") / "acme-ecg")


@pytest.fixture
def acme(ecg: Callable[..., Any], whole: Path) -> Callable[..., Any]:
    """The command where that is installed."""
    return partial(ecg, plugins=(str(whole),))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    write_record(synthesize_record(seed=4), tmp_path / "heart.csv")
    return tmp_path / "heart.csv"


def test_the_first_plugin_takes_three_files_and_is_there(first: Callable[..., Any], record: Path, tmp_path: Path):
    assert "acme-3x1" in first("list", "layouts").out
    assert "Three rows of one lead" in first("info", "acme-3x1").out
    if find_spec("ecg_render"):
        ran = first("render", record, "--layout", "acme-3x1", "--dots-per-inch", "60", "--out", "pages")
        assert ran.code == 0, ran.err
        assert (tmp_path / "pages" / "heart.png").exists()


@pytest.mark.parametrize("title", NEEDED)
def test_a_section_alone_is_a_plugin(title: str, tmp_path: Path):
    """With the first plugin's files, a section needs nothing of another one; installed by hand, as that is quicker."""
    missing = [module for module in NEEDED[title] if find_spec(module) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    folder = copied([*blocks_of(SECTIONS[FIRST]), *blocks_of(SECTIONS[title])], tmp_path / "acme-ecg")
    project = tomllib.loads((folder / PYPROJECT).read_text(encoding="utf-8"))["project"]
    info = folder / "src" / "acme_ecg-1.4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in groups.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    script = (
        "import sys\n"
        f"sys.path.insert(0, {str(folder / 'src')!r})\n"
        "from ecg_core.plugins.registry import registry\n"
        "entries = [each for each in registry().all_entries() if each.distribution == 'acme-ecg']\n"
        "print(sorted([each.kind, each.name] for each in entries))\n"
        "faults = [registry().status(each, import_implementation=True).error for each in entries]\n"
        "assert not any(faults), faults\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert {tuple(each) for each in ast.literal_eval(done.stdout)} == registered_in(folder)
    assert title == "A layout" or len(registered_in(folder)) > 1


def test_all_of_it_is_listed_and_nothing_of_it_broken(acme: Callable[..., Any], whole: Path):
    rows = json.loads(acme("list", "--json").out)
    assert {(row["kind"], row["name"]) for row in rows if row["distribution"] == "acme-ecg"} == registered_in(whole)
    if find_spec("ecg_seg") and find_spec("ecg_digitize"):
        checked = acme("plugins", "check")
        assert "acme" not in checked.out + checked.err


def test_its_task_runs_by_the_verb_over_its_executor_and_its_hook_is_told(
    acme: Callable[..., Any], record: Path, tmp_path: Path
):
    ran = acme("hello", record, "--greeting", "Salve", "--executor", "acme-threads", "--out", "cards")
    assert ran.code == 0, ran.err
    assert (tmp_path / "cards" / "greetings.txt").read_text() == "Salve, heart of 12 leads\n"
    assert json.loads((tmp_path / "cards" / "acme_events.jsonl").read_text().splitlines()[-1])["event"] == "run_end"


def test_its_tests_pass_in_that_folder(environment: Callable[..., dict[str, str]], whole: Path):
    """Those of what needs no training; the others are run where the example itself is installed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "Json or Threads or Hello or EventLog",
    ]
    done = subprocess.run(
        command, cwd=whole, env=environment(str(whole)), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
