//! The tests of library and program from outside, in one program: they run side by side, and the library is linked once. What counts
//! allocations (`allocation`) and what registers models for a whole process (`extension`) are programs of their own.

mod architecture;
mod checkpoint;
mod cli;
mod configs;
mod data_files;
mod dependencies;
mod docs;
mod fetch;
mod python;
mod store;
mod training;
