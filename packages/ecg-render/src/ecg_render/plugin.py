"""What ecg-render registers through entry points."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DegradationSpec, LayoutSpec, TaskSpec, VerbSpec

area = AreaSpec(
    implementation="ecg_render",
    summary="Digital records to pages like real ones, with exact coordinates",
    planned=("render.crops", "render.prepare_all", "render.kaggle_subset", "render.gallery"),
)
pages_task = TaskSpec(
    implementation="ecg_render.tasks.pages:run",
    config="ecg_render.tasks.pages:RenderPagesConfig",
    summary="Print records as pages of ECG paper, one PNG a record",
)
render_verb = VerbSpec(
    task="render.pages",
    argument="inputs",
    summary="Print records as pages of ECG paper",
)
scan_degradation = DegradationSpec(
    implementation="ecg_render.degradations.scan:degrade_as_scan",
    summary="A flatbed scan: slight turn and shift, blur, tint, uneven light, noise, JPEG",
)

layout_competition = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_COMPETITION",
    summary="3x4+1R as solutions of the PhysioNet digitization competition rectify it",
)
layout_kit = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_KIT", summary="3x4+1R as ecg-image-kit prints it, rows between grid lines"
)
layout_3x4 = LayoutSpec(implementation="ecg_render.layouts:LAYOUT_3X4", summary="Three rows of four leads for 2.5 s")
layout_3x4_3r = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_3X4_3R",
    summary="Three rows of four leads for 2.5 s, V1, II and V5 for 10 s below",
)
layout_6x2 = LayoutSpec(implementation="ecg_render.layouts:LAYOUT_6X2", summary="Six rows of two leads for 5 s")
layout_6x2_1r = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_6X2_1R", summary="Six rows of two leads for 5 s, lead II for 10 s below"
)
layout_12x1 = LayoutSpec(implementation="ecg_render.layouts:LAYOUT_12X1", summary="Twelve rows of one lead for 10 s")
layout_4x3 = LayoutSpec(implementation="ecg_render.layouts:LAYOUT_4X3", summary="Four rows of three leads for 3.3 s")
layout_3x4_1r_cabrera = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_3X4_1R_CABRERA",
    summary="Three rows of four leads in Cabrera order for 2.5 s, lead II for 10 s below",
)
layout_6x2_cabrera = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_6X2_CABRERA",
    summary="Six rows of two leads for 5 s, limb leads in Cabrera order",
)
layout_12x1_cabrera = LayoutSpec(
    implementation="ecg_render.layouts:LAYOUT_12X1_CABRERA",
    summary="Twelve rows of one lead for 10 s, limb leads in Cabrera order",
)
