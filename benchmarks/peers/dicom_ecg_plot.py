"""Draw pages by dicom-ecg-plot: `python dicom_ecg_plot.py JOB.json`, see `benchmarks/drawing_tools.py` for the job.

The tool draws DICOM files alone, so the recording becomes one first. It smoothes what it draws by a low-pass of 40 Hz,
as its foot line says; what it drew is written back.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage, generate_uid

UNITS_A_MV = 1000


def main() -> None:
    """Draw every page of the job, and write what was drawn."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    names, rate_hz = job["lead_names"], job["sampling_rate_hz"]
    layouts = {
        str(n): [[names.index(lead) for lead in row] for row in each["rows"]] for n, each in enumerate(job["pages"])
    }
    sys.modules["ecgconfig"] = settings(layouts)
    source = Path(sys.argv[1]).with_suffix(".dcm")
    write_dicom(source, np.load(job["signal"]), names, rate_hz)
    for number, page in enumerate(job["pages"]):
        np.save(job["drawn"], draw(source, str(number), page["file"], page["dots_per_inch"]))


def draw(source: Path, layout: str, file: str, dots_per_inch: float) -> np.ndarray:
    """Draw one page; what is returned is what was drawn, in millivolts.

    The tool closes the current figure of Matplotlib when its own object goes, so no two may live at a time.
    """
    from ecg import ECG  # it reads its settings when it is imported
    from matplotlib import pyplot as plt

    ecg = ECG(str(source))
    ecg.draw(layout, 10.0, minor_axis=True)
    plt.savefig(file, dpi=dots_per_inch, orientation="landscape")
    return np.array(ecg._plotter.signals)


def settings(layouts: dict[str, list[list[int]]]) -> types.ModuleType:
    """What a user of the tool writes to `ecgconfig.py`."""
    module = types.ModuleType("ecgconfig")
    module.LAYOUT, module.INSTITUTION, module.WADOSERVER = layouts, "Drawn for a benchmark", "http://localhost"
    return module


def write_dicom(path: Path, signal_mv: np.ndarray, names: list[str], rate_hz: float) -> None:
    """A general ECG object with one group of channels, 1 µV a unit."""
    waveform = Dataset()
    waveform.WaveformOriginality = "ORIGINAL"
    waveform.NumberOfWaveformChannels, waveform.NumberOfWaveformSamples = signal_mv.shape
    waveform.SamplingFrequency = rate_hz
    waveform.WaveformBitsAllocated, waveform.WaveformSampleInterpretation = 16, "SS"
    waveform.ChannelDefinitionSequence = Sequence([channel(name) for name in names])
    waveform.WaveformData = np.round(signal_mv.T * UNITS_A_MV).astype("<i2").tobytes()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = TwelveLeadECGWaveformStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    whole = Dataset()
    whole.file_meta = meta
    whole.SOPClassUID, whole.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    whole.Modality, whole.PatientName, whole.PatientID = "ECG", "Doe^Jane", "12345"
    whole.PatientBirthDate, whole.PatientSex, whole.PatientAge = "19700101", "F", "054Y"
    whole.AcquisitionDateTime = "20240102030405"
    whole.WaveformSequence = Sequence([waveform])
    pydicom.dcmwrite(path, whole, enforce_file_format=True)


def channel(name: str) -> Dataset:
    """One lead: its name and its scale."""
    source, unit, definition = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "0", "99LOCAL", f"Lead {name}"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
    definition.ChannelSourceSequence, definition.ChannelSensitivityUnitsSequence = Sequence([source]), Sequence([unit])
    definition.ChannelSensitivity, definition.ChannelSensitivityCorrectionFactor = 1000 / UNITS_A_MV, 1
    definition.ChannelBaseline, definition.WaveformBitsStored = 0, 16
    return definition


if __name__ == "__main__":
    main()
