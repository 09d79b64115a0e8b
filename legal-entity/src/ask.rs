//! Questions only this domain asks: who holds an enterprise, and what does it hold, through how many hands?

mod ownership;
mod percent;

pub use ownership::{DEPTH_MAX, Direction, Edge, NODES_MAX, Node, NodeKind, Ownership, Permits, ownership};
