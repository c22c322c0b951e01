"""Words that titles and table heads of publications are made of, so that a line never ends inside one. A list, no rules.

Only words that are read as one are here; names of places and bodies come from the data and are told by how they end.
"""

from __future__ import annotations

_LISTED = """
政府信息公开 政务公开 信息公开 主动公开 依申请公开 政务公开办公室 办公室 人民政府 人民 政府 工作 年度 年度报告
报告 事项 任务清单 行政许可 行政处罚 行政执法 行政强制 行政检查 决定 决定书 文书 文书号 信息公示 信息 公示 公告
公开 许可 许可证 许可证书 处罚 执法 行政 相对人 统一 社会 统一社会 信用 代码 名称 类别 类型 内容 依据 日期
有效期 机关 证书 编号 状态 违法 违法所得 没收违法所得 没收 非法财物 没收非法财物 违法事实 违法行为 事实 行为
金额 暂扣 吊销 证照 情况 概况 状况 进展 进度 通报 通知 续报 简报 快报 公报 统计 统计表 核对单 清单 名单 目录
台账 说明 分析 排名 名次 比较 走势 国有 国有及国有控股企业 国有控股企业 国有企业 控股 企业 主要 主要经济指标
经济指标 经济 指标 主要指标 效益 效益指标 国民经济 国民经济运行 运行 运行情况 社会发展 按期 按期办理 办理
办理情况 财政 财政收支 财政预算 预算 预算执行 执行 收支 收支情况 收入 支出 一般公共预算 政府性基金 税收 非税收入
土地 土地供应 建设用地 国有建设用地 房地产 房地产用地 用地 供应 供应情况 城市地价 地价 地价水平 动态监测 监测
监测情况 增长率 环比 同比 农产品 批发市场 批发 市场 价格 价格监测 粮食 粮食收购 收购 收购进度 小麦 油菜籽 空气
空气环境 环境 环境质量 水环境 水环境质量 环境空气质量 质量 饮用水 饮用水安全 安全 安全状况 水质 水源 水源水
出厂水 水龙头 社会救助 救助 最低生活保障 特困人员 临时救助 医疗救助 法定传染病 传染病 疫情 疫情概况 发病 死亡
政府网站 网站 政务新媒体 新媒体 抽查 抽查情况 检查 整改 公交 公交运营 运营 运营情况 突发事件 事件 事故 爆炸
爆炸事故 安全生产 火灾 灾害 应急 处置 新闻发布会 新闻 发布会 发布词 发布 采访 上年同期 上年同期数 上年 同期
同期数 上季度 上季度数 上月 上周 本周 本月 本期 本期数 上期 本季度 累计 累计数 全年 数量 单位 占比 比重 增减
增减额 增减变化 分母 分子 系统 原因 其他 监测样品数 达标样品数 监测项目数 样品 样品数 达标 达标率 项目 项目数
不达标项目 合格 合格数 合格率 不合格 抽查数 抽查比例 抽查轮次 比例 轮次 主办单位 主要问题 年初 预算数 完成
序时进度 同口径 增收 减收 拉动 百分点 责任单位 办理单位 按月公开 按季公开 按周公开 季度 月度 公司 集团 中心
委员会 管理局 监督 监督管理 监督管理局 市场监督管理 市场监督管理局 综合 实验区 综合实验区 开发区 产业园区
"""
WORDS = frozenset(_LISTED.split())
LONGEST = max(map(len, WORDS))
JOINING = frozenset("和及与暨或")
"""Join two parts: a line may end behind one or begin with one."""
PLACE_ENDS = frozenset("省市县区州盟旗镇乡局厅委办会院所站")
"""How a name that no list has ends: of a place or a body."""
OPENING_WORDS = ("关于", "截至", "按照", "根据", "第")
"""Do not end a line: they lead to what follows."""
CLINGING = ("的", "情况", "等", "之")
"""Do not begin a line: they belong to what precedes."""
