//! Callers, datasets and fields as the policies see them.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use foundation::dataset::{Dataset, Disclosure, OpenTo, Openness, Sharing, Zone};

use super::view::ClassOfFields;
use crate::token::{Role, Roles};

/// Who asks, as far as policies care.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Roles.
    pub roles: Roles,
    /// Credit code of the department.
    pub department: Option<Arc<str>>,
    /// Credit code of the company. Policies never see it: that a grant is its own is found before they are asked.
    pub company: Option<Arc<str>>,
}

impl Principal {
    /// Whether the department of this credit code asks as an owner.
    #[must_use]
    pub fn owns(&self, provider: &str) -> bool {
        self.roles.has(Role::Owner) && self.department.as_deref() == Some(provider)
    }
}

/// A dataset with what policies ask about it worked out once.
pub struct DatasetFacts {
    /// The definition.
    pub dataset: Arc<Dataset>,
    /// Its place in the gateway's list.
    pub index: u16,
    /// Tells these facts from all others of this process.
    pub(crate) serial: u64,
    pub(super) attributes: HashMap<String, RestrictedExpression>,
    pub(super) classes: Vec<FieldClass>,
}

/// How many facts were made so far.
static MADE: AtomicU64 = AtomicU64::new(0);

/// Fields that policies cannot tell apart (a grant apart).
pub(super) struct FieldClass {
    pub(super) sharing: Sharing,
    pub(super) openness: Openness,
    pub(super) grade: u8,
    pub(super) fields: Vec<u16>,
}

impl DatasetFacts {
    /// Works out the facts.
    #[must_use]
    pub fn new(dataset: Arc<Dataset>, index: u16) -> Self {
        let mut classes: Vec<FieldClass> = Vec::new();
        for field in &dataset.fields {
            let sharing = field.sharing.unwrap_or(dataset.sharing);
            let openness = field.openness.unwrap_or(dataset.openness);
            match classes.iter_mut().find(|c| c.sharing == sharing && c.openness == openness && c.grade == field.grade)
            {
                Some(class) => class.fields.push(field.number),
                None => {
                    classes.push(FieldClass { sharing, openness, grade: field.grade, fields: vec![field.number] });
                }
            }
        }
        let flag = |yes| RestrictedExpression::new_bool(yes);
        let sources = dataset.authority.iter().chain([&dataset.provider_code]);
        let attributes = HashMap::from([
            ("name".to_owned(), text(&dataset.name.to_string())),
            ("database".to_owned(), text(dataset.name.database().as_str())),
            ("provider".to_owned(), text(&dataset.provider_code)),
            ("sources".to_owned(), RestrictedExpression::new_set(sources.map(|s| text(s)))),
            ("sharing".to_owned(), text(sharing_word(dataset.sharing))),
            ("openness".to_owned(), text(openness_word(dataset.openness))),
            (
                "disclosure".to_owned(),
                text(match dataset.disclosure {
                    Disclosure::Open => "open",
                    Disclosure::Protected => "protected",
                }),
            ),
            (
                "statistics".to_owned(),
                text(match dataset.statistics.as_ref().map(|rule| rule.open_to) {
                    None => "withheld",
                    Some(OpenTo::Grants) => "grants",
                    Some(OpenTo::Public) => "public",
                }),
            ),
            (
                "zone".to_owned(),
                text(match dataset.zone {
                    Zone::Public => "public",
                    Zone::Extranet => "extranet",
                }),
            ),
            (
                "has_conditionally_open_fields".to_owned(),
                flag(classes.iter().any(|c| c.openness == Openness::Conditional)),
            ),
            ("has_open_fields".to_owned(), flag(classes.iter().any(|c| c.openness == Openness::Unconditional))),
            (
                "has_unconditionally_shared_fields".to_owned(),
                flag(classes.iter().any(|c| c.sharing == Sharing::Unconditional)),
            ),
        ]);
        Self { dataset, index, serial: MADE.fetch_add(1, Ordering::Relaxed), attributes, classes }
    }

    /// The dataset as an entity.
    pub(super) fn entity(&self) -> Option<Entity> {
        Entity::new(uid("Dataset", &self.dataset.name.to_string())?, self.attributes.clone(), HashSet::new()).ok()
    }

    /// Its id.
    pub(super) fn uid(&self) -> Option<EntityUid> {
        uid("Dataset", &self.dataset.name.to_string())
    }

    /// The fields of a class as one entity.
    pub(super) fn field_entity(&self, fields: ClassOfFields) -> Option<Entity> {
        let class = self.classes.get(fields.class)?;
        let attributes = HashMap::from([
            ("dataset".to_owned(), RestrictedExpression::new_entity_uid(self.uid()?)),
            ("sharing".to_owned(), text(sharing_word(class.sharing))),
            ("openness".to_owned(), text(openness_word(class.openness))),
            ("grade".to_owned(), RestrictedExpression::new_long(i64::from(class.grade))),
            ("named_by_grant".to_owned(), RestrictedExpression::new_bool(fields.named)),
            ("masked_by_grant".to_owned(), RestrictedExpression::new_bool(fields.masked)),
        ]);
        Entity::new(uid("Field", "fields")?, attributes, HashSet::new()).ok()
    }
}

impl Principal {
    /// Anybody, without a token.
    #[must_use]
    pub fn public() -> Self {
        Self { roles: Roles::PUBLIC, department: None, company: None }
    }

    /// The caller as an entity whose department is told as `department`. Policies see roles and department, never the subject.
    pub(super) fn entity(&self, department: &str) -> Option<Entity> {
        let attributes = HashMap::from([
            ("roles".to_owned(), RestrictedExpression::new_set(self.roles.iter().map(|r| text(r.as_str())))),
            ("department".to_owned(), text(department)),
        ]);
        Entity::new(uid("Caller", "caller")?, attributes, HashSet::new()).ok()
    }
}

/// An entity id.
pub(super) fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    Some(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).ok()?, EntityId::new(id)))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn sharing_word(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Unconditional => "unconditional",
        Sharing::Conditional => "conditional",
        Sharing::None => "none",
    }
}

fn openness_word(openness: Openness) -> &'static str {
    match openness {
        Openness::Unconditional => "unconditional",
        Openness::Conditional => "conditional",
        Openness::None => "none",
    }
}
