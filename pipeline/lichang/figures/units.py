"""Units as data: what a word behind a number makes of it. All keys are in simplified characters."""

from fractions import Fraction
from typing import Literal, NamedTuple

from lichang.figures.names import listed

UnitKind = Literal["money", "percent", "multiple", "count", "quantity", "duration"]


class Unit(NamedTuple):
    """What stands behind a number: its kind, its symbol, and what to multiply the number by."""

    kind: UnitKind
    symbol: str  # ISO 4217, %, x, the symbol of a quantity; "" for a measure word, which is kept as printed
    factor: Fraction = Fraction(1)
    weak: bool = False  # needs more than a lone small number before it: 两头, 三面, 四方


CURRENCIES = {
    "CNY": "人民币 块钱 RMB CNY rmb",
    "USD": "美元 美金 美刀 USD",
    "HKD": "港元 港币 港纸 港圆 HKD HK$",
    "TWD": "新台币 台币 新台币元 台币元 NT$ TWD",
    "EUR": "欧元 EUR",
    "JPY": "日元 日圆 日币 元日币 日币元 JPY",
    "KRW": "韩元 韩圆 韩币 韩圜 KRW",
    "GBP": "英镑 GBP",
    "CHF": "瑞士法郎 瑞郎 CHF",
    "AUD": "澳元 澳币 澳大利亚元 AUD",
    "CAD": "加元 加币 加拿大元 CAD",
    "SGD": "新元 新加坡元 新币 坡币 SGD",
    "NZD": "新西兰元 纽元 NZD",
    "MOP": "澳门元 澳门币 澳门圆 MOP",
    "MYR": "令吉 林吉特 马币 MYR",
    "INR": "卢比 印度卢比 印尼卢比 INR",
    "RUB": "卢布 RUB",
    "THB": "泰铢 THB",
    "VND": "越南盾 VND",
    "IDR": "印尼盾 印度尼西亚盾 IDR",
    "PHP": "菲律宾比索 PHP",
    "MXN": "墨西哥比索 MXN",
    "BRL": "雷亚尔 BRL",
    "AED": "迪拉姆 AED",
    "SAR": "里亚尔 沙特里亚尔 SAR",
    "TRY": "里拉 土耳其里拉 TRY",
    "ZAR": "兰特 ZAR",
    "SEK": "瑞典克朗 SEK",
    "DKK": "丹麦克朗 DKK",
    "NOK": "挪威克朗 NOK",
    "DEM": "马克 德国马克 DEM",
    "FRF": "法国法郎 FRF",
    "PLN": "兹罗提 PLN",
    "ILS": "谢克尔 新谢克尔 ILS",
    "NGN": "奈拉 NGN",
    "EGP": "埃及镑 埃镑 EGP",
    "KZT": "坚戈 KZT",
    "UAH": "格里夫纳 UAH",
    "HUF": "福林 HUF",
    "CZK": "捷克克朗 CZK",
    "ARS": "阿根廷比索 ARS",
    "CLP": "智利比索 CLP",
    "COP": "哥伦比亚比索 COP",
    "PKR": "巴基斯坦卢比 PKR",
    "BDT": "塔卡 BDT",
    "KWD": "科威特第纳尔 KWD",
}
# Words of a currency whose code depends on who writes; CNY unless the article says otherwise.
LOCAL = {"元", "块", "圆", "蚊", "元整", "元正", "圆整", "圆正"}
# Before the number: US$30, ￥5, 人民币3亿.
PREFIXES = {
    "US$": "USD",
    "USD": "USD",
    "HK$": "HKD",
    "NT$": "TWD",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "RMB": "CNY",
    "CNY": "CNY",
    "$": "USD",
    "¥": "CNY",
    "￥": "CNY",
    "€": "EUR",
    "£": "GBP",
    "₩": "KRW",
    "人民币": "CNY",
    "新台币": "TWD",
    "台币": "TWD",
    "港币": "HKD",
    "美金": "USD",
    "日币": "JPY",
    "欧元": "EUR",
    "港元": "HKD",
    "美元": "USD",
}
# Parts of a currency's unit: 3毛, 1.29美分, 一毫 (Hong Kong).
PARTS = {
    "角": ("", Fraction(1, 10)),
    "毛": ("", Fraction(1, 10)),
    "角钱": ("", Fraction(1, 10)),
    "毛钱": ("", Fraction(1, 10)),
    "分钱": ("", Fraction(1, 100)),
    "毫": ("HKD", Fraction(1, 10)),
    "毫子": ("HKD", Fraction(1, 10)),
    "美分": ("USD", Fraction(1, 100)),
    "港仙": ("HKD", Fraction(1, 100)),
    "欧分": ("EUR", Fraction(1, 100)),
    "便士": ("GBP", Fraction(1, 100)),
    "戈比": ("RUB", Fraction(1, 100)),
}

