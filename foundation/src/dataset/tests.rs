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

fn refused(from: &str, to: &str, word: &str) {
    assert!(SAMPLE.contains(from), "{from}");
    let error = Dataset::from_toml(&SAMPLE.replacen(from, to, 1), "sample.toml").expect_err(to).to_string();
    assert!(error.starts_with("sample.toml") && error.contains(word), "{to}: {error}");
}

#[test]
fn a_sound_definition_loads() {
    assert_eq!(sample().fields.len(), 14);
}

#[test]
fn a_field_without_a_grade_does_not_load() {
    refused("search = \"name\"\nsortable = true", "sortable = true\ngrade = 9", "duplicate");
    let text = SAMPLE.replacen("unit = \"cm\"\ngrade = 1\n", "unit = \"cm\"\n", 1);
    let error = Dataset::from_toml(&text, "sample.toml").expect_err("no grade").to_string();
    assert!(error.contains("missing field `grade`") && error.contains("line"), "{error}");
    refused("unit = \"cm\"\ngrade = 1", "unit = \"cm\"\ngrade = 6", "`grade`");
}

#[test]
fn catalogue_items_are_said() {
    refused("summary = { zh = \"诗文\"", "summary = { zh = \" \"", "summary.zh");
    refused("version = 1", "version = 0", "version");
    refused("published = \"2026-01-01\"", "published = \"soon\"", "published");
    refused("11100000000013338W", "11100000000013338X", "W was expected");
    refused("title-fields = [\"title\"]", "title-fields = [\"name\"]", "title-fields");
    refused("licence = ", "license = ", "unknown field");
    refused("zone = \"public\"", "zone = \"moon\"", "zone");
}

#[test]
fn fields_are_numbered_and_named() {
    refused("number = 2\n", "number = 1\n", "already that of `code`");
    refused("number = 2\n", "number = 0\n", "from 1");
    refused("name = \"lines\"\n", "name = \"code\"\n", "twice");
    refused("name = \"lines\"\n", "name = \"Lines\"\n", "snake_case");
    refused("zh = \"题名\"", "zh = \"\"", "`title`");
}

#[test]
fn fields_have_what_their_type_needs() {
    refused("code-list = \"list\"\n", "", "needs a `code-list`");
    refused("max-length = 40", "code-list = \"list\"", "only codes");
    refused("type = \"decimal\"", "type = \"link\"", "needs a `target`");
    refused("type = \"decimal\"", "type = \"link\"\ntarget = \"moon/rocks\"", "five base databases");
    refused("type = \"decimal\"", "type = \"decimal\"\ntarget = \"culture/works\"", "only links");
    refused("min = \"0\"", "min = \"none\"", "`min`");
    refused("type = \"decimal\"", "type = \"decimal\"\nmax-length = 3", "max-length");
    refused("type = \"interval\"", "type = \"interval\"\nmin = \"1\"", "bounds numbers");
    refused("type = \"interval\"", "type = \"interval\"\nunit = \"cm\"", "unit");
}

#[test]
fn uses_fit_the_type() {
    refused("type = \"decimal\"", "type = \"decimal\"\nfacet = true", "`facet`");
    refused("type = \"decimal\"", "type = \"decimal\"\nsearch = \"name\"", "`search");
    refused("type = \"decimal\"", "type = \"decimal\"\nsearch = \"exact\"", "`search");
    refused("type = \"decimal\"", "type = \"decimal\"\nweight = 11", "`weight`");
    refused("type = \"decimal\"", "type = \"decimal\"\nmask = \"name\"", "`mask`");
    refused("type = \"geometry\"", "type = \"geometry\"\nsortable = true", "`sortable`");
    refused("list = true", "list = true\nsortable = true", "`sortable`");
}

#[test]
fn keys_are_sound() {
    refused("natural-key = [\"code\"]", "natural-key = [\"number\"]", "no field");
    refused("natural-key = [\"code\"]", "natural-key = [\"title\"]", "required");
    refused("natural-key = [\"code\"]", "natural-key = []", "natural-key");
    refused("natural-key = [\"code\"]", "natural-key = [\"code\", \"code\"]", "twice");
    refused("max-length = 40\ngrade = 1", "max-length = 40\ngrade = 3\nopenness = \"none\"", "keyed");
    refused("licence", "partition-by = [\"title\"]\nlicence", "natural key");
    refused("licence", "cluster-by = [\"code\"]\nlicence", "40 bytes");
    refused("licence", "partitions = 100\nlicence", "power of two");
    refused("licence", "partitions = 8192\nlicence", "power of two");
    refused("id = \"readable\"", "id = \"keyed\"\npartition-by = [\"code\"]", "readable");
}

#[test]
fn sharing_and_openness_have_their_grounds() {
    refused("sharing = \"unconditional\"", "sharing = \"none\"", "ground of law");
    refused("sharing = \"unconditional\"", "sharing = \"conditional\"", "scope and uses");
    refused("openness = \"unconditional\"", "openness = \"conditional\"", "openness-condition");
    refused("openness = \"unconditional\"", "openness = \"none\"", "public zone");
    refused("unit = \"cm\"\ngrade = 1", "unit = \"cm\"\ngrade = 3", "opened unconditionally");
    refused(
        "openness = \"unconditional\"\nzone = \"public\"\nunits = \"none\"",
        "openness = \"none\"\nzone = \"extranet\"\nunits = \"person\"",
        "protected",
    );
}

#[test]
fn boundaries_carry_their_approval() {
    let text = SAMPLE.replacen("culture/works", "geospatial/boundaries", 1);
    assert!(Dataset::from_toml(&text, "sample.toml").is_ok());
    let text = text.replacen("map-approval = \"demonstration only\"", "", 1);
    let error = Dataset::from_toml(&text, "sample.toml").expect_err("no approval").to_string();
    assert!(error.contains("审图号"), "{error}");
}
