from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from ecg_core.plugins.discovery import EntryPointsFound
from ecg_core.plugins.registry import registry

pytestmark = pytest.mark.usefixtures("toys")

Ecg = Callable[..., Any]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is started in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestHelp:
    def test_the_options_of_a_task_stand_there_with_type_default_unit_and_meaning(self, ecg: Ecg):
        ran = ecg("run", "toy.count", "--help")
        assert ran.code == 0
        lines = [" ".join(line.split()) for line in ran.out.splitlines()]
        assert "toy.count: Count the inputs (toy-box 1.0)" in lines
        assert "inputs tuple[str, ...] [] what to count" in lines
        assert "limit int 9 inputs at most" in lines
        assert "scale.gain_mm_per_mv float 10.0 mm/mV height of a millivolt (5.0, 10.0, 20.0)" in lines
        assert not any(line.startswith("scale ") for line in lines)

    def test_named_configurations_are_listed(self, ecg: Ecg):
        assert "Named configurations: big, lost" in ecg("run", "toy.named", "--help").out

    def test_without_a_task(self, ecg: Ecg):
        assert ecg("run", "--help").code == 0
        ran = ecg("run")
        assert ran.code == 2
        assert "Usage: ecg run" in ran.out

    def test_ecg_lists_its_commands_and_verbs(self, ecg: Ecg):
        out = ecg("--help").out
        assert all(f"\n  {command} " in out for command in ("run", "list", "info", "plugins", "doctor", "count"))
        places = [out.index(text) for text in ("Everyday commands:", "\n  count ", "\nCommands:", "\n  run ")]
        assert places == sorted(places)

    def test_a_flag_shows_what_it_takes_and_what_stands_without_it(self, ecg: Ecg):
        lines = " ".join(ecg("count", "--help").out.split())
        assert "--label STR what they are called [default: things]" in lines
        assert "--target PATH where they go" in lines
        assert "--scale.ticks STR,… marks on it (fine, coarse)" in lines
        assert "null" not in lines


class TestAlone:
    """With no other distribution of ours installed."""

    @pytest.fixture(autouse=True)
    def core_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        own = EntryPointsFound(tuple(metadata.distribution("ecg-core").entry_points))
        monkeypatch.setattr("ecg_core.plugins.registry.installed_entry_points", lambda: own)
        registry.cache_clear()

    @pytest.mark.parametrize("verb", ["classify", "digitize", "render"])
    def test_an_everyday_command_says_what_it_comes_with(self, ecg: Ecg, verb: str):
        ran = ecg(verb, "x.hea")
        assert (ran.code, ran.err) == (3, f"Error: ecg {verb} comes with ecg-{verb}: pip install ecg-{verb}\n")

    @pytest.mark.parametrize("line", ["seg.predict", "seg", "run seg.predict", "run seg.predict --help"])
    def test_a_task_says_what_it_comes_with(self, ecg: Ecg, line: str):
        ran = ecg(*line.split())
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.endswith("he tasks of seg come with ecg-seg: pip install ecg-seg\n")

    def test_a_misspelt_command_says_it_too(self, ecg: Ecg):
        ran = ecg("clasify", "x.hea")
        assert ran.code == 2
        assert "Did you mean classify? It comes with ecg-classify: pip install ecg-classify" in ran.err

    def test_help_has_no_empty_section(self, ecg: Ecg):
        assert "Everyday" not in ecg("--help").out


