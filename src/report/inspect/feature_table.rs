//! The features of a run's units as `features.csv` and as a page.

use super::features::{NEAREST_UNITS, TOP_SAMPLES, UnitFeature, most_active_first};
use super::names::{FEATURES, TOP_IMAGES, heading, words};
use crate::data::SampleIds;
use crate::report::document::{
    Block, Document, Image, Picture, Section, Span, Table, TableColumn, Target, Text,
};
use crate::report::numbers::{Line, Numbers};
use crate::report::text::{integer, or_absent, significant};
use crate::store::StoredRun;

/// Greatest number of units in the page.
const MOST_UNITS: usize = 1000;

/// `features.csv`: a line for each unit, in the order of the rows of W. `ids` are those of the samples that were encoded.
pub fn features_csv(units: &[UnitFeature], ids: &SampleIds) -> Vec<u8> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let line = |(unit, feature): (usize, &UnitFeature)| {
        let mut line = Line::default()
            .with("unit", unit)
            .with("active_samples", feature.active_samples)
            .number("density", feature.density)
            .number("mean_activation", feature.mean)
            .number("mean_when_active", feature.mean_when_active)
            .with("max_activation", feature.largest);
        for place in 0..TOP_SAMPLES {
            let top = feature.top.get(place);
            let name = format!("top_{}", place + 1);
            line = line.with(&name, text(top.map(|(row, _)| ids.get(*row).into_owned())));
            line = line.with(format!("{name}_activation"), text(top.map(|(_, h)| h.to_string())));
        }
        for place in 0..NEAREST_UNITS {
            let nearest = feature.nearest.get(place);
            let name = format!("nearest_{}", place + 1);
            line = line.with(&name, text(nearest.map(|(unit, _)| unit.to_string())));
            line = line.number(format!("{name}_cosine"), nearest.map(|(_, cosine)| *cosine));
        }
        line
    };
    units.iter().enumerate().map(line).collect::<Numbers>().csv()
}

/// The page `features.html` of the table `csv`, made by [`features_csv`]: the contact sheet `top_images`, a PNG, if there is one, and the
/// units, the most active first.
///
/// # Panics
/// If `csv` is another table.
pub fn features_page(run: &StoredRun, csv: &[u8], top_images: Option<&[u8]>) -> Document {
    let mut blocks = vec![Block::paragraph(words(run)), Block::note(about(run)), Block::Paragraph(numbers())];
    blocks.extend(top_images.map(|png| {
        let picture = Picture {
            id: String::new(),
            title: format!("The images that activate each unit most, run {}", run.record.run_key),
            image: Image::Png(png.to_vec()),
            file: format!("{TOP_IMAGES}.png"),
            caption:
                "A row for each unit, the most active unit first; the image with the largest h on the left."
                    .into(),
            csv: None,
            command: None,
        };
        Block::Section(Section::new(TOP_IMAGES, "Top images", vec![Block::Pictures(vec![picture])]))
    }));
    let table = units_table(csv, MOST_UNITS).unwrap_or_else(|problem| panic!("{problem}"));
    blocks.push(Block::Section(Section::new("units", "Units", vec![Block::Table(table)])));
    Document { title: heading("Features", run), blocks }
}

/// The meaning of the columns.
fn about(run: &StoredRun) -> String {
    format!(
        "Run {}. A unit is active on a sample if h > {}. Density is the share of the {} training samples on which it is active; mean h is \
         over all of them. Samples have their h beside them, nearest units the cosine of their rows of W with the unit's own.",
        run.record.run_key,
        run.spec.threshold,
        integer(run.spec.samples as f64)
    )
}

/// The link to `features.csv`.
fn numbers() -> Text {
    Span::Link(Target::File(format!("{FEATURES}.csv")), "Numbers of all units (CSV)".to_owned()).into()
}

/// A table with the `most` most active units of `features.csv`, whose content is `csv`.
///
/// # Errors
/// What is wrong with the content.
pub(super) fn units_table(csv: &[u8], most: usize) -> Result<Table, String> {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let place = |name: &str| {
        let place = header.iter().position(|column| column == name);
        place.ok_or_else(|| format!("the table has no column {name}"))
    };
    let [unit, active] = [place("unit")?, place("active_samples")?];
    let numbers = [
        ("density", "density"),
        ("mean_activation", "mean h"),
        ("mean_when_active", "mean h when active"),
        ("max_activation", "largest h"),
    ];
    let numbers = numbers.map(|(name, head)| Ok::<_, String>((place(name)?, head)));
    let numbers = numbers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let pairs = |count: usize, name: &dyn Fn(usize) -> [String; 2]| {
        let places = |number: usize| {
            let [name, value] = name(number);
            Ok((place(&name)?, place(&value)?))
        };
        (1..=count).map(places).collect::<Result<Vec<(usize, usize)>, String>>()
    };
    let top = pairs(TOP_SAMPLES, &|number| [format!("top_{number}"), format!("top_{number}_activation")])?;
    let nearest =
        pairs(NEAREST_UNITS, &|number| [format!("nearest_{number}"), format!("nearest_{number}_cosine")])?;
    let lines = reader.records().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let counts = lines
        .iter()
        .map(|line| line[active].parse().map_err(|_| format!("found {:?} active samples", &line[active])));
    let counts = counts.collect::<Result<Vec<u64>, _>>()?;
    let number = |cell: &str| or_absent(cell.parse().ok(), significant);
    let row = |line: &csv::StringRecord| {
        let named = |places: &[(usize, usize)]| {
            let pairs = places.iter().map(|(name, value)| (&line[*name], &line[*value]));
            named_numbers(
                pairs.filter(|(name, _)| !name.is_empty()).map(|(name, value)| (name, number(value))),
            )
        };
        let numbers = numbers.iter().map(|(place, _)| number(&line[*place]).into());
        std::iter::once(line[unit].into()).chain(numbers).chain([named(&top), named(&nearest)]).collect()
    };
    let column = |head: &str, is_numeric| TableColumn { head: head.to_owned(), is_numeric };
    let heads = numbers.iter().map(|(_, head)| column(head, true));
    let words = ["samples with the largest h", "nearest units"].map(|head| column(head, false));
    let caption = match lines.len() {
        all if all > most => {
            format!("The {most} most active of {all} units; {FEATURES}.csv has all of them.")
        }
        all => format!("{all} units, the most active first."),
    };
    let shown = most_active_first(&counts).into_iter().take(most);
    Ok(Table {
        caption: caption.into(),
        columns: std::iter::once(column("unit", true)).chain(heads).chain(words).collect(),
        rows: shown.map(|unit| row(&lines[unit])).collect(),
    })
}

