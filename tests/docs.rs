//! The commands of README.md and docs/, run in their order by a shell, in a folder that is like a clone of the repository: as they
//! are printed, or as [`RULES`] says. Each page must leave that folder as git would call clean. Clusters, the network and other
//! programs have stand-ins.
#![cfg(unix)]

use aesparse::experiment::config;
use aesparse::report::Report;
use aesparse::report::figure::SigmaScale;
use aesparse::store::Results;
use aesparse::theory::{ColumnVisitor, Columns, EpochRow, LedgerRow, Quantiles, RunRow, UnitRow};
use aesparse::training::Better;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// How a command is run that would take hours, or needs what isn't here.
enum Way {
    /// With these arguments more.
    With(&'static str),
    /// In a second, with the arguments [`SMALL`] more; as it is printed only by the test that takes minutes.
    Small,
    /// With a word of it replaced.
    Instead(&'static str, &'static str),
    /// Once for each of these in the place of a word.
    Each(&'static str, &'static [&'static str]),
    /// With a word replaced by the key of a row, from 0, of a results folder.
    Key(&'static str, &'static str, usize),
    /// It has to be refused.
    Refused,
    /// It ends with 0 or with 1, by what the published results say of the paper.
    Judges,
    /// It ends with 1, because some of the published runs diverged.
    Diverges,
    /// Not here, and why not. Files and tests that it names must exist.
    Elsewhere(&'static str),
}

use Way::{Diverges, Each, Elsewhere, Instead, Judges, Key, Refused, Small, With};

/// A sweep in a second.
const SMALL: &str = "-o training.epochs=1 -o data.samples=200 -o model.hidden=30";

/// Which commands are not run as they stand: the part by which they are known, and every way that applies.
const RULES: &[(&str, &[Way])] = &[
    ("run configs/quickstart.toml", &[Small]),
    ("theory configs/quickstart.toml", &[Small]),
    ("regularizer=[\"yours\"]", &[Instead("yours", "l1")]),
    ("aesparse figures 1 -o", &[Small]),
    ("aesparse figures  ", &[Diverges]),
    ("run table.toml", &[With("-o data.samples=30 -o model.hidden=30")]),
    ("run photos.toml", &[With("-o training.epochs=1")]),
    ("aesparse plan configs/quickstart.toml --write", &[Small]),
    ("--shard 1/4", &[Each("1/4", &["1/4", "2/4", "3/4", "4/4"])]),
    // One seed more than the workers before it have trained in the same folder.
    ("aesparse submit slurm", &[Small, With("-o seeds=[1,2]")]),
    // A run of the paper's protocol takes minutes.
    ("results/relu_mnist --recompute 1", &[Instead(" --recompute 1", "")]),
    ("results/fig1_cifar10 --recompute 1", &[Instead(" --recompute 1", "")]),
    ("out/quickstart/dccd270b", &[Key("dccd270b", "out/quickstart", 2)]),
    ("out/quickstart/a66c969f", &[Key("a66c969f", "out/quickstart", 6)]),
    ("--fail-on contradicted", &[Judges]),
    // The mirror has the repository's files, which are compressed otherwise than the published ones: their digests are refused.
    // What succeeds is tested in `fetch`. Of CIFAR-10's images there are only patches in the repository.
    (
        "data fetch mnist cifar10",
        &[Instead(" cifar10", ""), With("--data-dir out/fetched --from $MIRROR"), Refused],
    ),
    ("data patches --seed 2", &[Refused]),
    ("cargo run --release --example", &[Elsewhere("the test `extension` runs it")]),
    ("cargo install --path .", &[Elsewhere("it builds the program anew")]),
    ("cargo test", &[Elsewhere("these are the tests")]),
    ("cargo install cargo-fuzz", &[Elsewhere("it needs the network")]),
    (".ci/run", &[Elsewhere("it runs these tests")]),
    ("tests/slurm/run", &[Elsewhere("the gate runs it")]),
    ("tests/fuzz/run", &[Elsewhere("it runs for minutes and needs cargo-fuzz")]),
];

/// Programs that a clone of the repository doesn't bring, in the least that the commands need of them.
const STAND_INS: &[(&str, &str)] = &[
    ("aesparse", "exec \"$PROGRAM\" \"$@\""),
    // `cargo run --release -- …`
    ("cargo", "[ \"$1 $2 $3\" = 'run --release --' ] && shift 3 && exec \"$PROGRAM\" \"$@\""),
    ("tensorboard", "[ \"$1\" = --logdir ] && find \"$2\" -name 'events.out.tfevents*' | grep -q ."),
    // Every element of the array, one after the other.
    (
        "sbatch",
        "last=$(sed -n 's/^#SBATCH --array=1-*\\([0-9]*\\).*/\\1/p' \"$1\")\n\
         for i in $(seq 1 \"${last:-1}\"); do SLURM_ARRAY_TASK_ID=$i bash \"$1\" >&2; done\n\
         echo 'Submitted batch job 1'",
    ),
    ("scontrol", "echo 'MaxArraySize = 1001'"),
    ("pip", "[ \"$1\" = install ]"),
    (
        "hq",
        "[ \"$1 $2 $3 $4\" = 'submit --array 1-8 --' ] && shift 4\n\
         for i in 1 2 3 4 5 6 7 8; do HQ_TASK_ID=$i \"$@\" || exit; done",
    ),
    (
        "parallel",
        "shift 2\n\
         words=()\n\
         while [ \"$1\" != ::: ]; do words+=(\"$1\"); shift; done\n\
         shift\n\
         for i in \"$@\"; do \"${words[@]//\\{\\}/$i}\" || exit; done",
    ),
];

/// Whether the results folder `name` is in the repository, and not only in this checkout.
fn is_published(repository: &Path, name: &str) -> bool {
    name != "quickstart" && repository.join(format!("configs/{name}.toml")).exists()
}

/// What the folder holds beside the repository's own files.
fn furnish(folder: &Path, repository: &Path) {
    let all = |_: &str| true;
    for file in [".gitignore", "README.md"] {
        fs::copy(repository.join(file), folder.join(file)).unwrap();
    }
    copy(&repository.join("configs"), &folder.join("configs"), &all);
    copy(&repository.join("docs"), &folder.join("docs"), &all);
    copy(&repository.join("examples"), &folder.join("examples"), &|name| name != "inspect");
    copy(&repository.join("data/mnist"), &folder.join("data/mnist"), &all);
    // What somebody has trained or downloaded in this checkout besides what is published is no reader's: the README's first
    // command leaves results that another with other settings is refused over.
    copy(&repository.join("data/cifar10"), &folder.join("data/cifar10"), &|name| {
        name.starts_with("patches-")
    });
    copy(&repository.join("results"), &folder.join("results"), &|name| {
        is_published(repository, name) || ["README.md", "report.html", "figures"].contains(&name)
    });
    fs::create_dir(folder.join("out")).unwrap();
    let write = |name: &str, contents: &[u8]| fs::write(folder.join(name), contents).unwrap();
    let samples = |inputs: usize| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (200, {inputs}), }}");
        let header = format!("{header:<117}\n");
        let values = (0..200 * inputs).map(|k| ((k * 7919) % 1009) as f32 / 1009.0);
        let start = [b"\x93NUMPY\x01\x00", &118_u16.to_le_bytes()[..], header.as_bytes()].concat();
        start.into_iter().chain(values.flat_map(f32::to_le_bytes)).collect::<Vec<u8>>()
    };
    write("own.npy", &samples(784));
    write("out/samples.npy", &samples(64));
    write(
        "sweep.toml",
        b"data.source = { kind = \"synthetic\", samples = 100, inputs = 12 }\nmodel.hidden = 10\n\
          training.epochs = 1\nsweep.sigma_squared = [0, 1]\n",
    );
    copy(&repository.join("data/mnist"), &folder.join("Downloads"), &all);
    fs::create_dir(folder.join("out/photos")).unwrap();
    for k in 0..40_u32 {
        let image = image::RgbImage::from_fn(20 + k % 5, 24, |x, y| {
            image::Rgb([x * 9 + k, y * 8, (x * y * k) % 251].map(|level| level as u8))
        });
        image.save(folder.join(format!("out/photos/{k}.png"))).unwrap();
    }
    fs::create_dir(folder.join("bin")).unwrap();
    for (name, script) in STAND_INS {
        let path = folder.join("bin").join(name);
        fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// What git, where it is installed, says of `folder`.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"];
    let output = Command::new("git").arg("-C").arg(folder).args(author).args(arguments).output().ok()?;
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Copies what stands in the folder `from` and `is_wanted` by its name, folders with all that is in them.
fn copy(from: &Path, to: &Path, is_wanted: &dyn Fn(&str) -> bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let target = to.join(name);
        if !is_wanted(&name.to_string_lossy()) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target, &|_| true);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A mirror with the files of `folder`.
fn mirror(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let name = request.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_owned();
            let contents = fs::read(folder.join(name)).unwrap();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                contents.len()
            )
            .and_then(|()| stream.write_all(&contents))
            .unwrap();
        }
    });
    address
}

