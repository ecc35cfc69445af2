"""Seconds a page of 2200 x 1700 pixels with the shipped weights, and peak memory.

Usage: python benchmarks/segmentation.py [--pages N] [--threads N]

It needs no data: the pages are rendered. The peer is one pass of the same network over the whole page, without tiles,
in the same run. The first page of a fresh process is told apart from the later ones, loading from both.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from ecg_core.synthetic import synthesize_record
from ecg_render import render_page
from ecg_seg.segmenter import Segmenter


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pages = [render_page(synthesize_record(seed=seed)).image for seed in range(options.pages)]
    start_s = time.perf_counter()
    segmenter = Segmenter.load()
    height, width = pages[0].shape[:2]
    print(f"pages of {width} x {height} pixels, {options.threads} threads, torch {torch.__version__}")
    print(f"loading          {time.perf_counter() - start_s:6.2f} s")
    tiled = [seconds(partial(segmenter.segment, page)) for page in pages]
    print(f"first page       {tiled[0]:6.2f} s")
    print(f"later pages      {statistics.median(tiled[1:]):6.2f} s (median)")
    print(f"peak memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")
    whole = statistics.median(seconds(partial(whole_page, segmenter, page)) for page in pages)
    print(f"whole page, peer {whole:6.2f} s (median); tiles take {statistics.median(tiled) / whole:.2f} of it")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


@torch.inference_mode()
def whole_page(segmenter: Segmenter, page: np.ndarray) -> np.ndarray:
    """One pass over a page that is made a multiple of the network's reduction."""
    model: Any = segmenter.model  # a SegUNet
    height, width = (-(-length // model.multiple) * model.multiple for length in page.shape[:2])
    padded = np.pad(page, ((0, height - page.shape[0]), (0, width - page.shape[1]), (0, 0)), mode="edge")
    logits = model(torch.from_numpy(padded).permute(2, 0, 1)[None])
    return np.asarray(logits[0, :, : page.shape[0], : page.shape[1]].argmax(dim=0).numpy())


if __name__ == "__main__":
    main()
