"""Where the content of a file comes from: the receipt's link, or else the PDF of its report."""

from __future__ import annotations

from mlc_pipeline.expensify.errors import CredentialsRefused, ExpensifyError, LimitsClosed
from mlc_pipeline.expensify.receipts import LinkClosed, ReceiptLinks
from mlc_pipeline.expensify.report_pdfs import ReportPdfs
from mlc_pipeline.posting.receipts.kinds import Unfit, kind_of


class Contents:
    """Fetches contents. Safe between threads."""

    def __init__(self, links: ReceiptLinks, pdfs: ReportPdfs) -> None:
        self._links = links
        self._pdfs = pdfs
        self._closed: ExpensifyError | None = None

    def receipt(self, url: str) -> bytes:
        """What the link opens.

        Raises:
            NotFetched: nothing for us (LinkClosed), too much of it (TooLarge), or no answer.
        """
        if not url:
            raise LinkClosed("Expensify gives no link")
        return self._links.fetch(url)

    def report(self, report_id: str) -> tuple[bytes, ...]:
        """The report's PDFs with full pages of the receipts; without them where that is too much for Zoho Books.

        Raises:
            ExpensifyError: Expensify failed; refused credentials and limits end all further tries.
        """
        if self._closed is not None:
            raise self._closed
        try:
            made = self._pdfs.with_receipts(report_id)
            return made if all(map(_is_fit, made)) else self._pdfs.alone(report_id)
        except (CredentialsRefused, LimitsClosed) as error:
            self._closed = error
            raise


def _is_fit(content: bytes) -> bool:
    try:
        kind_of(content)
    except Unfit:
        return False
    return True
