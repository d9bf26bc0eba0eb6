//! The controls on the report's page.

use super::{Control, Page};
use maud::{Markup, html};

/// A section for each control that has `pages`.
pub(in crate::report) fn pages(pages: &[Page]) -> Markup {
    html! {
        p {
            "Experiments that tell an effect from what is built into its setting. Differences are paired by seed; brackets are \
             95 % intervals over seeds (Student's t). With one seed there are none, and small differences mean nothing."
        }
        @for control in Control::ALL { (of_control(control, pages)) }
    }
}

fn of_control(control: &Control, pages: &[Page]) -> Markup {
    let pages = || pages.iter().filter(|page| page.control.id == control.id);
    html! {
        @if pages().next().is_some() {
            section id={ "control-" (control.id) } aria-labelledby={ "control-" (control.id) "-title" } {
                h3 id={ "control-" (control.id) "-title" } { (control.title) }
                p { (control.question) }
                p.muted { (control.setup) }
                @for page in pages() { (one(page)) }
            }
        }
    }
}

fn one(page: &Page) -> Markup {
    html! {
        (page.picture.html())
        ul.findings {
            @for sentence in &page.sentences { li { strong { (page.dataset) } ": " (sentence) } }
        }
    }
}
