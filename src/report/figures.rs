//! The figures of results folders: the paper's, and one for each other combination of settings.

use super::catalogue::PaperFigure;
use super::controls;
use super::document::{Block, Image, Picture, Section, Span, Table, Text, anchor};
use super::drawing::{Chart, Drawing};
use super::figure::{self, Figure, Point, Series, grouped};
use super::statistics::{Estimate, increasing};
use super::{chart, text};
use crate::store::Results;

/// A figure of a results folder.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderFigure {
    /// The paper's figure that this is a half of, and the index of the half; `None` for other figures.
    pub paper: Option<(&'static PaperFigure, usize)>,
    /// The name of the results folder.
    pub folder: String,
    /// The figure and its files.
    pub drawing: Drawing,
    /// The same runs as sparsity against fidelity; `None` where no point has both.
    pub fidelity: Option<Drawing>,
}

/// The figures of all `results`: first the paper's in its order, MNIST before CIFAR-10, then the others. Where several folders
/// have the settings of one of the paper's figures, the folder with most runs counts as that figure.
pub fn all(results: &[Results]) -> Vec<FolderFigure> {
    let paper: Vec<_> = results.iter().map(|folder| PaperFigure::of(&folder.runs)).collect();
    let is_first = |index: usize| {
        let size = |other: usize| results[other].runs.len();
        let same = (0..results.len()).filter(|other| paper[*other] == paper[index]);
        // Reversed, because `max_by_key` takes the last of equal folders.
        same.rev().max_by_key(|other| size(*other)) == Some(index)
    };
    let figures_of =
        |(index, folder): (usize, &Results)| of_folder(folder, paper[index].filter(|_| is_first(index)));
    let mut shown: Vec<FolderFigure> = results.iter().enumerate().flat_map(figures_of).collect();
    shown.sort_by_key(|shown| {
        let place = |figure| PaperFigure::ALL.iter().position(|other| other == figure);
        shown.paper.map_or((usize::MAX, 0), |(figure, half)| (place(figure).unwrap_or(usize::MAX), half))
    });
    shown
}

/// The figures of one results folder.
pub fn of(results: &Results) -> Vec<FolderFigure> {
    of_folder(results, PaperFigure::of(&results.runs))
}

