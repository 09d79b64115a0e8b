//! legal-entity
