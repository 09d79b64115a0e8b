//! Failures of base databases as problems.

use foundation::service::{ErrorKind, ServiceError};

use super::{Code, Problem};

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let code = match error.kind {
            ErrorKind::NotFound => Code::NotFound,
            ErrorKind::Invalid => Code::InvalidParameter,
            ErrorKind::TooHeavy => Code::TooHeavy,
            ErrorKind::Gone => Code::PositionGone,
            ErrorKind::Conflict => Code::Conflict,
            ErrorKind::Refused => Code::WritesRefused,
            ErrorKind::Unavailable => Code::Unavailable,
            ErrorKind::Corrupt => Code::Damaged,
        };
        let problem = Self::new(code, error.message);
        if code == Code::Unavailable { problem.retry_after(1) } else { problem }
    }
}
