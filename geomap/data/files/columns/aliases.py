"""How offices call their columns: names by table and field, the best first.

A header is compared without case, spaces, punctuation and units in brackets, and with
traditional characters read as simplified ones; so one spelling of a name is enough.
"""

from __future__ import annotations

from collections.abc import Mapping

Aliases = Mapping[str, tuple[str, ...]]


def _table(**fields: str) -> Aliases:
    """Split the names, which stand between bars."""
    return {name: tuple(names.split("|")) for name, names in fields.items()}


def _set(names: str) -> frozenset[str]:
    """Split the names, which stand between bars."""
    return frozenset(names.split("|"))


#: Where a thing is, for every table; these are no fields of their own.
PLACES = _table(
    lon="经度|longitude|lon|lng|long|経度|东经|lon wgs84|wgs84 lon|lng wgs84|wgs84 lng|wgs lng"
    "|wgs84经度|经度坐标|坐标经度|x经度|longtitude|location lng|lng gcj02|gcj02 lng|lon gcj02"
    "|gcj lng|高德经度|lng bd09|bd09 lng|bd lng|百度经度",
    lat="纬度|latitude|lat|緯度|北纬|lat wgs84|wgs84 lat|wgs lat|wgs84纬度|纬度坐标|坐标纬度"
    "|y纬度|location lat|lat gcj02|gcj02 lat|gcj lat|高德纬度|lat bd09|bd09 lat|bd lat|百度纬度",
    x="x|x坐标|坐标x|横坐标|x座標|座標x|easting|x coord|coord x|point x|twd97 x|tm2 x|东坐标|東距",
    y="y|y坐标|坐标y|纵坐标|y座標|座標y|northing|y coord|coord y|point y|twd97 y|tm2 y|北坐标|北距",
    lon_lat="经纬度|经纬度坐标|经纬坐标|lng lat|lon lat|坐标|地理坐标|坐标位置|位置坐标|location"
    "|gps|gps坐标|coordinates|coordinate|coords|coord|高德坐标|百度坐标|座標",
    lat_lon="纬经度|lat lng|lat lon|lat long|緯度経度|緯度経度座標",
    geometry="geometry|geom|wkt|the geom|wkt geom|geometry wkt|polygon|boundary|边界|几何"
    "|空间范围|st astext|coord|coords|coordinates|shape|坐标|geo shape",
)

#: Where a thing is said to be.
STATED = _table(
    province="省|省份|所在省|所属省份|省级|省市自治区|province|都道府県|都道府県名|县市|縣市|pname",
    city="市|城市|地市|所在市|所属市|地级市|市州|设区市|市级|city|prefecture|cityname",
    district="区县|县区|县市区|所属区县|所在区县|所属区|所在区|区域别|行政区|所属行政区|行政区划"
    "|区|县|区级|所属辖区|辖区|所属区域|区域|市区町村|市区町村名|乡镇市区|district|county"
    "|borough|adname|tname|provider county name",
)

#: Where demand points and candidate sites are; no field of theirs.
_ADDRESSES = (
    "地址|详细地址|具体地址|坐落|坐落地址|房屋坐落|所在地址|所在地|具体位置|地理位置|位置|address"
    "|full address|addr"
)
_IDS = (
    "编号|id|编码|唯一编号|uid|uuid|gid|fid|osm id|osmid|osm_id|feature id|统一编号|识别码"
    "|objectid|object id"
)

