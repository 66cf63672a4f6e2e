"""What the end of a file name says. Notes' names hold dots, so only known extensions count."""

from __future__ import annotations

_LIST = """
    7z aac ai avi avif base bmp bz2 canvas css csv doc docx drawio eml epub excalidraw flac
    geojson gif gpx gz heic htm html ico ics jpeg jpg js json jsonl kml kmz m4a m4v mkv mov
    mp3 mp4 mpeg mpg msg odp ods odt ogg ogv opus otf pdf png ppt pptx ps psd py rar rtf
    sqlite srt svg tar tex tgz tif tiff toml tsv ttf txt vcf vsd vsdx vtt wav webm webp wma
    wmv woff woff2 xls xlsm xlsx xml xz yaml yml zip zst
"""

ATTACHMENTS = frozenset(_LIST.split())
"""Extensions that no note's name ends in. Any other text behind a dot is part of a name."""


def is_attachment(name: str) -> bool:
    """Whether `name` ends in the extension of an attachment."""
    stem, dot, extension = name.rpartition(".")
    return bool(stem and dot) and extension.strip().lower() in ATTACHMENTS


def has_md(name: str) -> bool:
    """Whether `name` ends in `.md`, in any case."""
    return name[-3:].lower() == ".md"
