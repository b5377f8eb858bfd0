"""The PDF of one report (manual: report exporter, `fileExtension` pdf), if asked for with a page per receipt."""

from typing import Any

JsonObject = dict[str, Any]


def report_pdf(report: JsonObject, size: int, *, receipts: bool) -> str:
    """A PDF in plain ASCII with the report's id and expenses, padded with a comment to `size` bytes."""
    expenses = report.get("transactionList", [])
    pages = [_report_page(report, expenses)]
    if receipts:
        pages += [[_receipt_line(expense)] for expense in expenses if expense.get("receiptObject")]
    text = _document(pages)
    return text + "%" + " " * (size - len(text) - 1) if len(text) < size else text


def _report_page(report: JsonObject, expenses: list[JsonObject]) -> list[str]:
    lines = [f"{expense['transactionID']} {expense.get('amount', '')}" for expense in expenses]
    return [f"Report {report['reportID']}", *lines]


def _receipt_line(expense: JsonObject) -> str:
    return f"Receipt of {expense['transactionID']}"


def _document(pages: list[list[str]]) -> str:
    """The least a PDF needs, without a cross-reference table, which readers rebuild."""
    kids = " ".join(f"{3 + 2 * at} 0 R" for at in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"]
    for at, lines in enumerate(pages):
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        content = f"BT /F1 12 Tf 14 TL 40 800 Td {shown} ET"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {4 + 2 * at} 0 R>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    body = "".join(f"{at} 0 obj{text}endobj\n" for at, text in enumerate(objects, start=1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF\n"
