"""Permits and penalties within 7 working days (双公示), in the columns of the national standard for publishing them.

The standard is the list of data items that goes with 发改办财金〔2018〕424号; the names are those that systems of counties
export (行政相对人代码_1 to 行政处罚决定书文号, 暂扣或吊销证照名称及编号, 数据来源单位统一社会信用代码). Not read, and so never
printed: the further codes of a party (_2 to _6), 法定代表人, 证件类型, 证件号码 and 备注. What is printed leaves out
everything personal. The measures are ``decisions``; this module stays cheap to import.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from obligations.words.limits import Limit
from obligations.words.publication import (
    Analysis,
    Blank,
    Ceiling,
    Column,
    DataContract,
    PublicationKind,
    RowLimit,
    Snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

PERMIT, PENALTY = "行政许可", "行政处罚"
LIMIT = Limit(7, "working_day")
"""国办发〔2018〕118号: permits and penalties within 7 working days of the decision, the other decisions within 20."""
SORT = "决定种类"
PERMIT_DAY, PENALTY_DAY = "许可决定日期", "处罚决定日期"
FINE, FORFEIT = "罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）"
CODE_AS_EXPORTED = "行政相对人代码_1（统一社会信用代码）"
STATES = ("有效", "无效")
PERMIT_SORTS = ("普通", "特许", "认可", "核准", "登记", "其他")
_PERMITS_ONLY, _PENALTIES_ONLY = f"{PERMIT}填写", f"{PENALTY}填写"
_CODE_OF_A_BODY = "18位代码，没有的留空"


def _own(name: str, holds: Literal["text", "number", "date"], expects: str, allowed: tuple[str, ...] = ()) -> Column:
    """Return a column that only one of the two fills."""
    return Column(name, holds, expects, optional=True, nullable=True, allowed=allowed)


CONTRACT = DataContract(
    columns=(
        Column(SORT, "text", f"{PERMIT} 或 {PENALTY}", allowed=(PERMIT, PENALTY)),
        Column("行政相对人名称", "text", "法人名称或自然人姓名"),
        Column(
            "行政相对人类别",
            "text",
            "法人及非法人组织、自然人、个体工商户 之一",
            allowed=("法人及非法人组织", "自然人", "个体工商户"),
        ),
        _own("统一社会信用代码", "text", "18位代码，自然人留空；不填身份证号"),
        _own(CODE_AS_EXPORTED, "text", "同“统一社会信用代码”，两列填一列"),
        _own("行政许可决定文书名称", "text", f"{_PERMITS_ONLY}，例如 准予行政许可决定书"),
        _own("行政许可决定文书号", "text", _PERMITS_ONLY),
        _own("许可类别", "text", f"{'、'.join(PERMIT_SORTS)} 之一；其他的可注明，例如 其他-备案"),
        _own("许可证书名称", "text", f"{_PERMITS_ONLY}，没有证书的留空"),
        _own("许可编号", "text", f"{_PERMITS_ONLY}，证书的编号，没有的留空"),
        _own("许可内容", "text", _PERMITS_ONLY),
        _own(PERMIT_DAY, "date", "日期，例如 2026-09-08"),
        _own("有效期自", "date", "日期，例如 2026-09-08"),
        _own("有效期至", "date", "日期，例如 2027-09-07；长期有效的写 2099-12-31"),
        _own("许可机关", "text", _PERMITS_ONLY),
        _own("许可机关统一社会信用代码", "text", _CODE_OF_A_BODY),
        _own("当前状态", "text", f"{_PERMITS_ONLY}，{' 或 '.join(STATES)}", STATES),
        _own("行政处罚决定书文号", "text", _PENALTIES_ONLY),
        _own("违法行为类型", "text", _PENALTIES_ONLY),
        _own("违法事实", "text", _PENALTIES_ONLY),
        _own("处罚依据", "text", _PENALTIES_ONLY),
        _own("处罚类别", "text", _PENALTIES_ONLY),
        _own("处罚内容", "text", _PENALTIES_ONLY),
        _own(FINE, "number", "数字，单位万元，没有的留空"),
        _own(FORFEIT, "number", "数字，单位万元，没有的留空"),
        _own("暂扣或吊销证照名称及编号", "text", f"{_PENALTIES_ONLY}，没有的留空"),
        _own(PENALTY_DAY, "date", "日期，例如 2026-09-08"),
        _own("处罚有效期", "date", "日期，没有的留空"),
        _own("公示截止期", "date", "日期，没有的留空"),
        _own("处罚机关", "text", _PENALTIES_ONLY),
        _own("处罚机关统一社会信用代码", "text", _CODE_OF_A_BODY),
        _own("数据来源单位", "text", "单位名称，没有的留空"),
        _own("数据来源单位统一社会信用代码", "text", _CODE_OF_A_BODY),
    ),
    unique=(),
    may_be_empty=True,
    row_limit=RowLimit((PERMIT_DAY, PENALTY_DAY), LIMIT),
    ceilings=(Ceiling((FINE, FORFEIT), Decimal(1_000)),),
)
BLANKS = (Blank("explanation", "有关情况说明，没有的留空", required=False),)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """List the decisions of one delivery; see ``permits_measures.permits_and_penalties``."""
    from obligations.publications.permits_measures import permits_and_penalties

    return permits_and_penalties(frame, snapshot, period)


KIND = PublicationKind("permits-and-penalties", "行政许可和行政处罚信息公示", CONTRACT, BLANKS, analyse)
