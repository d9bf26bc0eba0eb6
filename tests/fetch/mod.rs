//! Downloads from a server on this machine that behaves as badly as real ones do.

mod server;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aesparse::data::digest::sha256;
use aesparse::error::{Error, Result};
use aesparse::fetch::{DownloadLimits, Fetched, Remote, Watcher, fetch, mnist_files};
use server::{Reply, Server};
use tempfile::TempDir;

const NAME: &str = "images.gz";

/// Long enough for a cut to fall into it.
fn contents() -> Vec<u8> {
    (0..300_000_u32).map(|place| (place % 251 + place / 1000) as u8).collect()
}

fn remote(servers: &[&Server]) -> Remote {
    Remote {
        folder: "set",
        name: NAME,
        sha256: Box::leak(sha256(&contents()).into_boxed_str()),
        limit: 1 << 20,
        bases: servers.iter().map(|server| server.base()).collect(),
    }
}

/// Patient enough for a busy machine and without pauses.
const PATIENT: DownloadLimits = DownloadLimits {
    connect: Duration::from_secs(60),
    stall: Duration::from_secs(60),
    attempts: 3,
    pause: Duration::ZERO,
    slack: Duration::from_secs(600),
    rate: 1000,
};

/// Keeps what it is told.
#[derive(Default)]
struct Notes {
    begun: Mutex<Vec<(u64, Option<u64>)>>,
    problems: Mutex<Vec<String>>,
}

impl Watcher for Notes {
    fn begin(&self, name: &str, url: &str, from: u64, total: Option<u64>) {
        assert!(name == NAME && url.ends_with(NAME));
        self.begun.lock().unwrap().push((from, total));
    }

    fn received(&self, bytes: u64) {
        assert!(bytes > 0);
    }

    fn problem(&self, _: &str, problem: &str) {
        self.problems.lock().unwrap().push(problem.to_owned());
    }
}

/// A data folder and what a download into it reported.
struct Place {
    folder: TempDir,
    notes: Notes,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), notes: Notes::default() }
    }

    fn fetch(&self, servers: &[&Server]) -> Result<Fetched> {
        fetch(&remote(servers), self.folder.path(), &PATIENT, &self.notes)
    }

    /// The files in the set's folder.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("set")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[track_caller]
    fn has_the_file_alone(&self) {
        assert_eq!(self.files(), [NAME]);
        assert!(fs::read(self.folder.path().join("set").join(NAME)).unwrap() == contents());
    }

    fn begun(&self) -> Vec<(u64, Option<u64>)> {
        self.notes.begun.lock().unwrap().clone()
    }
}

#[track_caller]
fn refused(result: Result<Fetched>, parts: &[&str]) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Download { .. }), "{error}");
    let message = error.to_string();
    for part in [NAME, "--from", "aesparse data import"].iter().chain(parts) {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[test]
fn a_whole_download_is_put_in_its_place_once() {
    let (server, place) = (Server::new(contents(), &[Reply::Whole]), Place::new());
    let path = place.folder.path().join("set").join(NAME);
    assert_eq!(place.fetch(&[&server]).unwrap(), Fetched::Placed(path));
    place.has_the_file_alone();
    assert_eq!(place.begun(), [(0, Some(300_000))]);
    assert_eq!(place.fetch(&[&server]).unwrap(), Fetched::Kept);
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "an intact file isn't asked for again");
    assert!(requests[0].contains("user-agent: aesparse/") && !requests[0].contains("range:"));
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let (server, place) = (Server::new(contents(), &[Reply::Cut(100_000), Reply::Range]), Place::new());
    place.fetch(&[&server]).unwrap();
    place.has_the_file_alone();
    let requests = server.requests();
    assert!(requests[1].contains("range: bytes=100000-") && requests[1].contains("if-range: \"v1\""));
    assert_eq!(place.begun(), [(0, Some(300_000)), (100_000, Some(300_000))]);
    assert_eq!(place.notes.problems.lock().unwrap().len(), 1);
}

#[test]
fn a_later_call_goes_on_too() {
    let place = Place::new();
    let server = Server::new(contents(), &[Reply::Cut(100_000), Reply::Status("503 Busy"), Reply::Range]);
    let impatient = DownloadLimits { attempts: 1, ..PATIENT };
    let once = || fetch(&remote(&[&server]), place.folder.path(), &impatient, &place.notes);
    refused(once(), &["try again, which resumes where it stopped", "503"]);
    assert_eq!(place.files(), [".partial-images.gz", ".partial-images.gz.origin"]);
    once().unwrap();
    place.has_the_file_alone();
    assert_eq!(place.begun().last(), Some(&(100_000, Some(300_000))));
}

