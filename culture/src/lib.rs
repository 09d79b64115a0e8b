//! culture
