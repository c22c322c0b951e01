"""Which numbers of a sentence state something, and what a number as written states."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obligations.rules.drafts_check.tokens import says, tokens_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1—6月，收入完成258,912万元，增长19.0%。", [("258,912", "万元"), ("19.0", "%")]),
        ("超过序时进度9.5个百分点", [("9.5", "百分点")]),
        ("截至2026年9月12日14时05分，救援人员60名。", [("60", "名")]),
        ("按国办发〔2016〕80号、《2017年要点》第24条，见表1、图2。", []),
        ("PM2.5浓度35μg/m³，按GB 5749-2022检测，SO2下降3%。", [("35", "μg/m³"), ("3", "%")]),
        ("1.上年同期数为累计数减去增减额。", []),
        ("（2）办理12件。", [("12", "件")]),
        ("增长１２．５％", [("12.5", "%")]),
        ("2017.5万元和2026.9.12", [("2017.5", "万元")]),
        ("1、2、3季度各5次", [("5", "")]),
        ("同比增长-8.0%", [("-8.0", "%")]),
        ("第三季度第12期2026年第3次会议", []),
        ("联系电话05401234567", []),
        ("增加1.6倍", [("1.6", "倍")]),
        ("1,204,567.89元", [("1,204,567.89", "元")]),
    ],
)
def test_numbers_are_told_from_dates_ordinals_and_names(text, numbers):
    found = [(str(token.value), token.unit) for token in tokens_of(text)]
    assert found == [(number.replace(",", ""), unit) for number, unit in numbers]


@pytest.mark.parametrize(
    ("text", "value", "unit", "expected"),
    [
        ("258,912万元", "258912", "万元", True),
        ("25.9亿元", "258912", "万元", True),
        ("25.8亿元", "258912", "万元", False),
        ("2,589,120,000元", "258912", "万元", True),
        ("19.0%", "18.98", "%", True),
        ("19%", "18.98", "%", True),
        ("18.98%", "18.98", "%", True),
        ("18.97%", "18.98", "%", False),
        ("9.5%", "9.5", "百分点", False),
        ("1.3倍", "131.2", "%", True),
        ("11.4%", "-11.4", "%", True),
        ("16.663万元", "16663", "万元", False),
    ],
)
def test_a_number_states_a_value_at_the_precision_of_its_writer(text, value, unit, expected):
    (token,) = tokens_of(text)
    assert says(token, Decimal(value), unit) is expected


def test_a_sign_counts_where_no_word_carries_it():
    (token,) = tokens_of("19,516")
    assert says(token, Decimal(-19516), "万元")
    assert not says(token, Decimal(-19516), "万元", signed=True)
