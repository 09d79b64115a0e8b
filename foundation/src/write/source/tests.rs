use super::*;
use crate::service::Cell;
use crate::value::Shape;

fn dataset() -> Dataset {
    let text = r#"
name = "culture/sample"
version = 1
title = { zh = "样例", en = "Sample" }
summary = { zh = "样例", en = "Sample" }
resource-code = "2/1"
classification = "主题/文化"
provider = "文化和旅游部"
provider-code = "11100000000013338W"
format = "database"
update-cycle = "每日"
published = "2025-08-01"
sharing = "unconditional"
openness = "unconditional"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["code"]
[[field]]
number = 1
name = "code"
title = { zh = "编号", en = "Code" }
type = "text"
required = true
grade = 1
[[field]]
number = 2
name = "name"
title = { zh = "名称", en = "Name" }
type = "text"
grade = 1
[[field]]
number = 3
name = "location"
title = { zh = "位置", en = "Location" }
type = "geometry"
grade = 1
"#;
    Dataset::from_toml(text, "sample.toml").expect("a definition")
}

fn read(bytes: &[u8], format: Format, mapping: &str) -> Result<Vec<SourceRow>, SourceError> {
    let dataset = dataset();
    let mapping = Mapping::from_toml(mapping, "mapping.toml", &dataset)?;
    let rows = open(Box::new(std::io::Cursor::new(bytes.to_vec())), format, Declared::default(), &mapping, &dataset)?;
    rows.collect()
}

fn shown(rows: &[SourceRow]) -> String {
    let cell = |(name, cell): &(String, Cell)| match cell {
        Cell::Text(text) => format!("{name}={text}"),
        Cell::Json(json) => format!("{name}:{json}"),
    };
    let row = |row: &SourceRow| {
        let cells: Vec<_> = row.cells.iter().map(cell).collect();
        let why = row.unreadable.as_ref().map_or(String::new(), |(f, r, _)| format!("!{f}/{r}"));
        format!("{} {}{why}", row.line, cells.join(" "))
    };
    rows.iter().map(row).collect::<Vec<_>>().join(" | ")
}

#[test]
fn csv_headers_match_names_and_titles() {
    let rows = read("code,名称,_op\n1,\"杜,甫\",\n2,李白,end\n".as_bytes(), Format::Csv, "").expect("reads");
    assert_eq!(shown(&rows), "2 code=1 name=杜,甫 | 3 code=2 name=李白 _op=end");
    assert_eq!(rows[0].original, "1,\"杜,甫\",");
}

#[test]
fn a_bad_csv_line_does_not_stop_the_next() {
    let rows = read(b"code,name\n1,a,b\n2,b\n\n3\n4,d", Format::Csv, "").expect("reads");
    assert_eq!(shown(&rows), "2 !/columns | 3 code=2 name=b | 5 !/columns | 6 code=4 name=d");
}

#[test]
fn a_semicolon_or_tab_separates_too() {
    assert_eq!(shown(&read(b"code;name\n1;a", Format::Csv, "").expect("reads")), "2 code=1 name=a");
    assert_eq!(shown(&read(b"code\tname\n1\ta", Format::Csv, "").expect("reads")), "2 code=1 name=a");
}

#[test]
fn unknown_and_repeated_columns_are_named() {
    let said = read("code,备注\n".as_bytes(), Format::Csv, "").expect_err("refused").to_string();
    assert!(said.contains("column 2 `备注`") && said.contains("name (名称)"), "{said}");
    let said = read("name,名称\n".as_bytes(), Format::Csv, "").expect_err("refused").to_string();
    assert!(said.contains("second one for field `name`"), "{said}");
    assert!(matches!(read(b"", Format::Csv, ""), Err(SourceError::NoHeader)));
}

