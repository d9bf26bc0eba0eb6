//! The data commands: what is there, whether it is intact, and bringing it in.

use super::Workplace;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// The committed data, or `None` with a message where they are absent, as in a packaged crate.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub(super) fn committed() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let present = folder.join("mnist").exists() && folder.join("cifar10").exists();
    if !present {
        eprintln!("skipped: {} has no data", folder.display());
    }
    present.then_some(folder)
}

const LABELS: &str = "t10k-labels-idx1-ubyte.gz";

impl Workplace {
    /// A workplace with some committed files in its data folder, and with committed data.
    fn with(files: &[&str]) -> Option<Self> {
        let (data, workplace) = (committed()?, Self::new());
        for folder in ["mnist", "cifar10"] {
            fs::create_dir_all(workplace.path("data").join(folder)).unwrap();
        }
        for file in files {
            fs::copy(data.join(file), workplace.path("data").join(file)).unwrap();
        }
        Some(workplace)
    }
}

#[test]
fn a_list_says_what_is_there_and_how_to_get_the_rest() {
    let workplace = Workplace::new();
    let ended = workplace.run("data list", 0);
    ended.says(&[
        "mnist: not there",
        "licence: CC BY-SA 3.0",
        "missing  mnist/train-images-idx3-ubyte",
        "to get it: aesparse data fetch mnist, or aesparse data import",
        "cifar10_patches: not there",
        "cifar10: not there",
        "Krizhevsky 2009",
        "missing  cifar10/cifar-10-binary.tar.gz",
    ]);
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    workplace.run("data verify", 2).says(&["missing  mnist/train-images", "there are no data"]);

    let Some(data) = committed() else { return };
    let ended = workplace.run(&format!("data list --data-dir {}", data.display()), 0);
    ended.says(&["mnist: usable", "9.6 MB", "cifar10_patches: usable", "patches-8x8-train.npy.gz"]);

    fs::create_dir_all(workplace.path("data/mnist")).unwrap();
    workplace.write("data/mnist/t10k-images-idx3-ubyte", "<html>");
    workplace.run("data list", 0).says(&["mnist: not usable as it is", "damaged", "looks like an HTML page"]);
}

/// A file of the right size and header that isn't the known one.
#[test]
fn a_list_calls_nothing_usable_that_is_refused() {
    let Some(workplace) = Workplace::with(&["mnist/train-images-idx3-ubyte.gz"]) else { return };
    let mut images = vec![0; 16 + 10_000 * 28 * 28];
    images[..16].copy_from_slice(&[0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28]);
    fs::write(workplace.path("data/mnist/t10k-images-idx3-ubyte"), images).unwrap();
    let listed = workplace.run("data list", 0);
    listed.says(&["mnist: not usable as it is", "damaged", "t10k-images-idx3-ubyte: has the wrong contents"]);
}

#[test]
fn a_data_folder_that_does_not_exist_is_named() {
    let workplace = Workplace::new();
    for command in ["data list", "data verify", "data patches"] {
        workplace
            .run(&format!("{command} --data-dir nowhere"), 2)
            .says(&["--data-dir nowhere: there is no such folder"]);
    }
    // Of drawn data nothing is looked for there.
    workplace
        .run("plan tiny.toml --data-dir nowhere", 0)
        .says(&["warning: --data-dir nowhere: there is no such folder"]);
    let with = |line: &str| {
        let output = workplace.command(line).env("AESPARSE_DATA", "gone").output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = with("data list");
    assert!(
        code == 0 && said.contains("AESPARSE_DATA") && said.contains("gone: there is no such folder"),
        "{said}"
    );
    let (code, said) = with("run tiny.toml -o data.source=mnist");
    assert!(
        code == 2 && said.contains("gone (AESPARSE_DATA)") && said.contains("no such folder: "),
        "{said}"
    );
    // Drawn data need none.
    assert_eq!(with("run tiny.toml --quiet"), (0, String::new()));
    let Some(data) = committed() else { return };
    fs::create_dir(workplace.path("data")).unwrap();
    for folder in ["mnist", "cifar10"] {
        fs::create_dir(workplace.path("data").join(folder)).unwrap();
        for file in fs::read_dir(data.join(folder)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), workplace.path("data").join(folder).join(file.file_name())).unwrap();
        }
    }
    let elsewhere = workplace.run("plan tiny.toml -o data.source=mnist --data-dir nowhere", 2);
    elsewhere.says(&["error: --data-dir nowhere: there is no such folder"]);
    let (code, said) = with("plan tiny.toml -o data.source=mnist");
    assert!(
        code == 0 && said.contains("warning: AESPARSE_DATA") && said.contains("gone: there is no"),
        "{said}"
    );
}

