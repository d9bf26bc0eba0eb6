//! The report: all that results show, computed once, and the page of it.
//!
//! The page opens with what a reader wants first: what was run, the verdicts, the figures as thumbnails, the most telling rows,
//! the caveats. All else is folded below, in the paper's order.

use super::caveats::{self, Caveat, caveats};
use super::claims::{self, Claim};
use super::controls::{self, Page as Control};
use super::document::{Block, Details, Document, Section, Span, Table, Target, Text};
use super::drawing::{Drawing, tell_apart};
use super::figure::{self, Figure, SigmaScale};
use super::figures::{self, FULL, Shown};
use super::inspect;
use super::text::{counted, list};
use super::theory::{self, Study};
use super::{BuiltIn, PaperFigure, provenance};
use crate::experiment::config;
use crate::store::{Results, StoredRun};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What results show.
#[derive(Debug)]
pub struct Report<'r> {
    results: &'r [Results],
    /// The claims, those included that these results say nothing about.
    pub claims: Vec<Claim>,
    /// The figures, the paper's first.
    pub figures: Vec<Shown>,
    /// The controls, in the catalogue's order.
    pub controls: Vec<Control>,
    /// What was measured of the theory, by results folder.
    pub studies: Vec<Study>,
    /// What to beware of.
    pub caveats: Vec<Caveat>,
    albums: Vec<Section>,
    /// The command that makes each results folder, by its name.
    commands: BTreeMap<&'r str, String>,
}

/// The most figures that a verdict leads to.
const MOST_LINKS: usize = 6;

