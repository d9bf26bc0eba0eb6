//! A results folder of which one file, that the first byte names, is not ours: it is refused or reported on.

#![no_main]

use aesparse::report::figure::SigmaScale;
use aesparse::report::inspect::albums;
use aesparse::report::{Prose, Report, render};
use aesparse::store::Results;
use aesparse_fuzz::{results_files, sweep};
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let files = results_files();
    let folder = sweep().store.folder();
    let path = folder.join(&files[usize::from(which) % files.len()]);
    let ours = fs::read(&path).expect("the sweep has left it");
    fs::write(&path, bytes).expect("it can be written");
    if let Ok(read) = Results::read(folder) {
        let read = [read];
        let albums = albums(&read, folder).expect("its pictures are ours");
        let document = Report::new(&read, albums, SigmaScale::Auto).document(&Prose::default());
        let page = render::html(&document);
        assert!(!page.contains("<script"), "something of a file stands in the page as it is");
        render::markdown(&document);
    }
    fs::write(&path, ours).expect("it can be written");
});
