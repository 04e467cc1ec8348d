"""What WeChat's codes mean for the operator: a Chinese sentence that says what to do.

WeChat's own messages change without notice and hold ids; only its codes are relied upon.

Sources: https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
https://pay.weixin.qq.com/doc/v3/merchant/4012081709
"""

from dataclasses import dataclass

from wechat_handlers.wire.errors import Outcome, PayApiRefused, WeChatApiRefused


@dataclass(frozen=True)
class Verdict:
    """What one code means; see `WeChatApiRefused` for the three fields."""

    sentence: str
    retryable: bool = False
    outcome: Outcome = "not_done"


_BUSY = Verdict("微信系统繁忙，请稍后再试。", retryable=True, outcome="unknown")
_TOKEN = Verdict(
    "接口凭证已失效，系统会自动换新；如反复出现，请检查是否有别的程序共用 AppSecret。",
    retryable=True,
)
_CODE = Verdict("登录凭证已过期或已用过，请让用户重新打开页面。")
_MEDIA = Verdict("素材不存在或已过期（临时素材只保存三天），请重新上传。")
_TOO_BIG = Verdict("文件超过微信的大小限制，请压缩后再传。")
_MISSING = Verdict("请求缺少必填参数，请升级到最新版本或联系开发者。")
_QUOTA = Verdict("今天的接口调用次数已用完，零点后恢复；也可在公众平台清零一次。", retryable=True)
_RATE = Verdict("调用太频繁，请一分钟后再试。", retryable=True)
_MENU = Verdict("菜单按钮的名称、类型、Key 或网址不合规，请检查长度和格式。")
_PERMISSION = Verdict("账号没有这个接口的权限，请在公众平台确认已认证并已开通。")
_IP_CONFIRM = Verdict("这台服务器的 IP 需要管理员在手机上确认，请管理员确认后再试。")
_PUBLISH = Verdict("发布没有成功，请到公众平台的草稿箱查看原因后重新发布。")
_CONDITIONAL_MENU = Verdict("个性化菜单设置不合规，请先创建默认菜单并检查匹配规则。")

