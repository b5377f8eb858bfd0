"""Reads the files of a multipart form with the standard library's mail parser."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a multipart form."""

    field: str
    name: str
    content: bytes


def uploaded_files(content_type: str, body: bytes) -> tuple[UploadedFile, ...]:
    """Return the parts that carry a file name; empty for a body that is no multipart form."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        return ()
    return tuple(_file(part) for part in message.iter_parts() if part.get_filename())


def _file(part: Message) -> UploadedFile:
    field = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return UploadedFile(str(field), part.get_filename() or "", content)