class TestResult:
    def test_the_summary_is_printed_and_the_run_folder_named(self, ecg: Ecg):
        ran = ecg("run", "toy.count", "--set", "inputs=[a, b]", "--seed", "7", "--out", "made")
        assert ran.code == 0
        assert ran.out.splitlines() == ["count: 2", "label: things", "mean: nan", "seed: 7", "written to made"]

    def test_json_is_all_that_goes_to_standard_output(self, ecg: Ecg):
        ran = ecg("run", "toy.count", "--json", "--out", "made")
        assert json.loads(ran.out) == {
            "count": 0,
            "label": "things",
            "mean": None,
            "seed": 0,
            "out_dir": "made",
            "failures": [],
        }
        assert "counting things" in ran.err

    def test_items_that_failed_are_listed_and_the_code_is_1(self, ecg: Ecg):
        words = ["run", "toy.count", "--set", "inputs=[good, bad]", "--set", "strict=true", "--out", "made"]
        ran = ecg(*words)
        assert ran.code == 1
        assert ran.err.splitlines()[-2:] == ["1 failed:", "  bad: is bad"]
        assert json.loads(ecg(*words, "--json").out)["failures"] == [{"item": "bad", "reason": "is bad"}]

    def test_without_out_every_run_has_a_folder_of_its_own(self, ecg: Ecg, here: Path):
        for _ in range(3):
            assert ecg("run", "toy.count").code == 0
        folders = list((here / "runs").iterdir())
        assert len(folders) == 3
        assert all(folder.name.startswith("toy.count-") for folder in folders)


class TestRunFolder:
    def test_its_configuration_can_be_given_back(self, ecg: Ecg, here: Path):
        ecg("run", "toy.count", "--set", "inputs=[no, '1']", "--set", "scale.gain_mm_per_mv=20", "--out", "first")
        first = (here / "first" / "config.yaml").read_text()
        assert first.startswith("# ecg run toy.count --seed 0")
        ran = ecg("run", "toy.count", "--config", here / "first" / "config.yaml", "--out", "second")
        assert ran.code == 0
        assert (here / "second" / "config.yaml").read_text() == first
        assert "inputs:\n- no\n- '1'\n" in first
        assert "gain_mm_per_mv: 20.0" in first

    def test_a_resumed_run_takes_its_options_from_it(self, ecg: Ecg):
        ecg("run", "toy.count", "--set", "inputs=[a, b]", "--set", "limit=1", "--out", "made")
        assert ecg("run", "toy.count", "--out", "made").out.splitlines()[0] == "count: 0"
        ecg("run", "toy.count", "--set", "inputs=[a, b]", "--out", "made")
        resumed = ecg("run", "toy.count", "--out", "made", "--resume")
        assert resumed.out.splitlines()[0] == "count: 2"
        overruled = ecg("run", "toy.count", "--set", "inputs=[a]", "--out", "made", "--resume")
        assert overruled.out.splitlines()[0] == "count: 1"

    def test_its_configuration_stays_when_the_task_refuses_another(self, ecg: Ecg, here: Path):
        ecg("run", "toy.crash", "--out", "made")
        before = (here / "made" / "config.yaml").read_text()
        assert ecg("run", "toy.crash", "--set", "how=refused", "--out", "made").code == 2
        assert (here / "made" / "config.yaml").read_text() == before

    def test_its_log_holds_more_than_the_terminal_shows(self, ecg: Ecg, here: Path):
        ran = ecg("run", "toy.count", "--out", "made")
        log = (here / "made" / "run.log").read_text()
        assert "INFO toy_box.tasks: counting things" in log
        assert "DEBUG toy_box.tasks: a detail of things" in log
        assert ran.err == "counting things\n"
        assert "a detail of things" in ecg("-v", "run", "toy.count", "--out", "made").err

    def test_its_log_tells_where_a_run_failed(self, ecg: Ecg, here: Path):
        ran = ecg("run", "toy.crash", "--set", "how=unexpected", "--out", "made")
        assert "Traceback" not in ran.err
        log = (here / "made" / "run.log").read_text()
        assert "ZeroDivisionError" in log
        assert "in crash" in log

    def test_a_folder_that_cannot_be_made(self, ecg: Ecg, here: Path):
        (here / "file").touch()
        ran = ecg("run", "toy.count", "--out", here / "file" / "below")
        assert ran.code == 1
        assert ran.err.startswith(f"Error: the run folder {here}/file/below cannot be made")
        assert "--out" in ran.err

    def test_nothing_is_made_for_a_task_that_is_not_there(self, ecg: Ecg, here: Path):
        assert ecg("run", "toy.absent", "--out", "made").code == 3
        assert not (here / "made").exists()