/// The code blocks of a language in a page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// The commands of a page in order: continued lines joined, comments kept.
fn commands(page: &str) -> Vec<String> {
    let text = blocks(page, "sh").join("\n").replace("\\\n", " ");
    let is_command = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    text.lines().filter(is_command).map(str::to_owned).collect()
}

/// The same without its comment.
fn without_comment(command: &str) -> &str {
    let ends = |at: usize| command[..at].matches('\'').count().is_multiple_of(2);
    command.match_indices(" #").map(|(at, _)| at).find(|at| ends(*at)).map_or(command, |at| &command[..at])
}

/// A folder in which one page is followed.
struct Reader {
    folder: PathBuf,
    mirror: String,
    /// Whether [`Small`] counts.
    small: bool,
    has_git: bool,
}

impl Reader {
    /// A reader of `page` in the empty `folder`.
    #[expect(clippy::print_stderr, reason = "a skipped check says so")]
    fn of(page: &str, folder: &Path, small: bool) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        furnish(folder, repository);
        for block in blocks(page, "toml").into_iter().filter(|block| block.starts_with("# ")) {
            fs::write(folder.join("out").join(block.lines().next().unwrap()[2..].trim()), block).unwrap();
        }
        let has_git = git(folder, &["init", "--quiet"]).is_some();
        if has_git {
            git(folder, &["add", "--all"]);
            git(folder, &["commit", "--quiet", "--message", "as published"]);
        } else {
            eprintln!("git is not installed: whether the folder stays clean is not checked");
            fs::create_dir(folder.join(".git")).unwrap();
        }
        Self { folder: folder.to_owned(), mirror: mirror(repository.join("data/mnist")), small, has_git }
    }

    fn assert_clean(&self, page: &str) {
        if self.has_git {
            let changed = git(&self.folder, &["status", "--porcelain"]).unwrap();
            assert_eq!(changed, "", "the commands of {page} leave the checkout changed");
        }
    }

    /// Runs `command` as it stands, or as the rules say that match; the parts by which these are known.
    fn run(&self, command: &str) -> Vec<&'static str> {
        let mut lines = vec![without_comment(command).to_owned()];
        let (mut expected, mut used): (&[i32], _) = (&[0], Vec::new());
        for (part, ways) in RULES {
            if !format!("{command}  ").contains(part) {
                continue;
            }
            used.push(*part);
            for way in *ways {
                match way {
                    With(arguments) => lines = lines.iter().map(|line| insert(line, arguments)).collect(),
                    Small if self.small => lines = lines.iter().map(|line| insert(line, SMALL)).collect(),
                    Small => {}
                    Instead(word, other) => {
                        lines = lines.iter().map(|line| line.replace(word, other)).collect();
                    }
                    Each(word, others) => {
                        lines = others.iter().map(|other| lines[0].replace(word, other)).collect();
                    }
                    Key(word, results, row) => {
                        let key = self.key(results, *row);
                        lines = lines.iter().map(|line| line.replace(word, &key)).collect();
                    }
                    Refused => expected = &[2],
                    Judges => expected = &[0, 1],
                    Diverges => expected = &[1],
                    Elsewhere(why) => {
                        assert!(is_there(&lines[0]), "{command}: {why}, but what it names is not there");
                        return used;
                    }
                }
            }
        }
        for line in lines {
            let path = format!("{}:{}", self.folder.join("bin").display(), std::env::var("PATH").unwrap());
            // A command that changes the folder changes it for those that follow.
            let place = self.folder.join(".git/place");
            let here = fs::read_to_string(&place).unwrap_or_default();
            let output = Command::new("bash")
                .args(["-ec", &format!("{line}\npwd > '{}'", place.display())])
                .current_dir(if here.is_empty() { &self.folder } else { Path::new(here.trim_end()) })
                .env_remove("AESPARSE_DATA")
                .env("PROGRAM", env!("CARGO_BIN_EXE_aesparse"))
                .env("MIRROR", &self.mirror)
                .env("PATH", path)
                .output()
                .unwrap();
            let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let code = output.status.code();
            assert!(
                code.is_some_and(|code| expected.contains(&code)),
                "{line} ended with {code:?}, not {expected:?}\n{}\n{}",
                said(&output.stdout),
                said(&output.stderr)
            );
        }
        used
    }

    fn key(&self, results: &str, row: usize) -> String {
        let table = fs::read_to_string(self.folder.join(results).join("runs.csv")).unwrap();
        let column = table.lines().next().unwrap().split(',').position(|name| name == "run_key").unwrap();
        table.lines().nth(row + 1).unwrap().split(',').nth(column).unwrap()[..8].to_owned()
    }
}

