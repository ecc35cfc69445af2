"""Many pages in one run, some of them no pages at all."""

from __future__ import annotations

import json
import signal
import time
from functools import partial

import attrs
import cv2
import numpy as np
import pytest
from PIL import Image

from ecg_core import read_record, synthesize_record
from ecg_core.config import structure
from ecg_core.config.choice import default_choice
from ecg_core.errors import ConfigError, DataError, PluginNotFound
from ecg_core.interrupt import SECONDS_BEFORE_REPEAT
from ecg_core.layout_text import layout_of_text
from ecg_core.pictures import write_picture
from ecg_digitize.tasks import pages
from ecg_digitize.tasks.pages import PagesConfig, run
from ecg_render import render_page

here = partial(PagesConfig, executor=default_choice("executors", "serial"))
"""Pages are read in this process: none is started."""


@pytest.fixture
def page_file(tmp_path, page_image):
    path = tmp_path / "heart.png"
    cv2.imwrite(str(path), page_image[..., ::-1])
    return path


def test_a_page_becomes_record_table_overlay_and_quality(page_file, page_image, context):
    result = run(PagesConfig(method="neural", inputs=(str(page_file),)), context)
    assert not result.failures
    assert sorted(path.name for path in context.out_dir.iterdir()) == [
        "digitize.pages.ledger.jsonl",
        "heart.csv",
        "heart.dat",
        "heart.hea",
        "heart_overlay.jpg",
        "heart_quality.json",
    ]
    from_wfdb, from_csv = (read_record(context.out_dir / f"heart{suffix}") for suffix in (".hea", ".csv"))
    assert from_wfdb.signal_mv.shape == (12, 5000)
    assert from_wfdb.sampling_rate_hz == 500
    np.testing.assert_allclose(from_csv.signal_mv, from_wfdb.signal_mv, atol=1e-3)
    overlay = cv2.imread(str(context.out_dir / "heart_overlay.jpg"))
    assert overlay.shape == page_image.shape
    quality = json.loads((context.out_dir / "heart_quality.json").read_text())
    assert quality["geometry"]["px_per_mm_x"] == pytest.approx(200 / 25.4, rel=5e-3)
    assert set(quality["confidence"]) == set(from_wfdb.lead_names)
    assert quality["source"] == {"file": str(page_file), "page": 1}
    assert quality["layout_rows"][1] == ["II", "aVL", "V2", "V5"]


def test_a_record_is_written_in_the_formats_asked_for(page_file, context):
    run(here(method="neural", inputs=(str(page_file),), formats=("npz", "json")), context)
    written = {path.suffix for path in context.out_dir.glob("heart.*")}
    assert written == {".npz", ".json"}
    record = read_record(context.out_dir / "heart.npz")
    as_json = json.loads((context.out_dir / "heart.json").read_text())
    assert (as_json["unit"], as_json["sampling_rate_hz"]) == ("mV", 500)
    for lead in record.lead_names:
        found = np.array(as_json["leads"][lead], float)
        np.testing.assert_allclose(found, record.lead_mv(lead), atol=5.1e-4)
        assert np.isnan(found).any() == (lead != "II")


def test_one_bad_file_never_stops_the_others(page_file, context):
    folder = page_file.parent
    bad = {
        "empty.png": b"",
        "letter.png": b"no picture",
        "short.png": page_file.read_bytes()[:5000],
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    Image.new("RGB", (1, 1)).save(folder / "dot.png")
    two = default_choice("executors", "processes", {"workers": 2})
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 800, 3), np.uint8)).save(folder / "noise.png")
    result = run(here(method="neural", inputs=(str(folder),), executor=two), context)
    assert {failure.item.rpartition("/")[2] for failure in result.failures} == {*bad, "dot.png", "noise.png"}
    assert all(failure.reason for failure in result.failures)
    assert (context.out_dir / "heart.hea").exists()
    for stem in ("noise", "dot"):
        left = {path.name for path in context.out_dir.glob(f"{stem}*")}
        assert left == {f"{stem}_overlay.jpg", f"{stem}_quality.json"}


def test_every_page_of_a_document_gets_files_of_its_own(tmp_path, page_image, context):
    path = tmp_path / "two.tiff"
    frames = [Image.fromarray(page_image), Image.new("RGB", (900, 700), "white")]
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="tiff_lzw")
    result = run(here(method="neural", inputs=(str(path),)), context)
    assert [failure.item for failure in result.failures] == [f"{path} page 2"]
    assert (context.out_dir / "two-p1.hea").exists()


