"""Reports as Expensify's exporter gives them to a template, and as our template prints them."""

from __future__ import annotations

from typing import Any


def expense(transaction_id: str = "4056343049275634494", **attributes: Any) -> dict[str, Any]:
    """An ordinary expense, in the data model of a template; `attributes` are added or replaced."""
    return {
        "transactionID": transaction_id,
        "type": "expense",
        "amount": 4500,
        "modifiedAmount": "",
        "convertedAmount": "",
        "currency": "EUR",
        "created": "2026-09-15",
        "merchant": "Joe&#39;s Diner",
        "category": "Meals",
        "categoryGlCode": "6640",
        "reimbursable": True,
        "billable": False,
        **attributes,
    }


def report(report_id: str = "R00bCluvcO4T", *expenses: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """An approved report that adds up, in the data model of a template."""
    spent = list(expenses or [expense()])
    amounts = [item["convertedAmount"] or item["modifiedAmount"] or item["amount"] for item in spent]
    return {
        "reportID": report_id,
        "oldReportID": 3513250790654885,
        "reportName": "Sales trip Osaka &amp; Tokyo",
        "status": "Approved",
        "displayStatus": "Approved",
        "policyID": "0810E551A5F2A9C2",
        "policyName": "Acme GmbH",
        "currency": "EUR",
        "total": sum(amount for amount in amounts if isinstance(amount, int)),
        "accountEmail": "ada@acme.example",
        "submitter": {"fullName": "Ada Example"},
        "created": "2026-09-18 07:12:44",
        "submitted": "2026-09-21 06:58:03",
        "approved": "2026-09-23 22:41:10",
        "reimbursed": "",
        "managerEmail": "boss@acme.example",
        "transactionList": spent,
        **attributes,
    }
