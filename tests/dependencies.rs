//! The crates that the program is made of: their licences, that there is one of each kind, and what is told of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Licences that the program may be passed on under, as either of its own.
const ACCEPTED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    // Of the certificates that downloads are verified by, which are data.
    "CDLA-Permissive-2.0",
];

/// Crates of which two would mean that numbers or arrays of one can't be given to the other.
const ONCE: &[&str] = &["rand", "rand_core", "ndarray", "faer", "serde", "clap"];

struct Package {
    name: String,
    version: String,
    license: String,
    repository: String,
    /// What stands behind the version where the crate isn't from the registry.
    origin: String,
}

/// The crates that the program is built from on [`PLATFORM`], itself left out; `None` where they can't be asked for without a
/// network, as in a package that was unpacked.
fn packages() -> Option<Vec<Package>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "tree",
        "--locked",
        "--offline",
        "--edges",
        "normal",
    ]);
    cargo.args(["--target", PLATFORM, "--prefix", "none", "--no-dedupe", "--format", "{p}|{l}|{r}"]);
    let output = cargo.output().ok().filter(|output| output.status.success())?;
    let tree = String::from_utf8(output.stdout).ok()?;
    // The first line is the program.
    let lines: BTreeSet<&str> = tree.lines().skip(1).collect();
    let package = |line: &str| {
        let (package, rest) = line.split_once('|')?;
        let (license, repository) = rest.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let origin = words.filter(|word| *word != "(proc-macro)").collect::<Vec<_>>().join(" ");
        let [name, version, license, repository] = [name, version, license, repository].map(str::to_owned);
        Some(Package { name, version, license, repository, origin })
    };
    lines.into_iter().map(package).collect()
}

/// The one platform that the list is kept for.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Whether one of the licences that `expression` leaves to choose from, or all that it asks for together, are accepted.
fn is_accepted(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression.split(" AND ").all(|part| part.split(" OR ").any(|license| ACCEPTED.contains(&license.trim())))
}

#[test]
fn licences_that_are_not_accepted_are_seen() {
    for accepted in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(is_accepted(accepted), "{accepted}");
    }
    for refused in ["GPL-3.0", "", "MIT AND GPL-3.0", "SSPL-1.0 OR AGPL-3.0"] {
        assert!(!is_accepted(refused), "{refused}");
    }
}

#[test]
fn every_crate_may_be_passed_on_comes_from_the_registry_and_once_where_two_would_not_fit() {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return;
    }
    let Some(packages) = packages() else {
        let is_repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").is_dir();
        assert!(!is_repository, "`cargo tree --locked --offline` doesn't tell");
        return;
    };
    assert!(packages.len() > 50, "{} crates", packages.len());
    for Package { name, version, license, origin, .. } in &packages {
        assert!(is_accepted(license), "{name} {version} has the licence `{license}`");
        assert_eq!(origin, "", "{name} {version} is not from the registry");
    }
    for name in ONCE {
        assert_eq!(packages.iter().filter(|package| package.name == *name).count(), 1, "{name}");
    }
    let mut page = NOTICES.to_owned();
    for Package { name, version, license, repository, .. } in &packages {
        let _ = writeln!(page, "| [{name}]({repository}) | {version} | {license} |");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/third-party.md");
    if std::env::var_os("AESPARSE_WRITE_NOTICES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let told = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(told == page, "docs/third-party.md: write it anew with AESPARSE_WRITE_NOTICES=1");
}

const NOTICES: &str = "\
# Third parties

aesparse is licensed under MIT or Apache-2.0, at your choice. A built program contains these crates, each under its own licence,
whose text is in the crate; where several are named with \"OR\" or \"/\", any of them may be chosen. The font in pictures is
DejaVu Sans ([its licence](../src/report/chart/LICENSE-DejaVuSans)). The origin of the data is in
[data/README.md](../data/README.md).

Made by `AESPARSE_WRITE_NOTICES=1 cargo test --test suite dependencies`, for Linux on x86-64; the same test refuses licences that can't
be passed on, sources other than the registry, and two versions of crates that must fit together.

| crate | version | licence |
|---|---|---|
";
