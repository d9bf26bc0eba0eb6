//! A prepared plan in a results folder: the one way from the folder as it is to finished runs and tables.

use super::execute::{Control, Summary, execute};
use super::finished::{Lacking, adopt, is_finished};
use super::folder::FolderPlan;
use super::plan::Plan;
use super::prepared::Prepared;
use super::reporter::Reporter;
use super::trainer::Trainer;
use crate::data::Source;
use crate::error::{Error, Result};
use crate::store::{DataPlaces, ForeignFiles, Store, foreign_files};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// What becomes of runs that the results folder has finished already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening {
    /// Set earlier results aside, and train everything.
    pub fresh: bool,
    /// Train finished runs again that lack weights or measurements of the theory, instead of refusing them.
    pub retrain: bool,
}

/// What to know about a results folder before anything is trained in it.
#[derive(Debug)]
pub enum Notice<'n> {
    /// Earlier results were set aside.
    SetAside(PathBuf),
    /// There are files that are not ours.
    Foreign(ForeignFiles),
    /// A file was damaged and has been set aside.
    Damaged(&'n Error),
    /// Finished runs are trained again.
    Retrained(Lacking),
    /// Runs of the plan are finished.
    Finished {
        /// How many.
        runs: usize,
        /// How many trainings the plan has.
        all: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// Finished runs of earlier plans are in the folder's tables too.
    Beside {
        /// How many.
        runs: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// Finished runs are not in the folder's plan.
    Outside {
        /// How many.
        runs: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// Runs of the plan were copied from other results in the same root.
    Adopted {
        /// How many.
        runs: usize,
        /// How many trainings the plan has.
        all: usize,
        /// The root.
        root: &'n Path,
    },
}

impl Notice<'_> {
    /// Whether something is wrong with the folder's files.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::Foreign(_) | Self::Damaged(_))
    }
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let are = |runs: usize| if runs == 1 { "is" } else { "are" };
        let count =
            |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
        match self {
            Self::SetAside(path) => write!(f, "the earlier results are now in {}", path.display()),
            Self::Foreign(files) => files.fmt(f),
            Self::Damaged(error) => error.fmt(f),
            Self::Retrained(lacking) => write!(f, "{lacking}; trained again"),
            Self::Finished { runs, all, folder } => write!(
                f,
                "{runs} of {} {} finished already in {}; --fresh trains them again",
                count(*all, "training"),
                are(*runs),
                folder.display()
            ),
            Self::Beside { runs, folder } => write!(
                f,
                "{} of earlier plans {} in the tables of {} too",
                count(*runs, "finished run"),
                are(*runs),
                folder.display()
            ),
            Self::Outside { runs, folder } => write!(
                f,
                "{} in {} {} not in its plan: kept in records/, left out of its tables",
                count(*runs, "finished run"),
                folder.display(),
                are(*runs)
            ),
            Self::Adopted { runs, all, root } => write!(
                f,
                "{runs} of {} {} taken over from other results in {}: the same runs",
                count(*all, "training"),
                are(*runs),
                root.display()
            ),
        }
    }
}

/// A results folder that is ready for a plan's trainings.
#[derive(Debug)]
pub struct Opened<'p> {
    /// What the trainings need.
    pub prepared: &'p Prepared,
    /// All of the prepared plan, or a part of it.
    pub plan: &'p Plan,
    /// The results folder.
    pub store: Store,
    /// What the folder holds afterwards.
    pub folder: FolderPlan<'p>,
}

impl Opened<'_> {
    /// Trains what is missing of the plan, and writes the tables.
    ///
    /// # Errors
    /// Those of [`execute`].
    pub fn train(&self, control: Control<'_>, reporter: &dyn Reporter) -> Result<Summary> {
        let start = self.prepared.start.as_ref().map(|start| &start.weights);
        let trainer = Trainer::new(self.plan, &self.prepared.dataset, start);
        execute(self.plan, &self.folder.plan, &self.store, &trainer, control, reporter)
    }
}