class TestNamedConfigurations:
    def test_a_name_of_the_task_is_its_file(self, ecg: Ecg, here: Path):
        assert ecg("run", "toy.named", "--config", "big", "--out", "made").code == 0
        assert "limit: 1000\n" in (here / "made" / "config.yaml").read_text()

    def test_one_that_the_task_does_not_ship_is_the_plugins_fault(self, ecg: Ecg):
        ran = ecg("run", "toy.named", "--config", "lost")
        assert ran.code == 3
        assert "task toy.named of toy-box 1.0 names a configuration toy_box:absent.yaml" in ran.err

    def test_neither_a_name_nor_a_file(self, ecg: Ecg):
        ran = ecg("run", "toy.named", "--config", "huge")
        assert ran.code == 2
        assert "no such file, and no configuration of toy.named has this name (named: big, lost)" in ran.err


class TestErrors:
    def test_an_expected_error_is_one_paragraph(self, ecg: Ecg):
        ran = ecg("run", "toy.crash", "--out", "made")
        assert (ran.code, ran.err) == (1, "Error: page.png: the file is empty; scan it again\n")

    def test_an_unexpected_one_is_one_line_that_says_how_to_see_more(self, ecg: Ecg):
        ran = ecg("run", "toy.crash", "--set", "how=unexpected", "--out", "made")
        assert ran.code == 1
        assert ran.err == (
            "Error: ZeroDivisionError: a surprise on two lines. This was not expected; "
            "the same command with --traceback shows where it happened.\n"
        )

    @pytest.mark.parametrize("place", [0, 2, 4])
    def test_a_traceback_only_if_asked_for_anywhere_on_the_line(self, ecg: Ecg, place: int):
        words = ["run", "toy.crash", "--out", "made"]
        ran = ecg(*words[:place], "--traceback", *words[place:])
        assert ran.code == 1
        assert "Traceback (most recent call last)" in ran.err
        assert ran.err.endswith("Error: page.png: the file is empty; scan it again\n")

    def test_a_traceback_leaves_the_exit_code_as_it_is(self, ecg: Ecg):
        assert ecg("run", "toy.absent", "--traceback").code == 3

    def test_a_file_that_may_not_be_read_is_named_first(self, ecg: Ecg):
        ran = ecg("run", "toy.crash", "--set", "how=denied", "--out", "made")
        assert ran.code == 1
        assert ran.err.startswith("Error: in/page.png: Permission denied. The same command with --traceback shows")

    def test_a_task_that_returns_nothing_is_broken(self, ecg: Ecg):
        ran = ecg("run", "toy.silent", "--out", "made")
        assert ran.code == 3
        assert "toy_box.tasks:silent should return an ecg_core.context.TaskResult, found NoneType" in ran.err

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            (["--set", "lable=x"], "lable: unknown key (did you mean label?)"),
            (["--set", "scale.gain=5"], "scale.gain: unknown key"),
            (["--set", "strict=no"], "strict: must be true or false, found 'no'"),
            (["--set", "limit"], "--set takes KEY=VALUE"),
            (["--resume"], "say which by --out DIR"),
            (["--seed", "-1"], "-1"),
            (["--seed", "x"], "'x' is not a valid integer"),
            (["--precision", "fp16"], "'fp16' is not one of 'fp32', 'bf16'"),
            (["--devices", "0"], "0 is not in the range"),
            (["--nonsense"], "No such option"),
        ],
    )
    def test_a_wrong_option_is_code_2_and_makes_no_folder(self, ecg: Ecg, here: Path, words: list[str], complaint: str):
        ran = ecg("run", "toy.count", *words)
        assert ran.code == 2
        assert complaint in ran.err
        assert not (here / "runs").exists()

    def test_an_unknown_command(self, ecg: Ecg):
        ran = ecg("cuont")
        assert ran.code == 2
        assert "No such command 'cuont'. Did you mean count?\n" in ran.err
        assert "There are run, list, info, plugins, doctor, " in ecg("zebra").err

    def test_a_task_that_is_taken_for_a_command(self, ecg: Ecg):
        assert "It is a task: ecg run toy.count\n" in ecg("toy.count").err
        assert "The tasks of toy are run by `ecg run TASK`: toy.count, toy.crash, " in ecg("toy").err

    def test_an_unknown_task_suggests_the_nearest(self, ecg: Ecg):
        ran = ecg("run", "toy.cuont")
        assert ran.code == 3
        assert "Did you mean toy.count?" in ran.err

    def test_backend_options_of_a_task_without_a_backend_are_not_swallowed(self, ecg: Ecg):
        ran = ecg("run", "toy.count", "--backend", "cuda", "--out", "made")
        assert ran.code == 0
        assert "warning: toy.count computes on no backend" in ran.err

    @pytest.mark.parametrize(("how", "name"), [("exit", "SystemExit: 0"), ("interrupt", "KeyboardInterrupt")])
    def test_a_task_that_would_end_the_process_fails_and_is_named(self, ecg: Ecg, how: str, name: str):
        ran = ecg("run", "toy.crash", "--set", f"how={how}", "--out", "made")
        assert ran.code == 3
        assert ran.err == (
            f"Error: Code of toy-box 1.0 is broken: it raised {name}, which ends the whole process. "
            "Tell its authors, or uninstall it.\n"
        )

    def test_an_interrupt_is_code_1_and_says_how_to_go_on(self, ecg: Ecg, monkeypatch: pytest.MonkeyPatch):
        def interrupt(*_arguments: object) -> None:
            signal.raise_signal(signal.SIGINT)

        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts the tests may ignore it
        monkeypatch.setattr("ecg_core.launch.run_task", interrupt)
        ran = ecg("run", "toy.count", "--out", "made")
        assert ran.code == 1
        assert "what was finished stays in made. Go on with: ecg run toy.count --out made --resume" in ran.err
        assert ecg("count", "a", "--out", "made").err.startswith("Error: toy.count was stopped by SIGINT")
        to_a_file = ecg("tally", "a", "--out", "made.txt")
        assert (to_a_file.code, to_a_file.err.strip()) == (1, "Interrupted.")
        signal.signal(signal.SIGINT, before)


