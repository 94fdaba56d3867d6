"""What is worth knowing about a dataset before it is imported."""

from kpstudio.formats.checks.finding import SEVERITIES, Finding, Severity
from kpstudio.formats.checks.report import CheckReport, check_dataset

__all__ = ["SEVERITIES", "CheckReport", "Finding", "Severity", "check_dataset"]
