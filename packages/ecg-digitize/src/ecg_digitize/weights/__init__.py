"""The trained networks that come with the package, for both engines, and the calibration of their confidence."""
