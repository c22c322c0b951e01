"""Plans written for these tests, in words that the seven documents do not have: the rules are of the language, not of them."""

from __future__ import annotations

import pytest

from obligations.rules.plans.saying import say_limit

HEAD = "临江市人民政府办公室关于印发2024年临江市政务公开工作要点的通知\n临政办发〔2024〕12号\n2024年3月15日\n"


def clocks(found):
    return [(candidate.clock.canonical(), candidate.departments) for candidate in found.candidates]


@pytest.mark.parametrize(
    ("sentence", "clock"),
    [
        ("每月10日前公开上月财政收支情况。", "FREQ=MONTHLY"),
        ("惠企政策清单每半年更新一次。", "FREQ=MONTHLY;INTERVAL=6"),
        ("逐月通报办件情况。", "FREQ=MONTHLY"),
        ("每周二发布传染病疫情周报。", "FREQ=WEEKLY"),
        ("节假日期间每日发布重点民生商品价格。", "FREQ=DAILY;INTERVAL=1"),
        ("每年5月底前公布招生简章。", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=31"),
        ("六月底前公布名录。", "2024-06-30"),
        ("第三季度末前完成自查。", "2024-09-30"),
        ("2025年底前建成统一平台。", "2025-12-31"),
        ("次年1月31日前报送总结。", "2025-01-31"),
        ("预算经批准后20日内向社会公开。", "P20D"),
        ("处罚决定自作出之日起7个工作日内公示。", "P7WD"),
        ("政务新媒体每周更新不少于2次。", {"min": 2, "per": "week"}),
        ("抽查比例每季度不低于25%。", {"min_pct": 25, "of": "抽查比例", "per": "quarter"}),
        ("环境空气质量实时发布。", "CONTINUOUS"),
        ("及时更新机构职能信息。", "TIMELY"),
        ("项目开工前公开施工许可信息。", None),
        ("栏目每季至少更新1次。", {"min": 1, "per": "quarter"}),
        ("每次抽查比例不低于30%。", {"min_pct": 30, "of": "每次抽查比例", "per": "check"}),
        ("次月10日前公开上月数据。", "FREQ=MONTHLY"),
        ("名单于6月10日公布。", None),
    ],
)
def test_a_time_expression_gives_its_clock(read, sentence, clock):
    found = read(f"{HEAD}一、工作任务\n(一)做好公开。{sentence}(市财政局牵头)\n")
    assert [candidate.clock.canonical() for candidate in found.candidates] == ([clock] if clock else [])


def test_two_limits_count_from_one_event(read):
    found = read(f"{HEAD}一、任务\n(一)回应。涉及本市的重大舆情发生后2小时内响应,24小时内发布权威信息。")
    assert [candidate.clock.canonical() for candidate in found.candidates] == ["PT2H", "PT24H"]
    assert len({candidate.clock.event for candidate in found.candidates}) == 1


@pytest.mark.parametrize(
    ("sentence", "clock", "limit", "said"),
    [
        ("每月10日前公开上月收支情况。", "FREQ=MONTHLY", "P10D", "每月，期满后10日内"),
        ("次月10日前公开上月收支情况。", "FREQ=MONTHLY", "P10D", "每月，期满后10日内"),
        ("每季度首月15日前公开上季度收支情况。", "FREQ=MONTHLY;INTERVAL=3", "P15D", "每季度，期满后15日内"),
        ("每月第5个工作日前公开上月收支情况。", "FREQ=MONTHLY", "P5WD", "每月，期满后5个工作日内"),
        ("每月结束后10日内公开收支情况。", "FREQ=MONTHLY", "P10D", "每月，期满后10日内"),
        ("季后十五日内公开收支情况。", "FREQ=MONTHLY;INTERVAL=3", "P15D", "每季度，期满后15日内"),
        ("年度结束后3个工作日内公开收支情况。", "FREQ=YEARLY", "P3WD", "每年，期满后3个工作日内"),
    ],
)
def test_a_day_counted_from_a_period_is_a_limit_after_it_and_is_shown(read, sentence, clock, limit, said):
    (candidate,) = read(f"{HEAD}一、任务\n(一)财政。{sentence}(市财政局)").candidates
    assert (candidate.clock.canonical(), str(candidate.limit)) == (clock, limit)
    assert say_limit(candidate.clock, candidate.limit) == said


@pytest.mark.parametrize(
    ("sentence", "dates"),
    [
        ("工作情况分别于6月底、12月底前报送市政府。", ["2024-06-30", "2024-12-31"]),
        ("工作情况分别于7月31日、次年1月31日前报送市政府。", ["2024-07-31", "2025-01-31"]),
        ("工作情况于2025年9月30日、12月31日两个时间节点报送市政府。", ["2025-09-30", "2025-12-31"]),
        ("季度情况于4月、7月和次年1月15日前报送市政府。", ["2024-04-15", "2024-07-15", "2025-01-15"]),
        (
            "工作情况每年3月、9月底前报送市政府。",
            ["FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=30"],
        ),
        (
            "预算和决算分别于每年3月底前、8月20日前公开。",
            ["FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=20"],
        ),
    ],
)
def test_each_of_several_dates_is_one_duty(read, sentence, dates):
    found = read(f"{HEAD}一、任务\n(一)报送。{sentence}(各部门)")
    assert [candidate.clock.canonical() for candidate in found.candidates] == dates


@pytest.mark.parametrize(
    ("sentence", "event"),
    [
        ("解读材料应于文件公开后3个工作日内发布。", "文件公开"),
        ("规范性文件应当自印发之日起5个工作日内公开。", "规范性文件印发"),
        ("行政机关应在收到申请之日起15个工作日内答复。", "收到申请"),
        ("部门决算于批复后20日内公开。", "部门决算批复"),
        ("关于规划的说明发布后20日内公开。", "关于规划的说明发布"),
    ],
)
def test_an_event_is_named_without_the_words_that_order(read, sentence, event):
    (candidate,) = read(f"{HEAD}一、任务\n(一)公开。{sentence}(市司法局)").candidates
    assert candidate.clock.event == event


@pytest.mark.parametrize("often", ["每天", "每两周", "每旬", "双周"])
def test_a_count_in_a_period_that_no_quota_knows_is_not_made_a_yearly_one(read, often):
    found = read(f"{HEAD}一、任务\n(一)网站。专栏{often}至少更新3次。(市政府办公室)")
    assert [candidate for candidate in found.candidates if candidate.clock.kind == "quota"] == []
    assert any("人工判断" in each.reason for each in found.left_out)


def test_what_is_to_be_done_every_day_of_the_year_is_said_so(read):
    (candidate,) = read(f"{HEAD}一、任务\n(一)空气。每日公布空气质量。(市生态环境局)").candidates
    assert say_limit(candidate.clock) == "每日"


@pytest.mark.parametrize(
    ("sentence", "event", "limit"),
    [
        ("重要政策须在出台前3个工作日公布草案。", "重要政策出台", "P3WD"),
        ("举行听证会应当提前7日公告。", "举行听证会", "P7D"),
    ],
)
def test_time_ahead_of_an_event_is_not_read_as_time_after_it(read, sentence, event, limit):
    (candidate,) = read(f"{HEAD}一、任务\n(一)决策。{sentence}(各部门)").candidates
    assert candidate.clock.canonical() == {"relation": "before", "offset": limit}
    assert candidate.clock.event == event
    assert say_limit(candidate.clock) == f"{event}前{candidate.clock.rule.say()}"


def test_a_week_is_seven_days_and_what_stands_before_it_the_event(read):
    found = read(f"{HEAD}一、任务\n(一)解读。政策公开后一周内发布解读材料。对重大舆情,3小时内核实、24小时内回应。")
    assert [(str(each.clock.rule), each.clock.event) for each in found.candidates] == [
        ("P7D", "政策公开"),
        ("PT3H", "收到重大舆情"),
        ("PT24H", "收到重大舆情"),
    ]


def test_a_later_limit_counts_from_its_own_thing_where_it_names_one(read):
    found = read(f"{HEAD}一、任务\n(一)回应。一般舆情48小时内回应,重大舆情5小时内发布信息,并在24小时内召开发布会。")
    assert [candidate.clock.event for candidate in found.candidates] == ["收到一般舆情", "收到重大舆情", "收到重大舆情"]


def test_a_weekday_that_a_weekly_clock_cannot_keep_is_told(read):
    (candidate,) = read(f"{HEAD}一、任务\n(一)价格。每周五前发布蔬菜价格。(市发改委)").candidates
    assert any("原文限定每周五" in reason for reason in candidate.reasons)
    assert candidate.confidence == "中"


@pytest.mark.parametrize(
    "time",
    [
        *(
            "每两周更新一次",
            "每旬公布",
            "逢10公布",
            "双月公布",
            "国庆节前公布",
            "每个工作日公布",
            "每季度末月20日前公布",
        ),
        *("上半年、下半年各公布一次", "每季度第一周公布", "会议结束当天公布", "决定作出次日公布"),
    ],
)
def test_a_time_that_no_clock_knows_is_shown_to_a_person(read, time):
    found = read(f"{HEAD}一、任务\n(一)价格。{time}价格信息。(市发改委)")
    assert any("人工判断" in each.reason for each in found.left_out)


@pytest.mark.parametrize(
    ("words", "bodies"),
    [
        ("(市财政局、市司法局按职责分工分别牵头落实)", ("市财政局", "市司法局")),
        ("[牵头单位:市发改委;责任单位:各县区政府、各相关单位]", ("市发改委", "各县区政府", "各相关单位")),
        ("(市教育局)", ("市教育局",)),
        ("(市财政局牵头,市政府各部门负责)", ("市财政局", "市政府各部门")),
        ("责任单位:县人社局、各乡镇。", ("县人社局", "各乡镇")),
        ("（责任单位：市民政局、市水利局等部门）", ("市民政局", "市水利局")),
    ],
)
def test_the_bodies_are_those_of_the_governing_words(read, words, bodies):
    found = read(f"{HEAD}一、任务\n(一)公开。按季度公布检查结果。{words}\n")
    assert clocks(found) == [("FREQ=MONTHLY;INTERVAL=3", bodies)]


def test_without_a_bracket_the_subject_acts(read):
    found = read(
        f"{HEAD}一、要求\n各单位要于4月20日前公开方案。市政府办公室每季度开展督查。1月31日前各部门公布年报。\n"
    )
    assert [names for _, names in clocks(found)] == [("各单位",), ("市政府办公室",), ("各部门",)]


def test_rows_of_a_table_take_their_columns(read):
    rows = "序号 | 重点任务 | 牵头单位 | 责任单位 | 完成时限 |\n1 | 公开招生计划 | 市教育局 | 各区教育局 | 8月底前 |\n2 | 做好政府公报 | 市府办 | 全年 |\n"
    assert clocks(read(f"2024年工作要点清单\n{rows}")) == [
        ("2024-08-31", ("市教育局", "各区教育局")),
        ("CONTINUOUS", ("市府办",)),
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("6月底、12月底前", ["2024年6月30日前", "2024年12月31日前"]),
        ("3月底前、9月底前", ["2024年3月31日前", "2024年9月30日前"]),
        ("每季度首月15日前", ["每季度，期满后15日内"]),
        ("每月结束后10日内", ["每月，期满后10日内"]),
        ("文件印发后5个工作日内", ["文件印发后5个工作日内"]),
        ("2024年12月", ["2024年12月31日前"]),  # all of December, not before it
        ("12月前", ["2024年11月30日前"]),
    ],
)
def test_the_time_column_gives_the_row_every_time_it_holds(read, cell, said):
    found = read(
        f"2024年工作要点清单\n序号 | 重点任务 | 牵头单位 | 责任单位 | 完成时限 |\n1 | 公开名录 | 市教育局 | 各区教育局 | {cell} |\n"
    )
    assert [say_limit(each.clock, each.limit) for each in found.candidates] == said
    assert all(each.departments == ("市教育局", "各区教育局") for each in found.candidates)


