//! Tests of tree, overrides and reader.