FACILITY_NAMES = _table(
    id="机构编号|机构代码|机构编码|机构id|养老机构编号|养老机构代码|设施编号|设施代码|站点编号"
    "|服务编号|事業所番号|介護保険事業所番号|施設番号|federal provider number"
    "|cms certification number|ccn|provider number|provider id|facility id|facility number"
    "|home id|poi id|poiid|" + _IDS + "|统一社会信用代码|代码|code",
    name="机构名称|养老机构名称|养老院名称|机构全称|机构名|设施名称|服务设施名称"
    "|养老服务设施名称|站点名称|据点名称|服务中心名称|中心名称|驿站名称|敬老院名称|单位名称"
    "|事業所名|事業所の名称|事業所名称|施設名|施設の名称|provider name|facility name|home name"
    "|organisation name|organization name|名称|name|nam|全称|院名|名字|机构|养老机构|养老院"
    "|name zh|name cn|cname|poi名称|title|标题|项目名称|名前",
    name_en="英文名称|英文名|外文名称|english name|name en|name english",
    type="机构类型|养老机构类型|设施类型|设施类别|机构类别|机构种类|据点类型|站点类型|类型|类别"
    "|type|facility type|kind|category|种类|サービスの種類|サービス種別|施設種別|施設種類|種別"
    "|class|fclass",
    address="地址|详细地址|机构地址|机构住所|单位地址|所在地址|据点地址|设施地址|具体地址"
    "|地址详情|详址|住所|住址|address|street address|full address|provider address|addr"
    "|addr full|经营地址|办公地址|所在地|具体位置|机构位置|地理位置|地点|位置|通讯地址|注册地址"
    "|所在地住所",
    adcode="行政区划代码|行政区代码|区划代码|行政区划编码|区划编码|行政编码|adcode|ad code|adcd"
    "|admin code|区县代码|县区代码|县代码|区域代码|所属区划代码|地区代码",
    township="乡镇街道|街道乡镇|镇街|街镇|乡镇|街道|所属街道|所在街道|所属乡镇|所在乡镇|所属街镇"
    "|所在镇街|township|subdistrict|sub district|乡镇名称|街道名称",
    phone="联系电话|电话|机构电话|固定电话|电话号码|联系方式|咨询电话|服务电话|服务热线|热线"
    "|手机|手机号|手机号码|联络电话|電話番号|連絡先|連絡先電話番号|电话1|telephone|tel|phone"
    "|phone number|telephone number|provider phone number|contact number|mobile",
    website="网站|网址|官网|官方网站|主页|网站地址|url|website|web site|web|homepage|home page"
    "|ホームページ|contact website",
    operator="运营方|运营单位|运营机构|运营主体|运营商|运营企业|运营组织|经营单位|管理单位"
    "|承办单位|法人名称|法人の名称|法人名|運営法人|運営主体|operator|legal business name"
    "|management company|举办单位|举办者|主办单位|设置主体",
    operator_model="运营模式|运营方式|经营模式|经营方式|operator model|operating model",
    brand="品牌|连锁品牌|brand|chain",
    parent_id="上级机构编号|上级机构代码|上级编号|parent id|parent",
    ownership="性质|机构性质|单位性质|所有制|所有制性质|公办民办|举办性质|经营性质|兴办主体"
    "|产权性质|属性|权属|机构属性|ownership|ownership type|owner type",
    beds_total="床位总数|总床位数|总床位|核定总床位数|核定床位数|核定床位|核定床数|核准床数"
    "|许可床数|床位数|床位|床数|总床数|机构床位数|养老床位数|养老床位|实有床位数|实有床位"
    "|开放床位数|开放床位|建设床位数|备案床位数|批准床位数|设计床位数|定員|利用定員|入所定員"
    "|定员|beds|beds total|total beds|number of beds|number of certified beds|certified beds"
    "|licensed beds|bed count|capacity",
    beds_nursing="护理型床位数|护理型床位|护理床位数|护理床位|护理型床位总数|nursing beds"
    "|beds nursing|nursing care beds",
    beds_available="空床|空床数|空床位|空床位数|空余床位|空余床位数|剩余床位|剩余床位数|可用床位"
    "|空闲床位|余床|available beds|beds available|free beds|vacant beds|vacancies|空き|空室数",
    beds_updated="空床更新日期|空床更新时间|床位更新日期|床位更新时间|beds updated",
    residents="入住人数|在住人数|在院人数|现住人数|实住人数|收住人数|入住老人数|在住老人数"
    "|在院老人数|现有人数|入住老人|residents|number of residents"
    "|average number of residents per day|入所者数",
    accepts="收住对象|收住类型|收住老人类型|接收对象|接收老人类型|收养对象|收容对象|收治对象"
    "|入住对象|可接收|服务对象|accepts|admission types",
    medical="医疗|医疗服务|医疗条件|医养结合|医养结合类型|医养结合方式|医养结合模式|医疗服务方式"
    "|medical|medical care",
    services="服务项目|服务内容|服务|提供服务|服务清单|可提供服务|services|サービス内容",
    price="收费|收费标准|价格|价格区间|收费区间|收费范围|月收费|月收费标准|月费|费用|月费用"
    "|price|price range|fees|monthly fee|利用料|月額利用料|月額|收費標準",
    price_min="月费最低|最低月费|最低收费|最低价格|最低价|收费下限|起价|price min|price from"
    "|minimum price|min price",
    price_max="月费最高|最高月费|最高收费|最高价格|最高价|收费上限|price max|price to"
    "|maximum price|max price",
    inclusive_price="普惠价格|普惠|普惠型|是否普惠|是否普惠型|普惠养老|普惠机构|inclusive price",
    admits_private="接收自费老人|是否接收自费老人|接收社会老人|是否接收社会老人|收住社会老人"
    "|是否收住社会老人|社会化收养|admits private",
    prepay_escrow="预付款第三方存管|预收费存管|预收费资金存管|预付款存管|资金存管|是否存管"
    "|是否资金存管|prepay escrow|prepayment escrow",
    fire_cert="消防合格证明|消防合格|消防|消防验收|消防许可|消防审验|消防手续|消防备案"
    "|是否消防验收|是否通过消防验收|消防是否合格|fire cert|fire certificate",
    rating="评级|等级|星级|机构等级|机构星级|养老机构等级|养老机构星级|评定等级|星级评定"
    "|等级评定|rating|overall rating|stars|star rating",
    rating_scheme="评级标准|等级标准|评定标准|评定体系|rating scheme",
    demo_tag="示范称号|示范|示范单位|示范类型|荣誉称号|demo tag",
    inspected_on="检查日期|检查时间|最近检查日期|最近检查时间|巡查日期|抽查日期|inspected on"
    "|inspection date|last inspection|rating cycle 1 standard survey health date",
    inspection_result="检查结果|检查结论|抽查结果|巡查结果|inspection result",
    risk_listed="列入关注名单|关注名单|列入风险名单|风险名单|是否列入风险名单|重点关注|黑名单"
    "|是否列入黑名单|失信名单|risk listed",
    rectified_on="整改完成日期|整改完成时间|整改日期|rectified on",
    caregivers="护理员人数|护理员数|护理员|护理人员数|护理人员|护理员数量|护工人数|护工数|护工"
    "|caregivers|number of caregivers|care workers|介護職員数",
    fire_station="微型消防站|是否有微型消防站|是否建有微型消防站|fire station",
    photo="照片|图片|照片链接|图片链接|图片地址|photo|image|picture|photo url|image url",
    steward_name="联系干部|包联干部|包保干部|责任干部|联系干部姓名|包保干部姓名|steward name"
    "|steward",
    steward_phone="联系干部电话|包联干部电话|包保干部电话|责任干部电话|steward phone",
    steward_photo="联系干部照片|steward photo",
    land_m2="占地面积|用地面积|土地面积|land m2|land area|敷地面積",
    floor_m2="建筑面积|总建筑面积|房屋建筑面积|floor m2|floor area|building area"
    "|gross floor area|延床面積",
    opened_on="开办日期|开办时间|开业日期|开业时间|成立日期|成立时间|设立日期|设立时间|建成时间"
    "|投入使用时间|投入运营时间|opened on|opening date|date opened|established|start date|開設日"
    "|開設年月日|事業開始年月日",
    status="状态|运营状态|营业状态|机构状态|运营情况|经营状态|status|operating status",
    source="来源|数据来源|资料来源|信息来源|source|data source",
    source_url="来源网址|来源链接|数据链接|source url|source link",
    verified_on="核实日期|核实时间|核验日期|核对日期|verified on|last verified|date verified",
    licence="数据许可|数据授权|licence|data licence|data license",
    location_precision="位置精度|定位精度|location precision",
    provenance="provenance|各项来源",
)

