"""Pages of PDFs whose traces are drawn as lines: read from the lines themselves, exactly, without any picture."""
