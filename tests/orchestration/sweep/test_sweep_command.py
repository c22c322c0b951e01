"""``obligations sweep``: one JSON value, nothing sent unless asked for, and no run started."""

from __future__ import annotations

import json

import pytest

from obligations.orchestration.commands.cli import main


@pytest.fixture
def obligations(office, monkeypatch, capsys):
    """Run a command in the office; return its exit code, standard output and standard error."""
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_sweep_says_in_json_what_it_expected_marked_and_queued(obligations):
    code, out, _ = obligations("sweep", "--at", "2026-09-08T10:00", "--json")
    first = json.loads(out)
    assert (code, first["at"], first["first_sweep"]) == (0, "2026-09-08T10:00:00+08:00", "2026-09-08T10:00:00+08:00")
    assert {
        "key": "county/weekly",
        "period": "2026-W37",
        "due_at": "2026-09-14T00:00:00+08:00",
        "historical": False,
    } in first["expected"]
    assert (first["started"], first["starts_runs"], first["sent"], first["sends"]) == ([], False, [], False)
    second = json.loads(obligations("sweep", "--at", "2026-09-14T00:05", "--json")[1])
    assert second["missed"] == [{"key": "county/weekly", "period": "2026-W37", "due_at": "2026-09-14T00:00:00+08:00"}]
    assert {"county/weekly"} <= {entry["key"] for entry in second["queued"]}
    assert [alarm["kind"] for alarm in second["alarms"]] == ["sweep-gap"]


def test_what_is_due_goes_out_only_with_send(obligations, office, mail_server, free_port, monkeypatch):
    address = f"smtp://127.0.0.1:{free_port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true"
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", address)
    postbox = mail_server(free_port)
    obligations("sweep", "--at", "2026-09-08T10:00")
    obligations("sweep", "--at", "2026-09-14T09:00")
    assert postbox.received == []
    sent = json.loads(obligations("sweep", "--at", "2026-09-14T09:10", "--send", "--json")[1])["sent"]
    assert ("county/weekly", "2026-W37", "due", "jia", "email") in {
        (one["key"], one["period"], one["tier"], one["recipient"], one["channel"]) for one in sent
    }
    assert {"jia@example.cn", "yi@example.cn"} <= {to for recipients in postbox.recipients for to in recipients}
    office.require_sound()


def test_people_read_that_no_run_is_started_and_nothing_sent(obligations):
    code, out, _ = obligations("sweep", "--at", "2026-09-14T09:00")
    assert code == 0
    assert "本命令不启动办理" in out
    assert "没有写 --send" in out


def test_a_time_that_cannot_be_read_is_refused(obligations):
    code, _, err = obligations("sweep", "--at", "明天")
    assert code == 2
    assert "“明天”无法识别" in err
