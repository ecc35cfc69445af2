"""What ecg-render registers through entry points."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DegradationSpec, StyleSpec, TaskSpec, VerbSpec

area = AreaSpec(
    implementation="ecg_render",
    summary="Digital records to pages like real ones, with exact coordinates",
)
pages_task = TaskSpec(
    implementation="ecg_render.tasks.pages:run",
    config="ecg_render.tasks.pages:RenderPagesConfig",
    summary="Print records as pages of ECG paper, one PNG a record",
)
gallery_task = TaskSpec(
    implementation="ecg_render.tasks.gallery:run",
    config="ecg_render.tasks.gallery:GalleryConfig",
    summary="Contact sheets of every layout, style, maker and degradation that is installed",
)
compare_task = TaskSpec(
    implementation="ecg_render.tasks.compare:run",
    config="ecg_render.tasks.compare:CompareConfig",
    summary="Real and rendered pages side by side, to see what gives the rendered ones away; for your eyes only",
)
kaggle_subset_task = TaskSpec(
    implementation="ecg_render.tasks.kaggle_subset:run",
    config="ecg_render.tasks.kaggle_subset:KaggleSubsetConfig",
    summary="Fetch some records of the digitization competition from Kaggle, with their pictures",
    extra="ecg-render[kaggle]",
)
crops_task = TaskSpec(
    implementation="ecg_render.tasks.crops:run",
    config="ecg_render.tasks.crops:RenderCropsConfig",
    summary="Cut pages and their masks into training crops",
    named_configs={
        name: f"ecg_render.configs:{name}.yaml"
        for name in ("grid", "grid-moire-blur-required", "wave-only", "grid-wave-mix")
    },
)
prepare_all_task = TaskSpec(
    implementation="ecg_render.tasks.prepare_all:run",
    config="ecg_render.tasks.prepare_all:PrepareAllConfig",
    summary="Records to pages and the four data sets of crops, in one command",
)
render_verb = VerbSpec(
    task="render.pages",
    argument="inputs",
    out_file="out_file",
    out_suffixes=(".png", ".jpg", ".jpeg"),
    short_flags={"executor.workers": "workers"},
    summary="Print records as pages of ECG paper",
)
affine_degradation = DegradationSpec(
    implementation="ecg_render.degradations.affine:degrade",
    summary="Turn, shift, scale and shear",
)
bw_scan_degradation = DegradationSpec(
    implementation="ecg_render.degradations.bw_scan:degrade",
    summary="A black-and-white scan or fax: threshold or line screen",
)
camera_degradation = DegradationSpec(
    implementation="ecg_render.degradations.camera:degrade",
    summary="A camera in any pose above a flat page",
)
colour_cast_degradation = DegradationSpec(
    implementation="ecg_render.degradations.colour_cast:degrade",
    summary="Light of two colours, as of a lamp and a window",
)
curl_degradation = DegradationSpec(
    implementation="ecg_render.degradations.curl:degrade",
    summary="Paper bent like the side of a cylinder",
)
defocus_degradation = DegradationSpec(
    implementation="ecg_render.degradations.defocus:degrade",
    summary="A lens out of focus",
)
fold_degradation = DegradationSpec(
    implementation="ecg_render.degradations.fold:degrade",
    summary="One to four straight folds, each panel lit in its own way",
)
gray_scan_degradation = DegradationSpec(
    implementation="ecg_render.degradations.gray_scan:degrade",
    summary="A gray scan of an office print: grid lines in dashes and dots",
)
grid_degradation = DegradationSpec(
    implementation="ecg_render.degradations.augmentation:degrade_as_grid",
    summary="Augmentation of the `grid` data set",
)
grid_moire_blur_required_degradation = DegradationSpec(
    implementation="ecg_render.degradations.augmentation:degrade_as_grid_moire_blur_required",
    summary="Augmentation with moiré and blur in each picture",
)
grid_wave_mix_degradation = DegradationSpec(
    implementation="ecg_render.degradations.augmentation:degrade_as_grid_wave_mix",
    summary="Augmentation of the `grid-wave-mix` data set",
)
handwriting_degradation = DegradationSpec(
    implementation="ecg_render.degradations.handwriting:degrade",
    summary="Strokes like a note in ballpoint",
)
jpeg_degradation = DegradationSpec(
    implementation="ecg_render.degradations.jpeg:degrade",
    summary="Loss of JPEG compression",
)
moire_degradation = DegradationSpec(
    implementation="ecg_render.degradations.moire:degrade",
    summary="Bands between the dots of a screen and the pixels of a camera",
)
motion_blur_degradation = DegradationSpec(
    implementation="ecg_render.degradations.motion_blur:degrade",
    summary="A hand that moves during the exposure",
)
noise_degradation = DegradationSpec(
    implementation="ecg_render.degradations.noise:degrade",
    summary="Noise of an image sensor",
)
occlusion_degradation = DegradationSpec(
    implementation="ecg_render.degradations.occlusion:degrade",
    summary="A thumb, a clip or a strip of paper over an edge",
)
perspective_degradation = DegradationSpec(
    implementation="ecg_render.degradations.perspective:degrade",
    summary="Each corner moved on its own",
)
phone_degradation = DegradationSpec(
    implementation="ecg_render.degradations.phone:degrade_as_phone",
    summary="A photo of a smooth or folded page on a table",
)
phone_turned_degradation = DegradationSpec(
    implementation="ecg_render.degradations.phone:degrade_as_phone_turned",
    summary="A photo of a page that lies at a slant, up to 40 degrees",
)
phone_crumpled_degradation = DegradationSpec(
    implementation="ecg_render.degradations.phone:degrade_as_phone_crumpled",
    summary="A photo of a crumpled page on a table",
)
printer_degradation = DegradationSpec(
    implementation="ecg_render.degradations.printer:degrade",
    summary="An office printer: colours as dots in a line screen",
)
scan_degradation = DegradationSpec(
    implementation="ecg_render.degradations.scan:degrade_as_scan",
    summary="A flatbed scan: slight turn and shift, blur, tint, uneven light, noise, JPEG",
)
screen_degradation = DegradationSpec(
    implementation="ecg_render.degradations.screen:degrade_as_screen",
    summary="A photo of a page on a screen: slant, blue light, moiré",
)
shadow_degradation = DegradationSpec(
    implementation="ecg_render.degradations.shadow:degrade",
    summary="The soft shadow of a hand or a phone",
)
stain_degradation = DegradationSpec(
    implementation="ecg_render.degradations.stain:degrade",
    summary="Coffee rings and yellowed spots, seen through",
)
table_degradation = DegradationSpec(
    implementation="ecg_render.degradations.table:degrade",
    summary="A printed sheet with its margin on a table",
)
text_overlay_degradation = DegradationSpec(
    implementation="ecg_render.degradations.text_overlay:degrade",
    summary="Printed words over the page",
)
uneven_light_degradation = DegradationSpec(
    implementation="ecg_render.degradations.uneven_light:degrade",
    summary="Light that falls off across the page",
)
wave_only_degradation = DegradationSpec(
    implementation="ecg_render.degradations.augmentation:degrade_as_wave_only",
    summary="Augmentation of the `wave-only` data set",
)
white_balance_degradation = DegradationSpec(
    implementation="ecg_render.degradations.white_balance:degrade",
    summary="A camera that takes the light for another one",
)
wrinkle_degradation = DegradationSpec(
    implementation="ecg_render.degradations.wrinkle:degrade",
    summary="Crumpled paper: facets between sharp creases, shaded",
)
crop_degradation = DegradationSpec(
    implementation="ecg_render.degradations.crop:degrade",
    summary="A picture cropped to its traces: head, foot, pulses and first letters cut off",
)
cropped_degradation = DegradationSpec(
    implementation="ecg_render.degradations.cropped:degrade",
    summary="A cropped picture of a random other kind: a photo, a fax, a screenshot",
)
fax_degradation = DegradationSpec(
    implementation="ecg_render.degradations.fax:degrade",
    summary="A fax: black and white, eight dots a millimetre, a black grid, lost lines",
)
photocopy_degradation = DegradationSpec(
    implementation="ecg_render.degradations.photocopy:degrade",
    summary="A photocopy: steep contrast, grid partly lost, specks, copied at 0.7 to 1.2 times the size",
)
screen_photo_degradation = DegradationSpec(
    implementation="ecg_render.degradations.screen_photo:degrade",
    summary="A photo of a program's window on a screen: coarse picture, moiré, glare",
)
screenshot_degradation = DegradationSpec(
    implementation="ecg_render.degradations.screenshot:degrade",
    summary="A screenshot: coarse, pixels not square, in a window, JPEG or few colours",
)
thermal_degradation = DegradationSpec(
    implementation="ecg_render.degradations.thermal:degrade",
    summary="Old thermal paper: faded brown or blue-gray print, yellowed and darkened, streaks",
)
weak_grid_degradation = DegradationSpec(
    implementation="ecg_render.degradations.weak_grid:degrade",
    summary="A grid that has nearly gone",
)
zoomed_degradation = DegradationSpec(
    implementation="ecg_render.degradations.zoomed:degrade",
    summary="A picture enlarged or reduced, so that a printed millimetre is none at the stated resolution",
)

standard_style = StyleSpec(
    implementation="ecg_render.styles.named:STANDARD", summary="Pink grid, black trace: the default"
)
plain_style = StyleSpec(implementation="ecg_render.styles.named:PLAIN", summary="White paper without a grid")
red_style = StyleSpec(implementation="ecg_render.styles.named:RED", summary="Red grid, strong large boxes")
orange_style = StyleSpec(
    implementation="ecg_render.styles.named:ORANGE", summary="Orange grid with dotted small boxes, on cream"
)
green_style = StyleSpec(
    implementation="ecg_render.styles.named:GREEN", summary="Green grid, thin trace, plotter letters"
)
blue_style = StyleSpec(implementation="ecg_render.styles.named:BLUE", summary="Blue grid, names above the trace")
gray_style = StyleSpec(
    implementation="ecg_render.styles.named:GRAY", summary="Gray grid with dotted small boxes, bars between the leads"
)
kit_style = StyleSpec(
    implementation="ecg_render.styles.named:KIT", summary="The look of ecg-image-kit's pages from a colour printer"
)
kit_gray_style = StyleSpec(
    implementation="ecg_render.styles.named:KIT_GRAY", summary="The same from a gray laser printer"
)
ge_muse_style = StyleSpec(
    implementation="ecg_render.styles.makers:ge_muse",
    summary="GE MUSE: pink or red grid, serif letters, names below the trace",
)
ge_mac_style = StyleSpec(
    implementation="ecg_render.styles.makers:ge_mac",
    summary="GE Marquette MAC: orange grid of dots, bold names 6 to 14 mm above the trace, no pulse",
)
philips_style = StyleSpec(
    implementation="ecg_render.styles.makers:philips",
    summary="Philips PageWriter: names beside short bars, gains of limb and chest at the foot",
)
edan_style = StyleSpec(
    implementation="ecg_render.styles.makers:edan",
    summary="EDAN: dotted grid, narrow pulse, serif names above each column, dotted separators",
)
mortara_style = StyleSpec(
    implementation="ecg_render.styles.makers:mortara",
    summary="Mortara ELI: pulse at the right end, bars above and below the trace",
)
schiller_style = StyleSpec(
    implementation="ecg_render.styles.makers:schiller",
    summary="Schiller AT-102: six leads a sheet, one narrow blue pulse between the rows",
)
nihon_kohden_style = StyleSpec(
    implementation="ecg_render.styles.makers:nihon_kohden",
    summary="Nihon Kohden: thermal print, stroke or dot letters, names on or close above the trace",
)
mindray_style = StyleSpec(
    implementation="ecg_render.styles.makers:mindray",
    summary="Mindray BeneHeart: light red grid, bold names above, bars at every column, one pulse a row",
)
cardiosoft_style = StyleSpec(
    implementation="ecg_render.styles.makers:cardiosoft",
    summary="GE CardioSoft: 50 mm/s, grid of gray dots in a frame, serif letters",
)
kardia_style = StyleSpec(
    implementation="ecg_render.styles.makers:kardia",
    summary="Kardia: black dots and 5 mm lines, thick pulse, one to six leads a page",
)
apple_watch_style = StyleSpec(
    implementation="ecg_render.styles.makers:apple_watch",
    summary="Apple Watch: one red lead over three rows, gray grid, no names beside the trace",
)
bpl_style = StyleSpec(
    implementation="ecg_render.styles.makers:bpl",
    summary="BPL Cardiart: two columns, names on the trace, narrow pulse in every row",
)
textbook_style = StyleSpec(
    implementation="ecg_render.styles.makers:textbook",
    summary="Textbook: black and white, dotted grid, serif names, a pulse before each column",
)
viewer_light_style = StyleSpec(
    implementation="ecg_render.styles.makers:viewer_light",
    summary="Viewer on a light screen: smooth letters, coloured trace, even grid",
)
viewer_dark_style = StyleSpec(
    implementation="ecg_render.styles.makers:viewer_dark", summary="Viewer on a dark screen: bright trace, dim grid"
)
plain_software_style = StyleSpec(
    implementation="ecg_render.styles.makers:plain_software",
    summary="Drawing software: 5 mm red lines, blue names beside blue bars, no pulse",
)
other_style = StyleSpec(
    implementation="ecg_render.styles.makers:other", summary="Any other machine: wide ranges of everything"
)
