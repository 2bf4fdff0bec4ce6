"""Media types and the endings of file names, from a table of our own: machines differ in what they know.

Called wherever a file gets a name or a name must tell a type.
"""

from __future__ import annotations

import re

UNTYPED = "application/octet-stream"
_ENDINGS = {
    "application/gzip": "gz",
    "application/json": "json",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/vnd.android.package-archive": "apk",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/x-tgsticker": "tgs",
    "application/xml": "xml",
    "application/zip": "zip",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/speex": "spx",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "image/webp": "webp",
    "text/calendar": "ics",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "video/3gpp": "3gp",
    "video/3gpp2": "3g2",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
}
LONGEST_NAME = 120
"""Characters of a file's name; what is longer is cut before its ending."""
_OTHER_NAMES = {
    "application/x-zip-compressed": "application/zip",
    "audio/3gpp": "video/3gpp",
    "audio/amr-nb": "audio/amr",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/vorbis": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-aac": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "text/directory": "text/vcard",
    "text/x-vcard": "text/vcard",
    "text/xml": "application/xml",
}
_TYPES = {ending: kind for kind, ending in _ENDINGS.items()} | {
    "htm": "text/html",
    "jfif": "image/jpeg",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "log": "text/plain",
    "m4v": "video/mp4",
    "mpeg": "video/mpeg",
    "oga": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "tif": "image/tiff",
    "vcard": "text/vcard",
}


def bare(content_type: str) -> str:
    """A media type without its parameters, in the spelling of the table."""
    kind = content_type.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(kind, kind)


def ending(content_type: str) -> str:
    """The ending a file of this type gets, with its dot; empty for a type nobody knows."""
    found = _ENDINGS.get(bare(content_type), "")
    return f".{found}" if found else ""


def type_of(name: str) -> str:
    """The media type a file name (or the path of an address) tells; UNTYPED where it tells none."""
    _, dot, end = name.rpartition(".")
    return _TYPES.get(end.strip().lower(), UNTYPED) if dot else UNTYPED


def file_name(name: str, content_type: str, otherwise: str) -> str:
    """A name for a file: its own, with an ending where it has none that is known; else `otherwise` and the ending.

    Its own without folders in front, and not endlessly long.
    """
    name = re.split(r"[/\\]", name)[-1].rstrip(". ")
    if len(name) > LONGEST_NAME:
        stem, dot, end = name.rpartition(".")
        name = f"{stem[: LONGEST_NAME - len(end) - 1]}.{end}" if dot and len(end) < 10 else name[:LONGEST_NAME]
    if name and type_of(name) != UNTYPED:
        return name
    return f"{name or otherwise}{ending(content_type)}"
