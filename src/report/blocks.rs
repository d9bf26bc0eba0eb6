//! Marked blocks of pages that people write: tables from results between two comments, so that no number in a page can drift.
//!
//! A block begins with the line `<!-- begin NAME, by aesparse report --blocks -->` and ends with the line `<!-- end NAME -->`. Everything
//! between them is replaced; the rest of the page stays byte for byte.

use super::catalogue::{DATASETS, PaperFigure};
use super::claims::{self, Claim};
use super::document::{Block, Details, Span, Table, Text};
use super::figures::{self, FolderFigure};
use super::page::{Report, glance_table};
use super::{controls, provenance, render, theory};
use std::fmt;

/// A block of a page that can't be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockProblem {
    /// The line of the page, from 1.
    pub line: usize,
    /// What was found, and what is accepted.
    pub message: String,
}

impl fmt::Display for BlockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// A kind of block.
struct BlockKind {
    /// The first word of its name.
    word: &'static str,
    /// What the second word of its name is; empty where the name has one word.
    argument: &'static str,
    /// The content for a second word; `None` where the results have none.
    content: fn(&Report<'_>, &str) -> Option<Vec<Block>>,
}

const KINDS: &[BlockKind] = &[
    BlockKind { word: "verdicts", argument: "", content: |report, _| verdicts(report) },
    BlockKind { word: "tally", argument: "", content: |report, _| tally(report) },
    BlockKind { word: "editions", argument: "", content: |report, _| editions(report) },
    BlockKind { word: "glance", argument: "theory or controls", content: glance },
    BlockKind { word: "curves", argument: "a results folder", content: curves },
    BlockKind { word: "costs", argument: "", content: |report, _| costs(report) },
    BlockKind { word: "figure", argument: "1 to 5, softplus or sensitivity", content: figure },
    BlockKind { word: "theory", argument: "a statement, such as lemma1", content: statement },
    BlockKind { word: "control", argument: "a control, such as bias", content: control },
];

const BEGIN: &str = "<!-- begin ";
const MADE_BY: &str = ", by aesparse report --blocks -->";

/// The line that ends the block `name`.
fn end_of(name: &str) -> String {
    format!("<!-- end {name} -->")
}

impl Report<'_> {
    /// The Markdown `page` with its marked blocks made anew.
    ///
    /// # Errors
    /// The first block that is badly marked, has an unknown name, or that the results have nothing for.
    pub fn with_blocks(&self, page: &str) -> Result<String, BlockProblem> {
        let mut fresh = String::with_capacity(page.len());
        let mut lines = page.split_inclusive('\n').zip(1..);
        while let Some((line, number)) = lines.next() {
            fresh.push_str(line);
            let Some(rest) = line.trim_end().strip_prefix(BEGIN) else { continue };
            let problem = |message: String| BlockProblem { line: number, message };
            let name = rest.strip_suffix(MADE_BY).ok_or_else(|| {
                problem(format!("found `{}`; accepted: `{BEGIN}NAME{MADE_BY}`", line.trim_end()))
            })?;
            let blocks = self.block(name).map_err(problem)?;
            let end = end_of(name);
            let last = lines.by_ref().map(|(line, _)| line).find(|line| {
                let line = line.trim_end();
                line == end || line.starts_with(BEGIN)
            });
            let last = last.filter(|last| last.trim_end() == end);
            let last = last.ok_or_else(|| {
                problem(format!("the block `{name}` has no end; accepted: the line `{end}`"))
            })?;
            fresh.push_str(&render::markdown(&blocks.into()));
            fresh.push('\n');
            fresh.push_str(last);
        }
        Ok(fresh)
    }

    /// The content of the block `name`.
    ///
    /// # Errors
    /// What was found and what is accepted.
    fn block(&self, name: &str) -> Result<Vec<Block>, String> {
        let (word, argument) = name.split_once(' ').unwrap_or((name, ""));
        let kind =
            KINDS.iter().find(|kind| kind.word == word && kind.argument.is_empty() == argument.is_empty());
        let Some(kind) = kind else {
            let names = KINDS.iter().map(|kind| match kind.argument {
                "" => format!("`{}`", kind.word),
                argument => format!("`{}` and {argument}", kind.word),
            });
            return Err(format!(
                "there is no block `{name}`; accepted: {}",
                names.collect::<Vec<_>>().join("; ")
            ));
        };
        let blocks = (kind.content)(self, argument).ok_or_else(|| {
            let accepted = if kind.argument.is_empty() { "results that have some" } else { kind.argument };
            format!("the results have nothing for the block `{name}`; accepted: {accepted}")
        })?;
        Ok(blocks.into_iter().map(without_links).collect())
    }
}