class TestVerb:
    def test_the_words_are_the_input_and_the_options_are_flags(self, ecg: Ecg, here: Path):
        ran = ecg("count", "a", "2", "--limit", "1e1", "--strict", "--scale.gain-mm-per-mv", "5", "--out", "made")
        assert ran.code == 0, ran.err
        config = (here / "made" / "config.yaml").read_text()
        assert "inputs:\n- a\n- '2'\n" in config
        assert all(line in config for line in ("limit: 10\n", "strict: true\n", "gain_mm_per_mv: 5.0\n"))

    def test_a_text_is_taken_as_it_stands(self, ecg: Ecg, here: Path):
        assert ecg("count", "a", "--label", "2024", "--target", "*.png", "--out", "made").code == 0
        config = (here / "made" / "config.yaml").read_text()
        assert "label: '2024'\n" in config
        assert "target: '*.png'\n" in config

    def test_a_long_name_may_have_a_short_flag(self, ecg: Ecg, here: Path):
        for number, flag in enumerate(("--gain", "--scale.gain-mm-per-mv")):
            assert ecg("count", "a", flag, "5", "--out", f"made{number}").code == 0
            assert "gain_mm_per_mv: 5.0\n" in (here / f"made{number}" / "config.yaml").read_text()
        assert "--gain, --scale.gain-mm-per-mv FLOAT" in " ".join(ecg("count", "--help").out.split())

    @pytest.mark.parametrize("words", ["coarse,fine", "[coarse, fine]"])
    def test_a_list_needs_no_brackets(self, ecg: Ecg, here: Path, words: str):
        assert ecg("count", "a", "--scale.ticks", words, "--out", "made").code == 0
        assert "ticks:\n  - coarse\n  - fine\n" in (here / "made" / "config.yaml").read_text()

    def test_its_help_shows_defaults_units_and_choices(self, ecg: Ecg):
        ran = ecg("count", "--help")
        assert ran.code == 0
        text = " ".join(ran.out.split())
        assert "Usage: ecg count [OPTIONS] INPUTS..." in text
        assert "at most [default: 9 inputs]" in text
        assert "height of a millivolt (5.0, 10.0, 20.0) [default: 10.0 mm/mV]" in text
        assert "--strict / --no-strict" in text
        assert "--resume" in text
        assert "--backend" not in text

    def test_flags_beat_the_file(self, ecg: Ecg, here: Path):
        (here / "mine.yaml").write_text("label: pages\nlimit: 3\nstrict: true\n")
        assert ecg("count", "a", "--config", "mine.yaml", "--limit", "4", "--no-strict", "--out", "made").code == 0
        config = (here / "made" / "config.yaml").read_text()
        assert all(line in config for line in ("label: pages\n", "limit: 4\n", "strict: false\n"))

    def test_without_out_it_writes_to_ecg_out(self, ecg: Ecg, here: Path):
        assert "written to ecg-out" in ecg("count", "a").out
        assert (here / "ecg-out" / "config.yaml").is_file()

    def test_a_wrong_value_gives_the_path_of_its_key(self, ecg: Ecg):
        ran = ecg("count", "a", "--limit", "many")
        assert (ran.code, ran.err) == (2, "Error: limit: must be a whole number, found 'many'\n")

    def test_without_words(self, ecg: Ecg):
        ran = ecg("count")
        assert ran.code == 2
        assert "Missing argument" in ran.err