def test_a_time_column_that_no_rule_reads_is_shown_to_a_person(read):
    found = read(
        "2024年工作要点清单\n序号 | 重点任务 | 牵头单位 | 责任单位 | 完成时限 |\n1 | 公开名录 | 市教育局 | 各区教育局 | 按上级部署 |\n"
    )
    assert found.candidates == ()
    assert [(each.words, each.clause) for each in found.left_out] == [("按上级部署", "表1")]


def test_a_flattened_table_is_parted_by_its_bodies(read):
    rows = "".join(
        f"{number}.公开第{number}类信息省财政厅省直各部门，各设区市每季度公布第{number}类数据。"
        for number in range(1, 6)
    )
    found = read(f"2024年任务分解表工作任务牵头单位责任单位工作要求一、推进公开{rows}")
    assert clocks(found) == [("FREQ=MONTHLY;INTERVAL=3", ("省财政厅", "省直各部门", "各设区市"))] * 5


def test_broken_lines_and_traditional_characters_keep_the_quote_as_printed(read):
    (candidate,) = read("2024年工作要點\n一、任務\n(一)公開。按月公\n開財政收\n支情況。(省財政廳牽頭)").candidates
    assert (candidate.quote, candidate.departments) == ("按月公開財政收支情況", ("省財政廳",))


