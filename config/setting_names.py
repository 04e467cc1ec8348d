"""Every name the environment may carry, with its rule and its meaning.

One table feeds three readers: the parser in `settings`, the page `docs/settings.md`
and the refusal an operator sees. A setting that is not here does not exist.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How the text of a setting is checked."""

    TEXT = "text"
    DATABASE_URL = "database_url"
    BROKER_URL = "broker_url"
    STORAGE_URL = "storage_url"
    PUBLIC_URL = "public_url"
    HOST_URL = "host_url"
    SIGNING_KEY = "signing_key"
    FIELD_KEYS = "field_keys"
    NETWORKS = "networks"
    PORT = "port"
    TOKEN = "token"  # noqa: S105 - the name of a rule, not a token
    AES_KEY = "aes_key"
    APIV3_KEY = "apiv3_key"
    FILE = "file"
    SANDBOX_FLAG = "sandbox_flag"
    BYTES = "bytes"
    COUNT = "count"
    YUAN = "yuan"


@dataclass(frozen=True, slots=True)
class SettingName:
    """One row: `default` None means required, "" means optional and empty."""

    name: str
    shape: Shape
    english: str
    chinese: str
    default: str | None = None
    secret: bool = False

    @property
    def required(self) -> bool:
        """Whether start is refused without it."""
        return self.default is None


def _account_names(kind: str, english: str, chinese: str) -> tuple[SettingName, ...]:
    prefix = f"WECHAT_{kind}_"
    return (
        SettingName(f"{prefix}APPID", Shape.TEXT, f"App id of the {english}", f"{chinese} AppID"),
        SettingName(
            f"{prefix}SECRET",
            Shape.TEXT,
            f"App secret of the {english}",
            f"{chinese} AppSecret",
            secret=True,
        ),
        SettingName(
            f"{prefix}TOKEN",
            Shape.TOKEN,
            f"Callback token of the {english}, 3 to 32 letters and digits",
            f"{chinese}消息推送 Token，3 到 32 位字母或数字",
            secret=True,
        ),
        SettingName(
            f"{prefix}AES_KEY",
            Shape.AES_KEY,
            f"EncodingAESKey of the {english}, 43 characters",
            f"{chinese} EncodingAESKey，43 位",
            secret=True,
        ),
        SettingName(
            f"{prefix}AES_KEY_PREVIOUS",
            Shape.AES_KEY,
            "The key before, still accepted while a rotation is under way",
            "上一把 EncodingAESKey，更换期间仍被接受",
            default="",
            secret=True,
        ),
    )


_INSTALLATION = (
    SettingName(
        "DATABASE_URL",
        Shape.DATABASE_URL,
        "PostgreSQL 15 to 18, as the role that runs and cannot migrate",
        "PostgreSQL 15 到 18，用运行角色（不是迁移角色）",
        secret=True,
    ),
    SettingName(
        "BROKER_URL",
        Shape.BROKER_URL,
        "Valkey or Redis (`redis://`), or RabbitMQ (`amqp://`)",
        "Valkey 或 Redis（`redis://`），或 RabbitMQ（`amqp://`）",
        secret=True,
    ),
    SettingName(
        "STORAGE_URL",
        Shape.STORAGE_URL,
        "Where files lie: `file:///folder` or `s3://bucket/prefix`",
        "文件存放处：`file:///目录` 或 `s3://存储桶/前缀`",
    ),
    SettingName(
        "PUBLIC_BASE_URL",
        Shape.PUBLIC_URL,
        "The address people and WeChat reach us by; https unless loopback",
        "用户和微信访问本站的地址；除本机外必须 https",
    ),
    SettingName(
        "SECRET_KEY",
        Shape.SIGNING_KEY,
        "Signs cookies and forms, 32 characters or more",
        "签名 Cookie 和表单，至少 32 个字符",
        secret=True,
    ),
    SettingName(
        "FIELD_KEYS",
        Shape.FIELD_KEYS,
        "Keys that seal columns: `id:base64` of 32 bytes, comma between, the first one seals",
        "字段加密密钥：`id:base64`（32 字节），逗号分隔，第一把用于加密",
        secret=True,
    ),
    SettingName(
        "TRUSTED_PROXIES",
        Shape.NETWORKS,
        "Addresses or networks whose `X-Forwarded-*` we believe, comma between",
        "可信反向代理的地址或网段，逗号分隔",
        default="",
    ),
    SettingName(
        "WECHAT_DOMAIN_PROOFS",
        Shape.TEXT,
        "Names `x` whose page `/MP_verify_x.txt` proves to WeChat that this host is ours",
        "微信域名校验文件 `MP_verify_x.txt` 中的 x，逗号分隔",
        default="",
    ),
    SettingName("PORT", Shape.PORT, "Port of the web server", "网站端口", default="8080"),
    SettingName(
        "SIMULATOR_PORT",
        Shape.PORT,
        "Port of the simulator in the demo",
        "演示环境中模拟器的端口",
        default="8090",
    ),
)

