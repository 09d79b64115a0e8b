//! A definition that holds, for the tests of this crate.

use super::Dataset;

/// `culture/works`: a small dataset with a field of most kinds.
pub(crate) const SAMPLE: &str = r#"
name = "culture/works"
version = 1
title = { zh = "作品", en = "Works" }
summary = { zh = "诗文", en = "Poems and prose" }
resource-code = "C01"
classification = "1/01/001/0001"
provider = "文化和旅游部"
provider-code = "11100000000013338W"
format = "table"
update-cycle = "yearly"
published = "2026-01-01"
sharing = "unconditional"
sharing-modes = ["interface"]
openness = "unconditional"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["code"]
title-fields = ["title"]
licence = "CC0-1.0"
map-approval = "demonstration only"

[[field]]
number = 1
name = "code"
title = { zh = "编号", en = "Code" }
type = "text"
required = true
max-length = 40
grade = 1
search = "exact"

[[field]]
number = 2
name = "title"
title = { zh = "题名", en = "Title" }
type = "text"
grade = 1
search = "name"
sortable = true

[[field]]
number = 3
name = "kind"
title = { zh = "类别", en = "Kind" }
type = "code"
code-list = "list"
grade = 1
facet = true

[[field]]
number = 4
name = "lines"
title = { zh = "行数", en = "Lines" }
type = "integer"
grade = 1
sortable = true
min = "0"

[[field]]
number = 5
name = "price"
title = { zh = "价格", en = "Price" }
type = "decimal"
grade = 1

[[field]]
number = 6
name = "written"
title = { zh = "写作时间", en = "Written" }
type = "date"
grade = 1
sortable = true

[[field]]
number = 7
name = "era"
title = { zh = "年代", en = "Era" }
type = "interval"
grade = 1

[[field]]
number = 8
name = "subjects"
title = { zh = "主题", en = "Subjects" }
type = "text"
list = true
grade = 1

[[field]]
number = 9
name = "place"
title = { zh = "地点", en = "Place" }
type = "geometry"
grade = 1

[[field]]
number = 10
name = "recorded"
title = { zh = "登记时间", en = "Recorded" }
type = "timestamp"
grade = 1

[[field]]
number = 11
name = "public"
title = { zh = "公开", en = "Public" }
type = "boolean"
grade = 1
facet = true

[[field]]
number = 12
name = "period"
title = { zh = "统计期", en = "Period" }
type = "period"
grade = 1

[[field]]
number = 13
name = "size"
title = { zh = "尺寸", en = "Size" }
type = "measure"
unit = "cm"
grade = 1

[[field]]
number = 14
name = "names"
title = { zh = "名称", en = "Names" }
type = "texts"
grade = 1
search = "name"
"#;

/// The sample, read and checked.
pub(crate) fn sample() -> Dataset {
    Dataset::from_toml(SAMPLE, "sample.toml").expect("the sample holds")
}
