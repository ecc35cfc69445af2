"""Files to pages: their pictures, and what is drawn on those of a PDF."""
