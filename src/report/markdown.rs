//! The report as Markdown, for a repository's pages: verdicts, pictures, numbers and caveats.

use super::caveats::caveats;
use super::chart;
use super::claims::Claim;
use super::claims::text::{parts, tally};
use super::controls;
use super::drawings::{Drawing, image_file};
use super::figure::{Figure, Series};
use super::inspect::{self, Album};
use super::printable;
use super::theory::{self, Study};
use crate::store::Results;
use std::fmt::Write as _;

/// The page; `command` is what made it, and pictures are those in `figures/` beside it, and for `albums` in the results folders.
pub fn page(results: &[Results], claims: &[Claim], albums: &[Album], command: &str) -> String {
    let mut page = format!(
        "# Results\n\nMade by {} from the records in these folders; not edited by hand.\n\n",
        code(command)
    );
    verdicts(&mut page, claims);
    page.push_str("## Figures\n");
    let (controls, studies) = (controls::Page::all(results), Study::all(results));
    for drawing in Drawing::all(results, &controls, &studies) {
        one(&mut page, &drawing);
    }
    controls::markdown(&mut page, &controls);
    theory::markdown(&mut page, &studies);
    inspect::write(&mut page, albums);
    page.push_str("\n## What to beware of\n\n");
    for caveat in caveats(results) {
        let _ = writeln!(page, "- **{}**: {}", plain(&caveat.name), plain(&caveat.text));
    }
    folders(&mut page, results);
    printable(&page).into_owned()
}

fn verdicts(page: &mut String, claims: &[Claim]) {
    let main = claims.iter().filter(|claim| !claim.repetition);
    let _ = writeln!(page, "## Verdicts on the paper's claims\n\n{}.\n", tally(main));
    page.push_str("| claim | verdict | parts | statement |\n|---|---|---|---|\n");
    for claim in claims {
        let (name, parts) = (claim.name(), parts(claim));
        let aside = Some(claim.aside()).filter(|aside| !aside.is_empty());
        let aside = aside.map(|aside| format!(" ({aside})")).unwrap_or_default();
        let _ = writeln!(
            page,
            "| {name} | **{}**{aside} | {parts} | {} ({}) |",
            claim.verdict,
            plain(claim.statement),
            plain(claim.source)
        );
    }
    page.push_str("\nThe numbers behind each verdict:\n\n");
    for claim in claims {
        for part in &claim.parts {
            let _ = write!(page, "- {} {}: **{}**", claim.name(), plain(&part.label), part.verdict);
            if !part.basis().is_empty() {
                let _ = write!(page, " ({})", part.basis());
            }
            for effect in part.effects() {
                let _ = write!(page, "; {}", plain(&effect));
            }
            if !part.remarks().is_empty() {
                let _ = write!(page, ". {}", plain(&part.remarks()));
            }
            page.push('\n');
        }
    }
    page.push('\n');
}

fn one(page: &mut String, drawing: &Drawing) {
    let Drawing { stem, figure, .. } = drawing;
    let title = plain(&figure.title);
    let (dataset, image) = (plain(&figure.dataset), image_file(stem, &chart::svg(figure)));
    let _ = writeln!(page, "\n### {title}: {dataset}\n\n![{title}](figures/{image})\n");
    numbers(page, figure, "activation fraction", 4, |series, index| {
        series.points[index].avg_activation_fraction.map(|estimate| estimate.mean)
    });
    numbers(page, figure, "dead fraction", 3, |series, index| {
        series.points[index].dead_fraction.map(|estimate| estimate.mean)
    });
}

/// A table of models by σ².
fn numbers(
    page: &mut String,
    figure: &Figure,
    name: &str,
    digits: usize,
    value: impl Fn(&Series, usize) -> Option<f64>,
) {
    let mut sigmas: Vec<f64> =
        figure.series.iter().flat_map(|s| s.points.iter().map(|p| p.sigma_squared)).collect();
    sigmas.sort_by(f64::total_cmp);
    sigmas.dedup();
    let heads: String = sigmas.iter().map(|sigma| format!(" {sigma} |")).collect();
    let _ = writeln!(page, "| {name}, σ² = |{heads}\n|---|{}", "---:|".repeat(sigmas.len()));
    for series in &figure.series {
        let cell = |sigma: &f64| {
            let index = series.points.iter().position(|point| point.sigma_squared == *sigma);
            match index.map(|index| value(series, index)) {
                None => " |".to_owned(),
                Some(None) => " diverged |".to_owned(),
                Some(Some(value)) => format!(" {value:.digits$} |"),
            }
        };
        let cells: String = sigmas.iter().map(cell).collect();
        let _ = writeln!(page, "| {} |{cells}", plain(&series.legend));
    }
    page.push('\n');
}

fn folders(page: &mut String, results: &[Results]) {
    page.push_str("\n## Where the numbers come from\n\n");
    page.push_str("| folder | cells | finished | version | processor | hours of a core |\n|---|---:|---|---|---|---:|\n");
    for folder in results {
        let manifest = &folder.manifest;
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {:.2} |",
            plain(&folder.name),
            folder.runs.len(),
            manifest.finished.as_deref().unwrap_or("not yet"),
            plain(&manifest.version),
            plain(&folder.processors()),
            manifest.seconds.values().sum::<f64>() / 3600.0
        );
    }
}

/// `text` as code, in which nothing can be escaped: the fence is longer than any run of backticks in it.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text.split(|c: char| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Markdown takes one space from both ends away again.
    let ends = ['`', ' '];
    let space = if text.starts_with(ends) || text.ends_with(ends) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text that Markdown shows as it is: its signs, HTML's, and those of mathematics and struck text on GitHub, escaped.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '|' | '*' | '`' | '[' | ']' | '\\' | '_' | '$' | '~' => plain.extend(['\\', c]),
            '\n' | '\r' => plain.push(' '),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_markdown_are_text() {
        assert_eq!(plain("$x$ ~y~ a_b <i> c|d\n`e`"), r"\$x\$ \~y\~ a\_b &lt;i> c\|d \`e\`");
    }

    #[test]
    fn the_command_stays_one_piece_of_code() {
        for (command, expected) in [
            ("aesparse report results", "`aesparse report results`"),
            ("aesparse report d`x`/r", "``aesparse report d`x`/r``"),
            ("aesparse report d`x`", "`` aesparse report d`x` ``"),
            ("aesparse report a``b`c", "```aesparse report a``b`c```"),
            ("aesparse report a\nb", "`aesparse report a b`"),
        ] {
            assert_eq!(code(command), expected);
        }
        let page = page(&[], &[], &[], "aesparse report d`x`");
        assert!(page.contains("\nMade by `` aesparse report d`x` `` from"), "{page}");
    }
}
