//! Opening a results folder for a prepared plan, and training its missing runs. Every command that trains goes this way.

use super::execute::{ExecutionOptions, Summary, execute};
use super::finished::{MissingCounts, count_measured_seldom, is_finished};
use super::folder::FolderPlan;
use super::plan::Plan;
use super::prepared::Prepared;
use super::reporter::Reporter;
use super::trainer::Trainer;
use crate::data::{DataSpec, HeldOut, HeldOutIdentity, Source};
use crate::error::{Error, Result, count};
use crate::store::{DataPlaces, ForeignFiles, Merged, Store, foreign_files};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// How a command treats runs that are already finished in the results folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReusePolicy {
    /// Set earlier results aside and train everything.
    pub fresh: bool,
    /// Train finished runs again if weights or measurements of the theory are missing; otherwise such runs are an error.
    pub retrain: bool,
}

/// A message about a results folder, before anything is trained in it.
#[derive(Debug)]
pub enum Notice<'n> {
    /// Earlier results were set aside.
    SetAside(PathBuf),
    /// There are foreign files.
    Foreign(ForeignFiles),
    /// A damaged file was set aside.
    Damaged(&'n Error),
    /// Finished runs are trained again, because something is missing.
    Retrained(MissingCounts),
    /// Runs of the plan are already finished.
    Finished {
        /// Number of these runs.
        runs: usize,
        /// Number of trainings of the plan.
        all: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// The folder's tables also have finished runs of earlier plans.
    FromEarlierPlans {
        /// Number of these runs.
        runs: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// Finished runs are outside the folder's plan.
    OutsidePlan {
        /// Number of these runs.
        runs: usize,
        /// The results folder.
        folder: &'n Path,
    },
    /// Runs of the plan were taken over from other results folders in the same root.
    Adopted {
        /// Number of these runs.
        runs: usize,
        /// Number of trainings of the plan.
        all: usize,
        /// The root.
        root: &'n Path,
    },
    /// Finished runs lack measurements at epochs that the plan asks for.
    MeasuredSeldom {
        /// Number of these runs.
        runs: usize,
        /// The epochs between two measurements of the plan.
        every: u32,
    },
}

impl Notice<'_> {
    /// Whether the notice is about damaged or foreign files.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::Foreign(_) | Self::Damaged(_))
    }
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let are = |runs: usize| if runs == 1 { "is" } else { "are" };
        match self {
            Self::SetAside(path) => write!(f, "the earlier results are now in {}", path.display()),
            Self::Foreign(files) => files.fmt(f),
            Self::Damaged(error) => error.fmt(f),
            Self::Retrained(missing) => write!(f, "{missing}; trained again"),
            Self::Finished { runs, all, folder } => write!(
                f,
                "{runs} of {} {} finished already in {}; --fresh trains them again",
                count(*all, "training"),
                are(*runs),
                folder.display()
            ),
            Self::FromEarlierPlans { runs, folder } => write!(
                f,
                "{} of earlier plans {} in the tables of {} too",
                count(*runs, "finished run"),
                are(*runs),
                folder.display()
            ),
            Self::OutsidePlan { runs, folder } => write!(
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
            Self::MeasuredSeldom { runs, every } => write!(
                f,
                "{} {} not measured at every epoch that evaluation.every = {every} asks for; --fresh trains and measures anew",
                count(*runs, "finished run"),
                if *runs == 1 { "was" } else { "were" }
            ),
        }
    }
}

/// A plan whose results folder is open, ready to train.
#[derive(Debug)]
pub struct OpenSweep<'p> {
    /// The data and everything else that the trainings need.
    pub prepared: &'p Prepared,
    /// The plan to train: the prepared plan or a part of it.
    pub plan: &'p Plan,
    /// The results folder.
    pub store: Store,
    /// The plan of the results folder, which the tables follow.
    pub folder: FolderPlan<'p>,
}

