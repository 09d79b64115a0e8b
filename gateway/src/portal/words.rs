//! The portal's words in both languages.

use crate::ask::Language;

macro_rules! words {
    ($($name:ident $zh:literal $en:literal)*) => {
        /// Every fixed text of a page, in one language.
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }
        /// Chinese.
        pub(super) const ZH: Words = Words { $($name: $zh,)* };
        /// English.
        pub(super) const EN: Words = Words { $($name: $en,)* };
    };
}

words! {
    code "zh" "en"
    html_lang "zh-CN" "en"
    other_lang "en" "zh-CN"
    other_lang_name "English" "中文"
    site "国家基础数据库" "National Base Databases"
    site_other "人口 · 法人单位 · 宏观经济 · 文化 · 空间地理" "Population · Legal entities · Macroeconomy · Culture · Geography"
    skip "跳到正文" "Skip to content"
    navigation "主导航" "Main"
    breadcrumbs "所在位置" "You are here"
    synthetic "模拟数据" "Synthetic data"
    synthetic_more "本系统为演示环境：人员与企业均由程序生成，与任何真实个人或单位无关。"
        "This is a demonstration: persons and enterprises are generated and stand for nobody."
    search "检索" "Search"
    search_for "检索词" "Search for"
    placeholder "诗句、地名、企业、指标、代码……" "A line of verse, a place, a company, an indicator, a code …"
    catalogue "数据目录" "Catalogue"
    catalogue_more "各数据集的元数据、数据项与分级、共享与开放属性。" "What each dataset holds, how its fields are graded, and how it is shared and opened."
    lookup "按号查询" "Look up"
    lookup_more "按自然键（如公民身份号码、统一社会信用代码）查询一条记录。号码随表单正文提交，不出现在网址与日志中。"
        "Find one record by its natural key, such as a citizen number or a unified social credit code. The number travels in the form's body, never in an address or a log."
    about "关于" "About"
    sign_in "登录" "Sign in"
    sign_out "退出" "Sign out"
    sign_in_more "用账号登录，或粘贴访问令牌。按授权查询时，请一并填写授权编号、办件编号与经办人。"
        "Sign in with an account, or paste an access token. To ask under a grant, give the grant, the business case and the officer as well."
    account "账号" "Account"
    password "口令" "Password"
    second_factor "动态验证码或恢复码" "Code of the second factor, or a recovery code"
    or_account "或者使用本系统账号：" "Or with an account of this system:"
    under_a_grant "按授权查询" "To ask under a grant"
    to_provider "将转到身份认证平台，请在那里完成登录。" "You go on to the identity provider, and sign in there."
    signed_in "已登录" "Signed in"
    go_on "继续" "Go on"
    sign_in_first "此页须登录后查看。登录后将回到此页。" "This page is for those who are signed in. Sign in, and you come back to it."
    or_token "没有账号的，填写访问令牌：" "Without an account, an access token:"
    token "访问令牌" "Access token"
    grant "授权编号" "Grant"
    case "办件编号" "Business case"
    officer "经办人" "Officer"
    accesses "谁看过我的信息" "Who looked at my record"
    accesses_more "哪些部门在何时、为何目的、依据什么查询、核验或更新过您的人口记录。依法暂不告知或不予告知的，不在其列。"
        "Which departments looked at, verified or changed your record in the population base, when, for what purpose and on what ground. What by law is told later or not at all is not among it."
    accesses_none "没有查询记录。" "Nobody has."
    purpose "目的" "Purpose"
    ground "依据" "Legal ground"
    batch "批次" "Batch"
    entry_number "日志序号" "Entry in the log"
    hash_alone "仅存证明" "proof alone"
    log_state "日志状态" "State of the log"
    log_state_more "以上各项均在审计日志之中，可用接口 /api/v1/me/accesses 取得证明，离线核对。"
        "Everything above stands in the audit log. The interface /api/v1/me/accesses gives the proofs, to be checked offline."
    sealed "全部日志中尚未告知当事人的条目数：" "Entries of the whole log that are withheld from somebody:"
    sealed_before "截至" "of the days before"
    sharing_cases "共享办件" "Sharing"
    sharing_cases_more "本部门提出与答复的共享申请，或本企业提出的有条件开放申请，按时间倒序。时限依《政务数据共享条例》与平台设定计算。"
        "Requests for data that your department makes and answers, or that your company makes, the newest first. Time limits are those of Decree 809 and, for companies, of this platform."
    request "共享申请" "Request"
    request_sharing "申请共享" "Ask for this data"
    request_sharing_more "选择所需数据项，写明使用场景与共享依据。申请先存为草稿，由负责人签批后提交。"
        "Choose the fields, and say for what and on what ground. It is kept as a draft; the head of your office signs it off before it is submitted."
    requester "申请方" "Requester"
    authority "主管部门" "Authority"
    state "状态" "State"
    turn "待办方" "Whose turn"
    due "期限" "Due"
    overdue "逾期或异常" "Overdue or amiss"
    since "自" "since"
    article "条" "article"
    asked "申请内容" "Asked for"
    given "同意内容" "Consented to"
    acts "方式" "Acts"
    rows "行范围" "Rows"
    rows_per_day "每日行数上限" "Rows a day"
    commitment "使用与安全承诺" "Commitment on use and safety"
    steps "可办理事项" "What you can do now"
    uphold "维持" "what was done stands"
    overturn "撤销" "what was done is undone"
    not_asked "不申请" "not asked for"
    to_read "可读" "to be read"
    entries "目录条目" "Entries of the catalogue"
    entries_more "各部门编制、经审核公布的数据目录条目及其历次公布。" "What departments have compiled and the authority has announced, with every announcement."
    valid_from "生效日" "Holds from"
    announced "公布时间" "Announced"
    ends "停止" "ends"
    standard "标准" "Standard"
    hero "一处检索，五库联查" "One search over five base databases"
    hero_more "人口、法人单位、宏观经济、文化、空间地理五个基础数据库，统一入口，按权限检索与查询，每次访问留痕。"
        "Population, legal entities, macroeconomy, culture and geography behind one door: searched under access control, every look on record."
    tries "试一试：" "Try:"
    narrow "筛选" "Narrow down"
    all "全部" "All"
    dataset "数据集" "Dataset"
    times "时间" "Times"
    valid_at "有效日期" "Valid on"
    known_at "截至何日所知" "As known on"
    valid_time "有效时间" "Valid time"
    recorded_time "记录时间" "Recorded time"
    apply "应用" "Apply"
    nothing "没有符合条件的记录。" "Nothing matches."
    next "下一页" "Next page"
    fields "数据项" "Fields"
    links "关联" "Links"
    history "历史" "History"
    history_more "有效时间指事实在何时成立，记录时间指系统自何时如此记载。旧版本从不覆盖。"
        "Valid time says when the fact held; recorded time says when the database said so. Nothing is overwritten."
    version "版本" "Version"
    what_changed "变化" "What changed"
    first_version "首次记载" "first recorded"
    no_change "仅时间变化" "times only"
    map "位置" "Location"
    series "序列" "Series"
    masked "已脱敏" "Masked"
    disputed "来源不一" "Sources differ"
    name "名称" "Name"
    metadata "元数据" "Metadata"
    search_in "在此数据集中检索" "Search this dataset"
    field_title "数据项" "Field"
    field_name "字段名" "Name"
    field_type "类型" "Type"
    code_list "代码表" "Code list"
    grade "分级" "Grade"
    sharing "共享" "Sharing"
    openness "开放" "Openness"
    unconditional_sharing "无条件共享" "Shared with all departments"
    conditional_sharing "有条件共享" "Shared under a grant"
    no_sharing "不予共享" "Not shared"
    unconditional_openness "无条件开放" "Open"
    conditional_openness "有条件开放" "Open on application"
    no_openness "不予开放" "Not open"
    same_as_dataset "同数据集" "as the dataset"
    classification "信息资源分类" "Classification"
    resource_code "信息资源代码" "Resource code"
    provider "提供方" "Provider"
    provider_code "提供方代码" "Provider's code"
    summary "摘要" "Summary"
    format "格式" "Format"
    items "信息项" "Items"
    sharing_attribute "共享属性" "Sharing attribute"
    deprecated "停用" "Deprecated"
    openness_attribute "开放属性" "Openness attribute"
    update_cycle "更新周期" "Update cycle"
    published "发布日期" "Published"
    related "关联资源代码" "Related resources"
    conditions_of_use "使用条件" "Conditions of use"
    impact_assessment "影响评估" "Impact assessment"
    zone "网络域" "Network zone"
    licence "许可" "Licence"
    licences "许可与署名" "Licences and attribution"
    attribution "署名" "Attribution"
    map_approval "审图号" "Map approval number"
    key "号码" "Number"
    not_found "没有查到，或无权查看。" "There is no such record, or none you may see."
    withheld "结果数按规定不予显示" "The number of results is withheld"
    open_start "起始不明" "start unknown"
    until_now "至今" "open"
    back "返回首页" "Back to the start"
    bad_form "表单未能读取。" "The form could not be read."
    footer "基础数据库统一服务" "One service for the base databases"
    outline_of "外框：" "Outline: "
    about_1 "natbase 把人口、法人单位、宏观经济、文化、空间地理五个基础数据库保存在磁盘上，并通过一个网关提供检索、查询、核验、统计与变更服务。页面与接口走同一条路径：认证、留痕、授权、计划、执行、脱敏、回应。"
        "natbase keeps five base databases on disk and answers search, look-up, verification, statistics and changes through one gateway. These pages take the same path as the interface: authentication, audit, authorization, plan, execution, masking, response."
    about_2 "每条记录有两种时间：事实何时成立，系统何时得知。任何一次查询都可以指定两者，并在日后原样重现。"
        "Every record stands in two times: when the fact held and when the database learnt of it. Any question can name both, and can be asked again later with the same answer."
    about_3 "数据来自公开数据包与程序生成的模拟数据；边界数据仅供演示。许可与署名如下。"
        "The data come from public packages and from a generator of synthetic data; boundaries are for demonstration only. Licences and attribution stand below."
}

