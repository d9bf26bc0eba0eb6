//! Controls: experiments that separate an effect from a tautology. Each has a picture and tables, from stored results alone.
//!
//! The settings of a folder's runs decide whether it is a control, or a figure that a control evaluates again. A control without
//! runs has no page. Differences are taken seed by seed, because runs of one seed share initial weights, batch orders and noise.
//! Student's t gives the 95 % interval of their mean; one seed has no interval.

mod catalogue;
mod control;
mod evidence;
mod explanation;
mod findings;
mod protocol;
mod quantity;
mod sweep;
mod threshold;

use self::catalogue::ALL;
use self::control::RunSource;
use super::document::{Block, Section, Span, Text};
use super::figure::grouped;
use crate::store::Results;
pub use control::{Control, ControlPage};

/// Whether `results` were trained for a control.
pub(super) fn is_control(results: &Results) -> bool {
    let is_own = |control: &Control| !matches!(control.source, RunSource::Figures(_));
    ALL.iter().any(|control| is_own(control) && control.is_about(results))
}

/// A section for each control that has `pages`; `command` gives the command that reproduces a results folder.
pub(super) fn sections(pages: &[ControlPage], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    let section = |control: &'static Control| {
        let own: Vec<&ControlPage> = pages.iter().filter(|page| page.control.id == control.id).collect();
        let mut blocks = vec![Block::paragraph(control.question), Block::note(control.setup)];
        for page in &own {
            let command = page.folder.as_deref().and_then(&command);
            blocks.push(Block::Pictures(vec![page.drawing.picture(command)]));
            blocks.extend(page.tables.iter().cloned().map(Block::Table));
        }
        let section = Section::new(control.section(), control.title, blocks).folded();
        (!own.is_empty()).then_some(Block::Section(section))
    };
    ALL.iter().filter_map(section).collect()
}

/// The row of each control on each data set, from its first page: a link to its section, the data set, the question, and the
/// highlight.
pub(super) fn glance(pages: &[ControlPage]) -> Vec<Vec<Text>> {
    let row = |page: &ControlPage| {
        let study = Span::link_to(page.control.section(), page.control.title).into();
        let highlight = page.highlight.clone()?;
        Some(vec![study, page.dataset.as_str().into(), page.control.question.into(), highlight])
    };
    let of_one = grouped(pages.iter(), |page| (page.control.id, page.dataset.as_str())).into_iter();
    of_one.filter_map(|(_, pages)| row(pages[0])).collect()
}

impl ControlPage {
    /// The pages of all `results`, in the catalogue's order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        ALL.iter().flat_map(|control| control.pages(results)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests;