#[test]
fn a_mapping_renames_ignores_replaces_and_adds() {
    let mapping = "ignore = ['备注']\nempty_is_null = ['name']\nvalid_to_inclusive = true\n\
        point = { field = 'location', lon = 'x', lat = 'y' }\n[columns]\n'No.' = 'code'\n'止' = '_valid_to'\n\
        [constants]\n_op = 'upsert'\n[values.name]\n'?' = '不详'\n";
    let file = "No.,name,备注,止,x,y\n1,?,z,2020-12-31,104.1,30.6\n2,,z,,,\n";
    let rows = read(file.as_bytes(), Format::Csv, mapping).expect("reads");
    assert_eq!(
        shown(&rows),
        "2 code=1 name=不详 _valid_to=2021-01-01 location=POINT(104.1 30.6) _op=upsert | 3 code=2 name:null _op=upsert"
    );
    let said = read(b"", Format::Csv, "[columns]\na = 'nix'").expect_err("refused").to_string();
    assert!(said.contains("mapping.toml") && said.contains("`nix`"), "{said}");
    let said = read(b"", Format::Csv, "crs = 'GCJ-02'").expect_err("refused").to_string();
    assert!(said.contains("GCJ-02"), "{said}");
}

#[test]
fn ndjson_keeps_json_and_survives_bad_lines() {
    let file = "{\"code\":1,\"name\":null}\n{oops\n\n[1]\n{\"code\":\"2\",\"nix\":1}\n{\"code\":\"3\"}";
    let rows = read(file.as_bytes(), Format::Ndjson, "").expect("reads");
    assert_eq!(shown(&rows), "1 code:1 name:null | 2 !/json | 4 !/json | 5 !nix/unknown_member | 6 code:\"3\"");
}

#[test]
fn geojson_streams_features() {
    let file = r#"{"type":"FeatureCollection","name":"a\"]","features":[
        {"type":"Feature","properties":{"code":"1","name":"]}"},"geometry":{"type":"Point","coordinates":[104.1,30.6]}},
        {"type":"Feature","properties":{"code":"2"},"geometry":null} ], "bbox":[1,2,3,4]}"#;
    let rows = read(file.as_bytes(), Format::GeoJson, "").expect("reads");
    assert_eq!(
        shown(&rows),
        "1 location:{\"type\":\"Point\",\"coordinates\":[104.1,30.6]} code:\"1\" name:\"]}\" | 2 code:\"2\""
    );
    let crs = r#"{"crs":{"type":"name","properties":{"name":"BD-09"}},"features":[]}"#;
    assert!(matches!(read(crs.as_bytes(), Format::GeoJson, ""), Err(SourceError::Crs { .. })));
}

#[test]
fn projected_coordinates_are_converted_row_by_row() {
    let mapping = "crs = 'EPSG:4548'\npoint = { field = 'location', lon = 'y', lat = 'x' }";
    let rows =
        read(b"code,y,x\n1,500000,3320113.398\n2,3320113.398,500000\n3,,\n", Format::Csv, mapping).expect("reads");
    let [first, second, third] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    let Some((_, Cell::Text(wkt))) = first.cells.iter().find(|(name, _)| name == "location") else { panic!("no cell") };
    let (lon, lat) = Shape::from_wkt(wkt, 1).expect("a point").as_point().expect("a point");
    assert!((lon - 117.0).abs() < 1e-9 && (lat - 30.0).abs() < 1e-8, "{wkt}");
    let (field, rule, message) = second.unreadable.clone().expect("the axes are swapped");
    assert_eq!((field.as_str(), rule.as_str()), ("location", "crs"));
    assert!(message.contains("EPSG:4548") && message.contains("easting first"), "{message}");
    assert!(third.unreadable.is_none());

    let collection = |before: &str, after: &str| {
        format!(
            r#"{{"type":"FeatureCollection",{before}"features":[{{"type":"Feature","properties":{{"code":"1"}},
            "geometry":{{"type":"Point","coordinates":[20500000,3320113.398]}}}}]{after}}}"#
        )
    };
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4498"}}"#;
    let rows = read(collection(&format!("{crs},"), "").as_bytes(), Format::GeoJson, "").expect("reads");
    assert!(shown(&rows).contains("location=POINT(117"), "{}", shown(&rows));
    let late = read(collection("", &format!(",{crs}")).as_bytes(), Format::GeoJson, "").expect_err("stands too late");
    assert!(late.to_string().contains("after the features"), "{late}");
}