/// The verdicts on all claims, with the parts that are not supported, and those at other learning rates.
fn verdicts(report: &Report<'_>) -> Option<Vec<Block>> {
    let tally = tally(report)?;
    let open_parts = |claim: &Claim| vec![claims::open_parts(claim)];
    let mut blocks = tally;
    blocks.push(Block::note(claims::FIRST_EDITION));
    blocks.push(claims::verdicts(report.judged(), &["parts that are not supported"], open_parts));
    if report.repeated().next().is_some() {
        let row = |claim: &Claim| {
            vec![claim.name().into(), claims::qualified_verdict(claim), claims::first_edition(claim)]
        };
        let heads = ["claim", "verdict", "first edition"];
        let table = Table::new("At other learning rates:", &heads, &[]);
        blocks.push(Block::Table(table.with(report.repeated().map(row))));
    }
    Some(blocks)
}

/// How many claims are supported, contradicted and undecided.
fn tally(report: &Report<'_>) -> Option<Vec<Block>> {
    report.judged().next()?;
    Some(vec![Block::Paragraph(claims::count(report.judged()))])
}

/// What the paper's figures and the studies like them take: a row for each data set.
fn costs(report: &Report<'_>) -> Option<Vec<Block>> {
    let halves = report.figures.iter().filter_map(|one| Some((one.paper?, &one.folder)));
    let mut halves: Vec<_> = halves.collect();
    // A study of learning rates has a figure for each rate.
    halves.dedup();
    let row = |((figure, half), folder): ((&PaperFigure, usize), &String)| -> Option<Vec<Text>> {
        let results = report.results.iter().find(|results| results.name == *folder)?;
        Some(vec![
            figure.name().into(),
            DATASETS[half].1.into(),
            Span::Code(report.commands.get(folder.as_str())?.clone()).into(),
            results.runs.len().to_string().into(),
            format!("{:.1}", provenance::hours(results)).into(),
        ])
    };
    let table = Table::new("", &["figure", "data set", "command"], &["cells", "hours of a core"]);
    let table = table.with(halves.into_iter().filter_map(row).collect::<Vec<_>>());
    (!table.rows.is_empty()).then(|| vec![Block::Table(table)])
}

/// The verdicts of both editions, side by side.
fn editions(report: &Report<'_>) -> Option<Vec<Block>> {
    report.judged().next()?;
    let row = |claim: &Claim| {
        vec![
            claim.name().into(),
            claims::first_edition(claim),
            claims::qualified_verdict(claim),
            claims::open_parts(claim),
        ]
    };
    let heads =
        ["claim", "first edition, until 2026-11-29", "second edition, now", "parts that are not supported"];
    Some(vec![Block::Table(
        Table::new("", &heads, &[]).with(report.judged().chain(report.repeated()).map(row)),
    )])
}

/// The rows of the report's table at a glance about theory or controls.
fn glance(report: &Report<'_>, about: &str) -> Option<Vec<Block>> {
    let table = match about {
        "theory" => glance_table(theory::glance(&report.studies), Vec::new()),
        "controls" => glance_table(Vec::new(), controls::glance(&report.controls)),
        _ => return None,
    };
    Some(vec![table?])
}

/// The activation fractions and dead units of a results folder, by model and σ².
fn curves(report: &Report<'_>, folder: &str) -> Option<Vec<Block>> {
    let shown = report.figures.iter().filter(|one| one.folder == folder);
    let tables: Vec<Block> = shown.flat_map(|one| figures::tables(one.figure())).collect();
    (!tables.is_empty()).then_some(tables)
}

/// The ends of the curves of one of the paper's figures, on both data sets.
fn figure(report: &Report<'_>, id: &str) -> Option<Vec<Block>> {
    let is_of = |one: &&FolderFigure| one.paper.is_some_and(|(figure, _)| figure.id == id);
    let shown: Vec<&FolderFigure> = report.figures.iter().filter(is_of).collect();
    (!shown.is_empty()).then(|| vec![Block::Table(figures::ends(&shown))])
}

/// The numbers about a statement of the theory, folded.
fn statement(report: &Report<'_>, id: &str) -> Option<Vec<Block>> {
    let found = theory::tables_of(&report.studies, id);
    (!found.is_empty()).then(|| found.into_iter().map(|(dataset, tables)| folded(dataset, tables)).collect())
}