class TestVerbThatWritesOneFile:
    def test_out_with_its_suffix_is_the_file_and_no_folder_is_left(self, ecg: Ecg, here: Path):
        ran = ecg("tally", "a", "b", "--out", "made.TXT")
        assert ran.code == 0, ran.err
        assert (here / "made.TXT").read_text() == "2"
        assert [path.name for path in here.iterdir() if path.name != "site"] == ["made.TXT"]
        folder = re.search(r"folder: (.*)", ran.out)
        assert folder is not None
        assert not Path(folder[1]).exists()
        assert "written to made.TXT" in ran.out

    def test_a_file_that_is_there_is_replaced(self, ecg: Ecg, here: Path):
        (here / "made.txt").write_text("old")
        assert ecg("tally", "a", "--out", "made.txt").code == 0
        assert (here / "made.txt").read_text() == "1"

    def test_any_other_out_is_a_folder(self, ecg: Ecg, here: Path):
        assert ecg("tally", "a", "--out", "made").code == 0
        assert (here / "made" / "count.txt").read_text() == "1"
        assert (here / "made" / "config.yaml").is_file()

    def test_a_file_of_another_kind_is_not_taken_for_a_folder(self, ecg: Ecg, here: Path):
        (here / "notes.md").write_text("mine")
        ran = ecg("tally", "a", "--out", "notes.md")
        assert ran.code == 2
        assert "notes.md is a file, and a folder is wanted; a single file ends with .txt" in ran.err
        assert (here / "notes.md").read_text() == "mine"

    def test_the_option_behind_it_is_no_flag(self, ecg: Ecg):
        text = ecg("tally", "--help").out
        assert "--target" not in text
        assert "DIR|FILE" in text


class TestBrokenVerb:
    @pytest.fixture(autouse=True)
    def broken(self, distribution: Callable[..., Path]) -> None:
        distribution("broken-kit", entry_points={"ecg.verbs": {"smash": "surely_absent:verb"}})

    def test_it_is_listed_and_the_others_work(self, ecg: Ecg):
        ran = ecg("--help")
        assert ran.code == 0
        assert "(broken, see `ecg plugins check`)" in ran.out
        assert ecg("count", "a").code == 0

    @pytest.mark.parametrize("words", [(), ("page.png", "--speed", "50")])
    def test_using_it_says_why(self, ecg: Ecg, words: tuple[str, ...]):
        ran = ecg("smash", *words)
        assert ran.code == 3
        assert "The verb smash of broken-kit 1.0 cannot be used" in ran.err

    def test_its_help_says_why_too(self, ecg: Ecg):
        assert "The verb smash of broken-kit 1.0 cannot be used" in " ".join(ecg("smash", "--help").out.split())