impl OpenSweep<'_> {
    /// Trains the unfinished runs of the plan and writes the tables.
    ///
    /// # Errors
    /// The errors of [`execute`].
    pub fn train(&self, options: ExecutionOptions<'_>, reporter: &dyn Reporter) -> Result<Summary> {
        let start = self.prepared.start.as_ref().map(|start| &start.weights);
        let trainer = Trainer::new(self.plan, &self.prepared.dataset, start);
        execute(self.plan, &self.folder.plan, &self.store, &trainer, options, reporter)
    }
}

impl Prepared {
    /// Opens the results folder `<root>/<name>/` for the plan. Calls `notify` with each message about it.
    ///
    /// # Errors
    /// Where the results folder can't be used, or finished runs lack weights or theory that the plan asks for.
    pub fn open(
        &self,
        root: &Path,
        reuse: ReusePolicy,
        notify: &dyn Fn(Notice<'_>),
    ) -> Result<OpenSweep<'_>> {
        if reuse.fresh
            && let Some(aside) = Store::set_aside(root, &self.plan.name)?
        {
            notify(Notice::SetAside(aside));
        }
        self.open_store(&self.plan, Store::open(root, &self.plan.name)?, reuse, notify)
    }

    /// Prepares the open results folder `store` for `plan`, the prepared plan or a part of it. Calls `notify` with each message about the
    /// folder.
    ///
    /// # Errors
    /// The errors of [`Prepared::open`].
    pub fn open_store<'p>(
        &'p self,
        plan: &'p Plan,
        store: Store,
        reuse: ReusePolicy,
        notify: &dyn Fn(Notice<'_>),
    ) -> Result<OpenSweep<'p>> {
        set_aside_damaged(plan, &store, notify)?;
        let folder = self.folder_plan(&store)?;
        let missing = MissingCounts::of(plan, &store);
        if !reuse.retrain {
            missing.refuse(store.folder())?;
        } else if missing.runs > 0 {
            notify(Notice::Retrained(missing));
        }
        let runs = plan.keys().filter(|key| is_finished(plan, &store, key)).count();
        let outside = store.count_others(folder.plan.keys());
        let earlier = store.count_others(plan.keys()) - outside;
        let path = store.folder();
        let notices = [
            (runs, Notice::Finished { runs, all: plan.trainings.len(), folder: path }),
            (earlier, Notice::FromEarlierPlans { runs: earlier, folder: path }),
            (outside, Notice::OutsidePlan { runs: outside, folder: path }),
        ];
        notices.into_iter().filter(|(runs, _)| *runs > 0).for_each(|(_, notice)| notify(notice));
        if !reuse.fresh {
            adopt_and_notify(plan, &store, notify)?;
        }
        let runs = count_measured_seldom(plan, &store);
        if runs > 0 {
            notify(Notice::MeasuredSeldom { runs, every: plan.evaluate_every });
        }
        let trains = !plan.keys().all(|key| is_finished(plan, &store, key));
        self.write_manifest(&folder, &store, trains)?;
        Ok(OpenSweep { prepared: self, plan, store, folder })
    }

    /// Checks that the plan can be trained in `<root>/<name>/`. Changes nothing, except that damaged files are set aside.
    ///
    /// # Errors
    /// Where the plan can't be trained there.
    pub fn check_folder(&self, root: &Path, reuse: ReusePolicy, notify: &dyn Fn(Notice<'_>)) -> Result<()> {
        let store = Store::open(root, &self.plan.name)?;
        set_aside_damaged(&self.plan, &store, notify)?;
        self.folder_plan(&store)?;
        if reuse.retrain { Ok(()) } else { MissingCounts::of(&self.plan, &store).refuse(store.folder()) }
    }

    /// Trains the unfinished runs of the plan in `<root>/<name>/` and writes the tables, as `aesparse run` does.
    ///
    /// # Errors
    /// The errors of [`Prepared::open`], before anything is trained.
    pub fn run(
        &self,
        root: &Path,
        options: ExecutionOptions<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Summary> {
        self.open(root, ReusePolicy::default(), &|_| ())?.train(options, reporter)
    }

    /// Writes the manifest of `store` for the plan `folder` and begins the session. A session that doesn't train (`trains`) writes it only
    /// if the tables are out of date.
    ///
    /// # Errors
    /// The errors of [`Store::begin_session`].
    pub fn write_manifest(&self, folder: &FolderPlan<'_>, store: &Store, trains: bool) -> Result<()> {
        if !trains && folder.is_written(store)? {
            return Ok(());
        }
        let data = [("data".to_owned(), self.dataset.sha256.clone())];
        let start = self.start.iter().map(|start| ("warm_start".to_owned(), start.sha256.clone()));
        let held_out = match &self.dataset.held_out_from {
            Some(HeldOutIdentity::Other { sha256 }) => Some(("held_out".to_owned(), sha256.clone())),
            _ => None,
        };
        let digests: BTreeMap<_, _> = data.into_iter().chain(start).chain(held_out).collect();
        let own: HashSet<&str> = self.plan.keys().collect();
        // A run outside this plan is finished if it has a record, because no plan asks for more.
        let is_done = |key: &str| {
            if own.contains(key) { is_finished(&self.plan, store, key) } else { store.has_record(key) }
        };
        store.begin_session(self.plan.keys(), folder.config.clone(), digests, trains, is_done)?;
        self.note_data(store);
        Ok(())
    }

    /// Stores where the data are, so that commands that read the runs find them. Synthetic data need no place.
    fn note_data(&self, store: &Store) {
        let DataSpec { source, held_out, .. } = self.config.data();
        if matches!(source, Source::Synthetic(_)) {
            return;
        }
        let folders = self.locations.candidates.iter().map(|(_, folder)| folder.as_path());
        let folders = folders.filter(|_| source.path().is_none());
        let places = DataPlaces::new(
            store.folder(),
            source.path(),
            held_out.as_ref().and_then(HeldOut::path),
            folders,
        );
        // An error is ignored, because no result depends on these paths: without them, readers search the usual places.
        let _ = places.write(store.folder());
    }
}

/// Sets damaged weights of the plan's runs aside. Calls `notify` for each damaged file and for foreign files.
///
/// # Errors
/// Where files can't be read or renamed.
pub fn set_aside_damaged(plan: &Plan, store: &Store, notify: &dyn Fn(Notice<'_>)) -> Result<()> {
    if let Some(foreign) = foreign_files(store.folder())? {
        notify(Notice::Foreign(foreign));
    }
    let notify_all = |damaged: &[Error]| damaged.iter().for_each(|error| notify(Notice::Damaged(error)));
    // First, because it is said even where the weights can't be read.
    notify_all(&store.take_damaged());
    notify_all(&store.set_aside_weights(plan.keys(), plan.weights.moments())?);
    Ok(())
}

/// Takes over runs of `plan` that are finished in other results folders of the same root. Calls `notify` with each file that was set aside
/// and with the number of runs.
///
/// # Errors
/// Where the results folder can't take the plan, or the runs can't be read or stored.
pub fn adopt_and_notify(plan: &Plan, store: &Store, notify: &dyn Fn(Notice<'_>)) -> Result<()> {
    // Checked first, because afterwards the folder has these runs in common with the plan.
    store.check_plan(plan.keys())?;
    let Merged { runs, left } = if plan.takes_over() { store.adopt(plan.keys())? } else { Merged::default() };
    left.iter().for_each(|aside| notify(Notice::Damaged(aside)));
    if runs > 0 {
        let root = store.folder().parent().unwrap_or(Path::new(""));
        notify(Notice::Adopted { runs, all: plan.trainings.len(), root });
    }
    Ok(())
}
