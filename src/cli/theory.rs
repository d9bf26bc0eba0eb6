//! `aesparse theory`: trains a sweep and measures the theory, or lists the activations that the theory covers.

use super::args::TheoryArguments;
use super::interrupt::Interrupt;
use super::messages::Messages;
use super::{ExitStatus, prepare, run, screen};
use crate::activation::{ActivationKind, ActivationSpec};
use crate::error::Result;
use crate::experiment::config;
use crate::report::document::{Block, Table, Text};
use crate::theory::{CANDIDATES, Properties};

/// Trains the sweep of a configuration and measures the theory, or prints the table of activations.
///
/// # Errors
/// Where the configuration, its data or the results folder can't be used. Nothing was trained then.
pub(crate) fn theory(arguments: &TheoryArguments, messages: &Messages) -> Result<ExitStatus> {
    let Some(file) = &arguments.config else {
        return Ok(messages.print(&activation_table()));
    };
    let interrupt = Interrupt::on_signals()?;
    let config = config::load(file, &arguments.options.overrides)?.with_theory();
    let prepared = prepare::from_config(config, file, &arguments.options, messages)?;
    run::train_plan(&prepared, &arguments.options, &interrupt, messages)
}

/// For every activation, the properties of §2.1.2 of the paper and the corollaries that follow from them.
fn activation_table() -> String {
    let heads = [
        "activation",
        "non-decreasing",
        "convex",
        "s' in [0, 1]",
        "s(a) → 0 for a → −∞",
        "corollary 1",
        "corollary 2",
        "encourages sparsity",
    ];
    let candidates = CANDIDATES.iter().map(|candidate| (candidate.name, Properties::of(candidate.value)));
    let registered =
        ActivationKind::known().into_iter().filter(|kind| matches!(kind, ActivationKind::Registered(_)));
    let registered = registered.map(|kind| {
        let activation = ActivationSpec::from(kind);
        (kind.name(), Properties::of(|a| activation.jet(a).value))
    });
    let row = |(name, properties): (&'static str, Properties)| -> Vec<Text> {
        let holds = [
            properties.non_decreasing,
            properties.convex,
            properties.unit_slope,
            properties.saturates_at_zero,
            properties.corollary1(),
            properties.corollary2(),
            properties.encourages_sparsity(),
        ];
        [name]
            .into_iter()
            .chain(holds.map(|holds| if holds { "yes" } else { "no" }))
            .map(Text::from)
            .collect()
    };
    screen::text(vec![Block::Table(Table::new("", &heads, &[]).with(candidates.chain(registered).map(row)))])
}