/// The figures of a folder: the paper's figure where `paper` names one, and otherwise a figure for each combination of settings
/// other than regularizer, σ² and seed. A control has no figure, because it has its own section.
fn of_folder(results: &Results, paper: Option<(&'static PaperFigure, usize)>) -> Vec<FolderFigure> {
    let shown = |(stem, figure): (String, Figure)| {
        let fidelity = chart::has_fidelity(&figure).then(|| fidelity(&stem, &figure));
        let numbers = figure::numbers(&figure);
        let drawing = Drawing::new(stem, Chart::Figure(figure), "", numbers);
        FolderFigure { paper, folder: results.name.clone(), drawing, fidelity }
    };
    let named = |figure: Figure| (text::file_stem(&figure.id), figure);
    let figures = match paper {
        _ if controls::is_control(results) => Vec::new(),
        None => Figure::split(&results.runs).into_iter().map(named).collect(),
        Some((paper, half)) => {
            let stem = paper.stem(paper.configs[half].dataset);
            if paper.by_learning_rate {
                by_learning_rate(paper, &stem, results)
            } else {
                vec![(stem, Figure::from_runs(paper.id, paper.heading(), &results.runs))]
            }
        }
    };
    figures.into_iter().map(shown).collect()
}

/// The drawing of sparsity against fidelity of `figure`, whose files begin with `stem`.
fn fidelity(stem: &str, figure: &Figure) -> Drawing {
    let numbers = figure::fidelity_numbers(figure);
    let titled = Figure { title: format!("Sparsity against fidelity: {}", figure.title), ..figure.clone() };
    Drawing::new(format!("{stem}_fidelity"), Chart::Fidelity(titled), FIDELITY, numbers)
}

/// How to read a picture of sparsity against fidelity.
const FIDELITY: &str = "Each marker is one σ² of a model, the mean over its seeds; lines join a model's points in the order of σ². \
     Further left is sparser, further down reconstructs better.";

/// A figure for each learning rate, with the stem of its files, which begins with `stem`.
fn by_learning_rate(paper: &PaperFigure, stem: &str, results: &Results) -> Vec<(String, Figure)> {
    let rate = |figure: &Figure| figure.series.first().map(|series| series.learning_rate).unwrap_or_default();
    let figures = Figure::split(&results.runs);
    let rates: Vec<f64> = figures.iter().map(rate).collect();
    let named = figures.into_iter().zip(&rates).enumerate().map(|(index, (figure, rate))| {
        let is_alone = rates.iter().filter(|other| *other == rate).count() == 1;
        let (end, words) = if is_alone {
            (rate.to_string(), rate.to_string())
        } else {
            // Other settings differ too; the title of the split figure names them.
            let words = figure.title.split_once(": ").map_or(figure.title.as_str(), |(_, words)| words);
            (format!("{rate}-{}", index + 1), words.to_owned())
        };
        let title = format!("{}: {words}", paper.heading());
        (format!("{stem}_{end}"), Figure { id: paper.id.to_owned(), title, ..figure })
    });
    named.collect()
}

impl FolderFigure {
    /// The figure that is drawn.
    pub fn figure(&self) -> &Figure {
        match &self.drawing.chart {
            Chart::Figure(figure) => figure,
            Chart::Fidelity(_) | Chart::Multiples(_) | Chart::Bars(_) => {
                unreachable!("it is made of a figure")
            }
        }
    }

    /// The figure's drawings.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        std::iter::once(&self.drawing).chain(&self.fidelity)
    }

    fn heading(&self) -> String {
        self.paper.map_or_else(|| self.figure().title.clone(), |(figure, _)| figure.heading())
    }

    /// `Figure 1, MNIST`; the title where the figure isn't the paper's.
    pub(super) fn short(&self) -> String {
        let title = || self.figure().title.clone();
        self.paper.map_or_else(title, |(figure, _)| {
            let name = if figure.by_learning_rate { title() } else { figure.name() };
            format!("{name}, {}", figure::dataset(&self.figure().dataset))
        })
    }
}

/// The id of the section of all figures.
pub(super) const FULL: &str = "figures-in-full";

/// Number of thumbnails where there is none of the paper's figures.
const THUMBNAILS: usize = 12;

/// Thumbnails of the paper's figures and its footnote's, or of the first [`THUMBNAILS`] figures where there are none, and a link
/// to the others.
pub(super) fn thumbnails(shown: &[FolderFigure]) -> Vec<Block> {
    let of_paper = |shown: &&FolderFigure| shown.paper.is_some_and(|(figure, _)| !figure.by_learning_rate);
    let mut chosen: Vec<&FolderFigure> = shown.iter().filter(of_paper).collect();
    if chosen.is_empty() {
        chosen = shown.iter().take(THUMBNAILS).collect();
    }
    let thumbnail = |shown: &&FolderFigure| {
        let figure = shown.figure();
        Picture {
            id: String::new(),
            title: figure.title.clone(),
            image: Image::Thumbnail { svg: chart::thumbnail(figure), to: shown.drawing.id() },
            file: String::new(),
            caption: shown.short().into(),
            csv: None,
            command: None,
        }
    };
    let others = shown.len() - chosen.len();
    let more =
        (others > 0).then(|| Block::Note(Span::link_to(FULL, format!("{others} more figures")).into()));
    let about = Block::note(
        "Activation fraction, from 0 to 1, against σ². Each leads to the figure with its legend and its numbers.",
    );
    [about, Block::Pictures(chosen.iter().map(thumbnail).collect())].into_iter().chain(more).collect()
}