_MEDIA = (
    SettingName(
        "MEDIA_AUDIO_BYTES_MAX",
        Shape.BYTES,
        "Bytes that one audio file may have",
        "单个音频最大字节数",
        default="209715200",
    ),
    SettingName(
        "MEDIA_VIDEO_BYTES_MAX",
        Shape.BYTES,
        "Bytes that one video may have",
        "单个视频最大字节数",
        default="1073741824",
    ),
    SettingName(
        "MEDIA_FILE_BYTES_MAX",
        Shape.BYTES,
        "Bytes that one file of another kind may have",
        "单个文件最大字节数",
        default="104857600",
    ),
    SettingName(
        "MEDIA_CREATOR_BYTES_MAX",
        Shape.BYTES,
        "Bytes that all media of one creator may have together",
        "每位创作者全部媒体最大字节数",
        default="21474836480",
    ),
)

_PAYOUTS = (
    SettingName(
        "PAYOUT_SINGLE_YUAN_MAX",
        Shape.YUAN,
        "Yuan that one transfer to a person may have; WeChat's own limit, never 2,000 or more",
        "单笔提现最多多少元（微信的限额；到 2000 元要实名，本系统不支持）",
        default="200",
    ),
    SettingName(
        "PAYOUT_PERSON_DAY_YUAN_MAX",
        Shape.YUAN,
        "Yuan that one person may be paid in a day",
        "每人每天最多提现多少元",
        default="2000",
    ),
    SettingName(
        "PAYOUT_MERCHANT_DAY_YUAN_MAX",
        Shape.YUAN,
        "Yuan that all people together may be paid in a day",
        "全部收款人每天合计最多提现多少元",
        default="50000",
    ),
)

_HOSTS = (
    SettingName(
        "WECHAT_API_BASE",
        Shape.HOST_URL,
        "WeChat's server API",
        "微信服务端接口",
        default="https://api.weixin.qq.com",
    ),
    SettingName(
        "WECHAT_OPEN_BASE",
        Shape.HOST_URL,
        "WeChat's consent pages",
        "微信网页授权",
        default="https://open.weixin.qq.com",
    ),
    SettingName(
        "WECHAT_MP_BASE",
        Shape.HOST_URL,
        "WeChat's public platform (QR images)",
        "微信公众平台（二维码图片）",
        default="https://mp.weixin.qq.com",
    ),
    SettingName(
        "WECHATPAY_API_BASE",
        Shape.HOST_URL,
        "WeChat Pay's API v3",
        "微信支付 API v3",
        default="https://api.mch.weixin.qq.com",
    ),
    SettingName(
        "WECOM_API_BASE",
        Shape.HOST_URL,
        "WeCom's server API",
        "企业微信服务端接口",
        default="https://qyapi.weixin.qq.com",
    ),
)

