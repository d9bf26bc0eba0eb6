//! The `aesparse` program: [`aesparse::cli::main`] with the library's own models.

use std::process::ExitCode;

fn main() -> ExitCode {
    aesparse::cli::main()
}
