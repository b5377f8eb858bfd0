"""Invents a company of three entities (US, Germany, India) with a quarter of reports, and what each becomes."""

from mlc_pipeline.sandbox.company.group.generate import generate_group
from mlc_pipeline.sandbox.company.group.model import Group, GroupEntity, PostedDocument, ReportExpectation

__all__ = ["Group", "GroupEntity", "PostedDocument", "ReportExpectation", "generate_group"]
