//! Whole numbers as values of options, with errors that name the accepted ones.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

/// A parser of the whole numbers in `accepted`, a range that begins with its smallest number.
pub(crate) fn whole<T>(accepted: impl RangeBounds<T> + Clone) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + Display + PartialOrd,
{
    move |text| {
        text.parse().ok().filter(|number| accepted.contains(number)).ok_or_else(|| {
            let end = |bound: Bound<&T>, word: &str| match bound {
                Bound::Included(number) => format!(" {word} {number}"),
                Bound::Excluded(_) | Bound::Unbounded => String::new(),
            };
            let (least, most) = (end(accepted.start_bound(), "from"), end(accepted.end_bound(), "to"));
            format!("accepted: a whole number{least}{most}")
        })
    }
}

/// Parses a number of things, at least one.
pub(crate) fn count(text: &str) -> Result<NonZeroUsize, String> {
    whole(NonZeroUsize::MIN..)(text)
}

/// Parses a number of threads that work on one matrix, from 1 to 1024, about as many as the largest machines have cores.
pub(crate) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: NonZeroUsize = NonZeroUsize::new(1024).expect("it is above 0");
    whole(NonZeroUsize::MIN..=MOST)(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused_with_the_range() {
        assert_eq!(count("12").map(NonZeroUsize::get), Ok(12));
        for text in ["0", "-1", "x", "1.5", "", "18446744073709551616"] {
            assert_eq!(count(text).unwrap_err(), "accepted: a whole number from 1", "{text}");
        }
        assert_eq!(threads("1024").map(NonZeroUsize::get), Ok(1024));
        assert_eq!(threads("99999999999").unwrap_err(), "accepted: a whole number from 1 to 1024");
        let shards = whole(1..=1_000_000);
        assert_eq!(shards("1000000"), Ok(1_000_000));
        for text in ["0", "1000001", "x"] {
            assert_eq!(shards(text).unwrap_err(), "accepted: a whole number from 1 to 1000000", "{text}");
        }
    }
}