impl Words {
    /// The words of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Zh => &ZH,
            Language::En => &EN,
        }
    }
}

/// The base database's name in a language.
pub(super) fn database(database: foundation::dataset::Database, language: Language) -> &'static str {
    use foundation::dataset::Database::{Culture, Geospatial, LegalEntity, Macroeconomy, Population};
    match (database, language) {
        (Population, Language::Zh) => "人口",
        (Population, Language::En) => "Population",
        (LegalEntity, Language::Zh) => "法人单位",
        (LegalEntity, Language::En) => "Legal entities",
        (Macroeconomy, Language::Zh) => "宏观经济",
        (Macroeconomy, Language::En) => "Macroeconomy",
        (Culture, Language::Zh) => "文化",
        (Culture, Language::En) => "Culture",
        (Geospatial, Language::Zh) => "空间地理",
        (Geospatial, Language::En) => "Geography",
    }
}

/// What the button to the identity provider says.
pub(super) fn of_provider(name: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("使用{name}登录"),
        Language::En => format!("Sign in with {name}"),
    }
}

/// A title in a language.
pub(super) fn title(title: &foundation::dataset::Title, language: Language) -> String {
    let (first, second) = match language {
        Language::Zh => (&title.zh, &title.en),
        Language::En => (&title.en, &title.zh),
    };
    if first.is_empty() { second.clone() } else { first.clone() }
}