/// `a.png 1.25 · b.png 1.20`, with the numbers in muted type.
fn named_numbers<'n>(pairs: impl Iterator<Item = (&'n str, String)>) -> Text {
    let spans = pairs.enumerate().flat_map(|(place, (name, number))| {
        let separator = (place > 0).then(|| Span::from(" · "));
        separator.into_iter().chain([name.into(), Span::Muted(format!(" {number}"))])
    });
    Text(spans.collect())
}

#[cfg(test)]
mod tests {
    use super::super::features::tests::relu_run;
    use super::*;
    use crate::report::render;

    fn units() -> Vec<UnitFeature> {
        let feature = UnitFeature {
            active_samples: 2,
            density: 0.25,
            mean: 0.125,
            mean_when_active: Some(0.5),
            largest: 0.1,
            top: vec![(3, 0.1), (0, 0.05)],
            nearest: vec![(1, -0.5)],
        };
        let dead = UnitFeature {
            active_samples: 0,
            density: 0.0,
            mean: 0.0,
            mean_when_active: None,
            largest: -0.0,
            top: Vec::new(),
            nearest: vec![(0, -0.5)],
        };
        vec![dead, feature]
    }

    #[test]
    fn the_table_has_a_line_for_each_unit_and_a_column_for_each_value() {
        let csv = String::from_utf8(features_csv(&units(), &SampleIds::Rows)).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        let tops: String = (1..=10).map(|k| format!(",top_{k},top_{k}_activation")).collect();
        let nearest: String = (1..=5).map(|k| format!(",nearest_{k},nearest_{k}_cosine")).collect();
        let head = "unit,active_samples,density,mean_activation,mean_when_active,max_activation";
        assert_eq!(lines[0], format!("{head}{tops}{nearest}"));
        assert_eq!(lines[1], format!("0,0,0,0,,-0{},0,-0.5{}", ",".repeat(20), ",".repeat(8)));
        assert_eq!(
            lines[2],
            format!("1,2,0.25,0.125,0.5,0.1,3,0.1,0,0.05{},1,-0.5{}", ",".repeat(16), ",".repeat(8))
        );
        // f32 as text reads back as the same f32; ids with commas are quoted.
        let ids = SampleIds::Names(["a", "b", "c", "d, e"].map(str::to_owned).to_vec());
        let csv = String::from_utf8(features_csv(&units(), &ids)).unwrap();
        assert!(csv.contains(",0.1,\"d, e\",0.1,a,0.05,"), "{csv}");
    }

    #[test]
    fn the_page_shows_the_most_active_unit_first_and_ids_stay_text() {
        let ids = SampleIds::Names(["<b>a", "b", "c", "d"].map(str::to_owned).to_vec());
        let csv = features_csv(&units(), &ids);
        let page = render::html(&features_page(&relu_run(), &csv, None));
        assert!(page.contains("&lt;b&gt;a<span class=\"muted\"> 0.0500</span>"), "{page}");
        assert!(page.contains("href=\"./features.csv\"") && !page.contains("<img"));
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(place("<td class=\"number\">1</td>") < place("<td class=\"number\">0</td>"));
        let page = render::html(&features_page(&relu_run(), &csv, Some(b"\x89PNG")));
        assert!(page.contains("src=\"data:image/png;base64,iVBORw=="), "{page}");
    }

    #[test]
    fn another_table_is_refused() {
        let csv = String::from_utf8(features_csv(&units(), &SampleIds::Rows)).unwrap();
        assert_eq!(units_table(csv.as_bytes(), 1).unwrap().rows.len(), 1);
        for (from, to, problem) in [
            ("1,2,0.25", "1,2", "fields"),
            ("density", "x", "no column density"),
            ("top_7,", "top7,", "no column top_7"),
            ("1,2,0.25", "1,two,0.25", "\"two\" active samples"),
        ] {
            let message = units_table(csv.replacen(from, to, 1).as_bytes(), 9).unwrap_err();
            assert!(message.contains(problem), "{problem}: {message}");
        }
    }
}
