//! The report: everything that is computed from results, once, and its page.
//!
//! The page begins with what was run, the verdicts, the figures as thumbnails, theory and controls at a glance, and the caveats.
//! Everything else is folded below, in the paper's order.

use super::caveats::{self, Caveat, caveats};
use super::claims::{self, Claim};
use super::controls::{self, ControlPage};
use super::dictionary::{self, RecoveryStudy};
use super::document::{Block, Details, Document, Section, Span, Table, Target, Text};
use super::drawing::{Drawing, make_unique};
use super::figure::{self, Figure, SigmaScale};
use super::figures::{self, FULL, FolderFigure};
use super::inspect;
use super::text::{counted, list};
use super::theory::{self, Study};
use super::{BuiltIn, PaperFigure, provenance};
use crate::experiment::config;
use crate::store::{Results, StoredRun};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Everything that the page shows, computed from results.
#[derive(Debug)]
pub struct Report<'r> {
    pub(super) results: &'r [Results],
    /// All claims, including claims without results.
    pub claims: Vec<Claim>,
    /// The figures, the paper's first.
    pub figures: Vec<FolderFigure>,
    /// The controls, in the catalogue's order.
    pub controls: Vec<ControlPage>,
    /// The measurements of the theory: a study for each results folder.
    pub studies: Vec<Study>,
    /// The recovery of known atoms by runs on synthetic data.
    pub recovery: Vec<RecoveryStudy>,
    /// The caveats.
    pub caveats: Vec<Caveat>,
    albums: Vec<Section>,
    /// The command that reproduces each results folder, by the folder's name.
    pub(super) commands: BTreeMap<&'r str, String>,
}

/// Greatest number of figures that a verdict links to.
const MOST_LINKS: usize = 6;

/// Hand-written pages about these results, as paths relative to the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose {
    /// About the verdicts.
    pub findings: Option<String>,
    /// About the theory.
    pub theory: Option<String>,
    /// About the controls.
    pub controls: Option<String>,
}

impl<'r> Report<'r> {
    /// Computes everything from `results`. `albums` are the pictures of single runs; `scale` is the scale of the axes of σ². No
    /// two drawings have the same files.
    pub fn new(results: &'r [Results], albums: Vec<Section>, scale: SigmaScale) -> Self {
        let (mut figures, mut controls, mut studies) =
            (figures::all(results), ControlPage::all(results), Study::all(results));
        let mut recovery = RecoveryStudy::all(results);
        // Figures come last, so that a figure is renamed where a control or a study has its name.
        let mut drawings: Vec<&mut Drawing> = controls.iter_mut().map(|page| &mut page.drawing).collect();
        drawings.extend(studies.iter_mut().flat_map(Study::drawings_mut));
        drawings.extend(recovery.iter_mut().map(|study| &mut study.drawing));
        let shown = figures.iter_mut().map(|shown| (&mut shown.drawing, shown.fidelity.as_mut()));
        let (main, fidelity): (Vec<_>, Vec<_>) = shown.unzip();
        drawings.extend(main.into_iter().chain(fidelity.into_iter().flatten()));
        drawings.iter_mut().for_each(|drawing| drawing.set_sigma_scale(scale));
        make_unique(drawings.into_iter().map(|drawing| &mut drawing.stem));
        let command = |folder: &'r Results| (folder.name.as_str(), command(folder));
        Self {
            results,
            claims: claims::judge(results),
            figures,
            controls,
            studies,
            recovery,
            caveats: caveats(results),
            albums,
            commands: results.iter().map(command).collect(),
        }
    }