/// `line` with `arguments` behind its first command.
fn insert(line: &str, arguments: &str) -> String {
    let end = [" && ", " > ", " 2> "].iter().filter_map(|stop| line.find(stop)).min().unwrap_or(line.len());
    format!("{} {arguments}{}", line[..end].trim_end(), &line[end..])
}

/// Whether the script, test or example that a line names is in the repository.
fn is_there(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().filter(|word| !word.contains('=')).collect();
    let exists = |path: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists();
    match *words {
        // A module of tests/main.rs, or a part of one.
        ["cargo", "test", "--test", "suite", filter, ..] => {
            let modules: Vec<&str> = filter.split("::").collect();
            (1..=modules.len()).any(|end| exists(&format!("tests/{}.rs", modules[..end].join("/"))))
        }
        ["cargo", "test", "--lib", module] => exists(&format!("src/{module}")),
        ["cargo", "run", "--release", "--example", example] => exists(&format!("examples/{example}.rs")),
        ["cargo", ..] => true,
        [script, ..] => exists(script),
        [] => false,
    }
}

/// The READMEs and the pages of docs/ that people write, with their texts; none in a packaged crate, which has no data either.
fn pages() -> BTreeMap<String, String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !repository.join("data").exists() {
        return BTreeMap::new();
    }
    let docs = fs::read_dir(repository.join("docs")).unwrap();
    let names = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let others = ["README.md", "data/README.md"].map(str::to_owned);
    let pages = names.chain(others).filter(|name| name.ends_with(".md"));
    pages.map(|name| (name.clone(), fs::read_to_string(repository.join(name)).unwrap())).collect()
}

