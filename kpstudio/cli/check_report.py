"""The report of the import doctor in a terminal."""

import time
from typing import TYPE_CHECKING

from kpstudio.cli.terminal import ProgressLine, print_result, say

if TYPE_CHECKING:
    from kpstudio.core.dataset import Dataset
    from kpstudio.formats.checks import CheckReport, Finding
    from kpstudio.store.project import Project

_QUIET_S = 2.0


def check_source(
    dataset: "Dataset", project: "Project", *, reads_pixels: bool = False
) -> "CheckReport":
    """Look at what is to be imported, and tell how far it is where that takes long."""
    from kpstudio.formats.checks import check_dataset

    line, start = ProgressLine(), time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() > start + _QUIET_S:
            line.show(f"Looking at images: {done} of {total}")

    try:
        return check_dataset(
            dataset,
            known=project.some_annotations(),
            reads_pixels=reads_pixels,
            report=show,
        )
    finally:
        line.clear()


def print_report(report: "CheckReport", *, title: str) -> None:
    """What there is, and everything that was found, on standard output."""
    print_result(title)
    print_result(
        f"  {report.images:,} images, {report.labelled_images:,} of them labelled;"
        f" {report.annotations:,} annotations"
    )
    print_result(
        f"  keypoints: {report.visible:,} visible, {report.occluded:,} occluded,"
        f" {report.not_labelled:,} not labelled"
    )
    for finding in report.findings:
        print_result("\n".join(_lines(finding)))
    if not report.findings:
        print_result("Nothing is wrong with it.")
    elif not report.has_warnings:
        print_result("Nothing is wrong with it; the notes are worth a look.")


def print_findings(report: "CheckReport") -> None:
    """Warnings and errors, for the person in front of the terminal."""
    for finding in report.findings:
        if finding.severity != "note":
            say("\n".join(_lines(finding)))
    notes = sum(finding.severity == "note" for finding in report.findings)
    if notes:
        say(f"{notes} more to look at: see it with --check.")


def _lines(finding: "Finding") -> list[str]:
    lines = [f"{finding.severity}: {finding.message}", f"  {finding.hint}"]
    if finding.offset is not None:
        x, y = finding.offset
        lines[-1] += f" That is: --offset {x:g},{y:g}"
    if finding.is_presence:
        lines[-1] += " That is: --visibility presence"
    lines += [f"    {example}" for example in finding.examples]
    if finding.examples and finding.count > len(finding.examples):
        lines.append("    …")
    return lines