/// The numbers of a control, folded.
fn control(report: &Report<'_>, id: &str) -> Option<Vec<Block>> {
    let pages = report.controls.iter().filter(|page| page.control.id == id);
    let blocks: Vec<Block> = pages.map(|page| folded(&page.dataset, &page.tables)).collect();
    (!blocks.is_empty()).then_some(blocks)
}

fn folded(dataset: &str, tables: &[Table]) -> Block {
    let blocks = tables.iter().cloned().map(Block::Table).collect();
    Block::Details(Details { summary: format!("Numbers on {dataset}"), blocks })
}

/// The block with words in place of links, because the sections that they lead to are on another page.
fn without_links(block: Block) -> Block {
    let text = |text: Text| {
        let span = |span| match span {
            Span::Link(_, words) => Span::Plain(words),
            other => other,
        };
        Text(text.0.into_iter().map(span).collect())
    };
    match block {
        Block::Table(table) => {
            let row = |row: Vec<Text>| row.into_iter().map(text).collect();
            let rows = table.rows.into_iter().map(row).collect();
            Block::Table(Table { caption: text(table.caption), rows, ..table })
        }
        Block::Paragraph(words) => Block::Paragraph(text(words)),
        Block::Details(details) => {
            let blocks = details.blocks.into_iter().map(without_links).collect();
            Block::Details(Details { blocks, ..details })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::controls::tests::folder;
    use crate::report::figure::SigmaScale;
    use crate::report::figure::tests::runs;

    fn refreshed(page: &str) -> Result<String, BlockProblem> {
        let sweep = "sweep = { sigma_squared = [0, 0.5], regularizer = ['dae', 'cae', 'mdae', 'kl_sae'] }";
        let results = [folder("made_up", runs(sweep, |spec| Some((0.5 - spec.sigma_squared / 2.0, 0.0))))];
        Report::new(&results, Vec::new(), SigmaScale::Auto).with_blocks(page)
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let begin = "<!-- begin figure 1, by aesparse report --blocks -->\n";
        let (before, after) =
            ("# A page\n\nText.\n\n", "<!-- end figure 1 -->\nMore text, without a last line break");
        let page = refreshed(&format!("{before}{begin}| old |\n{after}")).unwrap();
        let inside = page.strip_prefix(&format!("{before}{begin}")).unwrap().strip_suffix(after).unwrap();
        assert!(inside.contains("| MNIST | DAE | 1 | 0.5000 | 0.2500 | 0.5 | 0.2500 | 0.0000 |"), "{inside}");
        assert!(!inside.contains("old"));
        assert_eq!(refreshed(&page).unwrap(), page, "once more changes nothing");
        for plain in ["", "no block\n", "`<!-- begin figure 1 -->`\n"] {
            assert_eq!(refreshed(plain).unwrap(), plain);
        }
        let links =
            refreshed("<!-- begin verdicts, by aesparse report --blocks -->\n<!-- end verdicts -->\n")
                .unwrap();
        assert!(links.contains("| first edition |") && !links.contains("](#"), "{links}");
    }

    #[test]
    fn a_block_that_cannot_be_made_is_named_with_its_line() {
        let fault = |page: &str| refreshed(page).unwrap_err().to_string();
        let block = |name: &str| {
            format!("\n<!-- begin {name}, by aesparse report --blocks -->\n<!-- end {name} -->\n")
        };
        let unknown = fault(&block("figures"));
        assert!(
            unknown.starts_with("line 2: there is no block `figures`; accepted: `verdicts`; "),
            "{unknown}"
        );
        assert!(fault(&block("verdicts 1")).contains("there is no block `verdicts 1`"));
        let absent = fault(&block("figure 2"));
        assert!(absent.contains("nothing for the block `figure 2`; accepted: 1 to 5"), "{absent}");
        assert!(
            fault("<!-- begin verdicts -->\n")
                .contains("accepted: `<!-- begin NAME, by aesparse report --blocks -->`")
        );
        let open = "<!-- begin figure 1, by aesparse report --blocks -->\n";
        for rest in ["", "text\n", "<!-- end figure 2 -->\n", open] {
            let said = fault(&format!("{open}{rest}"));
            assert!(said.contains("has no end; accepted: the line `<!-- end figure 1 -->`"), "{said}");
        }
    }
}