_MERCHANT = (
    SettingName("WECHATPAY_MCHID", Shape.TEXT, "Merchant id", "微信支付商户号"),
    SettingName(
        "WECHATPAY_SERIAL_NO",
        Shape.TEXT,
        "Serial number of our API certificate",
        "商户 API 证书序列号",
    ),
    SettingName(
        "WECHATPAY_PRIVATE_KEY_FILE",
        Shape.FILE,
        "File with our private key (PEM)",
        "商户私钥文件（PEM）",
    ),
    SettingName(
        "WECHATPAY_APIV3_KEY",
        Shape.APIV3_KEY,
        "API v3 key, 32 bytes",
        "APIv3 密钥，32 字节",
        secret=True,
    ),
    SettingName(
        "WECHATPAY_APIV3_KEY_PREVIOUS",
        Shape.APIV3_KEY,
        "The key before, still opened while a rotation is under way",
        "上一把 APIv3 密钥，更换期间仍可解密",
        default="",
        secret=True,
    ),
    SettingName(
        "WECHATPAY_PUBLIC_KEY_ID",
        Shape.TEXT,
        "Id of WeChat Pay's public key, `PUB_KEY_ID_…`; without it platform certificates are used",
        "微信支付公钥 ID，`PUB_KEY_ID_…`；不填则使用平台证书（自动下载）",
        default="",
    ),
    SettingName(
        "WECHATPAY_PUBLIC_KEY_FILE",
        Shape.FILE,
        "File with WeChat Pay's public key (PEM); with the id or not at all",
        "微信支付公钥文件（PEM）；与公钥 ID 同时填写或都不填",
        default="",
    ),
)

_XPAY = (
    SettingName("XPAY_OFFER_ID", Shape.TEXT, "Virtual payment offer id", "虚拟支付 OfferId"),
    SettingName(
        "XPAY_APP_KEY",
        Shape.TEXT,
        "Virtual payment key, live",
        "虚拟支付现网 AppKey",
        secret=True,
    ),
    SettingName(
        "XPAY_SANDBOX_APP_KEY",
        Shape.TEXT,
        "Virtual payment key, sandbox",
        "虚拟支付沙箱 AppKey",
        secret=True,
    ),
    SettingName(
        "XPAY_ENV",
        Shape.SANDBOX_FLAG,
        "0 live, 1 sandbox",
        "0 现网，1 沙箱",
        default="0",
    ),
)

_WECOM = (
    SettingName(
        "WECOM_CORPID",
        Shape.TEXT,
        "WeCom: id of the company; groups made by WeCom need all four settings",
        "企业微信企业 ID；用企业微信群需要这四项都填",
        default="",
    ),
    SettingName(
        "WECOM_SECRET",
        Shape.TEXT,
        "WeCom: secret of a self-built app that may manage customer groups",
        "企业微信自建应用 Secret（有客户联系权限）",
        default="",
        secret=True,
    ),
    SettingName(
        "WECOM_TOKEN",
        Shape.TOKEN,
        "WeCom: callback token of the app, 3 to 32 letters and digits",
        "企业微信接收事件的 Token，3 到 32 位字母或数字",
        default="",
        secret=True,
    ),
    SettingName(
        "WECOM_AES_KEY",
        Shape.AES_KEY,
        "WeCom: EncodingAESKey of the app, 43 characters",
        "企业微信接收事件的 EncodingAESKey，43 位",
        default="",
        secret=True,
    ),
)

_GROUPS = (
    SettingName(
        "GROUP_CODE_DAYS",
        Shape.COUNT,
        "Days for which the picture of a group's code is good",
        "群二维码图片的有效天数",
        default="7",
    ),
    SettingName(
        "GROUP_CODE_CAPACITY",
        Shape.COUNT,
        "People who may join a group by scanning one code",
        "一个群二维码最多能扫码进多少人",
        default="200",
    ),
    SettingName(
        "GROUP_SEAT_HOURS",
        Shape.COUNT,
        "Hours for which a seat in a group waits for a person to say that they are in",
        "为读者保留进群名额的小时数，过时让给下一位",
        default="24",
    ),
)

_CLOCK = (
    SettingName(
        "CLOCK_OFFSET_FILE",
        Shape.TEXT,
        "File with whole seconds added to wall time; only when PUBLIC_BASE_URL is loopback",
        "时钟偏移文件（整秒）；仅当 PUBLIC_BASE_URL 为本机地址时可用",
        default="",
    ),
)

SETTING_NAMES: tuple[SettingName, ...] = (
    *_INSTALLATION,
    *_MEDIA,
    *_PAYOUTS,
    *_account_names("OA", "Official Account", "公众号"),
    *_account_names("MINI", "mini-program", "小程序"),
    *_HOSTS,
    *_MERCHANT,
    *_XPAY,
    *_WECOM,
    *_GROUPS,
    *_CLOCK,
)
