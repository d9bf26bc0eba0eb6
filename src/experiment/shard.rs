//! Dividing a plan among workers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Divides trainings among `shards` workers; `seconds` are their predicted times. Returns each worker's trainings, as increasing indices.
///
/// The trainings are assigned by decreasing time, each to the worker with the least time so far (Graham 1969). So no worker has more than
/// the mean time plus the longest training. Equal input gives equal shards on every machine.
///
/// # Panics
/// If `shards` is 0.
pub fn divide(seconds: &[f64], shards: usize) -> Vec<Vec<usize>> {
    assert!(shards > 0, "a plan is divided among no workers");
    // Whole microseconds have the same sum in any order. The conversion maps negative times and NaN to 0.
    let cost = |index: usize| (seconds[index] * 1e6) as u64;
    let mut longest_first: Vec<usize> = (0..seconds.len()).collect();
    longest_first.sort_by_key(|index| Reverse(cost(*index)));
    let mut loads: BinaryHeap<_> = (0..shards).map(|shard| Reverse((0_u64, shard))).collect();
    let mut divided = vec![Vec::new(); shards];
    for index in longest_first {
        let Reverse((load, shard)) = loads.pop().expect("there is a shard");
        divided[shard].push(index);
        // At least 1, so that trainings without a prediction are divided evenly.
        loads.push(Reverse((load.saturating_add(cost(index).max(1)), shard)));
    }
    divided.iter_mut().for_each(|indices| indices.sort_unstable());
    divided
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_training_is_in_one_shard_and_no_shard_takes_much_longer_than_the_mean(
            seconds in prop::collection::vec(0.0..1e4_f64, 0..200),
            shards in 1_usize..20,
        ) {
            let divided = divide(&seconds, shards);
            prop_assert_eq!(divided.len(), shards);
            let mut all: Vec<usize> = divided.concat();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..seconds.len()));
            let sum = |indices: &Vec<usize>| indices.iter().map(|index| seconds[*index]).sum::<f64>();
            let (mean, longest) =
                (seconds.iter().sum::<f64>() / shards as f64, seconds.iter().copied().fold(0.0, f64::max));
            for indices in &divided {
                prop_assert!(indices.is_sorted());
                prop_assert!(sum(indices) <= mean + longest + 1e-3);
            }
        }
    }

    #[test]
    fn equal_trainings_are_divided_evenly() {
        for seconds in [0.0, 5.0, f64::NAN] {
            let divided = divide(&[seconds; 10], 4);
            let mut sizes: Vec<usize> = divided.iter().map(Vec::len).collect();
            sizes.sort_unstable();
            assert_eq!(sizes, [2, 2, 3, 3], "{seconds}");
        }
        assert_eq!(divide(&[], 3), vec![Vec::<usize>::new(); 3]);
    }
}
