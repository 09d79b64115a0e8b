//! Questions only this domain asks: who holds an enterprise, and what does it hold, through how many hands?

mod controllers;
mod ownership;
mod percent;

pub use controllers::{Basis, Controller, controllers};
pub use ownership::{DEPTH_MAX, Direction, Edge, NODES_MAX, Node, NodeKind, Ownership, Permits, ownership};
