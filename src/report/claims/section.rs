//! The claims on a page: a table of verdicts, and a section with the numbers behind each verdict.

use super::verdict::{Claim, ClaimPart, Measure, Verdict};
use crate::report::document::{Block, Mark, Section, Span, Table, Text, anchor};
use crate::report::text::{ABSENT, counted, exact_percent, interval, number};

/// The rules of judgement, in short.
pub const RULES: &str = "A claim is supported where every interval of every part lies on the claim's side, contradicted where an \
     interval that is corrected for the number of tests lies on the other side, and undecided otherwise. Margins are fixed in the \
     program. One seed gives no verdict: the verdict that would follow from the spread between its hidden units is given beside it.";

/// `9 claims: 3 supported (1 exploratory), 1 contradicted, 5 undecided`
pub fn count<'c>(claims: impl Iterator<Item = &'c Claim> + Clone) -> Text {
    let count_of = |verdict| {
        let with = claims.clone().filter(|claim| claim.verdict == verdict);
        let (all, exploratory) = (with.clone().count(), with.filter(|claim| claim.exploratory).count());
        let aside = if exploratory > 0 { format!(" ({exploratory} exploratory)") } else { String::new() };
        format!("{all} {verdict}{aside}")
    };
    let tally = [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided].map(count_of).join(", ");
    Span::Strong(format!("{}: {tally}.", counted(claims.clone().count(), "claim"))).into()
}

/// The table with a row for each of `claims`; `more` gives its cells under `more_heads`. The name links to the claim's section in
/// [`sections`].
pub fn verdicts<'c>(
    claims: impl Iterator<Item = &'c Claim>,
    more_heads: &[&str],
    more: impl Fn(&Claim) -> Vec<Text>,
) -> Block {
    let row = |claim: &Claim| {
        let name = Span::link_to(id(claim), claim.name()).into();
        let own = [name, qualified_verdict(claim), first_edition(claim), statement(claim)];
        own.into_iter().chain(more(claim)).collect()
    };
    let heads = [&["claim", "verdict", "first edition", "statement"], more_heads].concat();
    Block::Table(Table::new("", &heads, &[]).with(claims.map(row)))
}

/// A section for each of `claims`.
pub fn sections<'c>(claims: impl Iterator<Item = &'c Claim>) -> Vec<Block> {
    claims.map(|claim| Block::Section(section(claim))).collect()
}

fn id(claim: &Claim) -> String {
    anchor(&["claim", &claim.name().replace(' ', "-")])
}

fn statement(claim: &Claim) -> Text {
    Text::from(claim.statement).then(Span::Muted(format!(" ({})", claim.source)))
}

fn section(claim: &Claim) -> Section {
    let remarks = claim.parts.iter().filter(|part| !part.remarks().is_empty());
    let remarks = remarks.map(|part| format!("{}: {}", part.label, part.remarks()));
    let notes: Vec<Text> = remarks.chain(claim.notes.iter().cloned()).map(Text::from).collect();
    let mut blocks = vec![
        Block::Paragraph(statement(claim)),
        Block::note(format!("Contradicted if {}.", claim.contradicted_by)),
        Block::Table(parts(&claim.parts)),
    ];
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    let title = format!("Claim {}: {}", claim.name(), qualified_verdict(claim).words());
    Section::new(id(claim), title, blocks)
}

/// A row for each measure of each part; a part without any has one row.
fn parts(parts: &[ClaimPart]) -> Table {
    let rows = parts.iter().flat_map(|part| {
        let own = [part.label.as_str().into(), verdict(part.verdict, &part.aside())];
        let numbers =
            part.measures.iter().map(numbers).chain(part.measures.is_empty().then(Default::default));
        let heads = std::iter::once(own).chain(std::iter::repeat_with(Default::default));
        heads.zip(numbers).map(|(own, numbers)| own.into_iter().chain(numbers).collect())
    });
    Table::new("", &["part", "verdict", "measure", "claimed", "found", "rests on"], &[]).with(rows)
}

/// The cells of a measure: its name, the claim about it, its value with its intervals, and the runs behind them.
fn numbers(measure: &Measure) -> [Text; 4] {
    let bounds = |(bounds, confidence)| format!("\n{} at {}", interval(bounds), exact_percent(confidence));
    let supporting = measure.interval.map(|bounds| (bounds, measure.confidence));
    let corrected = measure.corrected.zip(measure.corrected_confidence);
    let found: String = supporting.into_iter().chain(corrected).map(bounds).collect();
    let claimed = measure.threshold.map(|threshold| threshold.to_string()).unwrap_or_default();
    [measure.quantity.clone(), claimed, number(measure.value) + &found, measure.rests_on()].map(Text::from)
}

/// The parts of `claim` that are not supported, each on a line of its own with its verdict and its number of seeds.
pub fn open_parts(claim: &Claim) -> Text {
    let open = claim.parts.iter().filter(|part| part.verdict != Verdict::Supported);
    Text::stacked(open.map(|part| {
        let seeds = match part.measures.first().map_or(0, |measure| measure.basis.seeds.len()) {
            0 => "no complete seed".to_owned(),
            1 => "one seed".to_owned(),
            several => format!("{several} seeds"),
        };
        let asides: Vec<String> =
            [seeds, part.aside()].into_iter().filter(|aside| !aside.is_empty()).collect();
        format!("{}: {} ({})", part.label, part.verdict, asides.join(", "))
    }))
}

/// The verdict on `claim` with its mark, and what qualifies it.
pub fn qualified_verdict(claim: &Claim) -> Text {
    verdict(claim.verdict, &claim.aside())
}

/// The verdict of the rules' first edition on `claim`, as [`Claim::first_edition`], with its mark.
pub fn first_edition(claim: &Claim) -> Text {
    claim.first_edition.map_or_else(|| ABSENT.into(), |first| verdict(first, ""))
}

fn verdict(verdict: Verdict, aside: &str) -> Text {
    let mark = match verdict {
        Verdict::Supported => Mark::Good,
        Verdict::Contradicted => Mark::Bad,
        Verdict::Undecided => Mark::Open,
    };
    let text = Text::from(Span::Mark(mark, verdict.to_string()));
    if aside.is_empty() { text } else { text.then(Span::Muted(format!(" ({aside})"))) }
}