PERCENTS = {
    "%": Fraction(1),
    "个百分点": Fraction(1),
    "百分点": Fraction(1),
    "个百分比": Fraction(1),
    "成": Fraction(10),
    "个基点": Fraction(1, 100),
    "基点": Fraction(1, 100),
    "个点子": Fraction(1, 100),
    "bp": Fraction(1, 100),
    "bps": Fraction(1, 100),
    "BP": Fraction(1, 100),
    "‰": Fraction(1, 10),
    "厘": Fraction(1),  # of interest a year, in Hong Kong and Taiwan: 2.61厘
    "个点": Fraction(1),
}

_LETTERED = (  # symbols read as they are printed, whatever their case
    "KB MB GB TB PB EB ZB Kb Mb Gb Tb Pb KiB MiB GiB TiB "
    "B/s KB/s MB/s GB/s TB/s PB/s Kb/s Mb/s Gb/s Tb/s bps Kbps kbps Mbps Gbps Tbps GT/s MT/s "
    "FLOPS KFLOPS MFLOPS GFLOPS TFLOPS PFLOPS EFLOPS ZFLOPS TOPS POPS GOPS MOPS TPP "
    "W kW MW GW TW mW Wh kWh MWh GWh TWh kV V mV mA mAh Ah kVA MVA "
    "Hz kHz MHz GHz THz nm μm um mm cm dm km m kg g mg t kt Mt lb L mL ml ℃ °C ℉ °F Pa kPa MPa GPa "
    "m² m2 km² m³ ha ms μs us ns ps s pJ nJ kJ MJ cal kcal dB ppm W/mK km/h m/s rpm bit byte "
    "ft foot feet inch inches mile miles cc CM MM KM KG ML KW MHZ GHZ HZ "
    "lux kN eV keV MeV mol"
)
_SPELLED = {
    **{"foot": "ft", "feet": "ft", "inch": "in", "inches": "in", "mile": "mi", "miles": "mi", "cc": "mL"},
    **{"CM": "cm", "MM": "mm", "KM": "km", "KG": "kg", "ML": "mL", "ml": "mL", "KW": "kW"},
    **{"MHZ": "MHz", "GHZ": "GHz", "HZ": "Hz", "m2": "m²", "°C": "℃", "°F": "℉", "um": "μm", "kbps": "Kbps"},
}
_NAMED = {
    "GB": "吉字节 GB字节",
    "MB": "兆字节",
    "KB": "千字节",
    "TB": "太字节",
    "B": "字节 位元组",
    "bit": "比特 位元",
    "W": "瓦 瓦特",
    "kW": "千瓦",
    "MW": "兆瓦 百万瓦",
    "GW": "吉瓦",
    "TW": "太瓦",
    "mW": "毫瓦",
    "kWh": "千瓦时 千瓦小时 度电",
    "MWh": "兆瓦时",
    "GWh": "吉瓦时",
    "TWh": "太瓦时",
    "Wh": "瓦时",
    "kVA": "千伏安",
    "kV": "千伏",
    "V": "伏 伏特",
    "A": "安培",
    "mA": "毫安",
    "mAh": "毫安时",
    "Ah": "安时",
    "Hz": "赫兹 赫",
    "kHz": "千赫 千赫兹",
    "MHz": "兆赫 兆赫兹",
    "GHz": "吉赫 吉赫兹 千兆赫",
    "nm": "纳米 奈米",
    "μm": "微米",
    "mm": "毫米 公厘",
    "cm": "厘米 公分",
    "dm": "分米",
    "m": "米 公尺",
    "km": "公里 千米",
    "里": "里地 华里",
    "in": "英寸 英吋",
    "ft": "英尺 英呎",
    "mi": "英里 英哩 哩",
    "nmi": "海里",
    "ly": "光年",
    "g": "克",
    "kg": "公斤 千克",
    "mg": "毫克",
    "μg": "微克",
    "t": "吨 公吨",
    "斤": "斤 市斤",
    "两": "两",
    "lb": "磅",
    "oz": "盎司 安士",
    "ct": "克拉",
    "L": "升 公升",
    "mL": "毫升",
    "gal": "加仑",
    "m²": "平方米 平米 平方公尺 平",
    "km²": "平方公里",
    "cm²": "平方厘米 平方公分",
    "mm²": "平方毫米",
    "m³": "立方米 方立方米",
    "km³": "立方公里",
    "cm³": "立方厘米",
    "ft²": "平方英尺 平方尺 平方呎",
    "ha": "公顷",
    "亩": "亩",
    "坪": "坪",
    "尺": "尺",
    "℃": "摄氏度 摄氏° 度C",
    "℉": "华氏度 华氏°",
    "ms": "毫秒",
    "μs": "微秒",
    "ns": "纳秒 奈秒",
    "pJ": "皮焦",
    "kJ": "千焦",
    "J": "焦耳 焦",
    "kcal": "千卡 大卡",
    "Pa": "帕斯卡",
    "MPa": "兆帕",
    "dB": "分贝",
    "mol": "摩尔",
    "N": "牛顿",
    "km/h": "公里/小时 千米/小时 公里每小时 千米每小时",
    "m/s": "米/秒 米每秒",
    "°": "° 角度",
}
# 万亿次每秒 is how specifications in Chinese say TFLOPS.
_COMPUTE = {"EFLOPS": "EFlops EFlop/s EFLOP/s", "PFLOPS": "PFlops PFLOP/s P", "TFLOPS": "TFlops TFLOP/s"}

