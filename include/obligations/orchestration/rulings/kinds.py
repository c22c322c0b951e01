"""The kinds of decision and the fields that each is filled in by: what form, command and rights go by. Reads nothing.

Who may take which is ``people``; reading the fields is ``fields``.
"""

from __future__ import annotations

from dataclasses import dataclass

from obligations.words.rulings import Basis

FIELDS = {
    "reason": "理由",
    "authority": "批准人或批准机构（职务和姓名）",
    "by": "延长多少个工作日，例如 10",
    "on": "日期，例如 2026-11-05",
    "scope": "不予公开 或 部分公开",
    "article": "依据政府信息公开条例的条款：14、15 或 16",
    "reassess_on": "重新评估日期，例如 2027-11-05",
    "stage": "滞后环节：启动、数据、起草、审核 或 发布",
    "owner": "责任单位或责任人",
    "at": "发生时间，例如 2026-11-05T15:00",
    "note": "进展情况，或核对、撤回的说明",
    "proof": "佐证：文号、链接或存放位置",
    "basis": "佐证类型：页面发布时间、截图、网站日志 或 签收记录",
    "attachments": "已上传附件的 SHA-256，多个用逗号隔开",
    "address": "公开地址，不填为最近登记的一处",
    "sha256": "所涉稿件的 SHA-256（台账“稿件”一栏）",
    "into_key": "并入的公开事项编号，例如 demo/fiscal-monthly",
    "into_period": "并入的期间，例如 2026-09",
    "law": "撤回期限的依据：行政处罚法、市场监管公示规定 或 本单位规定",
    "due_on": "撤回的最后一日，例如 2026-11-09",
    "level": "审核级别：初审、复审、保密审查、指挥部审核 或 终审",
}
"""What may be filled in, and what to write there."""

BASES: dict[str, Basis] = {
    "页面发布时间": "page_time",
    "截图": "screenshot",
    "网站日志": "site_log",
    "签收记录": "signed_record",
}
WITHDRAWAL_LAWS: dict[str, str | None] = {
    "行政处罚法": "penalty-withdrawal",
    "市场监管公示规定": "market-penalty-withdrawal",
    "本单位规定": None,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of decision.

    Attributes:
        title: as people call it; says: when it is for.
        needs, takes: names of fields that must, and that may, be filled in.
        one_of: fields of which at least one must be filled in.
    """

    title: str
    says: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


KINDS = {
    "extend": Kind(
        "延长期限",
        "条文规定可以延长的，一次；on 为批准日期，不填为今天",
        ("by", "reason", "authority"),
        ("on", "proof"),
    ),
    "pause": Kind(
        "时限中止",
        "条文规定可以扣除时间的；on 为不计入期限的第一日，不填为今天",
        ("reason", "authority"),
        ("on", "proof"),
    ),
    "resume": Kind("恢复计时", "结束中止；on 为不计入期限的最后一日", ("on",), ("proof",)),
    "waive": Kind("不计入考核", "经批准不计入考核", ("reason", "authority"), ("proof",)),
    "nil": Kind("零报告", "本期没有应公开的内容；事件结束后不再需要的续报", ("reason",)),
    "withhold": Kind(
        "不予公开",
        "依法不予公开或部分公开；到了重新评估日期仍不公开的，再登记一次，填新的日期",
        ("scope", "article", "reason", "authority", "reassess_on"),
        ("proof",),
    ),
    "correct": Kind(
        "更正滞后环节",
        "系统推定的滞后环节或责任单位不对",
        ("reason",),
        ("stage", "owner"),
        one_of=("stage", "owner"),
    ),
    "progress": Kind("登记进展", "进展情况；按次数或常态更新考核的，每登记一次计一次", ("at", "note"), ("proof",)),
    "unchanged": Kind(
        "确认仍为最新", "常态更新的事项经核对没有变化；note 写核对了什么、怎样核对", ("at", "note"), ("proof",)
    ),
    "redraft": Kind("重拟", "退回、数据有误或处理失败之后，申请重新起草一版", ("reason",)),
    "vouch": Kind(
        "登记佐证",
        "系统看不到页面，或实际公开早于系统看到的时间；at 为实际公开时间",
        ("at", "basis"),
        ("proof", "attachments", "address"),
        one_of=("proof", "attachments"),
    ),
    "accept": Kind("采信佐证", "核对无误，按佐证的时间认定；登记佐证的人不能采信自己的佐证", (), ("note", "address")),
    "reject": Kind("不采信佐证", "佐证不足以证明公开时间", ("reason",), ("address",)),
    "override": Kind("核对错误放行", "上传的修改稿核对有错误，仍须按此稿办理", ("sha256", "reason")),
    "merge": Kind(
        "并入其他事项",
        "已作为另一事项的一部分完成；按那一项完成的时间认定",
        ("into_key", "into_period", "reason", "authority"),
    ),
    "correction": Kind("更正已公开内容", "已公开的内容有误，重新起草、审核后发布更正稿", ("reason",)),
    "withdraw": Kind(
        "责令撤回",
        "已公开的内容须撤下；on 为原决定变更、撤销之日，不填为今天；依据为本单位规定的，填写 due_on",
        ("reason", "authority", "law"),
        ("on", "due_on", "address"),
    ),
    "withdrawn": Kind("登记已撤回", "页面已经撤下；at 为撤下的时间", ("at", "proof"), ("note", "address")),
    "formalize": Kind(
        "补办手续",
        "口头批准之后补齐签批手续",
        (),
        ("level", "proof", "attachments"),
        one_of=("proof", "attachments"),
    ),
}
"""The kinds of decision by their code."""
