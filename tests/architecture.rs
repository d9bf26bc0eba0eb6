//! The layer table of ARCHITECTURE.md, enforced: a module imports only what stands below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the top down; modules of one row don't import each other.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["report"],
    &["experiment"],
    &["fetch"],
    &["store"],
    &["training"],
    &["theory"],
    &["objective", "optimizer"],
    &["regularizer"],
    &["init"],
    &["state"],
    &["linalg"],
    &["data"],
    &["activation", "constraint"],
    &["random", "parameter"],
    &["simd"],
    &["atomic", "regular"],
    &["real", "error", "registry"],
    &["elementary"],
];

fn layer_of(module: &str) -> usize {
    let found = LAYERS.iter().position(|layer| layer.contains(&module));
    found.unwrap_or_else(|| {
        panic!("module `{module}` is in no layer: add it to the table and to ARCHITECTURE.md")
    })
}

/// Every Rust file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Whether a file is the module `tests` or one inside it.
fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.iter().any(|part| part == "tests")
}

/// The modules that `text` names as `crate::…` or, in the program itself, as `aesparse::…`, outside of its tests.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = Vec::new();
    for prefix in ["crate::", "aesparse::"] {
        for (start, _) in code.match_indices(prefix) {
            let rest = &code[start + prefix.len()..];
            let module: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if rest.starts_with('{') {
                panic!(
                    "import one module at a time, so that the layers can be read: {}",
                    &rest[..rest.len().min(60)]
                );
            }
            found.push(module);
        }
    }
    found.retain(|module| !module.is_empty());
    found
}

/// The top module of a file below `src`: `data` for `src/data/idx.rs`.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn no_module_imports_what_stands_above_it() {
    let mut edges = BTreeMap::new();
    for path in files(Path::new("src")) {
        let module = module_of(&path);
        // Tests of a layer may use what stands above it, to see it at work.
        if module == "lib" || is_test(&path) {
            continue;
        }
        for import in imports(&fs::read_to_string(&path).unwrap()) {
            edges.insert((module.clone(), import), path.clone());
        }
    }
    for ((from, to), path) in &edges {
        let below = layer_of(from) < layer_of(to) || from == to;
        assert!(below, "{} imports crate::{to}, which does not stand below `{from}`", path.display());
    }
    let expected = ("objective".to_owned(), "linalg".to_owned());
    assert!(edges.contains_key(&expected), "the test sees the imports at all");
}

#[test]
fn upward_imports_are_seen_in_every_form() {
    assert_eq!(imports("use crate::store::{A, B};\nfn f() { crate::cli::g() }"), ["store", "cli"]);
    assert_eq!(imports("// use crate::store::A;\n//! [`crate::store`]\nuse crate::data;"), ["data"]);
    assert_eq!(imports("use crate::data;\n#[cfg(test)]\nmod tests { use crate::cli::x; }"), ["data"]);
}

#[test]
fn only_the_edges_of_the_program_print_or_read_a_clock() {
    for path in files(Path::new("src")) {
        let module = module_of(&path);
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let has =
            |word: &str| code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
        let name = path.display();
        if !["main", "cli"].contains(&module.as_str()) && !is_test(&path) {
            assert!(!has("println!") && !has("print!") && !has("eprint"), "{name} prints");
        }
        if layer_of_or_lib(&module) >= layer_of("training") {
            assert!(!has("Instant::now") && !has("SystemTime"), "{name} reads a clock");
            assert!(!has("std::thread") && !has("rayon"), "{name} knows of threads");
        }
        if layer_of_or_lib(&module) >= layer_of("training")
            && !["data", "atomic", "regular"].contains(&module.as_str())
        {
            assert!(!has("std::fs") && !has("File::"), "{name} touches files");
        }
        if module != "linalg" {
            assert!(!has("unsafe ") && !has("std::arch"), "{name} is unsafe");
        }
    }
}

fn layer_of_or_lib(module: &str) -> usize {
    if module == "lib" { 0 } else { layer_of(module) }
}

#[test]
fn the_layer_table_is_the_documented_one() {
    let page = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let mut from = 0;
    for layer in LAYERS {
        let row = layer.iter().map(|module| page[from..].find(&format!("`{module}")));
        let places: Vec<usize> = row
            .map(|place| {
                from + place.unwrap_or_else(|| panic!("ARCHITECTURE.md lacks {layer:?} in this order"))
            })
            .collect();
        from = *places.iter().max().unwrap();
    }
}

/// `unsafe` and the processor's intrinsics stand in the kernels' module and nowhere else.
#[test]
fn only_the_kernels_are_unsafe() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut kernels = 0;
    for file in files(&source) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code.filter(|line| {
            line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("std::arch")
        });
        let count = found.count();
        assert!(count == 0 || file.starts_with(source.join("linalg")), "{} has unsafe code", file.display());
        kernels += count;
    }
    assert!(kernels > 0, "the test doesn't see the kernels");
}