#[test]
fn every_command_does_what_it_says() {
    let pages = pages();
    let used: BTreeSet<&str> = thread::scope(|scope| {
        let readers: Vec<_> =
            pages.iter().map(|(name, page)| scope.spawn(move || follow(name, page))).collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("a page's commands")).collect()
    });
    let stale: Vec<_> = RULES.iter().map(|(part, _)| *part).filter(|part| !used.contains(part)).collect();
    assert!(pages.is_empty() || stale.is_empty(), "rules for commands that no page has: {stale:?}");
}

/// Runs the commands of `page`; the parts by which rules for them are known.
fn follow(name: &str, page: &str) -> Vec<&'static str> {
    let commands = commands(page);
    if commands.is_empty() {
        return Vec::new();
    }
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::of(page, folder.path(), true);
    let used = commands.iter().flat_map(|command| reader.run(command)).collect();
    reader.assert_clean(name);
    if name == "docs/inspect.md" {
        let mut runs = fs::read_dir(folder.path().join("out/quickstart/inspect")).unwrap();
        assert!(runs.all(|run| run.unwrap().path().join("filters.png").is_file()), "inspect draws filters");
    }
    if name == "docs/CONTRIBUTING.md" {
        for file in ["docs/configuration.md", "docs/configuration.schema.json"] {
            let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            assert_eq!(fs::read(folder.path().join(file)).unwrap(), fs::read(committed).unwrap(), "{file}");
        }
    }
    used
}

