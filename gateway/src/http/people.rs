//! Questions about persons: claims to be verified, a person to be found.

use population::ask::{ITEMS_MAX, Sought};

use super::params::Input;
use super::routes::{Param, ParamKind as K, param};
use crate::ask::{Ask, FindRequest, VerifyRequest};
use crate::problem::{Code, Problem};

pub(super) const FIND: &[Param] = &[
    param("name", K::Text, "the name as registered"),
    param("birth-date", K::Day, "the date of birth"),
    param("division", K::Text, "division of household registration, 6 digits"),
    super::routes::FIELDS,
    super::routes::LABELS,
    super::routes::VALID_AT,
    super::routes::KNOWN_AT,
];

pub(super) fn verify(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Verify(VerifyRequest { items: input.items("items", ITEMS_MAX)?, times: input.params.times()? }))
}

pub(super) fn find(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let needed = |name: &str| {
        let missing = || Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
        input.params.owned(name).filter(|text| !text.is_empty()).ok_or_else(missing)
    };
    let sought = Sought { name: needed("name")?, birth_date: needed("birth-date")?, division: needed("division")? };
    Ok(Ask::FindPersons(Box::new(FindRequest { sought, times: input.params.times()?, shown: input.params.shown()? })))
}