def test_general_words_are_left_out_with_the_reason(read):
    found = read(f"{HEAD}一、要求\n及时回应社会关切。所占分值不低于4%。不定期开展培训。\n")
    assert found.candidates == ()
    assert {each.words for each in found.left_out} == {"及时", "不低于4%", "不定期"}
    assert all(each.reason for each in found.left_out)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("直播带货零售额增长不低于150%。", "不在0到100之间"),
        ("抽查比例不低于0%。", "不在0到100之间"),
        ("每年增幅不超过120.5%。", "不在0到100之间"),
        ("每月听取意见不少于0次。", "次数为零"),
    ],
)
def test_a_number_that_is_no_quota_is_left_out_with_the_reason(read, sentence, reason):
    found = read(f"{HEAD}一、要求\n{sentence}\n")
    assert not any(candidate.clock.kind == "quota" for candidate in found.candidates)
    assert any(reason in each.reason for each in found.left_out)


def test_never_is_a_quota_of_nothing(read):
    (candidate,) = read(f"{HEAD}一、要求\n每年通报批评不超过0次,重复率不高于0%。(市财政局)\n").candidates[:1]
    assert candidate.clock.canonical() == {"max": 0, "per": "year"}


def test_injected_words_are_set_aside(read):
    found = read(f"{HEAD}一、任务\n(一)每月公开bet365娱乐场投注官方登录 收支情况。(市财政局)\n")
    assert [each.words[:3] for each in found.aside] == ["bet"]
    assert "365" not in found.candidates[0].title


def test_several_plans_in_one_file_keep_their_years(read):
    one = "2023年工作要点\n甲政办〔2023〕1号\n一、任务\n6月底前公布名录。\n二、要求\n年底前完成。\n"
    other = "2024年工作要点\n甲政办〔2024〕2号\n一、任务\n6月底前公布名录。\n"
    assert [clock for clock, _ in clocks(read(one + other))] == ["2023-06-30", "2023-12-31", "2024-06-30"]
