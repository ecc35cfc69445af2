"""Typefaces, cut down to the letters of ASCII; the licence lies beside them."""
