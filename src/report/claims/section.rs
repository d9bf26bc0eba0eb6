//! Claims on a page: a table of verdicts, and for each claim the numbers behind its verdict.

use super::text::tally;
use super::verdict::{Claim, Measure, Part, Verdict};
use crate::report::document::{Block, Mark, Section, Span, Table, Text};
use crate::report::text::{confidence_level, interval, number};

/// How claims are judged, in short.
pub const RULES: &str = "A claim is supported where every interval of every part lies on the claim's side, contradicted where an \
     interval that is corrected for the number of tests lies on the other side, and undecided otherwise. Margins are fixed in the \
     program. One seed gives no verdict: what would follow from the spread between its hidden units stands beside it.";

/// `9 claims: 3 supported, 1 contradicted, 5 undecided`
pub fn count<'c>(claims: impl Iterator<Item = &'c Claim> + Clone) -> Text {
    let number = claims.clone().count();
    Span::Strong(format!("{number} claim{}: {}.", if number == 1 { "" } else { "s" }, tally(claims))).into()
}

/// A row for each of `claims`, with what `more` says of each under the heads `more_heads`; names lead to [`sections`].
pub fn verdicts<'c>(
    claims: impl Iterator<Item = &'c Claim>,
    more_heads: &[&str],
    more: impl Fn(&Claim) -> Vec<Text>,
) -> Block {
    let row = |claim: &Claim| {
        let statement = Text::from(claim.statement).then(Span::Muted(format!(" ({})", claim.source)));
        let own =
            [Span::to(id(claim), claim.name()).into(), verdict(claim.verdict, &claim.aside()), statement];
        own.into_iter().chain(more(claim)).collect()
    };
    let heads = [&["claim", "verdict", "statement"], more_heads].concat();
    Block::Table(Table::new("", &heads, &[]).with(claims.map(row)))
}

/// A section for each of `claims`.
pub fn sections<'c>(claims: impl Iterator<Item = &'c Claim>) -> Vec<Block> {
    claims.map(|claim| Block::Section(section(claim))).collect()
}

fn id(claim: &Claim) -> String {
    format!("claim-{}", claim.name().replace(' ', "-"))
}

fn section(claim: &Claim) -> Section {
    let remarks = claim.parts.iter().filter(|part| !part.remarks().is_empty());
    let mut notes: Vec<Text> =
        remarks.map(|part| format!("{}: {}", part.label, part.remarks()).into()).collect();
    notes.extend(claim.notes.iter().map(|note| note.as_str().into()));
    let mut blocks = vec![
        Block::Paragraph(Text::from(claim.statement).then(Span::Muted(format!(" ({})", claim.source)))),
        Block::note(format!("Contradicted if {}.", claim.contradicted_by)),
        Block::Table(parts(&claim.parts)),
    ];
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    let aside = Some(claim.aside()).filter(|aside| !aside.is_empty());
    let aside = aside.map(|aside| format!(" ({aside})")).unwrap_or_default();
    Section::new(id(claim), format!("Claim {}: {}{aside}", claim.name(), claim.verdict), blocks)
}

/// A row for each measure of each part; a part without any has one row.
fn parts(parts: &[Part]) -> Table {
    let words = ["part", "verdict", "measure", "claimed", "rests on"];
    let rows = parts.iter().flat_map(|part| {
        let measures: Vec<Option<&Measure>> = match part.measures.as_slice() {
            [] => vec![None],
            measures => measures.iter().map(Some).collect(),
        };
        measures.into_iter().enumerate().map(move |(index, measure)| {
            let (label, verdict) = match index {
                0 => (part.label.as_str().into(), verdict(part.verdict, &part.aside())),
                _ => (Text::default(), Text::default()),
            };
            [vec![label, verdict], numbers(measure)].concat()
        })
    });
    Table::new("", &words, &["value", "interval", "corrected interval"]).with(rows)
}

fn numbers(measure: Option<&Measure>) -> Vec<Text> {
    let Some(measure) = measure else { return vec![Text::default(); 6] };
    let bounds = |bounds: Option<crate::report::statistics::Interval>, confidence: Option<f64>| match (
        bounds, confidence,
    ) {
        (Some(bounds), Some(confidence)) => {
            format!("{} at {}", interval(bounds), confidence_level(confidence))
        }
        _ => String::new(),
    };
    let cells = [
        measure.quantity.clone(),
        measure.threshold.map(|threshold| threshold.to_string()).unwrap_or_default(),
        measure.rests_on(),
        number(measure.value),
        bounds(measure.interval, Some(measure.confidence)),
        bounds(measure.corrected, measure.corrected_confidence),
    ];
    cells.into_iter().map(Text::from).collect()
}

fn verdict(verdict: Verdict, aside: &str) -> Text {
    let mark = match verdict {
        Verdict::Supported => Mark::Good,
        Verdict::Contradicted => Mark::Bad,
        Verdict::Undecided => Mark::Open,
    };
    let text = Text::from(Span::Mark(mark, verdict.name().to_owned()));
    if aside.is_empty() { text } else { text.then(Span::Muted(format!(" ({aside})"))) }
}
