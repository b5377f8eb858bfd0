"""Files on documents: one multipart field, known extensions, 5 MB; sent twice means kept twice."""

from __future__ import annotations

from collections.abc import Collection

from mlc_pipeline.sandbox.zoho import errors
from mlc_pipeline.sandbox.zoho.bills import find_bill
from mlc_pipeline.sandbox.zoho.call import FILE, Call
from mlc_pipeline.sandbox.zoho.journals import find_journal
from mlc_pipeline.sandbox.zoho.organization import Record

#: The lowest size that sources name for bills; others say 7 or 10 MB.
LARGEST_FILE = 5 * 1024 * 1024

#: What a bill takes (bills file).
EXTENSIONS = ("gif", "png", "jpeg", "jpg", "bmp", "pdf")


def add_bill_attachment(call: Call) -> Record:
    """POST /bills/{bill_id}/attachment: appends; paid bills take no files."""
    bill = find_bill(call)
    if bill["status"] == "paid":
        raise errors.cannot_change("A paid bill")
    bill["attachment_name"] = _attach(call, bill, EXTENSIONS)
    return {"message": "The document has been attached."}


def get_bill_attachment(call: Call) -> Record:
    """GET /bills/{bill_id}/attachment: the latest file itself; its thumbnail is the same here."""
    return {FILE: call.books.files[_latest(call)["document_id"]]}


def delete_bill_attachment(call: Call) -> Record:
    """DELETE /bills/{bill_id}/attachment: of the latest file."""
    bill, latest = find_bill(call), _latest(call)
    if bill["status"] == "paid":
        raise errors.cannot_change("A paid bill")
    bill["documents"].remove(latest)
    call.books.files.pop(latest["document_id"], None)
    bill["attachment_name"] = bill["documents"][-1]["file_name"] if bill["documents"] else ""
    bill["last_modified_time"] = call.books.timestamp()
    return {"message": "The attachment has been deleted."}


def add_journal_attachment(call: Call) -> Record:
    """POST /journals/{journal_id}/attachment; no list of extensions is published."""
    _attach(call, find_journal(call), ())
    return {"message": "Your file has been successfully attached to the journal."}


def _attach(call: Call, document: Record, extensions: Collection[str]) -> str:
    """Append the uploaded file to `documents` and return its name; any extension passes an empty list."""
    uploads = [file for file in call.files if file.field == "attachment"]
    if not uploads:
        raise errors.invalid_value("attachment")
    upload = uploads[0]
    if extensions and upload.name.rpartition(".")[2].casefold() not in extensions:
        raise errors.attachment_refused(f"Attach a file of one of these types: {', '.join(extensions)}.")
    if len(upload.content) > LARGEST_FILE:
        raise errors.attachment_refused("Attach a file smaller than 5 MB.")
    document_id = call.books.new_id()
    call.books.files[document_id] = upload
    document["documents"].append({"document_id": document_id, "file_name": upload.name})
    document["last_modified_time"] = call.books.timestamp()
    return upload.name


def _latest(call: Call) -> Record:
    """The newest file of a bill whose content is still known; contents do not outlive the process."""
    kept = [each for each in find_bill(call)["documents"] if each["document_id"] in call.books.files]
    if not kept:
        raise errors.does_not_exist("Attachment")
    latest: Record = kept[-1]
    return latest
