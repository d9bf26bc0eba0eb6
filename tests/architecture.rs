//! The layer table of ARCHITECTURE.md, enforced: a module imports only what stands below it, and no files import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the top down; modules of one row don't import each other.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["documentation"],
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
    &["data"],
    &["activation"],
    &["random"],
    &["linalg"],
    &["constraint"],
    &["parameter"],
    &["atomic", "regular"],
    &["real", "error", "registry"],
    &["elementary", "guard"],
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

/// `text` without its tests: without the lines of test modules in files of their own, up to a test module that is written out.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        match lines.peek() {
            Some(next) if line == "#[cfg(test)]" && next.starts_with("mod ") => {
                if next.ends_with('{') {
                    break;
                }
                lines.next();
            }
            _ => {
                code.push_str(line);
                code.push('\n');
            }
        }
    }
    code
}

/// The modules that `text` names as `crate::…` or, in the program itself, as `aesparse::…`, outside of its tests.
fn imports(text: &str) -> Vec<String> {
    let code = without_tests(text);
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

/// The modules of which a file imports no other one that imports it, by whatever way.
const WITHOUT_CIRCLES: &[&str] = &["cli", "experiment", "report", "store"];

/// A module's path, from the crate down.
type Module = Vec<String>;

/// Where the items of the crate's modules are, and which names they import.
struct Crate {
    /// The code of each file, without tests, comments and `use` declarations, by its module.
    code: BTreeMap<Module, String>,
    /// What a name in a module's file means, where a `use` brought it there.
    names: BTreeMap<(Module, String), Module>,
}

impl Crate {
    fn read() -> Self {
        let (mut code, mut names) = (BTreeMap::new(), BTreeMap::new());
        for path in files(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
            let module = module_path(&path);
            let (rest, uses) = without_uses(&code_of(&fs::read_to_string(&path).unwrap()));
            for (path, name) in uses.iter().flat_map(|text| expanded(text)) {
                names.insert((module.clone(), name), path);
            }
            code.insert(module, rest);
        }
        Self { code, names }
    }

    /// The file that has what `path` means in the file of `module`, past the modules that only pass it on.
    fn file_of(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let mut at = match path.first()?.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            first => {
                let child = [module.clone(), vec![first.to_owned()]].concat();
                if self.code.contains_key(&child) {
                    child
                } else {
                    let meant = self.names.get(&(module.clone(), first.to_owned()))?;
                    let whole = [meant.clone(), path[1..].to_vec()].concat();
                    let is_itself = meant.first().is_some_and(|root| root == first);
                    return if depth == 0 || is_itself {
                        None
                    } else {
                        self.file_of(module, &whole, depth - 1)
                    };
                }
            }
        };
        for (index, name) in path.iter().enumerate().skip(1) {
            if name == "super" {
                at.pop();
                continue;
            }
            let child = [at.clone(), vec![name.clone()]].concat();
            if self.code.contains_key(&child) {
                at = child;
            } else if let Some(meant) = self.names.get(&(at.clone(), name.clone())).filter(|_| depth > 0) {
                let whole = [meant.clone(), path[index + 1..].to_vec()].concat();
                return self.file_of(&at, &whole, depth - 1);
            } else {
                break;
            }
        }
        self.code.contains_key(&at).then_some(at)
    }

    /// The files that the file of `module` imports. One with `mod` and `use` alone passes names on and imports nothing.
    fn imports_of(&self, module: &Module) -> BTreeSet<Module> {
        let code = &self.code[module];
        if code.lines().all(|line| line.trim().is_empty() || is_module_line(line)) {
            return BTreeSet::new();
        }
        let named = self.names.iter().filter(|((of, _), _)| of == module).map(|(_, path)| path.clone());
        let mut found: BTreeSet<Module> =
            named.chain(paths_in(code)).filter_map(|path| self.file_of(module, &path, 9)).collect();
        found.remove(module);
        found
    }
}

/// `["store", "manifest"]` for `src/store/manifest.rs`, `["store"]` for `src/store/mod.rs`.
fn module_path(path: &Path) -> Module {
    let inside = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if ["mod", "lib"].contains(&parts.last().unwrap().as_str()) {
        parts.pop();
    }
    parts
}

/// `text` without tests, comments and the attributes of lines.
fn code_of(text: &str) -> String {
    let code = without_tests(text);
    let is_code = |line: &&str| !line.trim_start().starts_with("//") && !line.starts_with("#[");
    // Who may see an item is no import.
    let without_visibility = |line: &str| match line.split_once("pub(in ") {
        Some((before, rest)) => format!("{before}pub{}", rest.split_once(')').unwrap().1),
        None => line.to_owned(),
    };
    code.lines().filter(is_code).map(without_visibility).collect::<Vec<_>>().join("\n")
}

