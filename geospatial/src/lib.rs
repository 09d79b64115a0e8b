//! geospatial
