"""A scene to pixels: paper, strokes, letters, and what each pixel shows."""
