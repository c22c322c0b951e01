"""Every quote and department stands in its document, verbatim; what was injected there stands nowhere in ours."""

from pathlib import Path

import pytest

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = REPOSITORY.parent / "shared" / "documents"
OWN = {
    key: found
    for key, found in load(PACKAGE / "catalogue").obligations.items()
    if found.adopted_from is None and found.document.file is not None  # the demo office's own rule is no document
}
SPAM = ("bet", "365", "官网", "亚洲版", "博彩", "娱乐城", "彩票", "投注", "真人", "澳门", "皇冠", "棋牌")


def without_white_space(text: str) -> str:
    return "".join(text.split())


def source_of(key: str) -> str:
    if not DOCUMENTS.is_dir():
        pytest.skip(f"the source documents are not at {DOCUMENTS}: quotes are NOT proved verbatim in this run")
    return without_white_space((DOCUMENTS / OWN[key].document.file).read_text("utf-8"))


@pytest.mark.parametrize("key", OWN)
def test_the_quote_is_verbatim(key):
    assert without_white_space(OWN[key].quote) in source_of(key)


@pytest.mark.parametrize("key", OWN)
def test_each_department_is_verbatim(key):
    text = source_of(key)
    assert [name for name in OWN[key].departments if without_white_space(name) not in text] == []


@pytest.mark.parametrize("key", OWN)
def test_the_quote_begins_on_the_line_that_the_entry_names(key):
    source_of(key)
    lines = (DOCUMENTS / OWN[key].document.file).read_text("utf-8").splitlines()
    rest = without_white_space("".join(lines[OWN[key].line - 1 :]))
    here = without_white_space(lines[OWN[key].line - 1])
    position = rest.find(without_white_space(OWN[key].quote))
    assert 0 <= position < len(here)


@pytest.mark.parametrize("key", OWN)
def test_injected_spam_enters_no_title_department_or_item(key):
    obligation = OWN[key]
    shown = (obligation.title, *obligation.departments, *obligation.department_names, *obligation.items)
    assert [text for text in shown for word in SPAM if word in text.lower()] == []
    assert [word for word in SPAM if word in obligation.document.title.lower()] == []