/// Published results are read and stay as they are; what is trained is trained in full.
#[test]
#[ignore = "about a quarter of an hour: cargo test --release --test suite docs -- --ignored --nocapture"]
#[expect(clippy::print_stdout, reason = "which command is running")]
fn the_commands_of_the_readme_do_what_it_says_as_they_are_printed() {
    let Some(page) = pages().remove("README.md") else { return };
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::of(&page, folder.path(), false);
    for command in commands(&page) {
        println!("$ {command}");
        reader.run(&command);
    }
    reader.assert_clean("README.md");
}

#[test]
fn every_configuration_is_accepted() {
    let pages = pages();
    let of_page = |(name, page): (&String, &String)| -> Vec<(String, String)> {
        blocks(page, "toml").iter().map(|block| (name.clone(), (*block).to_owned())).collect()
    };
    let texts: Vec<_> = pages.iter().flat_map(of_page).collect();
    assert!(pages.is_empty() || !texts.is_empty(), "no configuration");
    for (name, text) in texts {
        if let Err(error) = config::parse(&text, Path::new("sweep.toml"), &[]) {
            panic!("{name}:\n{text}\n{error}");
        }
    }
}

/// The tables of results in pages are those that the published results give.
#[test]
fn blocks_are_made_of_the_published_results() {
    let pages = pages();
    if pages.is_empty() {
        return;
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut results = Results::read_all(&repository.join("results")).unwrap();
    results.retain(|folder| is_published(repository, &folder.name));
    let report = Report::new(&results, Vec::new(), SigmaScale::Auto);
    let mut blocks = 0;
    for (name, page) in pages {
        let fresh = report.with_blocks(&page).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        blocks += page.matches("\n<!-- end ").count();
        let line = page.lines().zip(fresh.lines()).find(|(old, new)| old != new);
        assert!(
            fresh == page,
            "{name} is out of date; run: aesparse report results --blocks README.md docs/*.md --out DIR\n{line:?}"
        );
    }
    assert!(blocks > 20, "{blocks} blocks");
}

/// Who has not read the paper must be able to read the findings in one go.
#[test]
fn findings_are_short() {
    let Some(page) = pages().remove("docs/findings.md") else { return };
    let after_block = |part: &str| {
        let after = part.split_once("<!-- end ").and_then(|(_, end)| end.split_once("-->"));
        after.map_or(part, |(_, after)| after).split_whitespace().count()
    };
    let words: usize = page.split("<!-- begin ").map(after_block).sum();
    assert!(words <= 1500, "{words} words");
}

/// `aesparse …` in running text: the command and its options exist.
#[test]
fn every_command_that_is_mentioned_exists() {
    let mut seen = 0;
    for (name, page) in pages() {
        let prose = page.split("\n```").step_by(2).collect::<String>().replace('\n', " ");
        for mention in prose.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix("aesparse ")) {
            let words: Vec<&str> = mention.split_whitespace().collect();
            let command = words.iter().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
            let command: Vec<_> = command.take(if words[0] == "data" { 2 } else { 1 }).collect();
            let help =
                Command::new(env!("CARGO_BIN_EXE_aesparse")).args(command).arg("--help").output().unwrap();
            assert!(help.status.success(), "{name}: aesparse {mention}");
            let help = String::from_utf8(help.stdout).unwrap();
            for option in words.iter().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                assert!(help.contains(option), "{name}: aesparse {mention}: {option}");
            }
            seen += 1;
        }
    }
    assert!(seen == 0 || seen > 20, "{seen}");
}

