//! Controls: experiments that tell an effect from a tautology, each a picture and tables from stored results alone.
//!
//! The settings of a folder's runs decide which control it is, or of which figures it is one that a control looks at once more.
//! What isn't trained has no page. Differences are taken seed by seed, for seeds share initial weights, batch orders and noise;
//! Student's t gives the interval of their mean (95 %), and one seed has none.

mod catalogue;
mod control;
mod evidence;
mod findings;
mod quantity;
mod sweep;
mod threshold;

use self::catalogue::ALL;
use self::control::Source;
use super::document::{Block, Section, Span, Text};
use super::figure::grouped;
use crate::store::Results;
pub use control::{Control, Page};

/// Whether `results` are a control's own.
pub(super) fn is_control(results: &Results) -> bool {
    let is_own = |control: &Control| matches!(control.source, Source::Own(_));
    ALL.iter().any(|control| is_own(control) && control.is_about(results))
}

/// A section for each control that has `pages`; `command` gives that which makes a results folder.
pub(super) fn sections(pages: &[Page], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    let section = |control: &'static Control| {
        let own: Vec<&Page> = pages.iter().filter(|page| page.control.id == control.id).collect();
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

/// The row of the first page of each control on each data set: its section, the data set, the question, and the case that says most.
pub(super) fn glance(pages: &[Page]) -> Vec<Vec<Text>> {
    let row = |page: &Page| {
        let study = Span::to(page.control.section(), page.control.title).into();
        let telling = page.telling.clone()?;
        Some(vec![study, page.dataset.as_str().into(), page.control.question.into(), telling])
    };
    let of_one = grouped(pages.iter(), |page| (page.control.id, page.dataset.as_str())).into_iter();
    of_one.filter_map(|(_, pages)| row(pages[0])).collect()
}

impl Page {
    /// The pages of all `results`, in the catalogue's order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        ALL.iter().flat_map(|control| control.pages(results)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests;
