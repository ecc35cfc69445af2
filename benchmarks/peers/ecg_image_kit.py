"""Time ecg-image-kit's own pages: `python ecg_image_kit.py KIT_FOLDER RECORD.hea PAGES`.

KIT_FOLDER is `codes/ecg-image-generator` of a checkout of github.com/alphanumericslab/ecg-image-kit. Prints the
processor seconds of a standard page: 3x4 and rhythm II, grid, pulses and lead names, 200 dpi, written as PNG.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Draw pages and print the mean time of one, after one to warm up."""
    kit, record, num_pages = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), int(sys.argv[3])
    sys.path.insert(0, str(kit))
    os.chdir(kit)
    from extract_leads import get_paper_ecg
    from helper_functions import read_config_file
    from scipy.stats import bernoulli  # the kit draws its switches from distributions

    with tempfile.TemporaryDirectory() as folder:

        def draw() -> None:
            get_paper_ecg(
                input_file=str(record.with_suffix(".dat")),
                header_file=str(record),
                output_directory=folder,
                seed=0,
                add_dc_pulse=bernoulli(1),
                add_bw=bernoulli(0),
                show_grid=bernoulli(1),
                add_print=bernoulli(0),
                configs=read_config_file("config.yaml"),
                store_text_bbox=False,
                resolution=200,
                pad_inches=0,
                start_index=0,
            )

        draw()
        start_s = time.process_time()
        for _ in range(num_pages):
            draw()
        print((time.process_time() - start_s) / num_pages)


if __name__ == "__main__":
    main()
