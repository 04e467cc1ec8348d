"""What the demo channel holds: two creators, three columns, a handful of works. All our own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoWork:
    """One work: free part first, then what is paid for."""

    title: str
    price_fen: int
    body: str


@dataclass(frozen=True)
class DemoColumn:
    """One column with its works; prices of the whole column, for ever and for a month."""

    title: str
    field_kind: str
    field_name: str
    cadence: str
    count: int
    introduction: str
    forever_fen: int
    month_fen: int
    works: tuple[DemoWork, ...]


@dataclass(frozen=True)
class DemoCreator:
    """One creator and their columns."""

    nickname: str
    handle: str
    introduction: str
    columns: tuple[DemoColumn, ...]


CREATORS: tuple[DemoCreator, ...] = (
    DemoCreator(
        nickname="林间",
        handle="linjian",
        introduction="拍了十二年森林与雾，慢慢写给同样喜欢早起的人。",
        columns=(
            DemoColumn(
                title="雾里的光",
                field_kind="interest",
                field_name="摄影",
                cadence="每周 1 篇",
                count=24,
                introduction="只讲一件事：在光线最差的时候，怎样拍出安静的照片。",
                forever_fen=9900,
                month_fen=1990,
                works=(
                    DemoWork(
                        "开始之前：为什么要在雾天出门",
                        0,
                        "雾把远处的东西都收走了，只留下离你最近的三棵树。\n\n"
                        "这一篇不讲参数，只讲怎么看。第一步，站住，别急着举相机。"
                        "数一数眼前有几层灰：最近的一层最深，最远的一层几乎是白的。"
                        "照片好不好，大多在你按下快门之前就已经定了。\n\n"
                        "## 带什么\n\n- 一支定焦，一块布\n- 一双防水的鞋\n- 半小时的耐心",
                    ),
                    DemoWork(
                        "三层灰：雾天的曝光",
                        990,
                        "雾天的测光表总是骗人。它看到一片白，就以为天亮了，于是替你压暗。"
                        "结果照片发灰，像没睡醒。\n\n"
                        "所以第一件事是补偿，往上加。加多少，看你想留住哪一层灰。"
                        "先用眼睛选，再用手转。\n\n"
                        "## 近、中、远\n\n"
                        "近处的树干决定照片的重量，我一般让它落在第三区，暗，但还看得见树皮的纹路。"
                        "中间那一层是主角，给它第五区到第六区。最远的一层不要追，让它化掉。\n\n"
                        "## 一个练习\n\n"
                        "同一个机位拍五张，从零到加二，每张差半档。回家放在一起看，"
                        "你会发现自己喜欢的那一张，几乎从来不是测光表给的那一张。",
                    ),
                    DemoWork(
                        "等一只鸟飞过去",
                        600,
                        "构图定了以后，剩下的事只有等。等人走过，等风停，等一只鸟飞过去。"
                        "等的时候不要看屏幕。\n\n"
                        "我有一个笨办法：把三脚架锁死，退后两步，用眼睛看取景框里的那块地方。"
                        "第一次有东西经过时，不拍，只看它从哪里进来、从哪里出去。"
                        "第二次再经过，你就知道该在哪一步按下去。\n\n"
                        "最难的是第三次。前两次都错过了，你会急。急的时候手会抖，照片也会抖。"
                        "把手从快门上拿开，等呼吸匀了再放回去。",
                    ),
                ),
            ),
        ),
    ),
    DemoCreator(
        nickname="老周",
        handle="laozhou",
        introduction="写了十五年后端，修过的线上事故比写过的功能多。",
        columns=(
            DemoColumn(
                title="凌晨三点的后端",
                field_kind="occupation",
                field_name="后端工程师",
                cadence="每两周 1 篇",
                count=12,
                introduction="每一篇是一次真实的事故：怎么发现，怎么止血，怎么让它不再来。",
                forever_fen=19900,
                month_fen=2990,
                works=(
                    DemoWork(
                        "一次重复扣款的复盘",
                        1990,
                        "凌晨三点十二分，客服群里有人发了一张截图：同一笔订单，扣了三次。\n\n"
                        "我们以为有唯一约束。确实有，在我们自己的订单号上。"
                        "可是重复的不是订单，是通知。\n\n"
                        "## 时间线\n\n"
                        "三点十二分，第一条投诉。三点二十分，确认是支付通知并发到达。"
                        "两个进程同时读到未支付，同时记账。先查再写，在并发面前等于没查。\n\n"
                        "## 止血\n\n"
                        "先停掉入账的消费者，让通知留在收件箱里，不要丢。"
                        "然后按支付单号去重，重放一遍。\n\n"
                        "## 让它不再来\n\n"
                        "唯一键要建在外部事实上：商户号加支付单号。插入成功的那一个去记账，"
                        "插入失败的那一个去读结果。这样一来，来五十次也只有一次有效。",
                    ),
                    DemoWork(
                        "先止血，再找原因",
                        990,
                        "线上出事的时候，最贵的是那十分钟的好奇心。人人都想知道为什么，"
                        "可用户只想知道什么时候好。\n\n"
                        "所以规矩是反过来的：先回滚，先限流，先切走，什么快用什么。"
                        "日志和现场留一份，天亮了再看。\n\n"
                        "## 三个问题\n\n"
                        "止血之前只问三个问题：影响多少人？还在扩大吗？最近改了什么？"
                        "三个问题答不全也没关系，答出一个就可以动手。\n\n"
                        "## 一张纸\n\n"
                        "把每个系统的开关写在一张纸上：怎么关，关了会怎样，谁能拍板。"
                        "凌晨三点，人是靠纸活着的。",
                    ),
                ),
            ),
            DemoColumn(
                title="面试官在想什么",
                field_kind="occupation",
                field_name="技术面试",
                cadence="每周 1 篇",
                count=8,
                introduction="从桌子的另一边看面试：他为什么问这句，听到什么会点头。",
                forever_fen=4990,
                month_fen=990,
                works=(
                    DemoWork(
                        "自我介绍的前三十秒",
                        600,
                        "前三十秒里，面试官其实没有在听内容。他在判断这场谈话会不会累。\n\n"
                        "所以不要背简历，简历他手里有。说一件你最近做完、自己觉得还不错的事，"
                        "三句话：原来是什么样，你做了什么，现在是什么样。\n\n"
                        "## 一个例子\n\n"
                        "“原来我们的对账要人工跑一天。我把它拆成三步，每步都能重来。"
                        "现在早上九点自己出结果。”三句话，二十秒，他接下来的问题就有了。\n\n"
                        "## 不要做的事\n\n不要说“精通”，不要按年份念，不要道歉。",
                    ),
                ),
            ),
        ),
    ),
)

# One good per price point, published ahead of the first buyer (in fen).
PRICE_POINTS_FEN: tuple[int, ...] = (
    1,
    10,
    50,
    100,
    190,
    199,
    200,
    290,
    299,
    300,
    390,
    399,
    490,
    499,
    500,
    590,
    600,
    660,
    680,
    690,
    800,
    880,
    888,
    900,
    980,
    990,
    999,
    1000,
    1200,
    1280,
    1290,
    1500,
    1590,
    1680,
    1800,
    1880,
    1980,
    1990,
    1999,
    2000,
    2500,
    2800,
    2880,
    2900,
    2980,
    2990,
    3000,
    3600,
    3900,
    3980,
    3990,
    4900,
    4980,
    4990,
    5000,
    5900,
    5990,
    6600,
    6800,
    6900,
    6990,
    8800,
    8880,
    9800,
    9900,
    9990,
    10000,
    12800,
    12900,
    16800,
    16900,
    19800,
    19900,
    19990,
    20000,
    29900,
    36500,
    39900,
    49900,
)