def test_two_inputs_of_one_name_do_not_replace_each_other(page_file, tmp_path, context):
    other = tmp_path / "other" / "heart.png"
    other.parent.mkdir()
    other.write_bytes(page_file.read_bytes())
    run(here(method="neural", inputs=(str(page_file), str(other))), context)
    assert {path.name for path in context.out_dir.glob("*.hea")} == {"heart.hea", "heart-2.hea"}


def test_a_resumed_run_leaves_alone_what_is_there(page_file, context):
    run(here(method="neural", inputs=(str(page_file),)), context)
    before = (context.out_dir / "heart.hea").stat().st_mtime_ns
    result = run(here(method="neural", inputs=(str(page_file),)), attrs.evolve(context, resume=True))
    assert result.summary["already there"] == 1
    assert result.summary["verdict"] == {str(page_file): "good"}
    assert (context.out_dir / "heart.hea").stat().st_mtime_ns == before


@pytest.fixture
def document(tmp_path, page_image):
    """Two pages, a blank one between them."""
    path = tmp_path / "doc.tiff"
    frames = [Image.fromarray(page_image), Image.new("RGB", (900, 700), "white"), Image.fromarray(page_image)]
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="tiff_lzw")
    return path


def test_a_document_interrupted_half_way_is_read_to_the_end(document, context, monkeypatch):
    config = here(method="neural", inputs=(str(document),))
    original, read = pages.save_digitization, []

    def dies(*arguments, **keywords):
        original(*arguments, **keywords)
        read.append(keywords["stem"])
        if len(read) == 2:
            signal.raise_signal(signal.SIGINT)  # lets the document be finished
            time.sleep(1.5 * SECONDS_BEFORE_REPEAT)
            signal.raise_signal(signal.SIGINT)  # and this does not

    monkeypatch.setattr(pages, "save_digitization", dies)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts the tests may ignore it
    with pytest.raises(KeyboardInterrupt):
        run(config, context)
    signal.signal(signal.SIGINT, before)
    assert read == ["doc-p1", "doc-p3"]
    kept = (context.out_dir / "doc-p1.hea").stat().st_mtime_ns
    result = run(config, context)
    assert read == ["doc-p1", "doc-p3", "doc-p3"]
    assert (context.out_dir / "doc-p1.hea").stat().st_mtime_ns == kept
    assert (context.out_dir / "doc-p3_quality.json").exists()
    assert [failure.item for failure in result.failures] == [f"{document} page 2"]
    assert result.summary["pages"] == 3


def test_a_page_that_cannot_be_read_is_told_again_by_a_resumed_run(document, context):
    config = here(method="neural", inputs=(str(document),))
    first, again = run(config, context), run(config, attrs.evolve(context, resume=True))
    assert list(first.failures) == list(again.failures) != []
    assert again.summary["verdict"][f"{document} page 2"] == "refused"


def test_a_file_added_later_does_not_take_over_what_another_became(page_file, tmp_path, context):
    run(here(method="neural", inputs=(str(page_file),)), context)
    other = tmp_path / "a" / "heart.png"  # it sorts before the first one
    other.parent.mkdir()
    other.write_bytes(page_file.read_bytes())
    run(here(method="neural", inputs=(str(other), str(page_file))), attrs.evolve(context, resume=True))
    sources = {
        path.name: json.loads(path.read_text())["source"]["file"] for path in context.out_dir.glob("*_quality.json")
    }
    assert sources == {"heart_quality.json": str(page_file), "heart-2_quality.json": str(other)}


def test_other_options_are_refused_and_keep_the_records_as_they_are(page_file, context):
    run(here(method="neural", inputs=(str(page_file),)), context)
    before = (context.out_dir / "heart.hea").read_bytes()
    slower = here(method="neural", inputs=(str(page_file),), sampling_rate_hz=250)
    with pytest.raises(ConfigError, match=r"sampling_rate_hz 500.0 → 250"):
        run(slower, attrs.evolve(context, resume=True))
    assert (context.out_dir / "heart.hea").read_bytes() == before
    run(slower, attrs.evolve(context, overwrite=True))
    assert read_record(context.out_dir / "heart.hea").sampling_rate_hz == 250


