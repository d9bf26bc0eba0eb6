//! The controls in the report as Markdown.

use super::{Control, Page};
use crate::report::markdown::plain;
use std::fmt::Write as _;

/// Writes a section for each control that has `pages`; nothing where there are none.
pub(in crate::report) fn pages(text: &mut String, pages: &[Page]) {
    if pages.is_empty() {
        return;
    }
    text.push_str(
        "\n## Controls\n\nExperiments that tell an effect from what is built into its setting. Differences are paired by seed; \
         brackets are 95 % intervals over seeds.\n",
    );
    for control in Control::ALL {
        let mut own = pages.iter().filter(|page| page.control.id == control.id).peekable();
        if own.peek().is_some() {
            let Control { id, title, question, setup, .. } = control;
            let [title, question, setup] = [title, question, setup].map(|part| plain(part));
            let _ = write!(text, "\n<a id=\"control-{id}\"></a>\n\n### {title}\n\n{question}\n\n{setup}\n");
            own.for_each(|page| one(text, page));
        }
    }
}

fn one(text: &mut String, page: &Page) {
    page.picture.markdown(text);
    for sentence in &page.sentences {
        let _ = writeln!(text, "- {}: {}", plain(&page.dataset), plain(sentence));
    }
}
