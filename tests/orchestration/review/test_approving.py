"""Who may approve what: levels, roles, absences, the drafter, words of mouth, errors left; and that publishing trusts the ledger alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from reviewing import complete, review, step_of

from obligations.orchestration.dags import build_dag
from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.review.answers import APPROVE, RETURN, SUBMIT, Answer, AnswerRefused
from obligations.orchestration.review.approving import answer_review, pass_optional
from obligations.orchestration.review.decisions import answer_completion, refuse
from obligations.orchestration.review.finishing import finalized
from obligations.orchestration.review.forms import ask_completion, ask_review
from obligations.orchestration.review.progress import missing, require_approved
from obligations.orchestration.runs.trace import append
from obligations.orchestration.runs.trace import drafted as version_under_work
from obligations.orchestration.tasks import forms
from obligations.steps.ledger import verify_ledger
from obligations.steps.rendering.folder import model_in
from obligations.words.errors import NotApproved, NotPublishable
from obligations.words.reviews import Level
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 29, 10, 0, tzinfo=SHANGHAI)
RIGHT = {Level.FIRST: "first", Level.SECOND: "second", Level.SECRECY: "secrecy", Level.FINAL: "leader"}


def approve(work, level, person, now=NOW, **fields):
    return answer_review(work, Answer(APPROVE, fields, person, now), step_of(work.chain, level), now)


@pytest.fixture
def work(drafted):
    work = drafted()
    complete(work, NOW)
    return work


def levels_left(work):
    sha256 = version_under_work(work).sha256
    return [step.level for step in missing(work.chain, work.ledger.events(work.key, work.period), sha256)]


def test_every_level_is_answered_by_its_own_role_and_only_then_it_is_published(work, settings, tmp_path):
    for level, person in RIGHT.items():
        with pytest.raises(NotApproved, match=level.label):
            require_approved(work)
        approve(work, level, person)
    assert levels_left(work) == []
    approvals = [event for event in work.ledger.events(work.key, work.period) if event.kind == "approved"]
    reviewed = version_under_work(work).sha256
    assert {event.payload["sha256"] for event in approvals} == {reviewed}, "all of exactly one version"
    assert [event.payload["final"] for event in approvals] == [False, False, False, True]
    assert work.ledger.occurrence(work.key, work.period).stage == "approved"
    final = finalized(work, NOW)
    assert final.state == "final"
    assert finalized(work, NOW + timedelta(days=1)) == final, "made once"
    assert verify_ledger(work.ledger) == []


@pytest.mark.parametrize(
    ("level", "person"),
    [
        (level, person)
        for level in RIGHT
        for person in ("first", "second", "secrecy", "leader", "drafter", "stranger")
        if person != RIGHT[level]
    ],
)
def test_another_role_is_refused_and_nothing_is_recorded_as_approved(work, level, person):
    with pytest.raises(AnswerRefused, match=f"账号 {person} 现在不能办理{level.label}：须由"):
        approve(work, level, person)
    assert not [event for event in work.ledger.events(work.key, work.period) if event.kind == "approved"]


@pytest.mark.parametrize(
    ("day", "may"),
    [
        ("2026-09-29", {"leader"}),  # a Tuesday; the B角 acts only while the A角 is away
        ("2026-10-09", {"leader", "second"}),  # away with a delegate: who delegated may still answer, the B角 may not
        ("2026-10-12", {"leader", "deputy"}),  # away without one: the B角 acts
    ],
)
def test_a_delegate_and_the_deputy_act_on_the_days_they_do(work, day, may):
    at = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=SHANGHAI)
    for level in (Level.FIRST, Level.SECOND, Level.SECRECY):
        approve(work, level, RIGHT[level])
    found = set()
    for person in ("leader", "deputy", "second"):
        try:
            answer_review(work, Answer(RETURN, {}, person, at), step_of(work.chain, Level.FINAL), at)
        except AnswerRefused as refused:
            found |= {person} if "请写明审核意见" in str(refused) else set()
    assert found == may


def test_who_wrote_the_version_never_gives_the_final_review_whatever_roles_they_hold(drafted, settings):
    alone = replace(settings, contacts=None)  # an office that leaves rights to Airflow
    work = drafted(using=alone)
    complete(work, NOW, person="leader")
    for level in (Level.FIRST, Level.SECOND, Level.SECRECY):
        approve(work, level, "leader")  # an office of two can work: only the 终审 is barred
    with pytest.raises(AnswerRefused, match="leader 起草或修改过本版稿件，不能再办理终审"):
        approve(work, Level.FINAL, "leader")
    refuse(work, "leader", "终审", "起草人", NOW)
    assert levels_left(work) == [Level.FINAL]
    approve(work, Level.FINAL, "other")
    assert levels_left(work) == []


def test_levels_that_the_policy_keeps_apart_are_refused_to_one_person(drafted, settings, tmp_path):
    rules = tmp_path / "reviews.yaml"
    rules.write_text(
        "chains: [{name: 分开, apart: [[first, final]], stages: [[{level: first}], [{level: final}]]}]", "utf-8"
    )
    work = drafted(using=replace(settings, contacts=None, reviews=rules))
    complete(work, NOW)
    approve(work, Level.FIRST, "same")
    with pytest.raises(AnswerRefused, match="same 已办理本版稿件的初审，按审核规则不能再办理终审"):
        approve(work, Level.FINAL, "same")
    approve(work, Level.FINAL, "other")


def test_a_return_takes_back_what_others_approved_of_the_version(work):
    approve(work, Level.FIRST, "first")
    approve(work, Level.SECOND, "second")
    with pytest.raises(AnswerRefused, match="请写明审核意见"):
        answer_review(work, Answer(RETURN, {}, "secrecy", NOW), step_of(work.chain, Level.SECRECY), NOW)
    said = {"comment": "第三段涉及未公开数据"}
    assert answer_review(work, Answer(RETURN, said, "secrecy", NOW), step_of(work.chain, Level.SECRECY), NOW) == RETURN
    assert levels_left(work) == [Level.FIRST, Level.SECOND, Level.SECRECY, Level.FINAL]
    row = work.ledger.occurrence(work.key, work.period)
    assert (row.stage_label, row.outcome) == ("退回修改", None)


def test_a_return_ends_what_is_asked_beside_it_though_its_process_was_killed_before_it_came_to_that(
    work, settings, monkeypatch
):
    monkeypatch.setenv("OBLIGATIONS_HOME", str(settings.home))
    monkeypatch.setenv("OBLIGATIONS_CONTACTS", str(settings.contacts))
    returned = Answer(RETURN, {"comment": "第三段涉及未公开数据"}, "secrecy", NOW)
    answer_review(work, returned, step_of(work.chain, Level.SECRECY), NOW)
    skipped: list[str] = []
    monkeypatch.setattr(forms, "skip", skipped.extend)
    tried_again = build_dag(work.obligation, settings).get_task(Level.SECRECY.task_id)
    run = SimpleNamespace(run_id=work.run_id, partition_key=work.period, conf=None)
    with pytest.raises(AirflowSkipException, match="退回修改"):
        tried_again.execute({"dag_run": run})
    assert skipped == [Level.SECOND.task_id]


def test_errors_of_the_check_block_every_level_until_somebody_with_the_right_answers_for_them(work):
    reviewed = version_under_work(work)
    errors = ["第4段“12.5%”与数据不符，应为 21.5%"]
    facts = {"version": reviewed.version, "sha256": "f" * 64, "state": "uploaded", "errors": errors}
    append(work, "drafted", NOW, facts, person="drafter")
    with pytest.raises(AnswerRefused, match="核对发现1处错误尚未处理：第4段"):
        approve(work, Level.FIRST, "first")
    with pytest.raises(AnswerRefused, match="账号 first 不能对核对错误放行：须由终审签发人、分管领导书面说明理由"):
        approve(work, Level.FIRST, "first", override_reason="来不及了")
    about = {"version": reviewed.version, "sha256": reviewed.sha256, "errors": errors, "reason": "口径调整，已核实"}
    append(work, "overridden", NOW, about, person="leader")
    for level, person in RIGHT.items():
        approve(work, level, person)
    assert levels_left(work) == []


def test_who_may_override_does_so_in_the_answer_itself_with_the_reason_on_record(drafted, settings, tmp_path):
    rules = tmp_path / "reviews.yaml"
    rules.write_text("chains: [{name: 一级, stages: [[{level: final}]]}]", "utf-8")
    work = drafted(using=replace(settings, reviews=rules))
    complete(work, NOW)
    version = version_under_work(work).version
    append(work, "drafted", NOW, {"version": version, "sha256": "f" * 64, "state": "uploaded", "errors": ["有误"]})
    approve(work, Level.FINAL, "leader", override_reason="口径调整，已核实")
    (said,) = [event for event in work.ledger.events(work.key, work.period) if event.kind == "overridden"]
    assert (said.person, said.payload["errors"], said.payload["reason"]) == ("leader", ["有误"], "口径调整，已核实")


def test_only_the_responsible_department_completes_its_draft(drafted):
    work = drafted()
    assert version_under_work(work).open_blanks, "or the test is about nothing"
    form = ask_completion(work, NOW)
    texts = {blank.name: "已核对" for blank in form.fields}
    with pytest.raises(AnswerRefused, match="账号 leader 不能办理完善稿件：须由责任人办理"):
        answer_completion(work, Answer(SUBMIT, texts, "leader", NOW), NOW)
    assert answer_completion(work, Answer(SUBMIT, texts, "drafter", NOW), NOW) == SUBMIT
    assert version_under_work(work).state == "filled"
    assert version_under_work(work).open_blanks == ()


def test_who_reviews_sees_what_the_others_said(work):
    approve(work, Level.FIRST, "first", comment="数字已与财政局核对")
    body = ask_review(work, step_of(work.chain, Level.SECOND), NOW).body
    assert "初审：first，" in body
    assert "数字已与财政局核对" in body
    assert "保密审查要点" not in body
    assert "保密审查要点" in ask_review(work, step_of(work.chain, Level.SECRECY), NOW).body
    assert "核对发现的错误" not in body


@pytest.fixture
def written(drafted, settings):
    """A bulletin as the system drafted it."""
    fields = {"type": "incident", "level": "重大", "title": "演示路段事故", "happened_at": "2026-09-29T08:00"}
    event = report(settings, read_report(fields, NOW), NOW, jurisdiction="demo").event
    return drafted("demo/incident-bulletin", event.id)


def test_an_approval_of_a_draft_with_required_blanks_open_is_refused(written):
    with pytest.raises(AnswerRefused, match="稿件还有必填内容没有填写"):
        approve(written, Level.FINAL, "leader")


class TestEmergency:
    """应急快审: the levels in parallel, approvals by word of mouth, a 指挥部 only where there is one."""

    @pytest.fixture
    def incident(self, written):
        complete(written, NOW)
        return written

    def test_levels_are_answered_in_any_order_and_the_command_passes_where_nobody_holds_it(self, incident):
        assert [len(stage) for stage in incident.chain.stages] == [3]
        approve(incident, Level.FINAL, "leader")
        assert pass_optional(incident, step_of(incident.chain, Level.COMMAND), NOW)
        assert not pass_optional(incident, step_of(incident.chain, Level.SECRECY), NOW)
        assert incident.ledger.occurrence(incident.key, incident.period).stage != "approved"
        approve(incident, Level.SECRECY, "secrecy")
        assert incident.ledger.occurrence(incident.key, incident.period).stage == "approved"
        assert finalized(incident, NOW).state == "final"

    def test_a_word_of_mouth_is_entered_with_name_and_time_under_who_entered_it(self, incident):
        at = NOW + timedelta(minutes=30)
        said = {"oral_by": "演示戊", "oral_at": "2026-09-29 10：20"}
        answer_review(incident, Answer(APPROVE, said, "drafter", at), step_of(incident.chain, Level.FINAL), at)
        event = incident.ledger.events(incident.key, incident.period)[-1]
        assert (event.kind, event.person) == ("approved", "leader")
        assert event.happened_at == NOW + timedelta(minutes=20)
        assert event.payload["oral"] == {
            "by": "演示戊", "at": "2026-09-29T10:20:00+08:00", "entered_by": "drafter"
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"oral_by": "演示戊", "oral_at": ""}, "无法识别，应写作"),
            ({"oral_by": "演示戊", "oral_at": "2026-09-29 11:00"}, "应在本版稿件形成之后、登记之前"),
            ({"oral_by": "演示戊", "oral_at": "2026-09-29 09:59"}, "应在本版稿件形成之后、登记之前"),
            ({"oral_by": "演示丁", "oral_at": "2026-09-29 10:20"}, "通讯录中“演示丁”不担任"),
            ({"oral_by": "演示甲", "oral_at": "2026-09-29 10:20"}, "通讯录中“演示甲”不担任"),
        ],
    )
    def test_a_word_of_mouth_that_cannot_be_true_is_refused(self, incident, fields, why):
        at = NOW + timedelta(minutes=30)
        with pytest.raises(AnswerRefused, match=why):
            answer_review(incident, Answer(APPROVE, fields, "drafter", at), step_of(incident.chain, Level.FINAL), at)

    def test_a_stranger_enters_no_word_of_mouth(self, incident):
        at, said = NOW + timedelta(minutes=30), {"oral_by": "演示戊", "oral_at": "2026-09-29 10:20"}
        with pytest.raises(AnswerRefused, match="账号 second 现在不能办理终审"):
            answer_review(incident, Answer(APPROVE, said, "second", at), step_of(incident.chain, Level.FINAL), at)


def test_what_was_reviewed_is_what_is_published_dated_on_the_day_it_was_signed(work, settings):
    for level in (Level.FIRST, Level.SECOND, Level.SECRECY):
        approve(work, level, RIGHT[level])
    signed = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)
    approve(work, Level.FINAL, "leader", now=signed)
    final = finalized(work, datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI))
    reviewed = version_under_work(work)
    before, after = (model_in(Path(draft.folder)) for draft in (reviewed, final))
    assert (after.dated, after.based_on) == ("2026-09-30", reviewed.sha256)
    assert [block for block in after.blocks if block.type != "signature"] == [
        block for block in before.blocks if block.type != "signature"
    ], "all but the date below the signature"


def test_a_file_changed_after_the_review_is_not_published(work):
    for level, person in RIGHT.items():
        approve(work, level, person)
    model = Path(version_under_work(work).folder) / "model.json"
    model.write_bytes(model.read_bytes().replace("猪肉".encode(), "牛肉".encode(), 1))
    with pytest.raises(NotPublishable, match=r"稿件文件 model\.json 被改动或缺失"):
        finalized(work, NOW)


def test_without_any_contacts_everybody_with_the_right_in_airflow_may_review(drafted, settings):
    work = drafted(using=replace(settings, contacts=None))
    complete(work, NOW, person="anyone")
    review(work, NOW, person="somebody")
    assert levels_left(work) == []