fn is_module_line(line: &str) -> bool {
    line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").starts_with("mod ")
}

/// The code without its `use` declarations, and these without the word itself.
fn without_uses(code: &str) -> (String, Vec<String>) {
    let (mut rest, mut uses) = (String::new(), Vec::new());
    let mut declaration = None::<String>;
    for line in code.lines() {
        let begins = line.split_once("use ").filter(|(before, _)| {
            let before = before.trim();
            before.is_empty() || before.starts_with("pub") && !before.contains(' ')
        });
        match (&mut declaration, begins) {
            (Some(text), _) => text.push_str(line.trim()),
            (None, Some((_, path))) => declaration = Some(path.trim().to_owned()),
            (None, None) => rest = rest + line + "\n",
        }
        if let Some(text) = declaration.take_if(|text| text.ends_with(';')) {
            uses.push(text.trim_end_matches(';').to_owned());
        }
    }
    (rest, uses)
}

/// Each path of a `use` declaration with the name that it brings.
fn expanded(text: &str) -> Vec<(Module, String)> {
    if let Some((before, inside)) = text.split_once('{') {
        let inside = inside.strip_suffix('}').unwrap();
        let mut depth = 0;
        let parts = inside.split(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        });
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        return parts.flat_map(|part| expanded(&format!("{before}{part}"))).collect();
    }
    let (path, alias) = text.split_once(" as ").map_or((text, None), |(path, alias)| (path, Some(alias)));
    let mut path: Module = path.split("::").map(|part| part.trim().to_owned()).collect();
    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
        path.pop();
    }
    let name = alias.unwrap_or(path.last().unwrap()).to_owned();
    vec![(path, name)]
}

/// The paths of more than one part in `code`.
fn paths_in(code: &str) -> Vec<Module> {
    let is_of_a_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_of_a_path(c)).filter(|word| word.contains("::"));
    words.map(|word| word.trim_matches(':').split("::").map(str::to_owned).collect()).collect()
}

/// The files of the modules below `room` that import each other, in groups.
fn circles(room: &str, edges: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let mut found = BTreeSet::new();
        let mut to_see: Vec<&Module> = edges[from].iter().collect();
        while let Some(next) = to_see.pop() {
            if next[0] == room && found.insert(next.clone()) {
                to_see.extend(&edges[next]);
            }
        }
        found
    };
    let of_room: Vec<&Module> =
        edges.keys().filter(|module| module.first().is_some_and(|m| m == room)).collect();
    let reached: BTreeMap<&Module, BTreeSet<Module>> = of_room.iter().map(|m| (*m, reached(m))).collect();
    let mut circles: Vec<BTreeSet<Module>> = Vec::new();
    for module in of_room {
        let circle: BTreeSet<Module> =
            reached[module].iter().filter(|other| reached[other].contains(module)).cloned().collect();
        if circle.contains(module) && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let source = Crate::read();
    let edges: BTreeMap<Module, BTreeSet<Module>> =
        source.code.keys().map(|module| (module.clone(), source.imports_of(module))).collect();
    let module = |text: &str| -> Module { text.split("::").map(str::to_owned).collect() };
    let (from, to) = (module("store::warning"), module("store::record"));
    assert!(edges[&from].contains(&to), "the test sees the imports at all");
    let mut told = String::new();
    for circle in WITHOUT_CIRCLES.iter().flat_map(|room| circles(room, &edges)) {
        told.push_str("these files import each other:\n");
        for from in &circle {
            let to: Vec<String> = edges[from].intersection(&circle).map(|to| to.join("::")).collect();
            told.push_str(&format!("  {} imports {}\n", from.join("::"), to.join(", ")));
        }
    }
    assert!(told.is_empty(), "{told}what both sides need belongs in a file below them");
}