#[test]
fn a_server_that_ignores_the_range_or_has_another_version_starts_over() {
    for second in [Reply::Whole, Reply::WrongRange] {
        let place = Place::new();
        let server = Server::new(contents(), &[Reply::Cut(100_000), second, Reply::Whole]);
        place.fetch(&[&server]).unwrap();
        place.has_the_file_alone();
        assert_eq!(place.begun().last(), Some(&(0, Some(300_000))));
    }
}

#[test]
fn what_is_there_already_is_checked_too() {
    // As long as the file or longer, and wrong: the server has nothing behind it, or something that doesn't fit.
    for (size, replies) in [
        (300_000, [Reply::Status("416 Range Not Satisfiable"), Reply::Whole]),
        (1000, [Reply::Range, Reply::Whole]),
    ] {
        let (server, place) = (Server::new(contents(), &replies), Place::new());
        let set = place.folder.path().join("set");
        fs::create_dir(&set).unwrap();
        fs::write(set.join(".partial-images.gz"), vec![7; size]).unwrap();
        fs::write(set.join(".partial-images.gz.origin"), format!("{}{NAME}\n\"v1\"\n", server.base()))
            .unwrap();
        place.fetch(&[&server]).unwrap();
        place.has_the_file_alone();
        assert!(place.notes.problems.lock().unwrap()[0].contains("sent a wrong file"));
    }
}

#[test]
fn bytes_from_elsewhere_are_not_added_to() {
    let (server, place) = (Server::new(contents(), &[Reply::Range]), Place::new());
    let set = place.folder.path().join("set");
    fs::create_dir(&set).unwrap();
    fs::write(set.join(".partial-images.gz"), &contents()[..1000]).unwrap();
    fs::write(set.join(".partial-images.gz.origin"), "http://elsewhere/images.gz\n\"v1\"\n").unwrap();
    place.fetch(&[&server]).unwrap();
    place.has_the_file_alone();
    assert_eq!(place.begun(), [(0, Some(300_000))]);
}

#[test]
fn a_wrong_file_is_removed_and_named() {
    let mut wrong = contents();
    wrong[5] ^= 1;
    let found = sha256(&wrong);
    let (server, place) = (Server::new(wrong, &[Reply::Whole]), Place::new());
    refused(place.fetch(&[&server]), &["sent a wrong file", &found, &sha256(&contents())]);
    assert!(place.files().is_empty(), "{:?}", place.files());
    assert_eq!(server.requests().len(), 1, "the same address isn't asked again");
}

#[test]
fn a_page_a_refusal_and_a_failing_server_are_said_and_the_next_address_asked() {
    for (reply, problem, requests) in [
        (Reply::Page, "sent an HTML page instead of the file", 1),
        (Reply::Status("404 Not Found"), "answered 404 Not Found", 1),
        (Reply::Status("503 Service Unavailable"), "answered 503 Service Unavailable", 3),
        (Reply::Oversized, "offers 1048577 bytes, the limit is 1048576", 1),
        (Reply::Endless, "sent more than the limit of 1048576 bytes", 1),
        (Reply::Garbage, "", 3),
    ] {
        let (bad, place) = (Server::new(contents(), &[reply]), Place::new());
        refused(place.fetch(&[&bad]), &[problem, &bad.base()]);
        assert!(place.files().is_empty(), "{problem}: {:?}", place.files());
        assert_eq!(bad.requests().len(), requests, "{problem}");
        let good = Server::new(contents(), &[Reply::Whole]);
        place.fetch(&[&bad, &good]).unwrap();
        place.has_the_file_alone();
        assert!(place.notes.problems.lock().unwrap().last().unwrap().contains(problem));
    }
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let (server, place) = (Server::new(contents(), &[Reply::Stall(100_000), Reply::Range]), Place::new());
    // A machine so busy that the second reply comes too late asks again.
    let brisk = DownloadLimits { stall: Duration::from_millis(200), attempts: 100, ..PATIENT };
    fetch(&remote(&[&server]), place.folder.path(), &brisk, &place.notes).unwrap();
    place.has_the_file_alone();
    assert!(place.notes.problems.lock().unwrap()[0].contains("sent nothing for 200ms"));
}

