"""The vocabulary of the debate, by role: how densely an article speaks of chips, of Washington, of controls.

General words only, simplified; the gate counts them, it does not look for any one of them. Roles that stand in
one sentence tell more than roles that stand in one article.
"""

ANCHORS = {
    "technology": (
        "芯片|晶片|半导体|集成电路|晶圆|光刻|先进制程|先进封装|GPU|显卡|加速卡|AI卡|算力|服务器|数据中心|智算|超算|云服务|"
        "大模型|人工智能|操作系统|安卓|5G|EDA|HBM|CUDA|H20|H100|H200|A100|A800|H800|B30A|Blackwell|Hopper|"
        "英伟达|辉达|AMD|超威|英特尔|高通|美光|台积电|阿斯麦|ASML|三星|海力士|华为|中兴|中芯|昇腾|寒武纪|海思|麒麟|"
        "长鑫|长江存储|摩尔线程|海光|DeepSeek"
    ),
    "washington": (
        "美国|华盛顿|白宫|国会|参议|众议|特朗普|川普|拜登|商务部|美方|美企|五角大楼|国防部|共和党|民主党|美中|中美|对华|"
        "卢特尼克|黄仁勋|贝森特|雷蒙多|BIS|智库|鹰派|盟友"
    ),
    "control": (
        "出口管制|管制|禁令|禁售|禁运|禁止|封锁|断供|断货|实体清单|黑名单|许可证|许可|制裁|遏制|围堵|脱钩|卡脖子|解禁|"
        "松绑|放行|放开|豁免|推定拒绝|限制|出口|阉割|降级|特供|后门|走私|长臂管辖|小院高墙"
    ),
    "china": "中国|北京|对华|中方|大陆|国产|中企|华为|对手|中共",
    "hook": "依赖|生态|上瘾|替代|自主|离不开|锁定|绑定|护城河|标准|话语权|市场份额|自研|倒逼|逼出",
    "threat": "军事|军方|解放军|国家安全|国安|武器|导弹|军用|军队|资敌|威胁|火箭燃料|监控|情报",
}

TOGETHER = (("technology", "control"), ("washington", "control"), ("technology", "washington"))