    /// All drawings.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        let figures = self.figures.iter().flat_map(FolderFigure::drawings);
        let controls = self.controls.iter().map(|page| &page.drawing);
        let studies = self.studies.iter().flat_map(Study::drawings);
        figures.chain(controls).chain(studies).chain(self.recovery.iter().map(|study| &study.drawing))
    }

    /// The page, with links to `prose`.
    pub fn document(&self, prose: &Prose) -> Document {
        let reference = |page: &Option<String>| {
            let link = |page: &String| Span::Link(Target::File(page.clone()), page.clone());
            page.as_ref().map(|page| Block::Note(Text::from("What it means: ").then(link(page))))
        };
        let has_claims = self.claims_with_results().next().is_some();
        let mut blocks = vec![self.about()];
        blocks.extend(reference(&prose.findings));
        blocks.extend(self.verdicts());
        if !self.figures.is_empty() {
            blocks.push(open("figures", "Figures", figures::thumbnails(&self.figures)));
        }
        blocks.extend(self.glance());
        blocks.push(open("caveats", "Caveats", caveats::blocks(&self.caveats)));
        let command = |folder: &str| self.commands.get(folder).cloned();
        let albums = self.albums.iter().cloned().map(Block::Section).collect();
        let folded = [
            (
                "theory",
                "The theory, measured (section 2)",
                reference(&prose.theory),
                theory::sections(&self.studies, command),
            ),
            (
                FULL,
                if has_claims { "Figures in full (section 3)" } else { "Figures in full" },
                None,
                figures::sections(&self.figures, command),
            ),
            ("claims", "The numbers behind the verdicts", None, claims::sections(self.claims_with_results())),
            ("controls", "Controls", reference(&prose.controls), controls::sections(&self.controls, command)),
            ("recovery", "Recovery of known atoms", None, dictionary::sections(&self.recovery, command)),
            ("inspect", "Single runs", Some(Block::paragraph(inspect::ABOUT)), albums),
            ("provenance", "Settings and provenance", None, provenance::blocks(self.results)),
        ];
        for (id, title, about, sections) in folded.into_iter().filter(|(.., sections)| !sections.is_empty()) {
            let section = Section::new(id, title, about.into_iter().chain(sections).collect());
            blocks.push(Block::Section(section.folded()));
        }
        Document { title: self.title().to_owned(), blocks }
    }

    /// The claims that have results.
    fn claims_with_results(&self) -> impl Iterator<Item = &Claim> + Clone {
        self.claims.iter().filter(|claim| !claim.folders.is_empty())
    }

    /// The claims that have results, without their repetitions at other learning rates.
    pub(super) fn judged(&self) -> impl Iterator<Item = &Claim> + Clone {
        self.claims_with_results().filter(|claim| !claim.repetition)
    }

    /// The repetitions of claims at other learning rates.
    pub(super) fn repeated(&self) -> impl Iterator<Item = &Claim> + Clone {
        self.claims_with_results().filter(|claim| claim.repetition)
    }

    fn title(&self) -> &'static str {
        if self.claims_with_results().next().is_some() {
            "Why do regularized auto-encoders learn sparse representations?"
        } else {
            "Sparse auto-encoders: results"
        }
    }

    /// What was run, in one paragraph.
    fn about(&self) -> Block {
        let runs = || self.results.iter().flat_map(|folder| &folder.runs);
        let distinct = |value: fn(&StoredRun) -> String| figure::distinct(runs().map(value));
        let few = |found: Vec<String>, what: &str| match found.len() {
            0..=8 => list(found),
            more => format!("{more} {what}"),
        };
        let hours: f64 = self.results.iter().map(provenance::hours).sum();
        let about = format!(
            "{} in {} on {}: {} with {} units, weights under {}, {}; {hours:.1} hours of one core. \
             The activation fraction is the share of pairs of sample and hidden unit with h > δ_min (Eq. 14); a dead unit is \
             active on no sample. σ² is the variance of the noise for DAE and eDAE (the probability, for corruptions that replace \
             inputs), and the coefficient of the penalty for the others.",
            counted(runs().count(), "cell"),
            counted(self.results.len(), "results folder"),
            few(distinct(|run| figure::dataset(&run.dataset)), "data sets"),
            few(distinct(|run| figure::legend(&run.spec.regularizer.label())), "models"),
            few(distinct(|run| figure::activation(&run.spec.activation.label())), "kinds of"),
            few(distinct(|run| figure::constraint(&run.spec.constraint.label())), "constraints"),
            counted(distinct(|run| run.spec.seed.to_string()).len(), "seed"),
        );
        Block::paragraph(about)
    }

    /// The verdicts, each with its figures, its runs with their hours, and the commands that reproduce them.
    fn verdicts(&self) -> Option<Block> {
        self.claims_with_results().next()?;
        let heads = ["figure", "runs, hours of a core", "command"];
        let more = |claim: &Claim| self.sources(claim);
        let mut blocks = vec![
            Block::note(claims::RULES),
            Block::note(claims::FIRST_EDITION),
            Block::Paragraph(claims::count(self.judged())),
            claims::verdicts(self.judged(), &heads, more),
        ];
        if self.repeated().next().is_some() {
            blocks.push(Block::Details(Details {
                summary: "Claims 1 to 3 at other learning rates".to_owned(),
                blocks: vec![claims::verdicts(self.repeated(), &heads, more)],
            }));
        }
        Some(open("verdicts", "Verdicts on the paper's claims", blocks))
    }

    /// The figures of a claim, its results folders with their hours, and their commands.
    fn sources(&self, claim: &Claim) -> Vec<Text> {
        let is_of_claim = |one: &&FolderFigure| {
            let rates =
                |figure: &Figure| figure.series.iter().any(|s| s.learning_rate == claim.learning_rate);
            claim.folders.contains(&one.folder) && rates(one.figure())
        };
        let link = |one: &FolderFigure| Span::link_to(one.drawing.id(), one.short());
        let mut shown: Vec<Span> = self.figures.iter().filter(is_of_claim).map(link).collect();
        if shown.len() > MOST_LINKS {
            let more = shown.split_off(MOST_LINKS).len();
            shown.push(Span::link_to(FULL, format!("{more} more")));
        }
        let folders = || self.results.iter().filter(|folder| claim.folders.contains(&folder.name));
        let runs = |folder: &Results| {
            let hours = provenance::hours(folder);
            Span::link_to(provenance::id(&folder.name), format!("{}, {hours:.1}", folder.name))
        };
        let runs = folders().map(runs).collect();
        let commands: BTreeSet<&String> =
            folders().filter_map(|folder| self.commands.get(folder.name.as_str())).collect();
        let commands = commands.into_iter().map(|command| Span::Code(command.clone())).collect();
        [shown, runs, commands].map(Text::stacked).to_vec()
    }

    /// The table of theory and controls at a glance.
    fn glance(&self) -> Option<Block> {
        glance_table(theory::glance(&self.studies), controls::glance(&self.controls))
            .map(|table| open("glance", "Theory and controls at a glance", vec![table]))
    }
}

