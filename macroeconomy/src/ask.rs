//! Questions only this domain asks.