API_VERDICTS: dict[int, Verdict] = {
    -1: _BUSY,
    40001: _TOKEN,
    40002: Verdict("凭证类型不正确，请升级到最新版本。"),
    40003: Verdict("这个用户的 openid 不属于当前账号，请检查账号配置。"),
    40004: _MEDIA,
    40005: Verdict("文件类型不被支持，请换成微信支持的格式。"),
    40006: _TOO_BIG,
    40007: _MEDIA,
    40009: _TOO_BIG,
    40013: Verdict("AppID 不正确，请核对公众平台上的 AppID。"),
    40014: _TOKEN,
    40029: _CODE,
    40030: _CODE,
    40163: _CODE,
    40033: Verdict("内容里有微信不接受的字符，请去掉特殊符号后再试。"),
    40035: Verdict("参数不合规，请升级到最新版本或联系开发者。"),
    40037: Verdict("模板 ID 不存在，请到公众平台核对模板。"),
    40050: Verdict("分组不存在，请刷新后重试。"),
    40051: Verdict("分组名称不合规，请换一个名称。"),
    40053: Verdict("二维码参数不合规，或永久二维码已用完。"),
    40097: Verdict("参数不正确，请升级到最新版本或联系开发者。"),
    40125: Verdict("AppSecret 不正确，请到公众平台重置后填入新的 AppSecret。"),
    40129: Verdict("小程序码的 scene 不合规，请缩短并只用字母和数字。"),
    40164: Verdict("服务器 IP 不在白名单，请到公众平台「基本配置」添加这台服务器的 IP。"),
    40226: Verdict("微信判定该用户有风险，暂时不能登录。"),
    40243: Verdict("AppSecret 已被冻结，请到公众平台解冻。"),
    **dict.fromkeys(range(41001, 41010), _MISSING),
    41030: Verdict("小程序页面不存在或未发布，请先发布再试。"),
    42001: _TOKEN,
    42007: Verdict("用户改了密码，授权已失效，请让用户重新授权。"),
    43001: _MISSING,
    43002: _MISSING,
    43003: _MISSING,
    43004: Verdict("对方还没有关注公众号，消息发不过去。"),
    43019: Verdict("对方在黑名单里，请先移出黑名单。"),
    43101: Verdict("用户没有订阅或次数已用完，等用户再次同意后才能发送。"),
    43107: Verdict("订阅消息能力被封禁，请到公众平台查看原因。"),
    **dict.fromkeys(range(44001, 44005), Verdict("内容不能为空，请补上内容后再发。")),
    45001: _TOO_BIG,
    45002: Verdict("内容太长，请缩短到 2048 字节（约 680 个汉字）以内。"),
    45003: Verdict("标题太长，请缩短。"),
    45004: Verdict("描述太长，请缩短。"),
    45005: Verdict("链接太长，请缩短。"),
    45007: Verdict("语音太长，请剪到 60 秒以内。"),
    45008: Verdict("图文条数超过限制，请减少条数。"),
    45009: _QUOTA,
    45011: _RATE,
    45015: Verdict("超过了可回复的时间，要等对方再发一条消息。"),
    45028: Verdict("本月群发次数已用完，下个月再发。"),
    45047: Verdict("连续发给对方的消息已达上限，要等对方回复一条。"),
    45065: Verdict("同一编号的群发内容不一致，请重新发起。", outcome="unknown"),
    45066: _RATE,
    45067: Verdict("群发编号太长，请重新发起。"),
    45072: _MISSING,
    45080: Verdict("要等对方发来消息后才能显示「正在输入」。"),
    45081: _RATE,
    46003: Verdict("还没有创建菜单，请先保存一次菜单。"),
    46004: Verdict("用户不存在，请刷新后重试。"),
    47001: Verdict("请求格式不正确，请升级到最新版本或联系开发者。"),
    47003: Verdict("模板消息的某个字段为空或太长，请缩短后再发。"),
    48001: _PERMISSION,
    48002: Verdict("对方关闭了接收消息，发不过去。"),
    48004: Verdict("接口被封禁，请到公众平台查看通知。"),
    48005: Verdict("素材正被自动回复或菜单使用，不能删除。"),
    48006: Verdict("本月清零次数已用完，等零点自动恢复。"),
    48008: Verdict("没有该类型消息的发送权限，请在公众平台开通。"),
    50001: _PERMISSION,
    50002: Verdict("用户受限，请到公众平台查看。"),
    50004: Verdict("账号被冻结，请到公众平台查看通知。"),
    50007: Verdict("账号已注销或冻结，请到公众平台查看。"),
    53500: Verdict("发布任务正在排队，请稍后再试。", retryable=True),
    53501: Verdict("发布太频繁，请稍后再试。", retryable=True),
    53502: Verdict("草稿不完整，请补全标题、封面和正文。"),
    53503: _PUBLISH,
    53504: _PUBLISH,
    53505: _PUBLISH,
    53600: _PUBLISH,
    61003: _PERMISSION,
    61004: Verdict("这台服务器的 IP 没有授权，请到开放平台添加。"),
    61007: _PERMISSION,
    61010: Verdict("用户两小时内没有使用过小程序，暂时不能做内容检测。"),
    **dict.fromkeys(range(40015, 40028), _MENU),
    **dict.fromkeys(range(65301, 65321), _CONDITIONAL_MENU),
    76003: _QUOTA,
    76021: _MISSING,
    76022: _PERMISSION,
    87009: Verdict("内容安全校验的签名不正确，请升级到最新版本。"),
    87014: Verdict("内容含有违规信息，请修改后再发。"),
    89501: _IP_CONFIRM,
    89503: _IP_CONFIRM,
    89506: Verdict("管理员 24 小时内拒绝过这个 IP，请一天后再试。"),
    89507: Verdict("管理员 1 小时内拒绝过这个 IP，请一小时后再试。"),
}

_DOUBLE = Verdict("这个单号已处理过，请以查询结果为准。", outcome="unknown")
_XPAY_RUNNING = Verdict("微信正在处理，请几分钟后再查。", retryable=True)

