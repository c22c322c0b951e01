"""The command ``check-draft``: reads the files, prints the findings. What is checked is ``checking`` and the rules."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from obligations.orchestration.commands.named_files import read_delivery
from obligations.orchestration.commands.outcome import Outcome, Rows
from obligations.orchestration.review.checking import CheckReport, check_edited
from obligations.words.draft import DocumentModel
from obligations.words.errors import UnusableInput

MODEL = "model.json"
"""Lies beside figures.json in a draft's folder; with it the file is read back, too."""


def check_draft(file: Path, figures: Path) -> Outcome:
    """Check the edited Word file ``file`` against the figures file of its draft; exit code 1 where there is an error."""
    model = figures.parent / MODEL
    base = _model(model) if model.is_file() else None
    report = check_edited(read_delivery(file), file.name, read_delivery(figures), base)
    errors = report.as_json()["errors"]
    notes = () if base else (f"{figures.parent} 里没有 {MODEL}，只核对数字和文字，没有核对能否读回",)
    return Outcome(report.as_json(), _shown(report), notes, exit_code=1 if errors else 0)


def _shown(report: CheckReport) -> tuple[str | Rows, ...]:
    counts = "，".join(f"{grade}{report.count(grade)}项" for grade in ("错误", "警告", "提示"))
    rows = [(found.grade, found.where, found.said) for found in report.findings]
    table = (Rows(("级别", "位置", "说明"), rows),) if rows else ()
    return (f"{report.file}：{counts}", *table)


def _model(path: Path) -> DocumentModel:
    try:
        return DocumentModel.from_json(read_delivery(path))
    except ValidationError as error:
        raise UnusableInput(f"{path} 不是本系统起草时生成的文档模型，应为草稿文件夹里的那一份") from error