# Measure words. The second table needs a number of ten or more, or one in Arabic digits: 两头, 三面 and
# 四方 are mostly words of place and manner.
MEASURES = listed(
    "个 名 位 人 家 张 颗 片 块 台 辆 架 艘 座 栋 幢 所 间 层 页 份 封 篇 部 本 册 卷 集 场 次 回 轮",
    "届 期 批 组 队 支 条 项 款 种 类 套 件 只 匹 户 代 级 道 根 股 票 席 字 行 句 岁 笔 单 箱 桶 瓶",
    "罐 杯 碗 盒 袋 包 艇 班 列 节 卡 枚 门 扇 株 棵 朵 粒 滴 处 国 省 县 镇 村 版 稿 帧 任 段 球 局",
    "盘 壶 锅 盏 遍 趟 例 宗 起 桩 则 幅 副 顶 颗粒 双 对 车位 人次 人份 卡时 机柜 节点 晶圆 车次 架次",
    "班次 户次 台次 篇次 万人次 笔画 参数 字符 步 连 胜 分 点 员 机 元素 模组 集群 站 栏 餐 夜 晚 打",
    "沓 串 束 堆 排 环 格 轴 路 茬 船 车 星 籽 度 口 头 面 把 手 派 族 系 针 剂 周目 校 院 馆 店 厂 矿",
    "通 首 曲 幕 折 帖 丸 尊 樽 盅 尾 羽 峰 缸 盆 篮 筐 筒 管 炉 窝 畦 垄 垛 捆 扎 叠 摞 捧 撮 缕",
    "丝 枝 条目 屏 章 课 题 问 招 拳 脚 枪 炮 弹 声 关 门课 维 核 线程 通道 端口 引脚 比特币 像素",
    "万像素 英里 笼 箩 蓝 兵 将 师 旅 团 营 艘次 键 档 等 阶 重 层次 波 拨 伙 帮 群 窗 户型 桥",
)
TOKENS = ("个token", "token", "tokens", "Token", "Tokens", "TOKEN", "个Token", "个tokens", "词元", "个词元")
PARAMETERS = ("参数", "个参数", "参数量", "位参数")