XPAY_VERDICTS: dict[int, Verdict] = {
    268490001: Verdict("用户的 openid 不正确，请让用户重新登录小程序。"),
    268490002: Verdict("虚拟支付参数不正确，请核对道具和价格配置。"),
    268490003: Verdict("虚拟支付签名不正确，请核对 AppKey 和环境（现网或沙箱）。"),
    268490004: _DOUBLE,
    268490005: Verdict("这一单已经退过款，请以查询结果为准。", outcome="unknown"),
    268490006: Verdict("余额不足，请核对后再试。"),
    268490007: Verdict("名称或备注里有敏感内容，请修改后再试。"),
    268490008: Verdict("代币还没有发布，请先在虚拟支付后台发布。"),
    268490009: Verdict("用户的登录态已过期，请重新登录后再付款。"),
    268490011: _XPAY_RUNNING,
    268490012: _XPAY_RUNNING,
    268490013: Verdict("订单正在核销，现在不能退款。"),
    268490014: Verdict("退款正在进行，请稍后用同样的参数重试。", retryable=True, outcome="unknown"),
    268490015: _RATE,
    268490016: Verdict("可退金额已变化，请先查询订单再退款。"),
    **dict.fromkeys(
        range(268490018, 268490025), Verdict("广告金操作没有成功，请到虚拟支付后台查看。")
    ),
}

CLIENT_SENTENCES: dict[int, str] = {
    1001: "支付参数不正确，请重新下单。",
    -1: "支付失败，请稍后再试。",
    -2: "已取消支付。",
    -4: "微信风控拦截了这次支付，请稍后再试。",
    -5: "签约结果未知，请稍后在「我的」里查看。",
    -15001: "支付参数不正确，请重新下单。",
    -15002: "单号重复，请重新下单。",
    -15003: "微信系统错误，请稍后再试。",
    -15004: "币种不正确，请联系客服。",
    -15005: "登录态已变化，请重新进入小程序后再付款。",
    -15006: "支付签名不正确，请联系客服。",
    -15007: "登录已过期，请重新进入小程序后再付款。",
    -15008: "商户还没有完成开通，请联系客服。",
    -15009: "代币还没有发布，请联系客服。",
    -15010: "商品还没有发布，请稍后再试。",
    -15012: "订单已关闭，请重新下单。",
    -15013: "价格已变化，请刷新后重新下单。",
    -15014: "商品刚发布，约十分钟后可以购买。",
    -15016: "支付参数格式不正确，请联系客服。",
    -15017: "商户暂时不能收款，请联系客服。",
    -15018: "商品未通过审核，请联系客服。",
    -15019: "商户暂时不能收款，请联系客服。",
    -15020: "操作太快，请稍后再试。",
    -15021: "现在付款的人太多，请稍后再试。",
}

_PAY_BUSY = Verdict("微信支付系统繁忙，系统会自动查询结果。", retryable=True, outcome="unknown")
_PAY_RATE = Verdict("请求太频繁，请稍后再试。", retryable=True)
_PAY_MISSING = Verdict("微信支付没有这张单，请核对单号。")
_PAY_FUNDS = Verdict("商户余额不足，请充值后用原单号重试。", retryable=True)

