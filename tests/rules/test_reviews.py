"""Which chain of review an obligation has, and files under which nobody would sign."""

from pathlib import Path

import pytest

from obligations.rules.catalogue import load
from obligations.rules.reviews import PACKAGED_REVIEWS, chain_of, load_reviews, reviewers_of
from obligations.words.contacts import Role
from obligations.words.errors import CatalogueFault

CATALOGUE = load(Path(__file__).parents[2] / "include" / "obligations" / "catalogue").obligations
FISCAL, BULLETIN = CATALOGUE["demo/fiscal-monthly"], CATALOGUE["demo/incident-bulletin"]
SIGNED = "stages: [[{level: final}]]"


@pytest.fixture
def rules(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "reviews.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def stages(obligation, path=None):
    return [[step.level.label for step in stage] for stage in chain_of(obligation, path).stages]


def test_the_packaged_chains_are_those_of_the_field():
    assert stages(FISCAL) == [["初审"], ["复审", "保密审查"], ["终审"]]
    assert stages(BULLETIN) == [["保密审查", "指挥部审核", "终审"]]
    assert chain_of(BULLETIN).oral
    assert not chain_of(FISCAL).oral


def test_every_obligation_of_the_catalogue_has_a_chain_that_ends_with_a_signature():
    for obligation in CATALOGUE.values():
        assert stages(obligation)[-1][-1] == "终审", obligation.key


def test_the_first_chain_that_holds_is_taken_and_all_it_names_must_fit(rules):
    path = rules(
        f"chains: [{{name: 甲, obligations: [demo/*], publications: [submission], {SIGNED}}},"
        f" {{name: 乙, obligations: [demo/fiscal-monthly], {SIGNED}}},"
        f" {{name: 丙, duties: [respond], governments: [demo], {SIGNED}}}, {{name: 丁, {SIGNED}}}]"
    )
    assert chain_of(FISCAL, path).name == "乙"
    assert chain_of(BULLETIN, path).name == "丙" if BULLETIN.duty == "respond" else "丁"
    assert chain_of(CATALOGUE["shandong/fiscal-monthly"], path).name == "丁"


def test_a_role_is_needed_where_it_alone_answers_a_level_that_must_be():
    assert set(reviewers_of(FISCAL)) == {
        Role.FIRST_REVIEW, Role.SECOND_REVIEW, Role.SECRECY_REVIEW, Role.FINAL_REVIEW
    }  # fmt: skip
    assert reviewers_of(BULLETIN) == (Role.SECRECY_REVIEW,), "the 指挥部 may not exist, three roles may sign"


@pytest.mark.parametrize(
    ("chains", "field", "expected"),
    [
        ("[]", "chains", "最后一套不写"),
        (f"[{{name: 甲, obligations: [demo/*], {SIGNED}}}]", "chains", "最后一套不写"),
        (f"[{{name: 甲, publications: [submission], {SIGNED}}}]", "chains", "最后一套不写"),
        (f"[{{name: 甲, duties: [internal], {SIGNED}}}]", "chains", "最后一套不写"),
        (f"[{{name: 甲, governments: [city], {SIGNED}}}]", "chains", "最后一套不写"),
        (f"[{{name: 甲, {SIGNED}}}, {{name: 甲, {SIGNED}}}]", "chains", "只用一次"),
        ("[{name: 甲, stages: []}]", "chains.0.stages", "至少有一级"),
        ("[{name: 甲, stages: [[], [{level: final}]]}]", "chains.0.stages", "至少有一级"),
        ("[{name: 甲, stages: [[{level: first}]]}]", "chains.0.stages", "没有人签发不得发布"),
        ("[{name: 甲, stages: [[{level: final, optional: true}]]}]", "chains.0.stages", "没有人签发不得发布"),
        ("[{name: 甲, stages: [[{level: final}], [{level: first}]]}]", "chains.0.stages", "没有人签发不得发布"),
        ("[{name: 甲, stages: [[{level: first}], [{level: first}, {level: final}]]}]", "chains.0.stages", "只出现一次"),
        (f"[{{name: 甲, apart: [[first, final]], {SIGNED}}}]", "chains.0.apart", "stages 中有的级"),
        (f"[{{name: 甲, overridden_by: [], {SIGNED}}}]", "chains.0.overridden_by", "至少一个角色"),
    ],
)
def test_a_file_under_which_a_draft_could_slip_through_is_refused(rules, chains, field, expected):
    with pytest.raises(CatalogueFault) as refused:
        load_reviews(rules(f"chains: {chains}"))
    assert any(fault.field == field and expected in fault.expected for fault in refused.value.faults)


def test_a_file_is_read_again_once_it_has_changed(rules):
    path = rules(f"chains: [{{name: 甲, {SIGNED}}}]")
    assert load_reviews(path) is load_reviews(path)
    rules(f"chains: [{{name: 乙乙, {SIGNED}}}]")
    assert load_reviews(path).chains[0].name == "乙乙"
    assert load_reviews().chains == load_reviews(PACKAGED_REVIEWS).chains