#[test]
fn the_columns_of_tables_are_explained_as_the_program_means_them() {
    let Some(page) = pages().remove("docs/results.md") else { return };
    let (runs, epochs): (Vec<_>, Vec<_>) =
        (aesparse::store::run_columns().collect(), aesparse::store::epoch_columns().collect());
    for column in runs.iter().chain(&epochs) {
        let is_in = |table: &[aesparse::store::Column]| table.iter().any(|other| other.name == column.name);
        let tables = match (is_in(&runs), is_in(&epochs)) {
            (true, true) => "runs, epochs",
            (true, false) => "runs",
            _ => "epochs",
        };
        let unit = column.metric().map_or_else(String::new, |metric| {
            let better = if metric.better == Better::Lower { "; lower is better" } else { "" };
            format!("{}{better} ", metric.unit.name())
        });
        let line = format!("| `{}` | {tables} | {} | {unit}|", column.name, column.meaning);
        assert!(page.contains(&line), "docs/results.md lacks:\n{line}");
    }
}

#[test]
fn the_columns_of_the_theory_are_explained_as_the_program_means_them() {
    let Some(page) = pages().remove("docs/theory.md") else { return };
    check_columns::<EpochRow>(&page, "theory.csv");
    check_columns::<RunRow>(&page, "theory_runs.csv");
    check_columns::<LedgerRow>(&page, "theory_ledger.csv");
    check_columns::<UnitRow>(&page, "theory/<run_key>.csv");
}

/// The table below the heading `file` has the columns of `R` in their order, those of a summary in one line, and no others.
fn check_columns<R: Columns>(page: &str, file: &str) {
    let columns = |row: &mut dyn FnMut(&mut ColumnVisitor<'_>)| {
        let mut columns = Vec::new();
        row(&mut |name, meaning, _| columns.push((name.to_owned(), meaning.replace('\\', ""))));
        columns
    };
    let parts = columns(&mut |each| Quantiles::default().visit("", "", each));
    let line = |(name, meaning): &(String, String)| {
        let of_part = |(part, what): &(String, String)| {
            Some((name.strip_suffix(&format!("_{part}"))?, meaning.strip_suffix(&format!(": {what}"))?))
        };
        match parts.iter().find_map(of_part) {
            Some((name, meaning)) => format!("| `{name}_*` | {meaning} |"),
            None => format!("| `{name}` | {meaning} |"),
        }
    };
    let columns = columns(&mut |each| R::default().visit("", "", each));
    let mut expected: Vec<String> = columns.iter().map(line).collect();
    expected.dedup();
    let table = page.split_once(&format!("\n### `{file}`\n")).expect(file).1;
    let rows = table.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let found: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(found, expected, "docs/theory.md, {file}");
}
