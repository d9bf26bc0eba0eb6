//! Standardised samples against values computed by hand, and the warnings about lost digits.

use super::*;
use ndarray::array;

fn raw(train: SampleMatrix, stored: Stored) -> Raw {
    Raw::new("x".to_owned(), "0".repeat(64), 4, train, stored)
}

const FEATURE: Standardize = Standardize::Feature { epsilon: 0.0 };
const SAMPLE: Standardize = Standardize::Sample { epsilon: 0.0 };

fn warning(dataset: &Dataset) -> &str {
    match &dataset.remarks[..] {
        [] => "",
        [Remark::Warning(text)] => text,
        other => panic!("{other:?}"),
    }
}

/// Columns: seconds since 1970, small numbers, and a constant.
fn times() -> Array2<f64> {
    let offset = 1.7e9;
    array![[offset, 1.0, 7.0], [offset + 1.0, -1.0, 7.0], [offset + 2.0, 1.0, 7.0], [offset + 3.0, -1.0, 7.0]]
}

#[test]
fn doubles_are_standardised_before_they_are_rounded() {
    let dataset = raw(SampleMatrix::Double(times()), Stored::Floats).standardize(FEATURE).unwrap();
    let sd = 1.25_f64.sqrt();
    for (row, value) in [-1.5, -0.5, 0.5, 1.5].into_iter().enumerate() {
        assert_eq!(dataset.train[[row, 0]], (value / sd) as f32);
    }
    assert_eq!((dataset.train[[1, 1]], dataset.train[[1, 2]]), (-1.0, 0.0));
    assert_eq!((dataset.standardized_from, warning(&dataset)), (Precision::Double, ""));
    assert_eq!(dataset.statistics.unwrap().mean[0], 1.7e9 + 1.5);
    // Sample scope, too: each sample's mean has many digits.
    let wide = array![[1e9, 1e9 + 1.0], [2e9 + 1.0, 2e9]];
    let dataset = raw(SampleMatrix::Double(wide), Stored::Floats).standardize(SAMPLE).unwrap();
    assert_eq!(
        (dataset.train, dataset.standardized_from),
        (array![[-1.0, 1.0], [1.0, -1.0]], Precision::Double)
    );
}

#[test]
fn equal_values_everywhere_are_refused_under_global_scope() {
    for epsilon in [0.0, 0.1] {
        let constant = raw(SampleMatrix::Double(array![[0.5, 0.5], [0.5, 0.5]]), Stored::Floats);
        let error = constant.standardize(Standardize::Global { epsilon }).unwrap_err().to_string();
        for part in ["x", "every value of the 2 training samples is 0.5", "data.standardize"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
    // Without a constant value the later samples have the same mean and spread as the training samples.
    let held_out = Some(SampleMatrix::Single(array![[4.0_f32, 1.0]]));
    let varied =
        Raw { held_out, ..raw(SampleMatrix::Double(array![[1.0, 3.0], [1.0, 3.0]]), Stored::Floats) };
    let dataset = varied.standardize(Standardize::Global { epsilon: 0.0 }).unwrap();
    assert_eq!(dataset.train, array![[-1.0, 1.0], [-1.0, 1.0]]);
    assert_eq!(dataset.held_out, Some(array![[2.0, -1.0]]));
}

#[test]
fn columns_that_lose_digits_are_named() {
    let of = |train: SampleMatrix, how| raw(train, Stored::Floats).standardize(how).unwrap();
    let plain = of(SampleMatrix::Double(times()), Standardize::None);
    let text = warning(&plain);
    for part in ["x: column 0 (from 0) loses", "1 %", "data.standardize = \"feature\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(plain.standardized_from, Precision::Single, "nothing was standardised");
    // f32 samples have lost their digits before any standardisation.
    let single = || {
        SampleMatrix::Single(array![
            [1e9_f32, 1.0],
            [1e9 + 64.0, 2.0],
            [1e9 + 128.0, 1.0],
            [1e9 + 192.0, 3.0]
        ])
    };
    for how in [Standardize::None, FEATURE, SAMPLE] {
        assert!(warning(&of(single(), how)).contains("column 0 (from 0)"), "{how:?}");
    }
    // Subtracting each sample's own mean may leave an offset in a column. With two inputs every sample becomes ±1, without spread.
    let offset = array![[1e9, 1.0, 0.0], [1e9, 2.0, 0.0], [1e9, 1.5, 0.0], [1e9, 0.0, 0.0]];
    assert!(
        warning(&of(SampleMatrix::Double(offset.clone()), SAMPLE)).contains("columns 1, 2 (from 0) lose")
    );
    assert_eq!(warning(&of(SampleMatrix::Double(offset.slice(s![.., ..2]).to_owned()), SAMPLE)), "");
    // Too small for f32.
    let tiny = array![[1e-50], [2e-50]];
    assert!(warning(&of(SampleMatrix::Double(tiny.clone()), Standardize::None)).contains("column 0"));
    assert_eq!(of(SampleMatrix::Double(tiny), FEATURE).train, array![[-1.0], [1.0]]);
    // Bytes lose nothing, and neither do columns with enough spread.
    let bytes = array![[1.0, 0.0], [1.0, 1.0], [0.0, 1.0 / 255.0]];
    assert_eq!(warning(&of(SampleMatrix::Single(bytes), Standardize::None)), "");
    let bytes = raw(single(), Stored::Bytes).standardize(FEATURE).unwrap();
    assert_eq!(warning(&bytes), "");
}

#[test]
fn levels_of_pixels_are_told_from_other_numbers() {
    let of = |stored, values| raw(SampleMatrix::Single(values), stored).scale();
    assert_eq!(of(Stored::Bytes, array![[0.0, 1.0]]), Scale::Unit);
    assert_eq!(of(Stored::Floats, array![[0.0, 255.0]]), Scale::Levels);
    let doubles = raw(SampleMatrix::Double(array![[0.0, 200.0]]), Stored::Floats);
    assert_eq!(doubles.scale(), Scale::Levels);
    for values in [array![[0.0, 1.0]], array![[-1.0, 255.0]], array![[0.0, 256.0]]] {
        assert_eq!(of(Stored::Floats, values), Scale::Unknown);
    }
    assert_eq!(of(Stored::Drawn, array![[0.0, 3.0]]), Scale::Unknown);
}

#[test]
fn at_most_ten_columns_are_named() {
    let text = precision_warning("x", &(5..20).collect::<Vec<_>>());
    let Some(Remark::Warning(text)) = text else { panic!("{text:?}") };
    assert!(text.contains("columns 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 and 5 more (from 0) lose"), "{text}");
    assert_eq!(precision_warning("x", &[]), None);
}
