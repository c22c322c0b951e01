"""What is said of the difference between two versions of a document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obligations.steps.rendering.compose import compose
from obligations.steps.rendering.difference import differences
from obligations.words.draft import DocumentModel
from obligations.words.publication import Analysis

BODY = """## 收入情况
甲项增收，乙项减收。

丙项持平。
## 支出情况
丁项增支。
| 项目 | 数 |
| 甲 | 多 |
| 乙 | 少 |

注：以上为快报数。

【落款】"""


def document(body, title="题目"):
    found = compose("case.j2", f"# {title}\n\n{body}\n", Analysis({}), (), {}, "演示单位财政局")
    return DocumentModel(
        kind="case", kind_title="甲", key="demo/case", period="2017-06", version=1, title=found.title,
        subtitle=found.subtitle, region="演示单位", publisher="演示单位财政局", created_at="2026-01-01T00:00:00+08:00",
        dated=None, watermark=None, final=False, based_on=None, warnings=(), blocks=tuple(found.blocks),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("甲项增收，", "甲项多收，", ["收入情况：“甲项增收”改为“甲项多收”。"]),
        ("甲项增收，乙项减收。", "甲项增收，戊项增收，乙项减收。", ["收入情况：增加“戊项增收”。"]),
        ("丙项持平。\n", "", ["收入情况：删去“丙项持平”。"]),
        ("丁项增支。", "丁项增支。\n\n另外说明一件事。", ["支出情况：增加“另外说明一件事”。"]),
        ("| 甲 | 多 |", "| 甲 | 很多 |", ["支出情况：“多”改为“很多”。"]),
        ("| 乙 | 少 |", "| 丙 | 少 |", ["支出情况：增加“丙｜少”。", "支出情况：删去“乙｜少”。"]),
        ("## 支出情况\n", "\n", ["支出情况：删去“支出情况”。"]),
        ("快报数", "决算数", ["注：“以上为快报数”改为“以上为决算数”。"]),
        ("甲项", "甲项", []),
    ],
)
def test_a_change_is_said_by_its_clauses(old, new, said):
    assert old in BODY
    before, after = document(BODY), document(BODY.replace(old, new))
    found = [change.said() for change in differences(before, after)]
    assert found == said


def test_the_title_and_the_day_of_signing_are_compared_too():
    before, after = document(BODY), document(BODY, "新题目")
    signed = replace(after.blocks[-1], date="2026年9月12日")
    after = replace(after, blocks=(*after.blocks[:-1], signed))
    assert [change.place for change in differences(before, after)] == ["题目", "落款"]


def test_what_changed_knows_whether_it_is_new_gone_or_different():
    before = document(BODY)
    after = document(
        BODY.replace("丙项持平。\n", "").replace("增支", "减支").replace("【落款】", "注：新注。\n\n【落款】")
    )
    assert [change.sort for change in differences(before, after)] == ["removed", "changed", "added"]
