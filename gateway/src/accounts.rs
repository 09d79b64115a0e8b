//! Who may sign in: people with a password and a second factor, programs with a key of their own, and API keys.
//!
//! The [`Register`] is the events that made it: pure, folded at the start, judged before each event. What needs two people
//! is a [`Measure`] that one proposes and another approves ([`Proposal`]). The [`Roster`] keeps events, credentials,
//! sessions and spent assertions in the gateway's own store. Tokens are those that [`crate::token`] verifies.

pub mod account;
mod assertion;
mod credential;
mod first;
pub mod key;
pub mod measure;
mod password;
mod proposal;
mod prove;
mod provided;
pub mod register;
mod roster;
mod rows;
mod second;
mod secret;
mod session;
mod sign_in;
mod sweep;

pub use account::{Account, Kind, Proof};
pub use assertion::AssertionError;
pub use first::Enrolment;
pub use measure::Measure;
pub use proposal::{Deed, Event, PROPOSAL_US, Proposal, State};
pub use prove::Attempt;
pub use register::{Register, RegisterError};
pub use roster::{Held, Intent, Roster, RosterError, Standing};
pub use secret::Secret;
pub(crate) use secret::{Vault, random};
pub use sign_in::{SignInError, Tokens};

#[cfg(test)]
mod tests;
