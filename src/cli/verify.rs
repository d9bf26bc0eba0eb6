//! `aesparse verify`: judges the paper's claims by stored results, and on request trains some of them again.

use super::args::{FailOnVerdict, VerifyArguments};
use super::messages::Messages;
use super::recompute::recompute;
use super::{ExitStatus, count, document, output, screen, stored};
use crate::error::{Error, Result};
use crate::report::claims::{self, Claim, Verdict, VerdictsJson};
use crate::report::document::{Block, Section, Text};
use crate::report::recomputation::Recomputation;
use crate::report::text as words;
use crate::store::Results;
use std::path::{Path, PathBuf};

/// Judges the claims and prints the verdicts; with `--recompute` also trains stored runs again and prints how they compare.
///
/// # Errors
/// Where there are no results, they are damaged, none of the drawn runs can be trained again, or the JSON can't be written.
pub(crate) fn verify(arguments: &VerifyArguments, messages: &Messages) -> Result<ExitStatus> {
    let results = stored::read_all(&arguments.dir, messages)?;
    if results.iter().all(|folder| folder.runs.is_empty()) {
        let fix = "train a configuration first: aesparse run CONFIG";
        return Err(Error::store(&arguments.dir, "it has no finished run to judge", fix));
    }
    if let Some(json) = arguments.json.as_deref().filter(|json| !output::is_stdout(json)) {
        output::check_outside_results("--json", json)?;
        let data =
            results.iter().flat_map(|folder| stored::own_data(folder, (None, arguments.data_dir.as_deref())));
        output::check_not_an_input("--json", json, data.collect::<Vec<_>>().iter().map(PathBuf::as_path))?;
    }
    let recomputation =
        arguments.recompute.map(|number| recompute(&results, number.get(), arguments, messages));
    let recomputation = recomputation.transpose()?;
    let claims = claims::judge(&results);
    if claims.iter().all(|claim| claim.folders.is_empty()) {
        messages.note("the paper's claims are about other runs than these, on MNIST or CIFAR-10's patches: nothing is judged");
    }
    let table = || {
        let mut blocks = blocks(&claims, &sources(&results, &arguments.dir));
        blocks.extend(recomputation.as_ref().map(Recomputation::block));
        screen::text(blocks)
    };
    let json = VerdictsJson::new(&claims, recomputation.as_ref());
    let delivered =
        document::print_or_write_json(|| &json, ("--json", arguments.json.as_deref()), table, messages)?;
    let interrupted = recomputation.as_ref().map_or(0, Recomputation::interrupted);
    if interrupted > 0 {
        messages.warning(format_args!("interrupted: {} not trained again", count(interrupted, "drawn run")));
        return Ok(ExitStatus::Interrupted);
    }
    let fails = arguments
        .fail_on
        .is_some_and(|fail_on| main_claims(&claims).any(|claim| has_verdict(claim, fail_on)));
    let differs = recomputation.as_ref().is_some_and(Recomputation::found_differences);
    Ok(if fails || differs { ExitStatus::Incomplete } else { delivered })
}

/// Whether `claim` has the verdict of `--fail-on`.
fn has_verdict(claim: &Claim, fail_on: FailOnVerdict) -> bool {
    let contradicted = claim.verdict == Verdict::Contradicted;
    match fail_on {
        FailOnVerdict::Contradicted => contradicted,
        FailOnVerdict::WouldContradict => contradicted || claim.would == Some(Verdict::Contradicted),
    }
}

/// The claims without their repetitions at other learning rates.
fn main_claims(claims: &[Claim]) -> impl Iterator<Item = &Claim> + Clone {
    claims.iter().filter(|claim| !claim.repetition)
}

/// The number of cells, the results folders and the directory that were read.
fn sources(results: &[Results], directory: &Path) -> String {
    let runs = results.iter().map(|folder| folder.runs.len()).sum::<usize>();
    let folders = words::list(results.iter().map(|folder| &folder.name));
    format!("{} of {folders} in {}", count(runs, "cell"), directory.display())
}

/// The claims that the results are about, with the numbers of their verdicts, and a table of all verdicts at the end.
fn blocks(claims: &[Claim], sources: &str) -> Vec<Block> {
    let main = || main_claims(claims).filter(|claim| !claim.folders.is_empty());
    let repetitions = || claims.iter().filter(|claim| claim.repetition);
    let section =
        |id: &str, title: String, claims: Vec<Block>| Block::Section(Section::new(id, title, claims));
    let mut blocks = claims::sections(main());
    if repetitions().next().is_some() {
        let title = "AT OTHER LEARNING RATES".to_owned();
        blocks.push(section("rates", title, claims::sections(repetitions())));
    }
    let judged = main().chain(repetitions());
    let mut verdicts = vec![Block::Paragraph(claims::count(main()))];
    if judged.clone().next().is_some() {
        verdicts.insert(0, claims::verdicts(judged, &[], |_| Vec::new()));
        verdicts.insert(1, Block::note(claims::FIRST_EDITION));
    }
    if repetitions().next().is_some() {
        let lead = "At other learning rates: ".into();
        verdicts.push(Block::Paragraph(Text([vec![lead], claims::count(repetitions()).0].concat())));
    }
    blocks.push(section("verdicts", format!("VERDICTS on {sources}"), verdicts));
    blocks
}
