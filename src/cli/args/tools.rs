//! The arguments of `aesparse new`, `schema`, `completions` and `man`.

use crate::experiment::config::reference::SOURCES;
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;
use std::path::PathBuf;

/// The arguments of `new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse new sweep.toml
  aesparse new mine.toml --data x.npy          a configuration that suits the samples in x.npy
  aesparse new mine.toml --data photos         a configuration that suits the images in the folder photos
  aesparse new mine.toml --source npy          every setting; then name your file in it
  aesparse new                                 prints the configuration")]
pub(crate) struct NewArguments {
    /// New .toml file to write [default: print the configuration]
    pub(crate) file: Option<PathBuf>,
    /// Data source of the configuration [default: by the ending of --data; without --data mnist]
    #[arg(long, value_name = "SOURCE",
          value_parser = PossibleValuesParser::new(SOURCES.iter().map(|(name, _)| *name)))]
    pub(crate) source: Option<String>,
    /// Your own samples, a file or a folder of images: look at shape, scale and sparsity, and write a short configuration that suits
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
    /// Array of the .npz file, or tensor of the .safetensors file, in --data [default: the only one]
    #[arg(long, value_name = "NAME", requires = "data")]
    pub(crate) array: Option<String>,
}

/// The arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse schema > schema.json                then, in a first line of a .toml file: #:schema schema.json
  aesparse schema --markdown                   every setting, what it accepts and its default")]
pub(crate) struct SchemaArguments {
    /// Print a Markdown page of all settings instead
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// The arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse completions bash > ~/.local/share/bash-completion/completions/aesparse
  aesparse completions zsh > ~/.zfunc/_aesparse
  aesparse completions fish > ~/.config/fish/completions/aesparse.fish")]
pub(crate) struct CompletionsArguments {
    /// Shell of the script
    pub(crate) shell: Shell,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aesparse man ~/.local/share/man/man1         then: man aesparse-run")]
pub(crate) struct ManArguments {
    /// Folder for the pages, one for each command
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