_DIVISION_CODES = (
    "adcode|行政区划代码|行政区代码|区划代码|行政区划编码|区划编码|区划码|行政编码|ad code|adcd"
    "|admin code|地区代码|代码|code|编码|district code|county code|area code|town id|townid"
)
_PEOPLE = _table(
    population="常住人口|常住人口数|总人口|总人口数|人口总数|人口数|人口|人口数合计|人口合计"
    "|户籍人口|population|population total|total population|pop|people|popu|pop total|総人口",
    aged_60="60岁及以上|60岁以上|60岁及以上人口|60岁以上人口|60岁及以上人口数|60岁以上老年人口"
    "|60岁及以上老年人口|60岁以上老人|60岁及以上老人|老年人口|老年人口数|老年人数|老人数|aged 60"
    "|age 60|pop 60|60 plus|over 60",
    aged_65="65岁及以上|65岁以上|65岁及以上人口|65岁以上人口|65岁及以上人口数|65岁以上老年人口"
    "|65岁及以上老年人口|65岁以上老人|65岁及以上老人|aged 65|age 65|pop 65|65 plus|over 65"
    "|高齢者人口",
)
_OLDER = _table(
    aged_80="80岁及以上|80岁以上|80岁及以上人口|80岁以上人口|80岁及以上老年人口|高龄老人"
    "|高龄老人数|高龄人口|80岁以上老人|80岁及以上老人|aged 80|age 80|pop 80|80 plus|over 80",
    disabled="失能老人|失能老人数|失能人数|失能人口|失能|失能半失能老人|disabled",
    households="户数|家庭户数|总户数|戶數|households|世帯数",
    enrolled="线上登记人数|线上登记|登记人数|注册人数|enrolled",
)
#: What names the share of people; ``_percent`` is no field, people are computed from it.
PERCENTS = _table(
    aged_60_percent="人口比重60岁及以上|60岁及以上人口比重|60岁及以上占比|60岁以上占比"
    "|60岁以上人口占比|老龄化率|老年人口占比|aged 60 percent|percent aged 60|share aged 60",
    aged_65_percent="人口比重65岁及以上|65岁及以上人口比重|65岁及以上占比|65岁以上占比"
    "|65岁以上人口占比|aged 65 percent|percent aged 65|share aged 65|高齢化率",
    aged_80_percent="80岁及以上人口比重|80岁及以上占比|80岁以上占比|aged 80 percent"
    "|percent aged 80",
)

