//! The claims: one line each, the numbers behind them on demand.

use crate::report::claims::text::{parts, tally};
use crate::report::claims::{Claim, Part, Verdict};
use maud::{Markup, html};

/// The main claims and, below them, their repetitions at other learning rates.
pub(super) fn verdicts(claims: &[Claim]) -> Markup {
    let (repetitions, main): (Vec<_>, Vec<_>) = claims.iter().partition(|claim| claim.repetition);
    html! {
        p {
            "Each claim of the paper's section 3 is held against intervals of the measured effect. It is supported where \
             every interval lies on the claim's side, contradicted where one that is corrected for the number of tests lies \
             on the other side, and undecided otherwise. Margins are fixed in the program, whatever the results. One seed \
             gives no verdict: what would follow from the spread between its hidden units is said beside it."
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
            td {
                (badge(claim.verdict))
                @let aside = claim.aside();
                @if !aside.is_empty() { br; span.muted { (aside) } }
            }
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
            @let remarks = part.remarks();
            @if !remarks.is_empty() { br; span.muted { (remarks) } }
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