/// One byte now and then is never nothing for long.
#[test]
fn a_server_that_trickles_is_left() {
    // So low that a good server keeps it on the busiest machine.
    let brisk = DownloadLimits { slack: Duration::from_millis(200), rate: 1 << 10, ..PATIENT };
    let (slow, place) = (Server::new(contents(), &[Reply::Trickle]), Place::new());
    let begun = Instant::now();
    refused(
        fetch(&remote(&[&slow]), place.folder.path(), &brisk, &place.notes),
        &["less than 1024 bytes a second"],
    );
    assert_eq!(slow.requests().len(), 1, "it isn't asked again");
    // One that sends a little and cuts the connection, again and again, is no better.
    let (cut, place) = (Server::new(contents(), &[Reply::Nibble]), Place::new());
    let endless = DownloadLimits { pause: Duration::from_millis(50), ..brisk };
    refused(fetch(&remote(&[&cut]), place.folder.path(), &endless, &place.notes), &["less than"]);
    // Nor is a header without an end.
    let (header, place) = (Server::new(contents(), &[Reply::SlowHeader]), Place::new());
    let curt = DownloadLimits { stall: Duration::from_millis(200), attempts: 1, ..PATIENT };
    refused(
        fetch(&remote(&[&header]), place.folder.path(), &curt, &place.notes),
        &["sent no answer within 200ms"],
    );
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    let (good, place) = (Server::new(contents(), &[Reply::Whole]), Place::new());
    fetch(&remote(&[&slow, &good]), place.folder.path(), &brisk, &place.notes).unwrap();
    place.has_the_file_alone();
}

#[test]
fn redirects_are_followed() {
    let (server, place) = (Server::new(contents(), &[Reply::Redirect, Reply::Whole]), Place::new());
    place.fetch(&[&server]).unwrap();
    place.has_the_file_alone();
    assert!(server.requests()[1].starts_with("get /elsewhere/images.gz "));
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let place = Place::new();
    let mut remote = remote(&[]);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    remote.bases = vec![format!("http://127.0.0.1:{port}/")];
    refused(fetch(&remote, place.folder.path(), &PATIENT, &place.notes), &["refused"]);
    assert!(place.files().is_empty());
}

#[test]
fn a_damaged_plain_file_does_not_hide_the_download() {
    let (server, place) = (Server::new(contents(), &[Reply::Whole]), Place::new());
    fs::create_dir(place.folder.path().join("set")).unwrap();
    fs::write(place.folder.path().join("set/images"), "damaged").unwrap();
    place.fetch(&[&server]).unwrap();
    place.has_the_file_alone();
    // Nor one that was there before.
    fs::write(place.folder.path().join("set/images"), "damaged").unwrap();
    assert_eq!(place.fetch(&[&server]).unwrap(), Fetched::Kept);
    place.has_the_file_alone();
}

#[test]
fn two_processes_do_not_download_the_same_file() {
    let (server, place) = (Server::new(contents(), &[Reply::Whole]), Place::new());
    fs::create_dir(place.folder.path().join("set")).unwrap();
    let other = fs::File::create(place.folder.path().join("set/.partial-images.gz")).unwrap();
    other.lock().unwrap();
    let message = place.fetch(&[&server]).unwrap_err().to_string();
    assert!(message.contains("another process is downloading this file"), "{message}");
    assert!(server.requests().is_empty());
    drop(other);
    place.fetch(&[&server]).unwrap();
    place.has_the_file_alone();
}

#[test]
fn known_files_that_are_intact_are_kept_in_any_compression() {
    let name = "t10k-labels-idx1-ubyte.gz";
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mnist").join(name);
    let Ok(bytes) = fs::read(committed) else { return };
    let (server, place) = (Server::new(contents(), &[Reply::Whole]), Place::new());
    fs::create_dir(place.folder.path().join("mnist")).unwrap();
    fs::write(place.folder.path().join("mnist").join(name), &bytes).unwrap();
    let mut labels = mnist_files().into_iter().find(|file| file.name == name).unwrap();
    assert_ne!(sha256(&bytes), labels.sha256, "another compression of the same bytes");
    labels.bases = vec![server.base()];
    assert_eq!(fetch(&labels, place.folder.path(), &PATIENT, &place.notes).unwrap(), Fetched::Kept);
    assert!(server.requests().is_empty());
}