DURATIONS = {  # unit → ISO designator and how many of them it is
    "年": ("Y", 1),
    "周年": ("Y", 1),
    "年度": ("Y", 1),
    "个年头": ("Y", 1),
    "载": ("Y", 1),
    "个财年": ("Y", 1),
    "个季度": ("M", 3),
    "季": ("M", 3),
    "季度": ("M", 3),
    "个季": ("M", 3),
    "个月": ("M", 1),
    "月": ("M", 1),
    "个整月": ("M", 1),
    "周": ("W", 1),
    "星期": ("W", 1),
    "个星期": ("W", 1),
    "个礼拜": ("W", 1),
    "礼拜": ("W", 1),
    "个周": ("W", 1),
    "天": ("D", 1),
    "日": ("D", 1),
    "工作日": ("D", 1),
    "个工作日": ("D", 1),
    "个自然日": ("D", 1),
    "自然日": ("D", 1),
    "个交易日": ("D", 1),
    "交易日": ("D", 1),
    "昼夜": ("D", 1),
    "个昼夜": ("D", 1),
    "小时": ("TH", 1),
    "个小时": ("TH", 1),
    "个钟头": ("TH", 1),
    "个钟": ("TH", 1),
    "钟头": ("TH", 1),
    "分钟": ("TM", 1),
    "个世纪": ("Y", 100),
    "刻钟": ("TM", 15),
    "秒": ("TS", 1),
    "秒钟": ("TS", 1),
}


def _table() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for word in MEASURES:
        table[word] = Unit("count", "", weak=word in WEAK)
        if word in ("人", "字符", "节点"):
            table["个" + word] = Unit("count", "")
    for symbol in _LETTERED.split():
        table[symbol] = Unit("quantity", _SPELLED.get(symbol, symbol))
    for symbol, names in (_NAMED | _COMPUTE).items():
        for name in names.split():
            table[name] = Unit("quantity", symbol)
    for word, factor in PERCENTS.items():
        table[word] = Unit("percent", "%", factor)
    for code, names in CURRENCIES.items():
        for name in names.split():
            table[name] = Unit("money", code)
    for word in LOCAL:
        table[word] = Unit("money", "")
    for word, (code, factor) in PARTS.items():
        table[word] = Unit("money", code, factor)
    for word in TOKENS:
        table[word] = Unit("count", "token")
    for word in PARAMETERS:
        table[word] = Unit("count", "参数")
    for word, (designator, factor_) in DURATIONS.items():
        table[word] = Unit("duration", designator, Fraction(factor_))
    table["倍"] = Unit("multiple", "x")
    table["x"] = Unit("multiple", "x")
    table["X"] = table["×"] = Unit("multiple", "x")
    return table


WEAK = frozenset(
    listed(
        "对 头 面 把 手 口 点 分 度 机 员 连 胜 派 族 系 路 车 船 站 校 院 馆 店 厂 矿 通 首 曲 幕 折",
        "服 星 步 打 排 环 格 声 关 题 问 招 拳 脚 枪 炮 弹 兵 将 师 旅 团 营 键 档 等 阶 重 波 群 窗",
        "桥 课 章 屏 枝 丝 条目 峰 缸 盆 帮 针 剂 维 核 尾 羽 包 管 卷 单 字 周目 车位 晚 夜 镇 村 省",
        "县",
    )
)

UNITS = _table()
LONGEST = max(map(len, UNITS))
FIRST = frozenset(unit[0] for unit in UNITS)


def unit_at(plain: str, start: int) -> tuple[str, Unit] | None:
    """The longest unit that begins at ``start`` of folded text, with what it means, or None.

    >>> unit_at("个百分点", 0)[1].kind
    'percent'
    >>> unit_at("的", 0) is None
    True
    """
    if plain[start : start + 1] not in FIRST:
        return None
    for length in range(min(LONGEST, len(plain) - start), 0, -1):
        word = plain[start : start + length]
        unit = UNITS.get(word)
        # 5 m is five metres and 5 min is not; a symbol in letters ends where the letters end.
        if unit and not (word[-1].isascii() and word[-1].isalpha() and _letter(plain, start + length)):
            return word, unit
    return None


def _letter(plain: str, at: int) -> bool:
    """Whether an ASCII letter or digit stands at this place."""
    return at < len(plain) and plain[at].isascii() and plain[at].isalnum()
