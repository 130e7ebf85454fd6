# ruff: noqa: E501 - long lists read better by the line
"""Who is named: the grammar of people and organisations as subjects of a Chinese clause.

Everything here reads simplified text; offsets are those of the text given, and hold in the printed
article because the conversion keeps the length.
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

import msgspec

Shape = str  # name, person, org, document, generic, pronoun, self, surnamed, short, phrase, or screen (a commenter)

_DATE = r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}[日号])?"
_WHEN = (
    r"(?:当地时间)?(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]|\d{4}年(?:底|初)?|[去今前明当次同翌]年"
    r"|[上本下](?:个?月|周[一二三四五六日末]?|星期[一二三四五六日]?|季度?|财季)(?:\d{1,2}日)?|周[一二三四五六日末]|星期[一二三四五六日]"
    r"|[昨今明当次同翌前后][日天晚晨夜]|日前|近[日来期]|最近|此前|早前|先前|随后|其后|之后|后来|事后|当时|目前|如今|现在|眼下|今日|当场|当晚"
    r"|[上中下]旬|年[初底中末]|月[初底中末]|(?<![协员国大事学商工董])会[上后前]|席间|期间|前[不]?久|不久前|几天后|数日后|上午|下午|晚间|深夜|凌晨|清晨|傍晚|[一二两三四五六七八九十几数]天[前后]"
)
_LINK = (
    r"但是?|可是?|不过|而且?|然而|另外|此外|同时|与此同时|因此|所以|于是|对此|至于|其中|例如|比如|正如|就连|甚至|尽管|虽然|当然"
    r"|另据|另一边|一边|一方面|另一方面|相比之下|相反|反过来|事实上|实际上|据悉|据了解|最后|首先|其次|接着|接下来|紧接着|随即|更早|早在|一开口|转头|散场时|现场"
    r"|也|还|又|倒是|倒|则|却|如果说|哪怕|只是|只有|连|问|答|记者|第[一二三四五六七八九十]|其[一二三四五六七]|[一二三四五六七八九十]是|[①②③④⑤⑥⑦⑧⑨]"
)
# 路透旧金山11月5日 - , 参考消息网5月25日消息 , 【综合】: where a page says whence it comes
_DATELINE = r"(?=[^月，。\n]{3,22}月)[^，。：；！？“”\s]{2,16}\d{1,2}月\d{1,2}[日号](?:电|讯|消息|报道)?(?:\s*[-—–]+\s*|\s+)|【[^】\n]{1,20}】|（[^（）\n]{2,16}(?:网|社|报|电|讯|综合)）"
_LEAD = re.compile(
    rf"{_DATELINE}|[\s　—…·、，,：:；;“”「」『』‘’（(【）)】〔〕#]+|(?:{_WHEN})(?:[，,的]|(?=[^\s]))|(?:{_LINK})[，,：:]?"
    r"|(?:在|对|从|面对|针对|当|到了|就|谈到|说到|提到|被问[及到]|根据|按照|据|除了?|关于|随着|经过)[^，。：；！？\n“”「」]{1,30}[，,]"
)
# The first word of a predicate: a subject ends before it.
_STARTER = re.compile(
    rf"{_WHEN}"
    r"|在(?!任|野|职|场|华|美)|(?<![反针绝相面应])对(?!外|华|冲|岸|手|方|立)|(?<![方定导走风意动趋内面取转倾])向(?!来)|则(?!徐)|还|又|就|(?<![上中少大主])将(?!军)"
    r"|(?<!起)把(?!手)|被|却|(?<![人天])才(?!华)|只(?=[说是有肯回称用对把])|曾|已|都(?=[说在是不会有曾])|更(?=[是加直进为担狠干])|总(?=[说是在爱])|仍|依然|依旧"
    r"|没有|(?<![方动])不(?=[愿认同会想以买信服肯再过为讳得久断相看赞])|未(?=[能置回予必作])|并(?=[不未没非称说指表])|拿(?=[着出])|随即|当即|公开|私下|多次|再次|再度|再三|一再|反复|联名|联合|联手|共同"
    r"|撰文|发文|致信|致函|去信|复信|写信|发信|出席|回应|书面|接受|受访|发表|在内|给(?=[出我本记他她])|跟|通过|透过|坦率|明确|直接|率先|首先|最后|也|笑|叹|苦笑|摇|点头|听|看|因|由此|以(?=[来此其])"
    r"|为此|同样|转而|立刻|立即|马上|显然|似乎|大概|基本|普遍|认|是(?!否)|引[用述]|援引|拒绝|表[示态达]|用(?=[了一这])|从(?=[来不])|干脆|索性|甩出|出示|至今|一直|始终|长期|向来|素来|近来|匿名|低声|小声"
)
_PERSON_HEAD = (
    r"官员|议员|参议员|众议员|部长|副?总理|首相|总统|主席|主任|局长|司长|处长|署长|州长|大臣|大使|国务卿|次长|专员|专家|学者|教授|研究员|研究者"
    r"|分析师|分析员|经济学家|策略师|顾问|律师|检察官|法官|工程师|经理|总监|董事长|董事|总裁|副总裁|总经理|首席执行官|首席财务官|首席技术官|首席科学家|首席运营官|CEO|CFO|CTO|COO|创始人|合伙人|负责人|发言人|高管|主管|董秘|会长|理事长|理事|秘书长"
    r"|人士|知情人|消息人士|从业者|从业人员|投资人|投资者|创业者|评论员|观察家|观察人士|主播|主持人|博主|网友|用户|读者|听众|老板|老板娘|店主|员工|职员|程序员|开发者|采购|采销|代理商|经销商|供应商|厂商|商家|同行|同事|同学|朋友|老哥|老友|邻居"
    r"|记者|编辑|作者|楼主|司令|将军|少将|中将|上将|上校|军官|幕僚|助理|助手|代表|委员|政委|证人|院士|博士|硕士|老师|校长|院长|所长|站长|厂长|馆长|社长|会计师|审计师|设计师|架构师|科学家|历史学家|政治学者|受访者|居民|司机|工人|技师|售后|客服|销售|买家|卖家|客户|支持者|反对者|批评者|批评人士|鹰派|鸽派|派|阵营|说客|团队|家属|先生|女士|小姐|老人|青年|男子|女子|夫人|司令官|舰长|参谋|元帅|国王|总干事|干事|召集人|主笔|编者|译者|执笔人|起草人|提案人|发起人|基金经理|操盘手|交易员|牵头人|当事人|店员|网民|球迷|教练|队长|队员|球员|医生|护士|农民|渔民|学生|研究生|博士生|老兵|退役\w{1,3}|前辈|业者|业内人|业内|业界|外界|舆论|市场|坊间|有人|人们|专栏作家|作家|导演|编剧|画师|插画师"
)
# Titles that a name follows; 用户, 采购 and the like are followed by a verb as often.
_TITLE = (
    r"官员|议员|部长|总理|首相|总统|主席|主任|局长|司长|处长|署长|州长|大臣|大使|国务卿|次长|专员|专家|学者|教授|研究员|研究者|分析师|分析员|经济学家"
    r"|策略师|律师|检察官|法官|工程师|经理|总监|董事长|总裁|首席执行官|首席财务官|首席技术官|首席科学家|CEO|CFO|CTO|COO|创始人|合伙人|发言人|高管|主管|董秘|会长|理事长|理事|秘书长"
    r"|投资人|创业者|评论员|观察人士|主播|博主|少将|中将|上将|上校|军官|幕僚|助理|代表|院士|博士|所长|院长|校长|社长|设计师|架构师|科学家|提案人|发起人|作者|老板|同事"
)
_PERSON_HEAD += r"|[\u4e00-\u9fff]{1,3}员|(?:分析|评论|企业|战略|[\u4e00-\u9fff]{1,2}学)家"
_ORG_HEAD = r"公司|集团|企业|机构|组织|委员会|协会|学会|商会|联盟|工会|基金会|理事会|联合会|研究所|研究院|研究中心|研究会|实验室|中心|智库|大学|学院|法院|检察院|议会|国会|参议院|众议院|白宫|政府|当局|内阁|商务部|国防部|外交部|财政部|国务院|司法部|[\u4e00-\u9fff]{1,4}部|[\u4e00-\u9fff]{2,6}局|[\u4e00-\u9fff]{2,5}署|[\u4e00-\u9fff]{2,5}厅|委|办公室|大使馆|使馆|使团|交易所|证券|银行|资本|投行|券商|咨询|报社|通讯社|日报|时报|晚报|周刊|杂志|电视台|新闻社|网站|平台|论坛|社论|方面|一方|美方|中方|官方|警方|检方|军方|校方|厂方|资方|工作组|课题组|小组|专班|团体|工作室|事务所|律所|门户|电子|科技|半导体|微电子|集成电路|顾问"
_DOC = r"报告|备忘录|调查|研究|文章|社论|声明|白皮书|简报|论文|数据|公告|财报|年报|招股书|文件|起诉书|信中|公开信|声明稿|新闻稿|通报|统计|民调|评论|帖子|判决书|法案|草案|指引|评估|书面答复|材料|信"
_QUANT = r"(?:也|还|又|另|曾)?有(?!关|些)|(?:有|又有|还有|也有|另有)?(?:[一二两三四五六七八九十几数多另某首这那每]|\d+){1,3}(?:位|名|个|家|些|批|群|派|帮|拨|支)|某|不少|许多|部分|多数|一些|另一些|有些|多家|多位|多名"
_TRANS = r"阿埃艾安奥巴白班邦鲍贝本比彼毕宾波伯博卜布查柴道戴丹德登邓迪蒂丁杜多厄恩尔法范菲费芬弗福盖冈高戈哥格葛根古瓜哈海汉豪赫亨洪侯胡华怀惠霍基吉加贾简杰金津卡凯坎康考柯科可克肯孔库奎昆拉莱赖兰朗劳勒雷蕾黎李里理莉丽利莲良林琳龙卢鲁路罗洛吕略马玛麦迈曼梅门蒙米密敏明莫姆穆娜纳南内尼涅妮宁牛纽努诺欧帕派潘庞佩彭皮平珀普齐契乔切琼丘茹瑞萨塞赛桑瑟森莎沙山舍申圣施史斯丝苏索塔泰坦汤唐陶特廷图托瓦万旺威韦维魏温文翁沃乌武伍西希夏肖谢辛休许雪亚延杨耶伊英尤于裕约赞泽扎詹珍朱兹佐治茨茜芙奈朵娅亥夫珊娃妲黛顿伦薇敦隆钦恰斐缪菈坡迦茱绮蓓露泊贡雯蓝逊默什勋衮萧鸠霖蔻提因"
# A character of a transliterated name, unless it opens an ordinary word.
_T = rf"(?:大卫|(?!提[出醒到议示及交供]|因[此为违而]|怀疑|多[次名位家]|明[确年天显日]|解释|强调|克服|维持|一)[{_TRANS}])"
_SURNAME = r"赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童颜郭梅盛林刁钟徐丘邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀甄曲封储靳松段富巫乌焦谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶幸司黎薄印白怀蒲卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳姬申扶堵冉宰桑桂牛寿通边燕冀浦尚农温庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广东欧沃利蔚越隆师巩聂晁勾敖融冷辛那简饶曾沙丰巢关蒯相查游竺权桓公许楼路尤"
_DOTS = "·・‧•．"
_NOT_NAME = "在说称对向则也还又却曾已不没把被将就的是与和及等给跟从为以表认指写问答笑，。：；"

# Beside a dot a name has more characters: 约翰, 迈克尔·里奇; some of them only behind a certain one: 彼得, 斯通.
_DOTTED = rf"{_TRANS}翰奇达修雅思农汗扬昂汀黑滕义容素勃圭堡琴歇卓凡卫茵夸盛戎柏冯藤策仁朴若廉希列烈佛芭甘依易秋孟崔唐蜜儿钱世洛史傅铁京摩户益腾"
_T_DOTTED = (
    rf"(?:大卫|(?<=彼)得|(?<=斯)通|(?<=莫)代|(?<=亚)当|(?<=[\u4e00-\u9fff])[得代通当猜](?=[{_DOTTED}{_DOTS}])"
    r"|(?!提[出醒到议示及交供]|因[此为违而]|怀疑|多[次名位家]|明[确年天显日]|解释|强调|克服|维持|达[到成]|思考|修[改订]|卫[星生]|坦[言承]|于(?=\d)|比[对\d]|列[举出]|世界|恰恰|博士|一)"
    rf"(?:(?<![助经总代管护])理|(?<!刊)登|(?<!参)赞|(?<!硬)派|(?![理登赞派])[{_DOTTED}]))"
)
_GIVEN = rf"(?:[A-Z][A-Za-z.]*|{_T_DOTTED}{{1,7}})"
_FAMILY = rf"(?:[A-Z][A-Za-z.]*|{_T_DOTTED}{{1,7}}(?:[-－]{_T_DOTTED}{{1,7}})?)"
NAME_DOTTED = re.compile(
    rf"{_GIVEN}[{_DOTS}](?:{_FAMILY}|[\u4e00-\u9fff]{_T_DOTTED}{{1,5}}|[{_SURNAME}]|[\u4e00-\u9fff]{{1,2}})(?:[{_DOTS}]{_FAMILY})?"
)
_DOT = re.compile(f"[{_DOTS}]")
_LONGEST_GIVEN = 24  # characters; Latin ones, a transliterated name has seven
_VERB_START = r"提[出醒议到]|评论|撰文|回应|宣布|判断|预[计测估]|主张|公开|[今去]年|坦[言承]|直[言指]|透露|重申|估[计算]|证实|警告|介绍"
_NAME = (
    rf"(?:{_T}){{2,6}}(?![{_TRANS}{_DOTS}])"
    rf"|[{_SURNAME}](?:(?!{_VERB_START})[^{_NOT_NAME}\s“”「」《》（）()\dA-Za-z、]){{1,2}}"
)
_TRANSLITERATED = re.compile(rf"(?:{_T}){{3,6}}")
_TITLED = re.compile(rf"(?:{_PERSON_HEAD})(?P<name>{_NAME})")
_TITLED_ANYWHERE = re.compile(rf"(?:{_TITLE})(?P<name>{_NAME})")
_PRONOUN = re.compile(
    r"(?:他们|她们|它们|他|她|它|两人|二人|三人|双方|其(?!中)|前者|后者|对方|本人|此人)(?!的(?!话|说法|看法|观点))"
)
_THAT = re.compile(
    rf"(?:该|这[位名家份些]|那[位名家份些]|[上前]述|这篇|本次)(?:(?![在对向说称的])[\u4e00-\u9fff]){{0,8}}(?:(?:{_PERSON_HEAD})们?|{_ORG_HEAD}|{_DOC}|[组所院校社会台署局部司厂店行馆刊报文])"
)
_SELF = re.compile(r"我们?(?!国)|笔者|本报|本刊|本社|本所|本院|咱们?|本人")
_QUANTIFIED = re.compile(rf"(?:{_QUANT})[^，。：；！？\n]{{0,40}}?(?:{_PERSON_HEAD}|{_ORG_HEAD})(?!的(?!话))")
_HEADED = re.compile(rf"(?:{_PERSON_HEAD}|{_ORG_HEAD}|{_DOC})$")
_QUANTIFIED_LONG = re.compile(rf"(?:{_QUANT})[^，。：；！？“「\n]{{0,40}}(?:{_PERSON_HEAD}|{_ORG_HEAD})")
_GENERIC = re.compile(rf"(?:{_PERSON_HEAD}|{_ORG_HEAD})们?")
_DOC_OF = re.compile(
    rf"(?:的|委托的?|发布的?|公布的?|撰写的?|发表的?|提交的?)?(?:[一两几]份|一[项篇]|最新|年度|季度|工作|研究|调查|内部|\d+月){{0,3}}(?:{_DOC})(?:[中里]|末尾|开头)?$"
)
_PUBLISHED = ("刊文", "登文", "撰文", "发文", "长文", "专文")  # what is published so is an article
_DOCUMENT = re.compile(rf"{_DOC}|{'|'.join(_PUBLISHED)}|报道|专栏|分析(?=[，。：]|得出|称|认为|指出)")
_DOC_END = re.compile(rf"(?:{_DOC})(?:里|中|上|也|则)?$")
_PERSON_END = re.compile(rf"(?:{_PERSON_HEAD})$")
_ORG_END = re.compile(rf"(?:{_ORG_HEAD})$|^[A-Z][A-Za-z&. ]+$|》$|」$|”$")
_QUOTED_END = re.compile(r"(?<=[\u4e00-\u9fff])[“「『](?P<name>[^“”「」『』]{2,14})[”」』]$")
# 高灿鸣（Tim Culpan）
_FOREIGN_END = re.compile(r"(?<=[\u4e00-\u9fff])[（(][A-Z][A-Za-z]*(?:[ .]+[A-Z][A-Za-z]*)+[）)]$")
_PERSON_START = re.compile(rf"(?:{_PERSON_HEAD})")
# 曾在白宫管科技的巴特尼克: a relative clause before its noun
_RELATIVE = re.compile(
    r"(?:曾|身为|担任|时任|出任|供职|任职|(?:负责|主管|主持)(?!人|部门|单位)|总部|坐|首当其冲|一度|长年|长期)[^，。：；！？“”\n]{0,30}的(?=[^，。：；！？“”\n]{2})"
)
# An adverb before a predicate that _STARTER does not know
_TRAIL = re.compile(r"(?:接着|同时|先后|连夜|这样|亦|均|只|不|未|仍|倒|更|早)$")
_BREAK = re.compile(r"[，。：；！？\n,;!?…]|——")


class Mention(msgspec.Struct, frozen=True):
    """A span that may name a holder, and what kind of name it is."""

    start: int
    end: int
    shape: Shape


def shape_of(phrase: str) -> Shape:
    """What kind of name a phrase is: pronoun, self, generic (公司), document, name, person, org, surnamed, short or phrase.

    >>> shape_of("他"), shape_of("一位前官员"), shape_of("罗伯特·金凯德"), shape_of("备忘录")
    ('pronoun', 'person', 'name', 'document')
    >>> shape_of("该公司"), shape_of("公司"), shape_of("笔者")
    ('pronoun', 'generic', 'self')
    """
    if _PRONOUN.fullmatch(phrase) or _THAT.fullmatch(phrase):
        return "pronoun"
    if _SELF.fullmatch(phrase):
        return "self"
    if _GENERIC.fullmatch(phrase):
        return "generic"
    if _DOC_END.search(phrase):
        return "document"
    if any(find_dotted(phrase)):
        return "name"
    if _PERSON_END.search(phrase):
        return "person"
    if _ORG_END.search(phrase):
        return "org"
    if _TITLED.search(phrase):
        return "name"
    if _TRANSLITERATED.fullmatch(phrase):
        return "name"
    if len(phrase) <= 3 and phrase[0] in _SURNAME:
        return "surnamed"
    return "short" if len(phrase) <= 4 else "phrase"


def skip_lead(text: str, start: int, end: int) -> int:
    """The offset after adverbials of time and place, connectives and marks that open a clause."""
    while start < end and (match := _LEAD.match(text, start, end)) and match.end() > start:
        start = match.end()
    return start


def subject(text: str, start: int, end: int) -> Mention | None:
    """The noun phrase that opens ``text[start:end]``, cut before the predicate; None if there is none.

    >>> text = "沃斯在开场陈述中"
    >>> m = subject(text, 0, len(text)); text[m.start:m.end]
    '沃斯'
    >>> subject("在听证会上，", 0, 6)
    """
    at = skip_lead(text, start, end)
    if at >= end:
        return None
    if relative := _RELATIVE.match(text, at, end):
        at = relative.end()
    if pronoun := _PRONOUN.match(text, at, end):
        return Mention(at, pronoun.end(), "pronoun")
    that = _THAT.match(text, at, end)
    if that and text[that.end() : that.end() + 1] != "的" and not _PERSON_START.match(text, that.end(), end):
        return Mention(at, that.end(), "pronoun")
    stop = _noun_phrase_end(text, at, end)
    while stop > at and text[stop - 1] in "的、 　，":
        stop -= 1
    if (adverb := _TRAIL.search(text, at, stop)) and adverb.start() - at >= 2:
        stop = adverb.start()
    if stop - at < 1 or stop - at > 45:
        return None
    return Mention(at, stop, shape_of(text[at:stop]))


def _noun_phrase_end(text: str, at: int, end: int) -> int:
    if quantified := _QUANTIFIED.match(text, at, end):
        starter = _STARTER.search(text, quantified.end(), end)
        # 某头部短视频平台采购负责人: up to the last head noun before the predicate
        longest = _QUANTIFIED_LONG.match(text, at, starter.start() if starter else end)
        stop = longest.end() if longest else quantified.end()
        # 一名前商务部官员罗宾·金: the name belongs to the phrase
        follow = NAME_DOTTED.match(text, stop, end)
        return follow.end() if follow else stop
    if boundary := _BREAK.search(text, at, end):
        end = boundary.start()
    starter = _STARTER.search(text, at + 1, end)
    name = next(find_dotted(text, at, end), None)
    if (
        name
        and (starter is None or name.start() < starter.end())
        and text[name.end() : name.end() + 1] != "的"
    ):
        return name.end()
    if starter is None:
        return end
    if starter.start() - at < 2 or "的" in text[starter.end() : end]:
        # 曾参与起草清单的律师凯瑟琳·道: a relative clause before its noun
        de = text.rfind("的", starter.end(), end)
        if de > 0 and (name := next(find_dotted(text, de, end), None)):
            return name.end()
    return starter.start()


def find_dotted(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
    """The names with a dot in ``text[start:end]``; they are sought where a dot stands, and nowhere else."""
    for dot in _DOT.finditer(text, start, end):
        if dot.start() < start:
            continue
        match = NAME_DOTTED.search(text, max(start, dot.start() - _LONGEST_GIVEN), end)
        if match is None:
            return
        yield match
        start = match.end()


def find_documents(text: str, start: int, end: int) -> list[str]:
    """The kinds of document that ``text[start:end]`` names, by their last two characters; 文章 where one is published.

    >>> find_documents("兰德公司发布一份报告", 0, 10), find_documents("外交学者网站刊文", 0, 8)
    (['报告'], ['文章'])
    """
    return [
        "文章" if match[0] in _PUBLISHED else match[0][-2:] for match in _DOCUMENT.finditer(text, start, end)
    ]


def anaphor(phrase: str, shape: Shape) -> str:
    """The kind of a phrase that stands for someone named elsewhere, few enough to learn from.

    >>> anaphor("他", "pronoun"), anaphor("该行", "pronoun"), anaphor("这名前官员", "pronoun"), anaphor("报告", "document")
    ('他', '该org', '该person', '报告')
    """
    if (shape == "pronoun" and len(phrase) > 2) or phrase[:1] == "该":
        if _DOC_END.search(phrase):
            return phrase[-2:]
        return "该person" if _PERSON_END.search(phrase.removesuffix("们")) else "该org"
    return phrase if len(phrase) <= 2 else phrase[-2:]


def core(text: str, mention: Mention) -> Mention:
    """The name inside a mention with titles: 众议员霍华德·皮尔斯 → 霍华德·皮尔斯; else the mention.

    >>> text = "英伟达CEO黄仁勋"
    >>> m = core(text, Mention(0, len(text), "name")); text[m.start:m.end]
    '黄仁勋'
    >>> text = "英伟达的高管"
    >>> m = core(text, Mention(0, len(text), "person")); text[m.start:m.end]
    '英伟达的高管'
    """
    start, end, shape = _core(text[mention.start : mention.end], mention.shape)
    return Mention(mention.start + start, mention.start + end, shape)


@lru_cache(maxsize=4096)
def _core(phrase: str, shape: Shape) -> tuple[int, int, Shape]:
    dotted = next((m for m in find_dotted(phrase) if m.end() == len(phrase)), None)
    if dotted:
        return *dotted.span(), "name"
    if foreign := _FOREIGN_END.search(phrase):
        return _core(phrase[: foreign.start()], shape_of(phrase[: foreign.start()]))
    if quoted := _QUOTED_END.search(phrase):
        return *quoted.span("name"), "name"
    owner = _DOC_OF.search(phrase)
    if owner and owner.start() >= 2:
        return _core(phrase[: owner.start()], shape_of(phrase[: owner.start()]))
    titled = next((m for m in _TITLED.finditer(phrase) if m.end("name") == len(phrase)), None)
    if titled and not _PERSON_END.search(phrase):
        return *titled.span("name"), "name"
    return 0, len(phrase), shape


def find_names(text: str) -> list[Mention]:
    """People named anywhere in a text: dotted names, and names after a title.

    >>> text = "商务部长卢特尼克昨天见了丹·霍兰德，没有见商务部长本人。"
    >>> [text[m.start:m.end] for m in find_names(text)]
    ['卢特尼克', '丹·霍兰德']
    """
    dotted = [Mention(m.start(), m.end(), "name") for m in find_dotted(text)]
    taken = {at for m in dotted for at in range(m.start, m.end)}
    titled: list[Mention] = []
    for match in _TITLED_ANYWHERE.finditer(text):
        start, end = match.span("name")
        if end - start == 3 and text.count(text[start:end]) < text.count(text[start : end - 1]):
            end -= 1  # 分析师范晨预计: two characters stand elsewhere without the third
        if start not in taken and end - 1 not in taken and not _PERSON_START.match(text, start):
            titled.append(Mention(start, end, "name"))
    return sorted(dotted + titled, key=lambda m: m.start)