#[test]
fn imports_between_files_are_seen_in_every_form() {
    let names = |text: &str| -> Vec<String> {
        expanded(text).into_iter().map(|(path, name)| format!("{} {name}", path.join("::"))).collect()
    };
    assert_eq!(names("super::{a::{B, self}, c as d}"), ["super::a::B B", "super::a a", "super::c d"]);
    let (rest, uses) = without_uses("mod a;\npub(crate) use a::{B,\n    C};\nfn f() { super::d::g() }\n");
    assert_eq!((rest.as_str(), uses), ("mod a;\nfn f() { super::d::g() }\n", vec!["a::{B,C}".to_owned()]));
    let module = |text: &str| -> Module { text.split("::").map(str::to_owned).collect() };
    let code = ["r", "r::a", "r::b"].map(|path| (module(path), "fn f() {}".to_owned()));
    let names = [("r", "Thing", "a::Thing"), ("r::b", "Thing", "super::Thing"), ("r::b", "own", "super::a")];
    let names = names.map(|(of, name, path)| ((module(of), name.to_owned()), module(path)));
    let source = Crate { code: code.into(), names: names.into() };
    let file = |path: &str| source.file_of(&module("r::b"), &module(path), 9).map(|file| file.join("::"));
    assert_eq!(file("super::Thing").as_deref(), Some("r::a"), "past the module that passes it on");
    assert_eq!(file("super::defined_here").as_deref(), Some("r"));
    assert_eq!(file("own::f").as_deref(), Some("r::a"));
    assert_eq!(file("crate::r::a::f").as_deref(), Some("r::a"));
    assert_eq!(file("std::fs"), None);
}

#[test]
fn only_the_edges_of_the_program_print_or_read_a_clock() {
    for path in files(Path::new("src")) {
        let module = module_of(&path);
        let text = fs::read_to_string(&path).unwrap();
        let code = without_tests(&text);
        let has =
            |word: &str| code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
        let name = path.display();
        if !["main", "cli"].contains(&module.as_str()) && !is_test(&path) {
            assert!(!has("println!") && !has("print!") && !has("eprint"), "{name} prints");
        }
        if layer_of_or_lib(&module) >= layer_of("training") {
            assert!(!has("Instant::now") && !has("SystemTime"), "{name} reads a clock");
            let is_team = path.ends_with("linalg/team.rs");
            assert!(is_team || !has("std::thread") && !has("rayon"), "{name} knows of threads");
            assert!(is_team || !has("Team::assemble"), "{name} starts threads");
        }
        if layer_of_or_lib(&module) >= layer_of("training")
            && !["data", "atomic", "regular"].contains(&module.as_str())
        {
            assert!(!has("std::fs") && !has("File::"), "{name} touches files");
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
            ["unsafe {", "unsafe fn", "unsafe impl", "std::arch"].iter().any(|word| line.contains(word))
        });
        let count = found.count();
        assert!(count == 0 || file.starts_with(source.join("linalg")), "{} has unsafe code", file.display());
        kernels += count;
    }
    assert!(kernels > 0, "the test doesn't see the kernels");
}

/// The invariants of ARCHITECTURE.md with the tests that hold them.
#[test]
fn the_tests_of_the_invariants_exist() {
    let page = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let named: Vec<(&str, &str)> = page.split('`').filter_map(|word| word.split_once(".rs::")).collect();
    assert!(named.len() > 10, "the page names its tests: {named:?}");
    for (file, test) in named {
        let text = fs::read_to_string(format!("{file}.rs")).unwrap_or_default();
        assert!(text.contains(&format!("#[test]\nfn {test}() {{")), "{file}.rs has no test {test}");
    }
}

/// Associated types are named by their trait.
const NAMED_BY_TRAITS: [&str; 5] = ["Err", "Error", "Output", "Target", "Vector"];

#[test]
fn a_type_name_has_one_meaning() {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for path in files(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
        for line in code_of(&fs::read_to_string(&path).unwrap()).lines() {
            let line = line.trim_start();
            let item =
                line.strip_prefix("pub").map_or(line, |rest| rest.split_once(' ').unwrap_or(("", rest)).1);
            let keyword =
                ["struct ", "enum ", "trait ", "type "].iter().find_map(|word| item.strip_prefix(word));
            let name =
                keyword.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned());
            if let Some(name) =
                name.filter(|name| !name.is_empty() && !NAMED_BY_TRAITS.contains(&name.as_str()))
            {
                places.entry(name).or_default().push(path.display().to_string());
            }
        }
    }
    assert!(places.contains_key("RunSpec"), "the test sees the types at all");
    let twice: Vec<String> = places
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(twice.is_empty(), "types that share a name:\n{}", twice.join("\n"));
}

#[test]
fn renderers_know_the_tree_alone() {
    let source = Crate::read();
    let renderers =
        source.code.keys().filter(|module| module.starts_with(&["report".into(), "render".into()]));
    let mut seen = 0;
    for module in renderers {
        for import in source.imports_of(module) {
            let import = import.join("::");
            let is_known = ["report::document", "report::render", "report::chart", "report::text"];
            let is_known =
                !import.starts_with("report") || is_known.iter().any(|known| import.starts_with(known));
            assert!(is_known, "{} imports {import}", module.join("::"));
            seen += 1;
        }
    }
    assert!(seen > 2, "the test sees the imports at all");
}