/// A section for each heading, with pictures and tables; `command` gives the command that reproduces a results folder.
pub(super) fn sections(shown: &[FolderFigure], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    let section = |(heading, members): (String, Vec<&FolderFigure>)| {
        let drawings =
            members.iter().flat_map(|shown| shown.drawings().map(|drawing| (drawing, &shown.folder)));
        let pictures = drawings.map(|(drawing, folder)| drawing.picture(command(folder))).collect();
        let numbers = members.iter().flat_map(|shown| tables(shown.figure()));
        let blocks = [vec![Block::Pictures(pictures)], numbers.collect()].concat();
        Block::Section(Section::new(anchor(&["figure", &members[0].drawing.stem]), heading, blocks).folded())
    };
    grouped(shown.iter(), |one| one.heading()).into_iter().map(section).collect()
}

/// A row for each curve of `shown`: its activation fraction at its ends and where it is lowest, and the dead units at its end.
pub(super) fn ends(shown: &[&FolderFigure]) -> Table {
    let by_rate = shown.iter().any(|one| one.paper.is_some_and(|(figure, _)| figure.by_learning_rate));
    let caption = "Activation fraction at σ² = 0, at the σ² where it is lowest, and at the largest; fraction of dead units at the \
                   largest. Brackets: 95 % interval over seeds.";
    let words = [&["data set"][..], if by_rate { &["learning rate"] } else { &[] }, &["model"]].concat();
    let numbers = ["seeds", "σ² = 0", "lowest", "at σ²", "at the largest σ²", "dead there"];
    let row = |dataset: &str, series: &Series| {
        let fraction = |point: &Point| point.avg_activation_fraction;
        let lowest = series.points.iter().filter_map(|point| Some((point, fraction(point)?.mean)));
        let lowest = lowest.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(point, _)| point);
        let seeds = series.points.iter().map(|point| point.completed.len() + point.diverged.len()).max();
        let cell = |point: Option<&Point>, value: &dyn Fn(&Point) -> Option<Estimate>| {
            let point = point.map(|point| value(point).map_or_else(|| "diverged".to_owned(), text::estimate));
            point.unwrap_or_else(|| text::ABSENT.to_owned())
        };
        let rate = by_rate.then(|| series.learning_rate.to_string());
        let words = [Some(dataset.to_owned()), rate, Some(series.legend.clone())].into_iter().flatten();
        let numbers = [
            seeds.unwrap_or_default().to_string(),
            cell(series.points.first().filter(|point| point.sigma_squared == 0.0), &fraction),
            cell(lowest, &fraction),
            lowest.map_or_else(|| text::ABSENT.to_owned(), |point| point.sigma_squared.to_string()),
            cell(series.points.last(), &fraction),
            cell(series.points.last(), &|point| point.dead_fraction),
        ];
        words.chain(numbers).map(Text::from).collect()
    };
    let rows = shown.iter().flat_map(|one| {
        let figure = one.figure();
        let dataset = figure::dataset(&figure.dataset);
        figure.series.iter().map(move |series| row(&dataset, series)).collect::<Vec<_>>()
    });
    Table::new(caption, &words, &numbers).with(rows)
}

/// Tables of models by σ²: activation fractions, and dead units where there are any.
pub(super) fn tables(figure: &Figure) -> Vec<Block> {
    let dataset = figure::dataset(&figure.dataset);
    let dead = |point: &Point| point.dead_fraction;
    let has_dead = figure.points().any(|(_, point)| dead(point).is_some_and(|estimate| estimate.mean > 0.0));
    let caption = format!("Activation fraction on {dataset}, by σ²; brackets: 95 % interval over seeds");
    let activation = table(figure, caption, |point| point.avg_activation_fraction);
    let dead = has_dead.then(|| table(figure, format!("Fraction of dead units on {dataset}, by σ²"), dead));
    std::iter::once(activation).chain(dead).map(Block::Table).collect()
}