# Keyed without underscores: old spellings (ORDERNOTEXIST) are still about.
PAY_VERDICTS: dict[str, Verdict] = {
    "PARAMERROR": Verdict("请求参数不合规，请核对商品描述、金额和回调地址。"),
    "INVALIDREQUEST": Verdict("这次请求与之前的不一致或状态不允许，请查询后再试。"),
    "APPIDMCHIDNOTMATCH": Verdict("AppID 与商户号没有绑定，请到商户平台绑定。"),
    "MCHNOTEXISTS": Verdict("商户号不存在，请核对商户号。"),
    "ORDERCLOSED": Verdict("订单已关闭，请重新下单。"),
    "ORDERPAID": Verdict("订单已支付，不必再付；系统会自动入账。"),
    "ALREADYEXISTS": Verdict("单号已存在但参数不同，请查询原单。", outcome="unknown"),
    "SIGNERROR": Verdict("签名不正确，请核对商户私钥、证书序列号和服务器时间。"),
    "NOAUTH": Verdict("商户没有这个产品的权限，请到商户平台开通。"),
    "NOTENOUGH": _PAY_FUNDS,
    "ACCOUNTERROR": Verdict("用户或商户账户异常，请到商户平台查看。"),
    "USERACCOUNTABNORMAL": Verdict("用户账户异常，款项暂时退不回去，请联系用户。"),
    "RULELIMIT": Verdict("超过了业务限制，请核对额度或比例。"),
    "TRADEERROR": Verdict("交易失败，请让用户换一种支付方式。"),
    "OUTTRADENOUSED": Verdict("商户单号已用过，请重新下单。"),
    "REQUESTBLOCKED": Verdict("请求被微信支付拦截，请到商户平台查看原因。"),
    "ORDERNOTEXIST": _PAY_MISSING,
    "RESOURCENOTEXISTS": _PAY_MISSING,
    "NOTFOUND": _PAY_MISSING,
    "FREQUENCYLIMITED": _PAY_RATE,
    "FREQUENCYLIMIT": _PAY_RATE,
    "FREQUENCYLIMITEXCEED": _PAY_RATE,
    "RATELIMITEXCEEDED": _PAY_RATE,
    "RATELIMITEXCEED": _PAY_RATE,
    "SYSTEMERROR": _PAY_BUSY,
    "BANKERROR": Verdict("银行系统异常，系统会自动查询结果。", retryable=True, outcome="unknown"),
    "OPENIDMISMATCH": Verdict("付款人与当前公众号不匹配，请让用户重新登录。"),
    "NOSTATEMENTEXIST": Verdict("这一天没有账单。"),
    "STATEMENTCREATING": Verdict("账单还在生成，请上午十点后再试。", retryable=True),
    "noanswer": Verdict("连不上微信支付，系统会自动查询结果。", retryable=True, outcome="unknown"),
    "unsignedanswer": Verdict(
        "微信支付的应答没有通过验签，请核对微信支付公钥和公钥 ID。", outcome="unknown"
    ),
    "noplatformkey": Verdict(
        "还没有微信支付的平台证书或公钥，无法验签；系统会自动下载平台证书。", retryable=True
    ),
    "badanswer": Verdict("微信支付的应答看不懂，系统会自动查询结果。", True, "unknown"),
}


def api_refusal(
    call: str, errcode: int | None, *, outcome: Outcome | None = None
) -> WeChatApiRefused:
    """The refusal for one errcode of api.weixin.qq.com (None: no understandable answer)."""
    if errcode is None:
        verdict = Verdict("连不上微信，请检查服务器网络后再试。", True, outcome or "unknown")
    else:
        unknown = Verdict(f"微信返回错误 {errcode}，请在公众平台「错误码查询」查看含义。")
        verdict = API_VERDICTS.get(errcode) or XPAY_VERDICTS.get(errcode) or unknown
    return WeChatApiRefused(
        call=call,
        errcode=errcode,
        sentence=verdict.sentence,
        retryable=verdict.retryable,
        outcome=outcome or verdict.outcome,
    )


def pay_refusal(
    call: str, code: str, http_status: int | None, *, outcome: Outcome | None = None
) -> PayApiRefused:
    """The refusal for one code of WeChat Pay v3; codes are compared without underscores."""
    verdict = PAY_VERDICTS.get(code.replace("_", ""))
    if verdict is None or (http_status is not None and http_status >= 500):
        verdict = _by_status(http_status, verdict)
    return PayApiRefused(
        call=call,
        code=code,
        http_status=http_status,
        sentence=verdict.sentence,
        retryable=verdict.retryable,
        outcome=outcome or verdict.outcome,
    )


def _by_status(http_status: int | None, known: Verdict | None) -> Verdict:
    if http_status is None or http_status >= 500:
        return Verdict(known.sentence if known else _PAY_BUSY.sentence, True, "unknown")
    if http_status == 429:
        return _PAY_RATE
    return Verdict("微信支付拒绝了这次请求，请到商户平台查看原因。")
