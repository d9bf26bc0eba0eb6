//! The report: one HTML file that needs nothing else, neither network nor scripts.
//!
//! Everything that comes from a file is escaped by the templates; pictures are inline SVG whose colours follow the
//! reader's light or dark theme.

mod figures;
mod provenance;
mod verdicts;

use super::caveats::caveats;
use super::claims::Claim;
use super::controls;
use super::drawings::{Drawing, set_sigma_scale};
use super::figure::SigmaScale;
use super::inspect::{self, Album};
use super::printable;
use super::theory::{self, Study};
use crate::store::Results;
pub(super) use figures::themed;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// The whole page; `albums` are the pictures of single runs in these results, `scale` spaces the axes of σ².
pub fn page(results: &[Results], claims: &[Claim], albums: &[Album], scale: SigmaScale) -> String {
    let studies = Study::all(results);
    let mut controls = controls::Page::all(results);
    let mut drawings = Drawing::all(results, &controls, &studies);
    set_sigma_scale(&mut drawings, &mut controls, scale);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "aesparse " (env!("CARGO_PKG_VERSION")) };
                title { "aesparse: report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(results, [!controls.is_empty(), !studies.is_empty(), !albums.is_empty()]))
                main {
                    (part("verdicts", "Verdicts on the paper's claims", &verdicts::verdicts(claims)))
                    (part("figures", "Figures", &figures::figures(&drawings)))
                    @if !controls.is_empty() { (part("controls", "Controls", &controls::html(&controls))) }
                    @if !studies.is_empty() {
                        (part("theory", "The theory, measured", &theory::section(&studies)))
                    }
                    @if !albums.is_empty() { (part("inspect", "Runs looked at", &inspect::section(albums))) }
                    (part("caveats", "What to beware of", &provenance::caveats(&caveats(results))))
                    (part("provenance", "Settings and provenance", &provenance::provenance(results)))
                }
            }
        }
    };
    printable(&page.into_string()).into_owned()
}

/// Title and contents; of three parts, whether the page has them.
fn header(results: &[Results], [has_controls, has_theory, has_albums]: [bool; 3]) -> Markup {
    let cells: usize = results.iter().map(|results| results.runs.len()).sum();
    let names = results.iter().map(|results| results.name.as_str()).collect::<Vec<_>>().join(", ");
    html! {
        header {
            h1 { "Why do regularized auto-encoders learn sparse representations?" }
            p {
                "Average activation fractions and dead units of auto-encoders, measured against the claims of Arpit, \
                 Zhou, Ngo and Govindaraju (ICML 2016). " (cells) " cells in " (results.len())
                @if results.len() == 1 { " results folder: " } @else { " results folders: " } (names) "."
            }
            nav aria-label="Contents" {
                ul {
                    li { a href="#verdicts" { "Verdicts" } }
                    li { a href="#figures" { "Figures" } }
                    @if has_controls { li { a href="#controls" { "Controls" } } }
                    @if has_theory { li { a href="#theory" { "The theory, measured" } } }
                    @if has_albums { li { a href="#inspect" { "Runs looked at" } } }
                    li { a href="#caveats" { "What to beware of" } }
                    li { a href="#provenance" { "Settings and provenance" } }
                }
            }
        }
    }
}

fn part(id: &str, title: &str, content: &Markup) -> Markup {
    html! { section id=(id) aria-labelledby={ (id) "-title" } { h2 id={ (id) "-title" } { (title) } (content) } }
}
