"""What the definition of the API says, in Chinese for ``/docs``, by the English that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATIONS: Final[Mapping[str, str]] = {
    "Facilities, places and names": "机构、地方和名称",
    "Coverage, gaps, indicators, sites": "覆盖、空白、指标、选址",
    "Facilities by type, words, division and box": "按类型、文字、行政区和范围列出机构",
    "List facilities in the order of the data; those without a known place have geometry null.":
        "按数据里的顺序列出机构；不知道位置的，`geometry` 是 `null`。",
    "One facility": "一家机构",
    "Give everything known of one facility; what is not known is null.":
        "一家机构的全部已知资料；不知道的是 `null`。",
    "The nearest facilities": "离一个地方最近的机构",
    "List facilities by geodesic distance from a point; `distance_m` is in the properties.":
        "按到一个点的测地线距离列出机构，近的在前；距离在属性 `distance_m` 里。",
    "Facilities, places and addresses by name": "按名称找机构、地方和地址",
    "Look up a name, part of a name, or an address; the best first.":
        "按名称、名称的一部分或地址查找；最相符的在前。",
    "Who has a facility within the standard": "谁在标准以内有机构",
    "Give the covered share of the people, in all and by area; the edge counts as covered.":
        "被覆盖的人占多少，合计和分区；正好在标准上算覆盖。",
    "Ground that no facility serves": "没有机构服务到的地方",
    "List the gaps as polygons, those with the most people first.":
        "空白区的多边形，人多的在前。",
    "Every indicator, area by area": "各区的全部指标",
    "List the areas with each indicator's value, its base and how many are unknown.":
        "各区每项指标的值、计算所依据的数量，以及其中有多少不知道。",
    "Where the next facilities should stand": "下一批机构建在哪里",
    "Choose sites: first a job to poll, which tells the best so far; then the sites as GeoJSON. "
    "Each site says how many people it newly covers and what the next best in its place would "
    "lose. `gap` is 0 only where the choice is proven the best.":
        "选址：先给一个任务，查它能看到目前最好的结果；算完给出选中的地点（GeoJSON）。每处写明"
        "新覆盖多少人、换成次优的一处会少多少。`gap` 只在证明是最优时为 0。",
    "How far a long calculation is": "时间长的计算做到哪里了",
    "Tell the state of a job; when it is done, `result` is where its answer is.":
        "任务的状态；做完后，`result` 是结果的地址。",
    "Cancel a long calculation": "取消时间长的计算",
    "End a job; one that has ended stays as it is.": "结束一个任务；已经结束的不变。",
    "The scenarios that are kept": "保存的规划方案",
    "List the scenarios, the one changed last first; none where there is no workspace.":
        "列出规划方案，最近改过的在前；没有工作区时为空。",
    "One scenario with its changes": "一个规划方案和它的改动",
    "Give a scenario's changes in their order; what is not known is null.":
        "按顺序列出方案的改动；不知道的是 `null`。",
    "What a scenario changes: before, after, by area and by change":
        "一个规划方案改变什么：前、后、各区、各项改动",
    "Hold what would be against what is, or say which job will. Each change's `newly` and `lost` "
    "are people that it alone adds and loses, given all the others.":
        "把改动后和现在对比，或者给出计算它的任务。每项改动的 `newly` 和 `lost` 是：其他改动"
        "都做时，单单这一项增加和减少的人数。",
    "The answer": "结果",
    "It takes longer: ask the job at Location how far it is":
        "要算一会儿：按 `Location` 查任务做到哪里",
    "Not modified: you have this answer": "没有变化：您手里的就是最新的",
    "Refused: why, and which parameters": "拒绝：写明原因和是哪些参数",
}  # fmt: skip

_PARAMETERS: Final[Mapping[str, str]] = {
    "Form of the answer; else by Accept, else geojson":
        "回答的格式；不填看 `Accept`，也没有就用 `geojson`",
    "west,south,east,north in degrees, WGS 84; west may exceed east across 180°":
        "范围：西,南,东,北，单位度，WGS 84；跨 180° 经线时西可以大于东",
    "Words to look for in names": "名称里要有的文字",
    "Division code, or its beginning: 31 is Shanghai": "行政区划代码，或开头几位：31 是上海",
    "Rows to answer; above 10,000 it is clamped": "最多给出几条；大于 10,000 按 10,000 算",
    "Rows to answer; above 100 it is clamped": "最多给出几条；大于 100 按 100 算",
    "Rows to skip": "跳过前面几条",
    "Language of labels; else by Accept-Language": "标签的语言；不填看 `Accept-Language`",
    "Id of a facility, as lists give it": "机构编号，列表里有",
    "Id of a job or a scenario, as answers give it": "任务或规划方案的编号，回答里有",
    "Longitude, degrees, WGS 84": "经度，单位度，WGS 84",
    "Latitude, degrees, WGS 84": "纬度，单位度，WGS 84",
    "Greatest straight-line distance, metres, the edge included":
        "最远的直线距离，单位米；正好这么远的也算",
    "Name of a facility or place, address or code": "机构或地方的名称、地址、代码",
    "a whole number of yuan from 1 to 1,000,000": "1 到 1,000,000 的整数（元）",
    "SCHEME|LEVEL of 1 to 5 such as national|4": "`标准|等级`，等级 1 到 5，如 `national|4`",
    "Coverage standard, straight-line metres; else 1000": "覆盖标准：直线距离，单位米；不填是 1000",
    "A walk along the streets instead; needs a network":
        "改用沿街道步行的分钟数；要先导入步行路网",
    "Of the walk, metres a second": "步行速度，米每秒",
    "Division code, or id of an area; else all": "行政区划代码或地区编号；不填是全部",
    "The rows to report by": "按哪一级行政区逐行给出",
    "Whom to count; else the first that is known": "算哪些人；不填用第一个有数据的",
    "lscp: fewest sites that cover all; mclp: most people covered; p_median: least mean distance; "
    "p_center: least greatest distance. Else mclp":
        "`lscp`：全部覆盖，处数最少（集合覆盖）；`mclp`：处数定了，覆盖的人最多（最大覆盖）；"
        "`p_median`：平均距离最短（p-中位）；`p_center`：最远的距离最短（p-中心）。不填是 `mclp`",
    "How many new sites, 1 to 10000; with a budget, at most. Several types at once: type:number "
    "for each, such as nursing_home:2, repeated. lscp takes none":
        "新建几处，1 到 10000；给了 `budget` 时是最多几处。同时选几类：每类写 `类型:处数`，如 "
        "`nursing_home:2`，重复给出。`lscp` 不填",
    "Coverage standard, straight-line metres, 1 to 100000; lscp, mclp: else 1000. Several types "
    "at once: type:metres for each, such as nursing_home:5000, repeated":
        "覆盖标准：直线距离，1 到 100000 米；`lscp` 和 `mclp` 不填是 1000。同时选几类：每类写 "
        "`类型:米数`，如 `nursing_home:5000`，重复给出",
    "A walk along the streets instead of standard_m, 0.1 to 180 minutes, one or type:minutes for "
    "each type; needs a network":
        "不用 `standard_m`，改用沿街道步行的分钟数，0.1 到 180；一个数，或每类写 `类型:分钟`；"
        "要先导入步行路网",
    "Where sites may be: the imported candidates, wherever people live, or points of a grid; else "
    "candidates where there are any":
        "可以建在哪里：`candidates` 是导入的候选地点，`demand` 是需求点所在处，`grid` 是格点；不填"
        "时，有候选地点就用候选地点",
    "Metres between the points of a grid": "格点相隔多少米",
    "Whether candidates in exclusion areas are left out where any were imported; else use":
        "导入了禁建区时，里面的候选地点是否去掉：`use` 去掉，`ignore` 不管；不填是 `use`",
    "Whether the facilities that stand serve too; else keep":
        "现有机构算不算：`keep` 算，`ignore` 不算；不填是 `keep`",
    "Ids of candidates that must be chosen, repeated or separated by commas":
        "必须选中的候选地点编号，可重复给出或用逗号隔开",
    "Ids of candidates that must not be chosen, repeated or separated by commas":
        "不能选的候选地点编号，可重复给出或用逗号隔开",
    "What the sites may cost in all, yuan": "各处费用合计的上限，元",
    "Beds planned at a site: land and floor are checked for them":
        "每处计划几张床：据此核对占地和建筑面积够不够",
    "Whether sites too small for the beds are struck or only marked; unknown sizes are kept and "
    "marked either way. Else strike":
        "放不下这些床的地点怎么办：`strike` 去掉，`mark` 只注明；面积不知道的都保留并注明。不填"
        "是 `strike`",
    "Rule pack that land and floor are checked against; else national":
        "按哪套标准条文核对占地和建筑面积；不填是 `national`",
    "How many each site can serve: fit, the beds that fit; planned, those planned; or a column of "
    "the candidates; else any number":
        "每处能服务多少人：`fit` 按放得下的床位，`planned` 按计划的床位，或者写候选地点的列名；"
        "不填不限",
    "Serve the worst served first: by how much their weight is raised":
        "先顾服务最差的人：现在离得越远权重越大，最差的乘以 1 加这个数",
    "Tell the subsidy of a year for this share of the beds": "按床位住满的这个比例，估算每年补贴",
    "Seconds for the choice": "选址最多算几秒",
}  # fmt: skip

_MEMBERS: Final[Mapping[str, str]] = {
    "The status in words": "状态的说明",
    "What is wrong, and what to do": "哪里不对，该怎么办",
    "The path that was asked": "请求的路径",
    "What came, and what is allowed": "收到的是什么，允许的是什么",
    "Of a fault on our side: it stands in our log too": "服务端出错时的编号，日志里也有",
    "RFC 9457; `errors` names every parameter that is at fault":
        "RFC 9457；`errors` 列出每个有错的参数",
    "Straight line, geodesic metres": "直线距离（测地线），米",
    "On all pages": "各页合计几条",
    "On this page": "这一页几条",
    "The name and where it is, to be shown": "名称和所在地，用来显示",
    "How well it is located: point, address, township, county":
        "位置精确到：`point` 点，`address` 门牌，`township` 乡镇街道，`county` 区县",
    "The greater, the better it fits": "越大越相符",
    "From which to before which letter of the name was matched":
        "名称里相符的字：从第几个起，到第几个前",
    "Some names are not indexed yet: ask again": "有些名称还没有编入索引：请再问一次",
    "Who is counted": "算的是哪些人",
    "The day that `this year` ends on": "“本年”截止到哪一天",
    "The rules that areas are held against": "各区对照的标准条文",
    "A step that did not end in its time": "没有按时做完的一步",
    "Facilities: in the list, serving, not in service, without a place":
        "机构数：名单里、在服务、不在服务、没有位置",
    "covered / (covered + uncovered)": "覆盖率：`covered / (covered + uncovered)`",
    "People within the standard of a facility": "标准以内有机构的人",
    "Rows of the demand without a number of people": "没有人数的需求点，几行",
    "People whose place is not known": "不知道住在哪里的人",
    "Rows of the demand without a place": "没有位置的需求点，几行",
    "People were taken to live evenly over the areas: no demand is here":
        "没有需求点数据，按人口在各区平均分布估算",
    "The facility nearest to a point inside it": "离空白区里一个点最近的机构",
    "How far that is": "离它多远",
    "Where it stands in the areas": "它的地区在地区数据里的索引",
    "Rows of the demand without a number": "没有人数的需求点，几行",
    "Of that point": "那个点的经度",
    "Each indicator by its name; `_base`: what it was worked out from; `_unknown`: how many of "
    "these say nothing":
        "每项指标按名称给出；`_base`：计算所依据的数量；`_unknown`：其中有多少不知道",
    "What it does now": "正在做哪一步",
    "How much of it is done": "做完了多少",
    "A guess": "估计值",
    "What went wrong": "出了什么错",
    "Where the answer is, once the state is done": "状态是 `done` 后，结果的地址",
    "Of the best sites so far": "目前最好的选址的目标值",
    "No sites can be better": "目标值的界：不可能比它更好",
    "What both count; less is better": "目标值和界数的是什么；越小越好",
    "Who are newly covered": "新覆盖的人数",
    "The next best in its place": "代替它的地点中最好的一处",
    "Whether land and floor are enough for the beds": "占地和建筑面积够不够放这些床",
    "Proven, or the best when time ran out": "已证明最优，或者到时间为止最好的",
    "(bound - objective) / objective; 0 only where it is proven":
        "离最优最多还差：`(bound - objective) / objective`；证明最优时才是 0",
    "Sites whose cost is not known": "不知道费用的有几处",
    "Candidates that take no part, and why": "没有参加的候选地点和原因",
    "The objective of so many sites": "建这么多处时的目标值",
    "The objective of so much money": "花这么多钱时的目标值",
    "What a reader must know": "读结果时要知道的事",
    "What one change alone adds and loses, given all the others":
        "其他改动都做时，单单这一项增加和减少的人数",
    "Figures with `before_`, `after_` and `change_` before their names":
        "各项数字，名称前加 `before_`（改前）、`after_`（改后）、`change_`（变化）",
}  # fmt: skip

#: The Chinese of each sentence.
CHINESE: Final[Mapping[str, str]] = {**_OPERATIONS, **_PARAMETERS, **_MEMBERS}
