"""The demo's month: who came when, and who bought what on which rail.

The simulated clock begins thirty days back and is moved forward until it is now, for web, worker
and simulator alike. Every follow, purchase and receipt happened when it says it did, by the clock
that all of them live by; nothing is dated back.
"""

from dataclasses import dataclass

DAY_S = 86_400
DAYS = 30
HISTORY_S = DAYS * DAY_S
# When something happens, in days and hours since the beginning; the last one leads up to now.
MOMENTS = ((0, 1), (2, 3), (5, 12), (9, 2), (13, 11), (17, 4), (20, 13), (24, 1), (27, 10), (29, 3))
# When the next scheduled work comes out, seconds from the end of the month.
NEXT_WORK_IN_S = 20 * 3600


@dataclass(frozen=True)
class DemoFan:
    """Somebody who follows the channel from a day on."""

    nickname: str
    device: str
    day: int


@dataclass(frozen=True)
class DemoSale:
    """One purchase: `what` is a work's title, or a column's after `永久 ` or `包月 `."""

    day: int
    fan: str
    surface: str
    what: str


# The first is the reader of the first minute: follows since yesterday, has bought nothing yet.
FANS = (
    DemoFan("阿青", "android", 29),
    DemoFan("小满", "ios", 0),
    DemoFan("大橘", "android", 0),
    DemoFan("豆豆", "android", 2),
    DemoFan("南风", "ios", 5),
    DemoFan("老陈", "windows", 5),
    DemoFan("一粟", "mac", 9),
    DemoFan("白露", "ios", 13),
    DemoFan("小舟", "android", 13),
    DemoFan("花卷", "android", 17),
    DemoFan("木子", "ios", 20),
    DemoFan("晚秋", "android", 24),
)
SALES = (
    DemoSale(2, "大橘", "oa", "三层灰：雾天的曝光"),
    DemoSale(2, "小满", "mini", "三层灰：雾天的曝光"),
    DemoSale(5, "豆豆", "mini", "一次重复扣款的复盘"),
    DemoSale(5, "老陈", "oa", "永久 凌晨三点的后端"),
    DemoSale(9, "南风", "mini", "自我介绍的前三十秒"),
    DemoSale(9, "一粟", "oa", "等一只鸟飞过去"),
    DemoSale(13, "小舟", "oa", "包月 雾里的光"),
    DemoSale(13, "白露", "mini", "用户说要，是真的要吗"),
    DemoSale(17, "花卷", "mini", "一根树枝怎样长了五年"),
    DemoSale(17, "大橘", "oa", "白色的前景"),
    DemoSale(20, "木子", "mini", "一条没有走索引的查询"),
    DemoSale(20, "豆豆", "oa", "系统设计题在考什么"),
    DemoSale(24, "晚秋", "oa", "只带一支镜头的一个月"),
    DemoSale(24, "小满", "mini", "永久 走路看树"),
    DemoSale(27, "一粟", "mini", "谈薪水的那通电话"),
    DemoSale(27, "南风", "mini", "第六个月：要不要辞职"),
    DemoSale(27, "花卷", "oa", "交接班的三句话"),
    DemoSale(29, "小舟", "mini", "包月 面试官在想什么"),
    DemoSale(29, "老陈", "oa", "三层灰：雾天的曝光"),
    DemoSale(30, "晚秋", "oa", "白色的前景"),
    DemoSale(30, "豆豆", "mini", "一个人怎么值班"),
    DemoSale(30, "白露", "mini", "只带一支镜头的一个月"),
)
# Who went through the door of the group after buying.
JOINERS = frozenset({"大橘", "老陈", "豆豆", "小舟"})