fn table(figure: &Figure, caption: String, value: impl Fn(&Point) -> Option<Estimate>) -> Table {
    let sigmas = increasing(figure.points().map(|(_, point)| point.sigma_squared));
    let heads: Vec<String> = sigmas.iter().map(f64::to_string).collect();
    let row = |series: &Series| {
        let cell = |sigma: &f64| -> Text {
            match series.points.iter().find(|point| point.sigma_squared == *sigma) {
                None => Text::default(),
                Some(point) => value(point).map_or_else(|| "diverged".to_owned(), text::estimate).into(),
            }
        };
        std::iter::once(series.legend.as_str().into()).chain(sigmas.iter().map(cell)).collect()
    };
    Table::new(caption, &["model"], &heads.iter().map(String::as_str).collect::<Vec<_>>())
        .with(figure.series.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::controls::tests::folder;
    use crate::report::figure::tests::{runs, set_unexplained};

    /// A results folder with a figure for each combination of these settings.
    fn results(name: &str, sweep: &str) -> Results {
        let mut runs =
            runs(&format!("sweep = {{ sigma_squared = [0, 0.5], {sweep} }}"), |_| Some((0.5, 0.0)));
        runs.iter_mut().for_each(|run| run.name = name.to_owned());
        folder(name, runs)
    }

    fn stems(shown: &[FolderFigure]) -> Vec<&str> {
        shown.iter().map(|shown| shown.drawing.stem.as_str()).collect()
    }

    const ONE: &str = "regularizer = ['dae']";
    const PAPER: &str = "regularizer = ['dae', 'cae', 'mdae', 'kl_sae']";
    const TWO: &str = ", activation = ['relu', 'sigmoid']";

    #[test]
    fn settings_make_a_figure_the_papers_and_names_do_not() {
        let results = [results("fig1_mnist", ONE), results("x", PAPER), results("y", PAPER)];
        let shown = all(&results);
        assert_eq!(stems(&shown), ["figure1_mnist", "fig1_mnist", "y"], "the first of two that are equal");
        assert_eq!((shown[0].folder.as_str(), shown[0].paper), ("x", Some((&PaperFigure::ALL[0], 0))));
        assert_eq!(shown[0].figure().title, "Figure 1: ReLU, unit-length weights");
        // Alone, each folder is the paper's figure.
        assert_eq!(stems(&of(&results[2])), ["figure1_mnist"]);
        let mut elsewhere = results[1].clone();
        elsewhere.runs.iter_mut().for_each(|run| run.dataset = "own".to_owned());
        assert_eq!(stems(&of(&elsewhere)), ["x"], "the paper has no own data");
    }

    #[test]
    fn a_figure_with_fidelity_has_a_second_picture() {
        let mut results = results("x", ONE);
        assert!(of(&results)[0].fidelity.is_none(), "not measured");
        set_unexplained(&mut results.runs, |_| 0.5);
        let shown = of(&results);
        let stems: Vec<&str> = shown[0].drawings().map(|drawing| drawing.stem.as_str()).collect();
        assert_eq!(stems, ["x", "x_fidelity"]);
    }

    #[test]
    fn each_combination_of_settings_is_a_figure() {
        assert_eq!(stems(&of(&results("x", &format!("{ONE}{TWO}")))), ["x-1", "x-2"]);
    }

    #[test]
    fn a_repeated_learning_rate_is_numbered() {
        let rates = format!("{PAPER}, learning_rate = [0.001, 0.002]");
        let alone = of(&results("x", &rates));
        let stem = "figure_sensitivity_mnist";
        assert_eq!(stems(&alone), [format!("{stem}_0.001"), format!("{stem}_0.002")]);
        assert_eq!(alone[0].figure().title, "ReLU, unit-length weights, learning rate: 0.001");
        // Runs with two numbers of epochs are the same figure, with more curves.
        let mut two = results("x", &rates);
        let mut longer = two.runs.clone();
        longer.iter_mut().for_each(|run| {
            let mut record = (*run.record).clone();
            record.spec.epochs += 1;
            run.spec.epochs += 1;
            run.record = std::sync::Arc::new(record);
        });
        two.runs.extend(longer);
        let shown = of(&two);
        let expected = ["0.001-1", "0.002-2", "0.001-3", "0.002-4"].map(|end| format!("{stem}_{end}"));
        assert_eq!(stems(&shown), expected);
        let title = &shown[2].figure().title;
        assert!(title.ends_with("51 epochs, learning rate 0.001"), "{title}");
    }
}