/// The table with the rows of theory and controls at a glance; `None` without rows.
pub(super) fn glance_table(theory: Vec<Vec<Text>>, controls: Vec<Vec<Text>>) -> Option<Block> {
    const MARKS: &str = "✓: as expected; ✗: not; ?: open.";
    const WORST: &str = "A control shows its worst case: of those not as expected the farthest from the margin, or else the nearest to it. \
         In brackets: how many cases are as expected, and how many are open.";
    let caption = if controls.is_empty() { MARKS.to_owned() } else { format!("{MARKS} {WORST}") };
    let rows = theory.into_iter().chain(controls);
    let table = Table::new(caption, &["study", "data set", "question", "found"], &[]).with(rows);
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn open(id: &str, title: &str, blocks: Vec<Block>) -> Block {
    Block::Section(Section::new(id, title, blocks))
}

/// The command that reproduces the runs of `results`: `aesparse figures` where the configuration is half of a figure, apart from its
/// seeds, and otherwise `aesparse run` with the manifest.
fn command(results: &Results) -> String {
    let stored = &results.manifest.config;
    let (name, seeds) = (&stored["name"], &stored["seeds"]);
    let resolved = |text: &str, file: &str, overrides: &[String]| {
        config::parse(text, Path::new(file), overrides).ok().map(|config| config.resolved())
    };
    let is_it = |built_in: &BuiltIn| {
        let built_in_now = || resolved(built_in.text, built_in.file, &[format!("seeds={seeds}")]);
        // The stored configuration lacks settings that came later, so it is resolved anew too. Names are compared first, so that most
        // configurations need not be parsed.
        built_in.file.strip_suffix(".toml").is_some_and(|stem| name == stem)
            && resolved(&stored.to_string(), "manifest.json", &[])
                .is_some_and(|stored| built_in_now() == Some(stored))
    };
    let mut halves =
        PaperFigure::ALL.iter().flat_map(|figure| figure.configs.iter().map(move |half| (figure, half)));
    match halves.find(|(_, half)| is_it(half)) {
        Some((figure, half)) => {
            format!("aesparse figures {} --dataset {} -o 'seeds={seeds}'", figure.id, half.dataset)
        }
        None => provenance::command(results),
    }
}
