"""Place of the trained networks that come with the package; this version brings none."""