def test_a_page_refused_the_second_time_keeps_no_record(page_file, context):
    config = here(method="neural", inputs=(str(page_file),))
    run(config, context)
    Image.new("RGB", (900, 700), "white").save(page_file)
    result = run(config, attrs.evolve(context, resume=True))
    assert result.summary["refused"] == 1
    assert {path.name for path in context.out_dir.glob("heart*")} == {"heart_overlay.jpg", "heart_quality.json"}


def test_a_refused_page_says_why_and_what_to_try(tmp_path, page_image, context):
    upper = page_image[: len(page_image) // 3]  # header and grid, no rows
    write_picture(tmp_path / "upper.png", upper)
    (failure,) = run(here(inputs=(str(tmp_path / "upper.png"),)), context).failures
    quality = json.loads((context.out_dir / "upper_quality.json").read_text())
    assert (quality["verdict"], quality["method"], quality["warnings"]) == ("refused", "neural", [failure.reason])
    assert quality["advice"]
    overlay = cv2.imread(str(context.out_dir / "upper_overlay.jpg"))
    assert overlay.shape[0] > upper.shape[0]


def test_what_is_left_of_a_refused_page_is_not_in_the_way_of_the_next_run(document, context):
    """Neither as files of a stranger, nor as pages where the results lie beside them."""
    config = here(method="neural", inputs=(str(document.parent),))
    context = attrs.evolve(context, out_dir=document.parent)
    first, again = run(config, context), run(config, context)
    assert (document.parent / "doc-p2_quality.json").exists()
    assert [failure.item for failure in again.failures] == [failure.item for failure in first.failures]
    assert again.summary["pages"] == first.summary["pages"] == 3
    (document.parent / "doc-p2_overlay.jpg").unlink()
    run(config, context)
    assert (document.parent / "doc-p2_overlay.jpg").exists()


def test_only_the_pages_asked_for_are_read(document, context, caplog):
    result = run(here(method="neural", inputs=(str(document),), pages="3,5-7"), context)
    assert not result.failures
    assert result.summary["verdict"] == {f"{document} page 3": "good"}
    assert [path.name for path in context.out_dir.glob("*.hea")] == ["doc-p3.hea"]
    assert f"{document}: it has 3 pages, and of --pages 3,5-7 not 5-7" in caplog.text


def test_pages_that_are_not_there_and_pages_that_are_none(document, page_file, context):
    both = (str(document), str(page_file))
    result = run(here(method="neural", inputs=both, pages=2), context)
    assert {failure.item: failure.reason for failure in result.failures}[str(page_file)] == (
        "it has 1 page, and none of --pages 2"
    )
    with pytest.raises(ConfigError, match='"two" is neither a page nor a range'):
        run(here(inputs=both, pages="two"), context)
    with pytest.raises(ConfigError, match="other options"):
        run(here(method="neural", inputs=both, pages="1"), context)


def test_the_rows_of_a_page_can_be_told_as_text(tmp_path, context):
    strip = synthesize_record(seed=5, duration_s=30.0)
    page = render_page(strip, layout=layout_of_text("II / II / II"))
    write_picture(tmp_path / "strip.png", page.image)
    run(here(inputs=(str(tmp_path / "strip.png"),), layout="ii/ii/ii", formats=("npz",)), context)
    quality = json.loads((context.out_dir / "strip_quality.json").read_text())
    assert quality["layout_rows"] == [["II"], ["II"], ["II"]]
    assert quality["layout"] == "II / II / II"
    record = read_record(context.out_dir / "strip.npz")
    assert record.duration_s == 30
    for first in (0, 5000, 10_000):
        error_mv = (record.lead_mv("II") - strip.lead_mv("II"))[first : first + 5000]
        assert np.nanstd(error_mv) < 0.02
        assert np.isnan(error_mv).sum() < 5


def test_rows_that_name_no_leads_are_told_before_the_first_page(page_file, context):
    with pytest.raises(ConfigError, match=r'row 2: "V7R" is no lead; did you mean V7\?'):
        run(here(inputs=(str(page_file),), layout="I / V7R"), context)
    with pytest.raises(PluginNotFound, match="Or write the rows of the page as text"):
        run(here(inputs=(str(page_file),), layout="3x5"), context)


def test_a_file_of_the_user_is_never_replaced(page_file, context):
    context.out_dir.mkdir(exist_ok=True)
    (context.out_dir / "heart.csv").write_text("my notes")
    (failure,) = run(here(method="neural", inputs=(str(page_file),)), context).failures
    assert "was not written by this run" in failure.reason
    assert (context.out_dir / "heart.csv").read_text() == "my notes"
    assert sorted(path.name for path in context.out_dir.glob("heart*")) == ["heart.csv"]


def test_a_folder_without_pages_is_named_with_what_was_looked_for(tmp_path, context):
    with pytest.raises(DataError, match=r"holds no page; looked for \.png, \.jpg"):
        run(here(method="neural", inputs=(str(tmp_path),)), context)


def test_no_inputs_is_a_usage_error(context):
    with pytest.raises(ConfigError, match="inputs: name at least one page"):
        run(here(), context)


def test_an_unknown_method_is_refused_with_those_there_are(page_file, context):
    with pytest.raises(PluginNotFound, match=r"brings the digitizer 'magic'\..* Installed: .*neural, vector"):
        run(here(inputs=(str(page_file),), method="magic"), context)


def test_networks_that_are_not_there_are_told_once_before_the_first_page(page_image, context, tmp_path):
    write_picture(tmp_path / "page.png", page_image)
    options = {"neural": {"networks": str(tmp_path / "none")}}
    config = structure(PagesConfig, {"inputs": [str(tmp_path / "page.png")], "digitizers": options})
    with pytest.raises(ConfigError, match=r"none/markers.onnx: there is no such network"):
        run(config, context)


def as_pdf(contents: list[str]) -> bytes:
    """A PDF with a page for each content stream; a cross-reference table is not needed to open it."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(contents)))
    parts = [
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        f"2 0 obj\n<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>\nendobj\n",
    ]
    font = "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for number, content in enumerate(contents):
        parts.append(
            f"{3 + 2 * number} 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] {font} "
            f"/Contents {4 + 2 * number} 0 R >>\nendobj\n"
            f"{4 + 2 * number} 0 obj\n<< /Length {len(content)} >>\nstream\n{content}\nendstream\nendobj\n"
        )
    return "".join([*parts, "trailer\n<< /Root 1 0 R >>\n%%EOF\n"]).encode()


TEXT = "BT /F1 12 Tf 72 500 Td (Dear colleague, lead II shows) Tj ET 72 480 m 700 480 l S"


def drawn_strip(record) -> str:
    """Lead II over 10 s in millimetres of the page, with its name and scale."""
    samples = np.arange(0, 5000, 2)
    x, y = 72 + samples / 500 * 25 * 72 / 25.4, 300 + record.lead_mv("II")[samples] * 720 / 25.4
    line = " ".join(f"{a:.3f} {b:.3f} {'l' if number else 'm'}" for number, (a, b) in enumerate(zip(x, y, strict=True)))
    return f"BT /F1 9 Tf 76 330 Td (II) Tj ET BT /F1 9 Tf 76 100 Td (25 mm/s 10 mm/mV) Tj ET {line} S"


def test_pages_of_text_in_a_document_are_told_and_no_failure(tmp_path, truth, context):
    path = tmp_path / "report.pdf"
    path.write_bytes(as_pdf([TEXT, drawn_strip(truth), TEXT]))
    result = run(here(inputs=(str(path),)), context)
    assert not result.failures
    assert result.summary["pages without a trace"] == 2
    assert result.summary["verdict"] == {
        f"{path} page 1": "no trace",
        f"{path} page 2": "good",
        f"{path} page 3": "no trace",
    }
    assert [file.name for file in context.out_dir.glob("*_quality.json")] == ["report-p2_quality.json"]


def test_a_document_without_any_trace_is_a_failure(tmp_path, context):
    path = tmp_path / "letter.pdf"
    path.write_bytes(as_pdf([TEXT, TEXT]))
    result = run(here(inputs=(str(path),)), context)
    [failure] = result.failures
    assert "no trace on any of its pages, neither as lines nor in a picture" in failure.reason
    again = run(here(inputs=(str(path),)), attrs.evolve(context, resume=True))
    assert again.failures == result.failures, "also where none of its pages has to be looked at again"


def test_a_page_that_takes_too_long_is_told_and_read_when_it_may(page_file, context):
    config = PagesConfig(method="neural", inputs=(str(page_file),), timeout_s=1e-3)
    reasons = {failure.item: failure.reason for failure in run(config, context).failures}
    assert reasons[str(page_file)] == "stopped after 0.001 s; --timeout (timeout_s) allows more"
    assert not list(context.out_dir.glob("heart*")), "no half record stays"
    result = run(attrs.evolve(config, timeout_s=600), context)
    assert result.summary["verdict"][str(page_file)] == "good"
