"""Personal identifiers: what is one, what is not, and what is left of a text that held one."""

from __future__ import annotations

import pytest

from obligations.publications.personal import hide_identifiers, is_identity_number, mask_name

IDENTITY = "110101190001010006"
"""Of a person born on 1 January 1900, with a check digit that fits."""


@pytest.mark.parametrize("number", [IDENTITY, "11010119000101001x", "11010119000101001Ｘ"])
def test_a_day_of_birth_and_a_check_digit_make_an_identity_number(number):
    checked = [number[:17] + digit for digit in "0123456789X"]
    assert sum(is_identity_number(each) for each in checked) == 1


def test_an_identity_number_written_in_groups_is_one():
    for number in ("110101 19000101 0006", "110101-1900-01-01-0006", "1101 0119 0001 0100 06"):
        assert is_identity_number(number)


@pytest.mark.parametrize(
    "code",
    [
        "91000000MA00DEMO1A",  # a unified social credit code
        "110101190013010006",  # no 13th month
        "110101190001010007",  # the check digit does not fit
        "11010119000101000",
        "",
    ],
)
def test_what_is_no_identity_number_is_left_a_code(code):
    assert not is_identity_number(code)


@pytest.mark.parametrize(
    ("name", "masked"), [("演示甲", "演某某"), ("演甲", "演某"), ("演 示 甲", "演某某"), ("演示·甲乙丙", "演某某")]
)
def test_of_a_name_only_the_first_character_is_left(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"身份证号{IDENTITY}，", "身份证号［已隐去］，"),
        ("证件号110101190001010007", "证件号［已隐去］"),  # one wrong digit does not make it public
        ("证件号110101000101001", "证件号［已隐去］"),  # 15 digits, as before 1999
        ("证件号110101 19000101 0006、110101-19000101-0006", "证件号［已隐去］、［已隐去］"),
        ("证件号110101 1900 01 01 0006、110101-1900-0101-0006", "证件号［已隐去］、［已隐去］"),
        ("证件号1101 0119 0001 0100 06", "证件号［已隐去］"),
        ("证件号11010119000101001Ｘ", "证件号［已隐去］"),
        ("电话13800000000", "电话［已隐去］"),
        ("电话138 0000 0000、138-0000-0000", "电话［已隐去］、［已隐去］"),
        ("电话+8613800000000、0086 13800000000", "电话+［已隐去］、［已隐去］"),
        ("座机010-65000000，邮编138000", "座机010-65000000，邮编138000"),
        ("注册号370000000000000，面积12345678901平方米", "注册号370000000000000，面积12345678901平方米"),
        ("演食许〔2026〕第101号", "演食许〔2026〕第101号"),
    ],
)
def test_numbers_of_persons_are_hidden_and_other_numbers_stand(text, hidden):
    assert hide_identifiers(text) == hidden