/// Pages written by hand about these results, from where the report is.
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
    /// What `results` show; `albums` are the pictures of single runs in them, and `scale` spaces axes of σ². Each drawing has files
    /// of its own.
    pub fn new(results: &'r [Results], albums: Vec<Section>, scale: SigmaScale) -> Self {
        let (mut figures, mut controls, mut studies) =
            (figures::all(results), Control::all(results), Study::all(results));
        // Figures come last: their names yield to those of controls and studies.
        let mut drawings: Vec<&mut Drawing> = controls.iter_mut().map(|page| &mut page.drawing).collect();
        drawings.extend(studies.iter_mut().flat_map(Study::drawings_mut));
        drawings.extend(figures.iter_mut().map(|shown| &mut shown.drawing));
        drawings.iter_mut().for_each(|drawing| drawing.set_sigma_scale(scale));
        tell_apart(drawings.into_iter().map(|drawing| &mut drawing.stem));
        let command = |folder: &'r Results| (folder.name.as_str(), command(folder));
        Self {
            results,
            claims: claims::judge(results),
            figures,
            controls,
            studies,
            caveats: caveats(results),
            albums,
            commands: results.iter().map(command).collect(),
        }
    }

    /// All drawings.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        let figures = self.figures.iter().map(|shown| &shown.drawing);
        let controls = self.controls.iter().map(|page| &page.drawing);
        figures.chain(controls).chain(self.studies.iter().flat_map(Study::drawings))
    }

    /// The page, with links to `prose`.
    pub fn document(&self, prose: &Prose) -> Document {
        let read = |page: &Option<String>| {
            let link = |page: &String| Span::Link(Target::File(page.clone()), page.clone());
            page.as_ref().map(|page| Block::Note(Text::from("What it means: ").then(link(page))))
        };
        let has_claims = self.concerned().next().is_some();
        let mut blocks = vec![self.about()];
        blocks.extend(read(&prose.findings));
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
                read(&prose.theory),
                theory::sections(&self.studies, command),
            ),
            (
                FULL,
                if has_claims { "Figures in full (section 3)" } else { "Figures in full" },
                None,
                figures::sections(&self.figures, command),
            ),
            ("claims", "The numbers behind the verdicts", None, claims::sections(self.concerned())),
            ("controls", "Controls", read(&prose.controls), controls::sections(&self.controls, command)),
            ("inspect", "Single runs", Some(Block::paragraph(inspect::ABOUT)), albums),
            ("provenance", "Settings and provenance", None, provenance::blocks(self.results)),
        ];
        for (id, title, about, sections) in folded.into_iter().filter(|(.., sections)| !sections.is_empty()) {
            let section = Section::new(id, title, about.into_iter().chain(sections).collect());
            blocks.push(Block::Section(section.folded()));
        }
        Document { title: self.title().to_owned(), blocks }
    }

    /// The claims that some of the results are about.
    fn concerned(&self) -> impl Iterator<Item = &Claim> + Clone {
        self.claims.iter().filter(|claim| !claim.folders.is_empty())
    }

    fn title(&self) -> &'static str {
        if self.concerned().next().is_some() {
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
             active on no sample. σ² is the variance of the noise for DAE and eDAE, and the coefficient of the penalty for the \
             others.",
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
        let main = || self.concerned().filter(|claim| !claim.repetition);
        let repetitions = || self.concerned().filter(|claim| claim.repetition);
        main().next().or_else(|| repetitions().next())?;
        let heads = ["figure", "runs, hours of a core", "command"];
        let more = |claim: &Claim| self.behind(claim);
        let mut blocks = vec![
            Block::note(claims::RULES),
            Block::Paragraph(claims::count(main())),
            claims::verdicts(main(), &heads, more),
        ];
        if repetitions().next().is_some() {
            blocks.push(Block::Details(Details {
                summary: "Claims 1 to 3 at other learning rates".to_owned(),
                blocks: vec![claims::verdicts(repetitions(), &heads, more)],
            }));
        }
        Some(open("verdicts", "Verdicts on the paper's claims", blocks))
    }

    /// The figures of a claim, its results folders with their hours, and their commands.
    fn behind(&self, claim: &Claim) -> Vec<Text> {
        let is_its = |one: &&Shown| {
            let rates =
                |figure: &Figure| figure.series.iter().any(|s| s.learning_rate == claim.learning_rate);
            claim.folders.contains(&one.folder) && rates(one.figure())
        };
        let link = |one: &Shown| Span::to(one.drawing.id(), one.short());
        let mut shown: Vec<Span> = self.figures.iter().filter(is_its).map(link).collect();
        if shown.len() > MOST_LINKS {
            let more = shown.split_off(MOST_LINKS).len();
            shown.push(Span::to(FULL, format!("{more} more")));
        }
        let folders = || self.results.iter().filter(|folder| claim.folders.contains(&folder.name));
        let runs = |folder: &Results| {
            let hours = provenance::hours(folder);
            Span::to(provenance::id(&folder.name), format!("{}, {hours:.1}", folder.name))
        };
        let runs = folders().map(runs).collect();
        let commands: BTreeSet<&String> =
            folders().filter_map(|folder| self.commands.get(folder.name.as_str())).collect();
        let commands = commands.into_iter().map(|command| Span::Code(command.clone())).collect();
        [shown, runs, commands].map(Text::stacked).to_vec()
    }

    /// The most telling rows of controls and theory.
    fn glance(&self) -> Option<Block> {
        let rows: Vec<Vec<Text>> =
            theory::glance(&self.studies).into_iter().chain(controls::glance(&self.controls)).collect();
        let table = Table::new("", &["study", "data set", "question", "found"], &[]).with(rows);
        (!table.rows.is_empty())
            .then(|| open("glance", "Theory and controls at a glance", vec![Block::Table(table)]))
    }
}

fn open(id: &str, title: &str, blocks: Vec<Block>) -> Block {
    Block::Section(Section::new(id, title, blocks))
}

/// The command that makes the runs of `results`: `aesparse figures` where they are a figure's with other seeds at most, `aesparse
/// run` with the manifest otherwise.
fn command(results: &Results) -> String {
    let config = &results.manifest.config;
    let (name, seeds) = (&config["name"], &config["seeds"]);
    let is_it = |built_in: &BuiltIn| {
        let overrides = [format!("seeds={seeds}")];
        // Most of them are told by their names, without being parsed.
        built_in.file.strip_suffix(".toml").is_some_and(|stem| name == stem)
            && config::parse(built_in.text, Path::new(built_in.file), &overrides)
                .is_ok_and(|config| config.resolved() == results.manifest.config)
    };
    let figure = PaperFigure::ALL.iter().find(|figure| figure.configs.iter().any(is_it));
    match figure {
        Some(figure) => format!("aesparse figures {} -o 'seeds={seeds}'", figure.id),
        None => provenance::command(results),
    }
}