/// Results that didn't arrive are no success.
#[cfg(target_os = "linux")]
#[test]
fn a_verdict_that_cannot_be_written_is_no_success() {
    let Some(data) = committed() else { return };
    let workplace = Workplace::new();
    for command in ["data verify mnist", "data list"] {
        let mut program = std::process::Command::new(super::PROGRAM);
        program.current_dir(workplace.path("")).args(command.split_whitespace()).arg("--data-dir").arg(&data);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program.stdout(full).stderr(std::process::Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("cannot write to stdout"));
    }
}

#[test]
fn verifying_reads_every_byte() {
    let Some(data) = committed() else { return };
    let workplace = Workplace::new();
    let ended = workplace.run(&format!("data verify mnist cifar10_patches --data-dir {}", data.display()), 0);
    assert_eq!(ended.stdout.lines().filter(|line| line.starts_with("ok ")).count(), 6, "{}", ended.stdout);
    let quiet = workplace.run(&format!("data verify --quiet --data-dir {}", data.display()), 0);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty());
    workplace
        .run(&format!("data verify cifar100 --data-dir {}", data.display()), 2)
        .says(&["cifar100", "mnist"]);
}

#[test]
fn what_is_missing_or_damaged_is_told() {
    let Some(workplace) = Workplace::with(&["mnist/t10k-labels-idx1-ubyte.gz"]) else { return };
    workplace.run("data verify", 0).says(&["ok  ", LABELS, "missing  mnist/train-images"]);
    workplace.run("data verify mnist", 2).says(&["ok  ", "1 ok, 3 damaged or missing"]);
    workplace
        .run("data verify cifar10", 2)
        .says(&["missing  cifar10/cifar-10-binary.tar.gz (aesparse data fetch"]);

    let path = workplace.path("data/mnist").join(LABELS);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    workplace.run("data verify", 2).says(&["damaged  ", LABELS, "0 ok, 1 damaged or missing"]);
    let ended = workplace.run("data verify --quiet", 2);
    assert!(ended.stdout.is_empty());
    ended.says(&["damaged  ", LABELS]);
}

#[test]
fn files_are_imported_whatever_their_names_and_never_replace_intact_ones() {
    let Some(data) = committed() else { return };
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path("download/deep")).unwrap();
    fs::copy(data.join("mnist").join(LABELS), workplace.path("download/deep/a file (1).bin")).unwrap();
    fs::copy(data.join("cifar10/patches-8x8-test.npy.gz"), workplace.path("download/b")).unwrap();
    workplace.write("download/readme.txt", "nothing to import");
    workplace.write("download/.hidden", "");

    let ended = workplace.run("data import download", 0);
    ended.says(&["a file (1).bin → ", "data/mnist/t10k-labels-idx1-ubyte.gz\n", "patches-8x8-test.npy.gz\n"]);
    assert_eq!(ended.stdout.lines().count(), 2, "{}", ended.stdout);
    workplace.run("data verify", 0).says(&["ok  "]);
    workplace.run("data import download --data-dir other", 0).says(&["other/mnist/t10k-labels"]);

    let before = fs::read(workplace.path("data/mnist").join(LABELS)).unwrap();
    workplace.run("data import download", 0).says(&["not needed", "is intact"]);
    assert!(fs::read(workplace.path("data/mnist").join(LABELS)).unwrap() == before);
    assert_eq!(fs::read_dir(workplace.path("data/mnist")).unwrap().count(), 1, "nothing else is left");

    // A damaged plain file would be read before the intact one.
    workplace.write("data/mnist/t10k-labels-idx1-ubyte", "damaged");
    workplace.run("data import download", 0).says(&["in the place of a damaged file"]);
    workplace.run("data verify", 0).says(&["ok  "]);
}