#[test]
fn a_cut_off_body_says_after_which_row() {
    let file = r#"{"features":[{"type":"Feature","properties":{"code":"1"},"geometry":null},{"type":"Fea"#;
    let dataset = dataset();
    let input = Box::new(std::io::Cursor::new(file.as_bytes().to_vec()));
    let rows = open(input, Format::GeoJson, Declared::default(), &Mapping::default(), &dataset).expect("opens");
    let all: Vec<_> = rows.collect();
    assert!(matches!(all.as_slice(), [Ok(_), Err(SourceError::BrokenOff { after_line: 1, .. })]), "{all:?}");
}

#[test]
fn an_open_quote_is_told() {
    let mut file = b"code,name\n1,\"a\n".to_vec();
    file.resize(ROW_BYTES_MAX + 200_000, b'x');
    let said = read(&file, Format::Csv, "").expect_err("stops").to_string();
    assert!(said.contains("quote left open") && said.contains("after line 1"), "{said}");
}

#[test]
fn bytes_of_another_encoding_refuse_the_row() {
    let mut file = "code,name\n1,杜甫\n2,".as_bytes().to_vec();
    file.extend_from_slice(b"\xff\xff\n3,c\n");
    let dataset = dataset();
    let input = Box::new(std::io::Cursor::new(file));
    let declared = "utf-8".parse().expect("known");
    let rows = open(input, Format::Csv, declared, &Mapping::default(), &dataset).expect("opens");
    let rows: Vec<_> = rows.map(|r| r.expect("a row")).collect();
    assert_eq!(shown(&rows), "2 code=1 name=杜甫 | 3 !/encoding | 4 code=3 name=c");
}

#[test]
fn refused_rows_come_back_as_they_came() {
    let problem = crate::service::RowProblem {
        line: 2,
        field: "code".to_owned(),
        rule: "check_digit".to_owned(),
        message: "expected `X`, \"got\" another".to_owned(),
    };
    let row = crate::service::RejectedRow { line: 2, original: "1,\"杜,甫\"".to_owned(), problem };
    let mut out = Vec::new();
    rejected::write(&mut out, Some("code,name"), &[row], true).expect("writes");
    let text = String::from_utf8(out).expect("text");
    assert_eq!(
        text,
        "\u{feff}code,name,_line,_field,_rule,_message\n1,\"杜,甫\",2,code,check_digit,\"expected `X`, \"\"got\"\" another\"\n"
    );
    let again = read(text.as_bytes(), Format::Csv, "").expect("reads again");
    assert_eq!(shown(&again), "2 code=1 name=杜,甫");
}

#[test]
fn a_workbook_reads_like_a_table() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in ["编号", "name"].iter().enumerate() {
        sheet.write(0, u16::try_from(column).expect("small"), *title).expect("writes");
    }
    sheet.write(1, 0, 7).expect("writes");
    sheet.write(1, 1, "杜甫").expect("writes");
    sheet.write(3, 0, 110_105_194_912_310_020_f64).expect("writes");
    let bytes = book.save_to_buffer().expect("a workbook");
    let rows = read(&bytes, Format::Xlsx, "").expect("reads");
    assert_eq!(shown(&rows), "2 code=7 name=杜甫 | 4 !code/number_as_float");
    let said = read(&bytes, Format::Xlsx, "sheet = '户籍'").expect_err("refused").to_string();
    assert!(said.contains("户籍") && said.contains("Sheet1"), "{said}");
    assert!(matches!(read(b"PK", Format::Xlsx, ""), Err(SourceError::Format { .. })));
}
