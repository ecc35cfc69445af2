"""What reads a page: digitizers, each a plugin of the group ``ecg.digitizers``, and what they share.

The author of a digitizer needs the names below and nothing else of this package.
"""

from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings
from ecg_digitize.digitizers.protocol import Digitizer, ReadingRequest
from ecg_digitize.digitizers.reading import LeadTrace, PageGeometry, PageStructure, Reading
from ecg_digitize.digitizers.segments import printed_rows, samples_of
from ecg_digitize.digitizers.unreadable import Seen, SeenName, UnreadablePage
from ecg_digitize.pages.files import PagePicture

__all__ = [
    "Digitizer",
    "LeadTrace",
    "PageGeometry",
    "PagePicture",
    "PageStructure",
    "PrintScale",
    "PrintSettings",
    "Reading",
    "ReadingRequest",
    "Seen",
    "SeenName",
    "UnreadablePage",
    "printed_rows",
    "samples_of",
]