#[test]
fn what_is_no_file_of_a_data_set_is_not_imported() {
    let Some(workplace) = Workplace::with(&["mnist/t10k-labels-idx1-ubyte.gz"]) else { return };
    fs::create_dir(workplace.path("download")).unwrap();
    workplace.write("download/notes", "nothing");
    workplace.run("data import download", 2).says(&["error: download: holds no file of a known data set"]);
    workplace
        .run("data import download/notes", 2)
        .says(&["is no file of a known data set", "expected MNIST's"]);
    workplace.run("data import absent", 2).says(&["error: cannot read absent"]);

    // As a download leaves it that was cut off: too little to tell what it is.
    workplace.write("download/train-labels-idx1-ubyte.gz", "");
    workplace.write("download/train-images-idx3-ubyte.gz", "<!DOCTYPE html>");
    workplace.write("download/cifar-10-binary.tar.gz", "cifar-10-batches-bin/ and no more");
    let mut other = vec![0, 0, 8, 1, 0, 0, 0, 2];
    other.extend([1, 2]);
    fs::write(workplace.path("download/labels"), other).unwrap();
    fs::copy(workplace.path("data/mnist").join(LABELS), workplace.path("download/good")).unwrap();
    workplace.run("data import download", 2).says(&[
        "looks like an HTML page",
        "looks like a text file, expected CIFAR-10's binary version",
        "none of the known files'",
        "download/good: not needed",
        "download/train-labels-idx1-ubyte.gz",
        "4 files not imported",
    ]);
    assert_eq!(fs::read_dir(workplace.path("data/mnist")).unwrap().count(), 1);
}

#[test]
fn a_download_that_fails_is_refused_and_an_intact_file_is_not_downloaded() {
    let Some(workplace) = Workplace::with(&[]) else { return };
    let base = absent_files();
    let ended = workplace.run(&format!("data fetch mnist --from {base}"), 2);
    ended.says(&["error: cannot download train-images-idx3-ubyte.gz", "answered 404 Not Found", "--from"]);
    assert_eq!(ended.stderr.matches("error: ").count(), 4, "each file is tried: {}", ended.stderr);
    assert_eq!(fs::read_dir(workplace.path("data/mnist")).unwrap().count(), 0);

    let data = committed().unwrap();
    let ended = workplace.run(&format!("data fetch mnist --from {base} --data-dir {}", data.display()), 0);
    assert_eq!(ended.stderr.matches("there already, intact").count(), 4, "{}", ended.stderr);
    workplace.run("data fetch mnist --from ftp://somewhere", 2).says(&["http://"]);
    workplace.run("data fetch imagenet", 2).says(&["imagenet", "cifar10"]);
}

/// The address of a server without files.
fn absent_files() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/some/folder", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ =
                stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    address
}

#[test]
fn patches_need_the_images() {
    let workplace = Workplace::new();
    workplace.run("data patches", 2).says(&["cifar-10-batches-bin: not found", "--data-dir"]);
    workplace.run("data patches --train 0", 2).says(&["--train"]);
}

#[test]
fn the_data_commands_explain_themselves() {
    let workplace = Workplace::new();
    workplace.run("data --help", 0).says(&["list", "verify", "import", "fetch", "patches", "Exit codes"]);
    for (command, example) in [
        ("list", "aesparse data list --data-dir"),
        ("verify", "aesparse data verify mnist"),
        ("import", "aesparse data import Downloads"),
        ("fetch", "aesparse data fetch mnist"),
        ("patches", "aesparse data patches --seed 2"),
    ] {
        workplace.run(&format!("data {command} --help"), 0).says(&["--data-dir", example]);
    }
}