impl Prepared {
    /// Makes `<root>/<name>/` ready for the plan, and `tell`s what is to be known about it.
    ///
    /// # Errors
    /// Whatever is wrong with the results folder, and where finished runs lack weights or theory that the plan asks for.
    pub fn open(&self, root: &Path, opening: Opening, tell: &dyn Fn(Notice<'_>)) -> Result<Opened<'_>> {
        if opening.fresh
            && let Some(aside) = Store::fresh(root, &self.plan.name)?
        {
            tell(Notice::SetAside(aside));
        }
        self.enter(&self.plan, Store::open(root, &self.plan.name)?, opening, tell)
    }

    /// Makes `store` ready for `plan`, all or a part of the prepared one, and `tell`s what is to be known about it.
    ///
    /// # Errors
    /// Those of [`Prepared::open`].
    pub fn enter<'p>(
        &'p self,
        plan: &'p Plan,
        store: Store,
        opening: Opening,
        tell: &dyn Fn(Notice<'_>),
    ) -> Result<Opened<'p>> {
        tell_of_damage(plan, &store, tell)?;
        let folder = self.folder_plan(&store)?;
        let lacking = Lacking::of(plan, &store);
        if !opening.retrain {
            lacking.refuse(store.folder())?;
        } else if lacking.runs > 0 {
            tell(Notice::Retrained(lacking));
        }
        let runs = plan.keys().filter(|key| is_finished(plan, &store, key)).count();
        let outside = store.others(folder.plan.keys());
        let beside = store.others(plan.keys()) - outside;
        let path = store.folder();
        let notices = [
            (runs, Notice::Finished { runs, all: plan.trainings.len(), folder: path }),
            (beside, Notice::Beside { runs: beside, folder: path }),
            (outside, Notice::Outside { runs: outside, folder: path }),
        ];
        notices.into_iter().filter(|(runs, _)| *runs > 0).for_each(|(_, notice)| tell(notice));
        if !opening.fresh {
            tell_of_adoption(plan, &store, tell)?;
        }
        let trains = !plan.keys().all(|key| is_finished(plan, &store, key));
        self.describe(&folder, &store, trains)?;
        Ok(Opened { prepared: self, plan, store, folder })
    }

    /// Checks that `<root>/<name>/` can take the plan, and leaves it. Damaged files have another name afterwards.
    ///
    /// # Errors
    /// Where it can't.
    pub fn check(&self, root: &Path, opening: Opening, tell: &dyn Fn(Notice<'_>)) -> Result<()> {
        let store = Store::open(root, &self.plan.name)?;
        tell_of_damage(&self.plan, &store, tell)?;
        self.folder_plan(&store)?;
        if opening.retrain { Ok(()) } else { Lacking::of(&self.plan, &store).refuse(store.folder()) }
    }

    /// Trains what is missing of the plan in `<root>/<name>/` and writes the tables, as `aesparse run` does.
    ///
    /// # Errors
    /// Those of [`Prepared::open`], before anything is trained.
    pub fn run(&self, root: &Path, control: Control<'_>, reporter: &dyn Reporter) -> Result<Summary> {
        self.open(root, Opening::default(), &|_| ())?.train(control, reporter)
    }

    /// Writes the manifest of `store`, which then holds `folder`; where the session doesn't train, only if something comes to the
    /// tables.
    ///
    /// # Errors
    /// Those of [`Store::begin`].
    pub fn describe(&self, folder: &FolderPlan<'_>, store: &Store, trains: bool) -> Result<()> {
        if !trains && folder.is_written(store)? {
            return Ok(());
        }
        let data = [("data".to_owned(), self.dataset.sha256.clone())];
        let start = self.start.iter().map(|start| ("warm_start".to_owned(), start.sha256.clone()));
        let digests: BTreeMap<_, _> = data.into_iter().chain(start).collect();
        let own: HashSet<&str> = self.plan.keys().collect();
        // Of a run that this plan doesn't have, its record is all that is asked for.
        let is_done =
            |key: &str| if own.contains(key) { is_finished(&self.plan, store, key) } else { store.has(key) };
        store.begin(self.plan.keys(), folder.config.clone(), digests, trains, is_done)?;
        self.note_data(store);
        Ok(())
    }

    /// Notes in `store` where the data are, so that commands that look at its runs find them; of drawn ones nothing.
    fn note_data(&self, store: &Store) {
        let source = &self.config.data().source;
        if matches!(source, Source::Synthetic(_)) {
            return;
        }
        let folders = self.locations.candidates.iter().map(|(_, folder)| folder.as_path());
        let folders = folders.filter(|_| source.path().is_none());
        let places = DataPlaces::new(store.folder(), source.path(), folders);
        // No result depends on the note: without it, a reader looks where it would look for any data.
        let _ = places.write(store.folder());
    }
}

/// Sets damaged weights of the plan's runs aside, and `tell`s of these, of other damaged files and of foreign ones.
///
/// # Errors
/// Where files can't be read or renamed.
pub fn tell_of_damage(plan: &Plan, store: &Store, tell: &dyn Fn(Notice<'_>)) -> Result<()> {
    if let Some(foreign) = foreign_files(store.folder())? {
        tell(Notice::Foreign(foreign));
    }
    store.damaged().iter().for_each(|damaged| tell(Notice::Damaged(damaged)));
    let damaged = store.set_aside_weights(plan.keys(), plan.weights.moments())?;
    damaged.iter().for_each(|damaged| tell(Notice::Damaged(damaged)));
    Ok(())
}

/// Takes over what other results beside `store` have finished of `plan`, and `tell`s how much.
///
/// # Errors
/// Where the results folder can't take the plan, or the runs can't be read or stored.
pub fn tell_of_adoption(plan: &Plan, store: &Store, tell: &dyn Fn(Notice<'_>)) -> Result<()> {
    let runs = adopt(plan, store)?;
    if runs > 0 {
        let root = store.folder().parent().unwrap_or(Path::new(""));
        tell(Notice::Adopted { runs, all: plan.trainings.len(), root });
    }
    Ok(())
}
