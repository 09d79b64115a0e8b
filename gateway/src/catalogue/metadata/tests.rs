//! There and back, and what is refused on the way back.

use foundation::dataset::{Openness, Sharing};
use foundation::value::Day;
use proptest::prelude::*;

use super::super::items::{Item, Items};
use super::super::sheet::TYPES;
use super::super::tests::{field, sound};
use super::{Metadata, MetadataError, read, write};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[一-龥a-z<>&\"' \t\n\r;]{0,12}", "\\PC{0,12}"]
}

fn word() -> impl Strategy<Value = String> {
    "[一-龥a-z/0-9<&]{1,8}"
}

fn sharing() -> impl Strategy<Value = Option<Sharing>> {
    prop::option::of(prop::sample::select(vec![Sharing::Unconditional, Sharing::Conditional, Sharing::None]))
}

fn openness() -> impl Strategy<Value = Option<Openness>> {
    prop::option::of(prop::sample::select(vec![Openness::Unconditional, Openness::Conditional, Openness::None]))
}

fn item() -> impl Strategy<Value = Item> {
    let kinds: Vec<_> = TYPES.iter().map(|(_, kind)| *kind).collect();
    let texts = (text(), text(), text(), text(), text());
    (texts, prop::sample::select(kinds), prop::option::of(any::<u32>()), any::<u8>(), sharing(), openness()).prop_map(
        |((name, title, code_list, standard, sharing_condition), kind, length, grade, sharing, openness)| Item {
            name,
            title,
            kind,
            length,
            code_list,
            standard,
            grade,
            sharing,
            sharing_condition,
            openness,
        },
    )
}

fn items() -> impl Strategy<Value = Items> {
    let texts = prop::collection::vec(text(), 19);
    let lists = (prop::collection::vec(word(), 0..3), prop::collection::vec(word(), 0..3));
    let grade = prop::option::of(any::<u8>());
    (texts, lists, grade, sharing(), openness(), prop::collection::vec(item(), 0..4)).prop_map(
        |(texts, (sharing_modes, related), data_grade, sharing, openness, fields)| {
            let mut items = Items { data_grade, sharing, sharing_modes, openness, related, fields, ..Items::default() };
            for ((_, place), text) in super::elements::TEXTS.iter().zip(texts) {
                *place(&mut items) = text;
            }
            items
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(items in items(), code in "[0-9/]{0,12}", published in prop::option::of(0_i64..40_000)) {
        let metadata = Metadata { code, published: published.map(Day), items };
        prop_assert_eq!(read(write(&metadata).as_bytes()), Ok(metadata));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..2_000) {
        let _ = read(&bytes);
        let whole = write(&Metadata { code: "101001/000001".into(), published: None, items: sound() });
        let _ = read(whole.as_bytes().get(..cut).unwrap_or_default());
    }
}

#[test]
fn every_definition_goes_there_and_back() {
    let mut count = 0;
    for domain in
        [population::domain(), legal_entity::domain(), macroeconomy::domain(), culture::domain(), geospatial::domain()]
    {
        for dataset in domain.expect("definitions").datasets {
            let metadata = Metadata {
                code: dataset.resource_code.clone(),
                published: Day::parse(&dataset.published),
                items: Items::of(&dataset),
            };
            assert_eq!(read(write(&metadata).as_bytes()), Ok(metadata), "{}", dataset.name);
            count += 1;
        }
    }
    println!("metadata: {count} definitions there and back");
    assert!(count > 20, "{count}");
}

#[test]
fn the_document_is_as_the_standard_orders_it() {
    let items = Items { title: "甲 & 乙".into(), fields: vec![field("a", 1)], ..Items::default() };
    let text = write(&Metadata { code: "101001/000001".into(), published: Day::parse("2026-11-23"), items });
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<metadata xmlns:nb=\"urn:natbase:catalogue:1\">
  <resID>101001/000001</resID>
  <pubDate>2026-11-23</pubDate>
  <resTitle>甲 &amp; 乙</resTitle>
  <nb:extended>
    <nb:field>
      <nb:name>a</nb:name>
      <nb:title>项 a</nb:title>
      <nb:dataType>C</nb:dataType>
      <nb:type>text</nb:type>
      <nb:length>20</nb:length>
      <nb:grade>1</nb:grade>
    </nb:field>
  </nb:extended>
</metadata>
";
    assert_eq!(text, expected);
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let refused = |text: &str| read(text.as_bytes()).expect_err(text).to_string();
    for (text, part) in [
        ("<metadata><colour>red</colour></metadata>", "`colour` is not known"),
        ("<catalogue/>", "`catalogue` is not known"),
        ("<metadata><resTitle>a</resTitle><resTitle>b</resTitle></metadata>", "`resTitle` stands twice"),
        ("<metadata><pubDate>soon</pubDate></metadata>", "`pubDate` is no date"),
        ("<metadata>stray<resTitle>a</resTitle>text</metadata>", "holds text beside elements"),
        (
            "<metadata><nb:extended><nb:field><nb:name>a</nb:name></nb:field></nb:extended></metadata>",
            "no type of a field",
        ),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><metadata/>", "a document type is not taken"),
        ("<metadata><resTitle>&a;</resTitle></metadata>", "an entity of its own"),
        ("<metadata><resTitle>a</metadata>", "not well-formed"),
        ("", "not well-formed"),
    ] {
        let error = refused(text);
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!(read(b"\xff"), Err(MetadataError::Text));
    // A foreign document without our own word for the type: by the letter of the 2017 guide.
    let foreign = "<metadata><nb:extended><nb:field><nb:dataType>D</nb:dataType></nb:field></nb:extended></metadata>";
    let fields = read(foreign.as_bytes()).expect("read").items.fields;
    assert_eq!(fields.first().map(|f| f.kind), Some(foundation::value::FieldType::Date));
}
