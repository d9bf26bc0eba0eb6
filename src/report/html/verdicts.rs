//! The claims: one line each, the numbers behind them on demand.

use crate::report::claims::text::{parts, tally};
use crate::report::claims::{Claim, Part, Verdict};
use maud::{Markup, html};

/// The main claims and, below them, their repetitions at other learning rates.
pub(super) fn verdicts(claims: &[Claim]) -> Markup {
    let (repetitions, main): (Vec<_>, Vec<_>) = claims.iter().partition(|claim| claim.repetition);
    html! {
        p {
            "Each claim of the paper's section 3 is held against an interval of the measured effect: all of it on the \
             claim's side supports the claim, all of it on the other side contradicts it, anything else leaves it \
             undecided. Margins are fixed in the program, whatever the results. With one seed the interval is taken \
             over hidden units and says nothing about other seeds."
        }
        p { strong { (tally(main.iter().copied())) } "." }
        (table(&main))
        @if !repetitions.is_empty() {
            h3 { "Claims 1 to 3 at other learning rates" }
            (table(&repetitions))
        }
    }
}

fn table(claims: &[&Claim]) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr { th scope="col" { "claim" } th scope="col" { "verdict" } th scope="col" { "statement" } } }
                tbody { @for claim in claims { (row(claim)) } }
            }
        }
    }
}

fn row(claim: &Claim) -> Markup {
    html! {
        tr id={ "claim-" (claim.name().replace(' ', "-")) } {
            th scope="row" { (claim.name()) }
            td { (badge(claim.verdict)) }
            td {
                (claim.statement) " " span.muted { "(" (claim.source) ")" }
                details.parts {
                    summary { (parts(claim)) }
                    p.muted { "Contradicted by: " (claim.contradicted_by) }
                    ul { @for part in &claim.parts { (details_of(part)) } }
                    @for note in &claim.notes { p.muted { (note) } }
                }
            }
        }
    }
}

fn details_of(part: &Part) -> Markup {
    html! {
        li {
            strong { (part.label) } ": " (badge(part.verdict))
            @let basis = part.basis();
            @if !basis.is_empty() { " " span.muted { "(" (basis) ")" } }
            @for effect in part.effects() { br; (effect) }
            @if !part.note.is_empty() { br; span.muted { (part.note) } }
        }
    }
}

/// Sign, colour and word: any of them alone says it.
fn badge(verdict: Verdict) -> Markup {
    let sign = match verdict {
        Verdict::Supported => "✓",
        Verdict::Contradicted => "✗",
        Verdict::Undecided => "?",
    };
    html! { span class={ "verdict " (verdict.name()) } { span aria-hidden="true" { (sign) " " } (verdict) } }
}
