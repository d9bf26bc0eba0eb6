//! `aesparse verify`: the paper's claims and what stored results say about them. Trains nothing.

use super::args::{FailOn, VerifyArguments};
use super::messages::Messages;
use super::{Ending, count, document, stored};
use aesparse::error::Result;
use aesparse::report::claims::{self, Claim, Document, Part, Verdict, text as words};
use aesparse::store::Results;
use std::fmt::Write as _;
use std::path::Path;

/// The widest line.
const WIDTH: usize = 100;

/// Judges the claims and tells the verdicts.
///
/// # Errors
/// Where there are no results, they are damaged, or the JSON can't be written.
pub(crate) fn verify(arguments: &VerifyArguments, messages: &Messages) -> Result<Ending> {
    let results = stored::read_all(&arguments.dir, messages)?;
    let claims = claims::judge(&results);
    let are_about = claims::are_about(&results);
    if !are_about {
        messages.note("none of these results are of what the paper's claims are about, on MNIST or CIFAR-10's patches: nothing is judged");
    }
    let table = || table(&claims, are_about, &sources(&results, &arguments.dir));
    let delivered = document::deliver(&Document::new(&claims), arguments.json.as_deref(), table, messages)?;
    let fails = arguments.fail_on.is_some_and(|fail_on| main(&claims).any(|claim| is_found(claim, fail_on)));
    Ok(if fails { Ending::Incomplete } else { delivered })
}

/// Whether `claim` has what a script wants to stop at.
fn is_found(claim: &Claim, fail_on: FailOn) -> bool {
    let contradicted = claim.verdict == Verdict::Contradicted;
    match fail_on {
        FailOn::Contradicted => contradicted,
        FailOn::WouldContradict => contradicted || claim.would == Some(Verdict::Contradicted),
    }
}

/// The claims without their repetitions.
fn main(claims: &[Claim]) -> impl Iterator<Item = &Claim> + Clone {
    claims.iter().filter(|claim| !claim.repetition)
}

/// What was read.
fn sources(results: &[Results], directory: &Path) -> String {
    let runs = results.iter().map(|folder| folder.runs.len()).sum::<usize>();
    let folders = words::list(results.iter().map(|folder| &folder.name));
    format!("{} of {folders} in {}", count(runs, "cell"), directory.display())
}

/// Every claim with its parts, unless the results are not about them, and at the end one line each.
fn table(claims: &[Claim], are_about: bool, sources: &str) -> String {
    let mut text = String::new();
    for claim in main(claims).filter(|_| are_about) {
        describe(claim, &mut text);
    }
    let repetitions = || claims.iter().filter(|claim| claim.repetition);
    if repetitions().next().is_some() {
        text.push_str("AT OTHER LEARNING RATES\n\n");
        repetitions().for_each(|claim| describe(claim, &mut text));
    }
    let _ = writeln!(text, "VERDICTS on {sources}\n");
    for claim in main(claims) {
        let aside = Some(claim.aside()).filter(|aside| !aside.is_empty());
        let body =
            format!("{}{}", claim.statement, aside.map(|aside| format!(" [{aside}]")).unwrap_or_default());
        wrapped(&mut text, &format!("{:>2}  {:12}  ", claim.id, claim.verdict), &body);
    }
    let _ = writeln!(text, "\n{}: {}", count(main(claims).count(), "claim"), words::tally(main(claims)));
    if repetitions().next().is_some() {
        let _ = writeln!(text, "at other learning rates: {}", words::tally(repetitions()));
    }
    text
}

/// A claim with its parts.
fn describe(claim: &Claim, text: &mut String) {
    let lead = format!("CLAIM {}  {}  ", claim.name(), claim.verdict);
    wrapped(text, &lead, &format!("{} ({})", claim.statement, claim.source));
    wrapped(text, "   contradicted if: ", &claim.contradicted_by);
    let label = claim.parts.iter().map(|part| part.label.chars().count()).max().unwrap_or(0);
    for part in &claim.parts {
        let lead = format!("   {:label$}  {:12}  ", part.label, part.verdict);
        wrapped(text, &lead, &told(part).join("\n"));
    }
    for note in &claim.notes {
        wrapped(text, "   note: ", note);
    }
    text.push('\n');
}

/// What is said of a part: a line for each measure, one for what they rest on, one for the note.
fn told(part: &Part) -> Vec<String> {
    let rest = [part.basis(), part.remarks()];
    part.effects().into_iter().chain(rest.into_iter().filter(|line| !line.is_empty())).collect()
}

/// `body` behind `lead`, in lines of at most [`WIDTH`] where its words allow; every line of `body` begins a new one.
fn wrapped(text: &mut String, lead: &str, body: &str) {
    let indent = lead.chars().count();
    let mut line = lead.to_owned();
    for (index, paragraph) in body.lines().enumerate() {
        if index > 0 {
            finish(text, &mut line, indent);
        }
        let mut first = true;
        for word in paragraph.split(' ') {
            let length = line.chars().count() + usize::from(!first) + word.chars().count();
            if !first && length > WIDTH {
                finish(text, &mut line, indent);
                first = true;
            }
            if !first {
                line.push(' ');
            }
            line.push_str(word);
            first = false;
        }
    }
    finish(text, &mut line, indent);
}

/// Ends a line and begins the next.
fn finish(text: &mut String, line: &mut String, indent: usize) {
    let _ = writeln!(text, "{}", line.trim_end());
    *line = " ".repeat(indent);
}
