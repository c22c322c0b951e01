"""Gathering from real files and a real SQLite database: what is kept, what is waited for, what is refused and where to."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from obligations.rules.delivery import LIMIT_BYTES
from obligations.steps.gather import (
    Sources,
    gather,
    gather_event,
    gather_file,
    is_ready,
    load_frame,
    what_is_missing,
)
from obligations.steps.gather.store import StoreDamaged, move_aside
from obligations.words.errors import BadInput, CatalogueFault, SourceNotReady, UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Period
from obligations.words.publication import Column, DataContract, Snapshot
from obligations.words.times import SHANGHAI

JUNE = Period("2017-06", date(2017, 6, 1), date(2017, 6, 30))
JULY = Period("2017-07", date(2017, 7, 1), date(2017, 7, 31))
NOW = datetime(2017, 7, 6, 9, 30, tzinfo=SHANGHAI)
LONG_AGO = (NOW - timedelta(days=1)).timestamp()
FISCAL = DataContract(
    columns=(
        Column("期间", "text", "期间，写作 2017-06"),
        Column("项目", "text", "项目名称"),
        Column("单位", "text", "万元", allowed=("万元",)),
        Column("累计数", "number", "数字，单位万元"),
        Column("同口径增幅", "number", "数字，单位%", nullable=True),
    ),
    unique=("期间", "项目"),
)
GOOD = (
    "期间,项目,单位,累计数,同口径增幅\n2017-06,一般公共预算总收入,万元,258912,19.3\n2017-06,税收收入,万元,120345.5,\n"
)
BAD = GOOD.replace("258912", "暂无")
QUERY = "SELECT 期间, 项目, 单位, 累计数, 同口径增幅 FROM 财政收支 WHERE 期间 = :period ORDER BY 项目 DESC"


def obligation(**source: object) -> Obligation:
    return Obligation.model_validate(
        {
            "key": "demo/fiscal-monthly",
            "jurisdiction": {"slug": "demo", "name": "演示单位", "level": "demo"},
            "document": {"title": "要点", "issued_by": "办公厅", "in_force_from": "2017-05-04"},
            "title": "财政收支情况按月公开",
            "clause": "一(一)1",
            "quote": "按月公開全省財政收支情況",
            "duty": "publish",
            "departments": [],
            "publication": "fiscal-monthly",
            "clock": {"kind": "recurring", "rule": "FREQ=MONTHLY"},
            "due": None,
            "due_origin": None,
            "fulfilment": "published",
            "source": source or {"kind": "inbox"},
        }
    )


FROM_INBOX = obligation(kind="inbox", address="https://example.gov.cn/fiscal")
FROM_DATABASE = obligation(kind="sql", connection="finance", query=QUERY)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "finance.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE 财政收支 (期间 TEXT, 项目 TEXT, 单位 TEXT, 累计数, 同口径增幅 REAL)")
        rows = [
            ("2017-06", "税收收入", "万元", 120345.5, None),
            ("2017-06", "一般公共预算总收入", "万元", 258912, 19.3),
        ]
        connection.executemany("INSERT INTO 财政收支 VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    return file


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    engines = {"finance": create_engine(f"sqlite:///{tmp_path / 'finance.sqlite3'}", poolclass=NullPool)}
    inbox = tmp_path / "收件夹"
    inbox.mkdir()
    return Sources(inbox, tmp_path / "store", tmp_path / "quarantine", engines.__getitem__)


@pytest.fixture
def drop(sources: Sources) -> Callable[..., Path]:
    def write(name: str, text: str | bytes = GOOD, folder: str = "demo/fiscal-monthly", age: float = LONG_AGO) -> Path:
        file = sources.inbox / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(file, (age, age))
        return file

    return write


def run(sources: Sources, what: Obligation = FROM_INBOX, period: Period = JUNE) -> Snapshot:
    return gather(what, period, FISCAL, sources=sources, now=NOW)


class TestInbox:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
    def test_the_raw_bytes_are_kept_under_their_sha256_and_read_alike(
        self, sources: Sources, drop: Callable[..., Path], encoding: str
    ) -> None:
        original = drop("2017-06.csv", GOOD.encode(encoding))
        snapshot = run(sources)
        sha256 = hashlib.sha256(GOOD.encode(encoding)).hexdigest()
        kept = sources.store / "inputs" / sha256[:2] / sha256 / "2017-06.csv"
        assert snapshot == Snapshot("2017-06.csv", str(kept), sha256, "https://example.gov.cn/fiscal")
        assert kept.read_bytes() == original.read_bytes()
        assert list(load_frame(snapshot, FISCAL)["累计数"]) == [Decimal(258912), Decimal("120345.5")]

    def test_gathering_again_keeps_one_copy_and_gives_the_same_snapshot(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        drop("2017-06.csv")
        assert run(sources) == run(sources)
        assert len([path for path in sources.store.rglob("*") if path.is_file()]) == 1

    def test_a_kept_input_is_read_only(self, sources: Sources, drop: Callable[..., Path]) -> None:
        drop("2017-06.csv")
        assert stat.S_IMODE(Path(run(sources).path).stat().st_mode) == 0o444

    def test_a_kept_input_that_was_changed_is_noticed(self, sources: Sources, drop: Callable[..., Path]) -> None:
        drop("2017-06.csv")
        snapshot = run(sources)
        Path(snapshot.path).chmod(0o644)
        Path(snapshot.path).write_bytes(b"other")
        with pytest.raises(StoreDamaged, match="已被改动，与登记的 SHA-256"):
            load_frame(snapshot, FISCAL)
        with pytest.raises(StoreDamaged):
            run(sources)

    def test_another_folder_and_pattern_can_be_named(self, sources: Sources, drop: Callable[..., Path]) -> None:
        drop("财政局-2017-06-收支表.CSV", folder="财政局/月报")
        what = obligation(kind="inbox", folder="财政局/月报", pattern="财政局-{period}-*.csv")
        assert run(sources, what).file == "财政局-2017-06-收支表.CSV"

    def test_nothing_yet_is_waited_for(self, sources: Sources, drop: Callable[..., Path]) -> None:
        with pytest.raises(SourceNotReady, match="收件夹 demo/fiscal-monthly 还没有建立"):
            run(sources)
        drop("2017-05.csv")
        with pytest.raises(SourceNotReady, match=r"收件夹 demo/fiscal-monthly 中还没有文件 2017-06\.\*"):
            run(sources)
        assert not is_ready(FROM_INBOX, JUNE, sources, NOW)

    @pytest.mark.parametrize("name", ["~$2017-06.xlsx", ".2017-06.csv.swp", "2017-06.csv.part", "2017-06.csv.tmp"])
    def test_a_file_under_a_temporary_name_is_waited_for(
        self, sources: Sources, drop: Callable[..., Path], name: str
    ) -> None:
        drop(name)
        with pytest.raises(SourceNotReady, match="正在写入"):
            run(sources)

    @pytest.mark.parametrize(
        ("age", "ready"), [(0.0, False), (1.9, False), (2.0, True), (86400.0, True), (-60.0, True)]
    )
    def test_a_file_is_read_two_seconds_after_its_last_change(
        self, sources: Sources, drop: Callable[..., Path], age: float, ready: bool
    ) -> None:
        drop("2017-06.csv", age=NOW.timestamp() - age)
        assert is_ready(FROM_INBOX, JUNE, sources, NOW) is ready

    def test_two_files_of_one_period_are_both_named_and_left_alone(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        files = [drop("2017-06.csv"), drop("2017-06.xlsx")]
        with pytest.raises(BadInput) as refused:
            run(sources)
        names = "2017-06.csv、2017-06.xlsx"
        fact = f"收件夹 demo/fiscal-monthly 中有 2 个文件都符合 2017-06.*：{names}，应只有一个"
        assert refused.value.problems == (f"{fact}；请只留下一个后重新运行。",)
        assert all(file.exists() for file in files)
        assert is_ready(FROM_INBOX, JUNE, sources, NOW), "gather has something to say"

    def test_a_refused_file_moves_to_quarantine_with_its_reason_beside_it(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        original = drop("2017-06.csv", BAD)
        with pytest.raises(BadInput) as refused:
            run(sources)
        problem = "文件 2017-06.csv 第 2 行“累计数”列的值是“暂无”，应为数字，单位万元；请改正后重新放入收件夹。"
        where = "demo/fiscal-monthly/20170706T093000-2017-06.csv"
        assert refused.value.problems == (problem, f"原件已移至隔离区 {where}；收件夹为 demo/fiscal-monthly。")
        assert not original.exists()
        assert (sources.quarantine / where).read_text("utf-8") == BAD
        assert problem in (sources.quarantine / f"{where}.原因.txt").read_text("utf-8-sig")
        assert not sources.store.exists()

    def test_the_same_mistake_twice_in_a_second_overwrites_nothing(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        for text in (BAD, BAD.replace("暂无", "不详")):
            drop("2017-06.csv", text)
            with pytest.raises(BadInput):
                run(sources)
        kept = sorted((sources.quarantine / "demo/fiscal-monthly").glob("*.csv"))
        assert [path.name for path in kept] == ["20170706T093000-2-2017-06.csv", "20170706T093000-2017-06.csv"]
        assert {path.read_text("utf-8") for path in kept} == {BAD, BAD.replace("暂无", "不详")}

    def test_a_corrected_file_is_gathered_after_a_refused_one(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        drop("2017-06.csv", BAD)
        with pytest.raises(BadInput):
            run(sources)
        drop("2017-06.csv", GOOD)
        assert run(sources).file == "2017-06.csv"

    def test_an_original_that_cannot_be_removed_stays_and_the_message_says_so(
        self, sources: Sources, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = drop("2017-06.csv", BAD)

        def forbidden(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "unlink", forbidden)  # root, who runs tests in containers, is never refused
        with pytest.raises(BadInput, match="原件仍在收件夹，已复制到隔离区 demo/fiscal-monthly/"):
            run(sources)
        assert original.exists()

    def test_a_refused_file_whose_name_is_as_long_as_a_name_can_be_goes_to_quarantine_all_the_same(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        name = f"2017-06{'收' * 81}.csv"  # 254 bytes of at most 255
        drop(name, BAD)
        with pytest.raises(BadInput, match="原件已移至隔离区"):
            run(sources, obligation(kind="inbox", pattern="{period}*.csv"))
        kept, reason = sorted((sources.quarantine / "demo/fiscal-monthly").iterdir())
        assert kept.name.startswith("20170706T093000-2017-06收")
        assert (kept.suffix, reason.name) == (".csv", f"{kept.name}.原因.txt")

    def test_a_bad_file_that_was_taken_back_while_it_was_refused_is_gone_from_the_inbox(
        self, sources: Sources, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = drop("2017-06.csv", BAD)
        seen = original.stat()
        # The last that is asked of the original before it is removed.
        monkeypatch.setattr(shutil, "copystat", lambda source, _: source.rename(source.with_name("taken back")))
        place, gone = move_aside(original, seen, sources.quarantine, ("原因",), NOW)
        assert (gone, place.read_text("utf-8")) == (True, BAD)

    def test_a_corrected_file_that_came_while_the_bad_one_was_refused_stays(
        self, sources: Sources, drop: Callable[..., Path]
    ) -> None:
        seen = drop("2017-06.csv", BAD).stat()
        corrected = drop("2017-06.csv", GOOD)
        place, gone = move_aside(corrected, seen, sources.quarantine, ("原因",), NOW)
        assert (gone, corrected.read_text("utf-8"), place.exists()) == (False, GOOD, True)

    def test_an_oversized_file_is_refused_unread(self, sources: Sources, drop: Callable[..., Path]) -> None:
        original = drop("2017-06.csv", b"")
        os.truncate(original, LIMIT_BYTES + 1)
        os.utime(original, (LONG_AGO, LONG_AGO))
        with pytest.raises(BadInput, match=r"文件 2017-06\.csv 有 20\.0 MB，超过 20 MB 的上限"):
            run(sources)
        assert not original.exists()

    @pytest.mark.parametrize("folder", ["../demo", "/etc", "a/../../b", "a\\..\\b"])
    def test_a_folder_outside_the_inbox_is_a_fault_of_the_catalogue(self, sources: Sources, folder: str) -> None:
        with pytest.raises(CatalogueFault, match=r"demo/fiscal-monthly\.yaml：字段 source\.folder"):
            run(sources, obligation(kind="inbox", folder=folder))

    @pytest.mark.parametrize("pattern", ["../{period}.csv", "latest.csv", "a\\{period}.csv"])
    def test_a_pattern_that_leaves_the_folder_or_names_no_period_is_a_fault(
        self, sources: Sources, pattern: str
    ) -> None:
        with pytest.raises(CatalogueFault, match=r"字段 source\.pattern"):
            run(sources, obligation(kind="inbox", pattern=pattern))

    def test_a_folder_that_is_a_link_out_of_the_inbox_is_not_read(self, sources: Sources, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "2017-06.csv").write_text(GOOD)
        (sources.inbox / "demo").mkdir()
        (sources.inbox / "demo/fiscal-monthly").symlink_to(elsewhere)
        with pytest.raises(BadInput, match="是指向收件夹以外的链接，不予读取"):
            run(sources)

    def test_a_file_that_is_a_link_is_not_read(
        self, sources: Sources, drop: Callable[..., Path], tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text(GOOD)
        link = drop("other.csv").with_name("2017-06.csv")
        link.symlink_to(tmp_path / "secret")
        with pytest.raises(BadInput, match="不是普通文件，不予读取"):
            run(sources)
        assert (tmp_path / "secret").exists()

    def test_without_a_contract_the_file_is_kept_as_it_is(self, sources: Sources, drop: Callable[..., Path]) -> None:
        drop("2017-06.csv", b"\x00anything")
        snapshot = gather(FROM_INBOX, JUNE, None, sources=sources, now=NOW)
        assert Path(snapshot.path).read_bytes() == b"\x00anything"


class TestDatabase:
    def test_the_answer_is_kept_as_csv_with_every_digit(self, sources: Sources, database: Path) -> None:
        snapshot = run(sources, FROM_DATABASE)
        assert Path(snapshot.path).read_text("utf-8") == (
            "期间,项目,单位,累计数,同口径增幅\n2017-06,税收收入,万元,120345.5,\n2017-06,一般公共预算总收入,万元,258912,19.3\n"
        )
        assert (snapshot.file, snapshot.address) == ("fiscal-monthly-2017-06.csv", "connection:finance")
        assert list(load_frame(snapshot, FISCAL)["同口径增幅"]) == [None, Decimal("19.3")]

    def test_a_period_without_rows_is_waited_for(self, sources: Sources, database: Path) -> None:
        with pytest.raises(SourceNotReady, match="来源数据库 finance 中还没有 2017-07 的数据"):
            run(sources, FROM_DATABASE, JULY)
        assert what_is_missing(FROM_DATABASE, "2017-07", sources, NOW) == "来源数据库 finance 中还没有 2017-07 的数据"
        assert is_ready(FROM_DATABASE, JUNE, sources, NOW)

    def test_a_database_that_does_not_exist_is_waited_for_and_not_created(
        self, sources: Sources, tmp_path: Path
    ) -> None:
        with pytest.raises(SourceNotReady, match="来源数据库 finance 还没有建立"):
            run(sources, FROM_DATABASE)
        assert not (tmp_path / "finance.sqlite3").exists()

    def test_a_database_that_is_locked_is_waited_for(self, sources: Sources, database: Path) -> None:
        writer = sqlite3.connect(database, isolation_level=None)
        try:
            writer.execute("BEGIN EXCLUSIVE")
            impatient = create_engine(f"sqlite:///{database}", poolclass=NullPool, connect_args={"timeout": 0})
            with pytest.raises(SourceNotReady, match="暂时不能查询（database is locked）"):
                run(with_engine(sources, impatient), FROM_DATABASE)
        finally:
            writer.close()

    def test_a_server_that_refuses_connections_is_waited_for(self, sources: Sources) -> None:
        nowhere = create_engine("postgresql+psycopg://reader:secret@127.0.0.1:1/finance", poolclass=NullPool)
        with pytest.raises(SourceNotReady, match="来源数据库 finance 暂时连接不上") as waiting:
            run(with_engine(sources, nowhere), FROM_DATABASE)
        assert "secret" not in str(waiting.value)

    def test_refused_rows_are_copied_to_quarantine(self, sources: Sources, database: Path) -> None:
        execute(database, "UPDATE 财政收支 SET 累计数 = '暂无' WHERE 项目 = '税收收入'")
        with pytest.raises(BadInput) as refused:
            run(sources, FROM_DATABASE)
        where = "demo/fiscal-monthly/20170706T093000-fiscal-monthly-2017-06.csv"
        fact = "文件 fiscal-monthly-2017-06.csv 第 2 行“累计数”列的值是“暂无”，应为数字，单位万元"
        assert refused.value.problems == (
            f"{fact}；请在来源数据库 finance 中改正后重新运行。",
            f"查询结果已存入隔离区 {where}。",
        )
        assert "税收收入,万元,暂无" in (sources.quarantine / where).read_text("utf-8")
        assert (sources.quarantine / f"{where}.原因.txt").exists()

    def test_the_period_is_bound_and_never_pasted_into_the_statement(self, sources: Sources, database: Path) -> None:
        hostile = Period("2017-06' OR '1'='1", JUNE.start, JUNE.end)
        with pytest.raises(SourceNotReady):
            run(sources, FROM_DATABASE, hostile)

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM 财政收支 WHERE 期间 = :period",
            "SELECT 1 WHERE :period; DROP TABLE 财政收支",
            "WITH gone AS (DELETE FROM 财政收支 RETURNING *) SELECT * FROM gone WHERE 期间 = :period",
            "SELECT * INTO 备份 FROM 财政收支 WHERE 期间 = :period",
            "SELECT * FROM 财政收支 WHERE 期间 = :period FOR UPDATE",
            "PRAGMA user_version = 1",
            "",
        ],
    )
    def test_anything_but_one_reading_select_is_a_fault(self, sources: Sources, database: Path, query: str) -> None:
        with pytest.raises(
            CatalogueFault, match=r"demo/fiscal-monthly\.yaml：字段 source\.query .*一条只读的 SELECT 语句"
        ):
            run(sources, obligation(kind="sql", connection="finance", query=query))

    @pytest.mark.parametrize(
        "query", ["SELECT 1", "SELECT :period, :other", "SELECT * FROM 财政收支 WHERE 期间 = '2017-06'"]
    )
    def test_a_query_that_does_not_bind_the_period_alone_is_a_fault(
        self, sources: Sources, database: Path, query: str
    ) -> None:
        with pytest.raises(CatalogueFault, match="用 :period 作为唯一参数的查询"):
            run(sources, obligation(kind="sql", connection="finance", query=query))

    @pytest.mark.parametrize(
        "query",
        [
            "-- 月报\nSELECT 项目, REPLACE(单位, '元', '') FROM 财政收支 WHERE 期间 = :period;  -- 完",
            "WITH 本期 AS (SELECT * FROM 财政收支 WHERE 期间 = :period) SELECT 项目 FROM 本期",
            "SELECT 'DELETE; DROP' AS 说明 FROM 财政收支 WHERE 期间 = :period",
        ],
    )
    def test_a_reading_query_is_not_mistaken_for_a_writing_one(
        self, sources: Sources, database: Path, query: str
    ) -> None:
        assert is_ready(obligation(kind="sql", connection="finance", query=query), JUNE, sources, NOW)

    def test_a_query_on_a_missing_table_names_the_databases_answer(self, sources: Sources, database: Path) -> None:
        what = obligation(kind="sql", connection="finance", query="SELECT * FROM 月报 WHERE 期间 = :period")
        with pytest.raises(CatalogueFault, match="数据库答复：no such table: 月报"):
            run(sources, what)

    def test_the_database_itself_forbids_writing_and_allows_it_again_afterwards(
        self, sources: Sources, database: Path
    ) -> None:
        pooled = create_engine(f"sqlite:///{database}", pool_size=1)
        try:
            writing_function = []
            with pooled.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.create_function("attempt", 1, lambda text: writing_function.append(pragma(raw)) or text)
            what = obligation(
                kind="sql", connection="finance", query=QUERY.replace("SELECT 期间", "SELECT attempt(期间) AS 期间")
            )
            run(with_engine(sources, pooled), what)
            assert set(writing_function) == {1}
            with pooled.connect() as connection:
                assert pragma(connection.connection.driver_connection) == 0
        finally:
            pooled.dispose()

    def test_a_binary_column_is_a_fault_of_the_query(self, sources: Sources, database: Path) -> None:
        what = obligation(
            kind="sql", connection="finance", query="SELECT x'00' AS 图 FROM 财政收支 WHERE 期间 = :period"
        )
        with pytest.raises(CatalogueFault, match="不含二进制列"):
            run(sources, what)


class TestEventAndFile:
    EVENT = Event(
        id="20170701-fire",
        type="incident",
        level="重大",
        title="某厂火灾",
        happened_at=datetime(2017, 7, 1, 14, 4, tzinfo=SHANGHAI),
        reported_at=datetime(2017, 7, 1, 14, 30, tzinfo=SHANGHAI),
        noticed_at=None,
        fields={"place": "某镇某路", "casualties": ""},
    )

    def test_an_events_fields_are_kept_as_canonical_json(self, sources: Sources) -> None:
        snapshot = gather_event(self.EVENT, sources=sources, now=NOW)
        text = Path(snapshot.path).read_text("utf-8")
        assert json.loads(text) == {
            "id": "20170701-fire",
            "type": "incident",
            "level": "重大",
            "title": "某厂火灾",
            "happened_at": "2017-07-01T14:04:00+08:00",
            "reported_at": "2017-07-01T14:30:00+08:00",
            "noticed_at": None,
            "fields": {"place": "某镇某路", "casualties": ""},
        }
        assert list(json.loads(text)) == sorted(json.loads(text))
        assert gather_event(self.EVENT, sources=sources, now=NOW) == snapshot

    def test_an_event_that_has_not_happened_yet_is_refused(self, sources: Sources) -> None:
        with pytest.raises(BadInput, match="发生时间 2017年7月1日14:04 晚于现在 2017年6月30日08:00"):
            gather_event(self.EVENT, sources=sources, now=datetime(2017, 6, 30, 8, tzinfo=SHANGHAI))

    def test_an_obligation_written_from_an_event_has_nothing_to_gather_by_period(self, sources: Sources) -> None:
        with pytest.raises(UnusableInput, match="内容来自事件报告"):
            run(sources, obligation(kind="event"))

    def test_a_file_that_a_person_names_is_kept_and_stays(self, sources: Sources, tmp_path: Path) -> None:
        file = tmp_path / "mine.csv"
        file.write_text(GOOD)
        assert gather_file(file, FISCAL, sources=sources, now=NOW).file == "mine.csv"
        assert file.exists()

    def test_a_refused_file_that_a_person_names_stays_where_it_is(self, sources: Sources, tmp_path: Path) -> None:
        file = tmp_path / "mine.csv"
        file.write_text(BAD)
        with pytest.raises(BadInput, match="请改正后再试。"):
            gather_file(file, FISCAL, sources=sources, now=NOW)
        assert file.exists()
        assert not sources.quarantine.exists()

    def test_a_file_that_is_not_there_is_named(self, sources: Sources, tmp_path: Path) -> None:
        with pytest.raises(UnusableInput, match=r"文件 .*absent\.csv 读不了：不存在"):
            gather_file(tmp_path / "absent.csv", FISCAL, sources=sources, now=NOW)


def with_engine(sources: Sources, engine: Engine) -> Sources:
    return Sources(sources.inbox, sources.store, sources.quarantine, lambda _: engine)


def execute(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.commit()
    connection.close()


def pragma(connection: Any) -> int:
    return int(connection.execute("PRAGMA query_only").fetchone()[0])
