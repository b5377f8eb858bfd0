"""Files on documents: one multipart field, known extensions, 5 MB; sent twice means kept twice."""

from __future__ import annotations

from collections.abc import Collection

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

#: The lowest size that sources name for bills; others say 7 or 10 MB.
LARGEST_FILE = 5 * 1024 * 1024


def attach(call: Call, document: Record, extensions: Collection[str]) -> str:
    """Append the uploaded file to `documents` and return its name; any extension passes an empty list."""
    uploads = [file for file in call.files if file.field == "attachment"]
    if not uploads:
        raise errors.invalid_value("attachment")
    upload = uploads[0]
    if extensions and upload.name.rpartition(".")[2].casefold() not in extensions:
        raise errors.attachment_refused(f"Attach a file of one of these types: {', '.join(extensions)}.")
    if len(upload.content) > LARGEST_FILE:
        raise errors.attachment_refused("Attach a file smaller than 5 MB.")
    document["documents"].append({"document_id": call.books.new_id(), "file_name": upload.name})
    document["last_modified_time"] = call.books.timestamp()
    return upload.name