DEMAND_NAMES = {
    **_table(
        id="小区编号|社区编号|网格编号|v id|village id|grid id|cell id|cell|h3|h3 index|h3 id|"
        + _IDS,
        address=_ADDRESSES,
        name="小区名称|小区|社区名称|社区|居委会|村|村名|村社区|village|village name|里|里名"
        "|里别|名称|name|nam|地名",
        adcode=_DIVISION_CODES,
    ),
    **_PEOPLE,
    **_OLDER,
}
AREA_NAMES = {
    **_table(
        id=_IDS + "|townsn|town sn|v id|village id",
        name="行政区名称|区划名称|地区名称|地区|名称|name|nam|村里|村社区|社区|社区名称|村名|里别"
        "|里名|village|village name|乡镇街道|乡镇"
        "|街道|township|townname|town name|区县名称|区县|县区|县市区|tname|county|district"
        "|countyname|county name|市|城市|city|city name|省|省份|province|province name|pname"
        "|县市",
        level="级别|层级|行政级别|level|admin level",
        adcode=_DIVISION_CODES + "|city code|province code",
        parent_adcode="上级代码|上级行政区代码|parent adcode|parent code|parent|所属代码"
        "|area code|district code|county code|city code|province code|county id|town id",
    ),
    **_PEOPLE,
}
CANDIDATE_NAMES = _table(
    id="地块编号|候选点编号|房屋编号|" + _IDS,
    name="名称|地点名称|地块名称|房屋名称|项目名称|据点名称|设施名称|机构名称|单位名称|小区名称"
    "|name|nam|site name|地点|地址|address",
    address=_ADDRESSES,
    kind="类别|类型|用途|现状用途|种类|kind|type|category",
    land_m2="占地面积|用地面积|土地面积|地块面积|land m2|land area|land",
    floor_m2="建筑面积|总建筑面积|房屋面积|面积|floor m2|floor area|area",
    cost="费用|成本|投资|造价|投资额|预计投资|改造费用|租金|cost|price",
)

EXCLUSION_NAMES = _table(
    id="禁建区编号|保护区编号|地块编号|图斑编号|图斑号|" + _IDS,
    name="名称|区域名称|禁建区名称|保护区名称|地块名称|地名|name|nam|zone name|area name"
    "|protected area name|orig name",
    kind="类别|类型|种类|管控类型|管控类别|禁建类型|保护类型|保护级别|区域类型|用途|用地性质|地类"
    "|地类名称|原因|禁建原因|kind|type|category|class|fclass|reason|landuse|land use|zone type"
    "|zoning|desig|designation",
)

NAMES: Mapping[str, Aliases] = {
    "facilities": FACILITY_NAMES,
    "demand": DEMAND_NAMES,
    "areas": AREA_NAMES,
    "candidates": CANDIDATE_NAMES,
    "exclusions": EXCLUSION_NAMES,
}

#: Known columns that no field is read from, though a part of their name looks like one.
IGNORED: frozenset[str] = _set(
    "序号|序|no|no.|行号|number|#|事業所名カナ|事業所名かな|施設名カナ|法人番号|fax番号|fax|传真"
    "|邮编|邮政编码|电子邮箱|邮箱|email|e-mail|负责人|法人|法人代表|法定代表人|联系人|院长|备注"
    "|備考|说明|provider type|provider state|provider city|provider zip code|processing date"
    "|注册资金|bounding box"
)

#: What may stand before a name without changing it: 核定床位数, 机构联系电话, Provider Address.
PREFIXES: frozenset[str] = _set(
    "养老服务机构|养老服务设施|养老机构|养老院|机构|单位|设施|据点|站点|中心|敬老院|事業所|施設"
    "|现|所在|所属|核定|现有|实有|详细|具体|主要|是否|number of|no of|total|provider|facility"
    "|the|nursing home|care home|home"
)
#: After these words a name means somebody else's: 法人地址 is not where the home is.
OTHERS: frozenset[str] = _set(
    "男|女|法人|负责人|联系人|法定代表人|院长|监护|上级|原|曾用|旧|前|注册|登记|footnote|legal|owner"
    "|mailing"
)
