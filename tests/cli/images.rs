//! A folder of one's own pictures: trained on, looked at and encoded.

use super::Workplace;
use image::{Rgb, RgbImage};
use ndarray::Array2;
use ndarray_npy::read_npy;
use std::fs;

const CONFIG: &str = r#"
name = "own"
data = { source = { kind = "images", path = "my photos", height = 4, width = 8, channels = 3 }, standardize = "feature" }
model.hidden = 5
training = { epochs = 2, batch = 4 }
sweep = { sigma_squared = [0.1], regularizer = ["dae"] }
output.weights = "final"
"#;

/// A folder with `own.toml` and a dozen pictures of 20 × 12 pixels.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("own.toml", CONFIG);
    for number in 0..12_u8 {
        put(&workplace, &format!("my photos/{}/{number:02}.png", number % 3), number);
    }
    workplace
}

/// A picture that is redder the larger `number` is.
fn put(workplace: &Workplace, name: &str, number: u8) {
    let path = workplace.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pixel = |x, y| Rgb([20 * number, (x * 12) as u8, (y * 20) as u8]);
    RgbImage::from_fn(20, 12, pixel).save(path).unwrap();
}

/// One file of weights encodes another folder of images as the run's images were scaled, and codes have the images' names.
#[test]
fn one_file_encodes_another_folder_and_names_its_images() {
    let workplace = workplace();
    workplace.run("run own.toml --quiet", 0);
    workplace.run("encode results/own --out trained.csv", 0);
    let trained = workplace.read("trained.csv");
    assert!(trained.starts_with("id,h0,h1,h2,h3,h4\n0/00.png,"), "{trained}");
    workplace.run("export results/own --format npz --out encoder.npz", 0);
    put(&workplace, "new/b/same as 04.png", 4);
    put(&workplace, "new/a.png", 7);
    fs::remove_dir_all(workplace.path("my photos")).unwrap();
    fs::remove_dir_all(workplace.path("results")).unwrap();
    workplace.run("encode encoder.npz --input new --out new.csv", 0).says(&["2 own samples"]);
    let line = |csv: &str, id: &str| {
        let line = csv.lines().find_map(|line| line.strip_prefix(id)?.strip_prefix(','));
        let numbers = line.unwrap_or_else(|| panic!("{csv} lacks {id}")).split(',');
        numbers.map(|number| number.parse::<f32>().unwrap()).collect::<Vec<_>>()
    };
    let new = workplace.read("new.csv");
    for (id, of_training) in [("a.png", "1/07.png"), ("b/same as 04.png", "1/04.png")] {
        let (found, expected) = (line(&new, id), line(&trained, of_training));
        assert!(expected.iter().any(|h| *h > 0.0));
        // Rounding depends on the number of samples in a block.
        assert!(found.iter().zip(expected).all(|(found, h)| (found - h).abs() < 1e-5), "{new} {trained}");
    }
    workplace.run("encode encoder.npz --input new --out new.npy", 0);
    assert_eq!(workplace.read("new.ids.txt"), "a.png\nb/same as 04.png\n");
}

#[test]
fn held_out_images_keep_their_names() {
    let workplace = workplace();
    put(&workplace, "aside/x/seen later.png", 3);
    for (held_out, ids) in [("\"aside\"", &["x/seen later.png"][..]), ("0.1", &["/"])] {
        workplace.run(&format!("run own.toml --quiet --fresh -o data.held_out={held_out}"), 0);
        workplace.run("encode results/own --held-out --out codes.csv", 0);
        let codes = workplace.read("codes.csv");
        let found: Vec<&str> = codes.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(found.len(), ids.len());
        assert!(found.iter().zip(ids).all(|(id, part)| id.contains(part) && id.ends_with(".png")), "{codes}");
    }
}

#[test]
fn a_folder_is_trained_on_and_looked_at_in_its_shape() {
    let workplace = workplace();
    workplace.run("run own.toml", 0);
    let run = workplace.table("results/own/runs.csv").remove(0);
    let value = |name: &str| run[name].as_str();
    assert_eq!((value("dataset"), value("samples"), value("inputs")), ("my photos", "12", "96"));

    workplace.run("inspect results/own", 0).says(&["12 samples of 96 inputs", "filters.png", "by feature"]);
    let key = value("run_key");
    let open = |name: &str| {
        image::open(workplace.path(&format!("results/own/inspect/{key}/{name}.png"))).unwrap().to_rgb8()
    };
    // 8 × 4 squares of 7 × 7 pixels, three filters a row, below a heading of 96 units.
    let filters = open("filters");
    let place = |index: u32| (48 + index % 3 * 58, 192 + index / 3 * 30);
    for index in 0..5 {
        let (left, top) = place(index);
        let at = |x: u32, y: u32| filters.get_pixel(left + x, top + y).0;
        for (x, y) in [(0, 0), (0, 21), (49, 0), (49, 21)] {
            assert_eq!(at(x, y), at(x + 6, y + 6), "a pixel of the filter is a square");
        }
        let pixels: Vec<_> = (0..8).flat_map(|x| (0..4).map(move |y| (7 * x + 3, 7 * y + 3))).collect();
        assert!(pixels.iter().any(|&(x, y)| at(x, y) != at(3, 3)), "the filter is drawn");
        assert_eq!((at(56, 3), at(3, 28)), ([255; 3], [255; 3]), "nothing beside it");
    }
    assert_eq!(filters.height(), 192 + 2 * 30 + 48);
    // For each unit, the images that activate it most, by their paths; they are 96 × 48 pixels large.
    let sheet = open("top_images");
    let units = workplace.table(&format!("results/own/inspect/{key}/features.csv"));
    let mut alive: Vec<_> = units.iter().filter(|unit| unit["active_samples"] != "0").collect();
    alive.sort_by_key(|unit| std::cmp::Reverse(unit["active_samples"].parse::<u64>().unwrap()));
    assert!(!alive.is_empty());
    for (row, unit) in (0..).zip(alive) {
        for column in 0..10 {
            let id = &unit[&format!("top_{}", column + 1)];
            let red = sheet.get_pixel(300 + column * 98 + 48, 192 + row * 58 + 24).0[0];
            let number: Option<u8> = id.get(2..4).map(|number| number.parse().unwrap());
            let expected = number.map_or(255, |number| 20 * number);
            assert!(red.abs_diff(expected) <= 1, "{id} {red}");
            assert!(id.is_empty() || workplace.path("my photos").join(id).is_file(), "{id}");
        }
    }
    // Samples as they are, in colour: 12 of 112 × 56 in four rows.
    let samples = open("reconstructions");
    let red = |sample: u32| samples.get_pixel(300 + sample * 114 + 50, 228 + 28).0[0];
    // By their paths: 0, 3, 6, 9, then 1, 4 and so on.
    let expected = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map(|number| 20 * number);
    for (sample, expected) in (0..).zip(expected) {
        assert!(red(sample).abs_diff(expected) <= 1, "{sample}: {} {expected}", red(sample));
    }
}

#[test]
fn a_folder_that_moved_is_named_and_another_is_refused() {
    let workplace = workplace();
    workplace.run("run own.toml --quiet", 0);
    fs::create_dir(workplace.path("elsewhere")).unwrap();
    fs::rename(workplace.path("my photos"), workplace.path("elsewhere/my photos")).unwrap();
    workplace.run("inspect results/own", 2).says(&["my photos: there is no such folder"]);
    workplace.run("inspect results/own --data-dir elsewhere", 0);
    fs::rename(workplace.path("elsewhere/my photos"), workplace.path("moved")).unwrap();
    workplace.run("inspect results/own --data moved", 0);
    workplace.run("encode results/own --data moved --out all.npy", 0).says(&["12 training samples"]);

    // Samples of one's own come from a folder too, standardised as the others were.
    fs::create_dir(workplace.path("two")).unwrap();
    for (name, number) in [("a.png", 3), ("b.png", 0)] {
        put(&workplace, &format!("two/{name}"), number);
    }
    workplace.run("encode results/own --data moved --input two --out two.npy", 0).says(&["2 own samples"]);
    let read = |name: &str| -> Array2<f32> { read_npy(workplace.path(name)).unwrap() };
    let (all, two) = (read("all.npy"), read("two.npy"));
    for (own, training) in [(0, 1), (1, 0)] {
        let near = two.row(own).iter().zip(all.row(training)).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near, "{} {}", two.row(own), all.row(training));
    }

    put(&workplace, "moved/0/00.png", 1);
    workplace
        .run("inspect results/own --data moved", 2)
        .says(&["moved: not the data that the run", "--data PATH"]);
    workplace.run("run tiny.toml --quiet -o output.weights=final", 0);
    workplace
        .run(
            "encode results/tiny --where regularizer=cae --where sigma_squared=0.5 --data moved --out x.npy",
            2,
        )
        .says(&["moved: the run was not trained on", "a folder of images"]);
}

/// Its own pictures lie below the folder that it reads.
#[test]
fn pictures_that_were_drawn_are_no_samples() {
    let workplace = workplace();
    workplace.write("own.toml", &CONFIG.replace("\"my photos\"", "\".\""));
    workplace.run("run own.toml --quiet", 0);
    workplace.run("inspect results/own", 0);
    workplace.run("inspect results/own --out pictures", 0);
    workplace.run("report results", 0);
    assert!(workplace.path("pictures/filters.png").exists());
    let again = workplace.run("run own.toml", 0);
    again
        .says(&["1 training: 0 trained now, 1 finished before", "results/own holds what this program wrote"]);
    again.says(&["pictures that this program drew: passed over"]);
    workplace.run("encode results/own --out codes.npy", 0).says(&["12 training samples"]);
}

#[test]
fn broken_pictures_are_passed_over_where_asked_for() {
    let workplace = workplace();
    workplace.write("my photos/2/zz.jpg", "Not found");
    workplace.write("my photos/x.gif", "GIF89a");
    let ended = workplace.run("run own.toml -o data.source.on_error=skip", 0);
    ended.says(&["warning: passed over: ", "zz.jpg: looks like a text file", "1 .gif: passed over"]);
    let skipped = workplace.read("results/own/runs.csv");
    fs::remove_file(workplace.path("my photos/2/zz.jpg")).unwrap();
    // The same samples, so the same run.
    workplace.run("run own.toml", 0).says(&["0 trained now, 1 finished before"]);
    assert_eq!(workplace.read("results/own/runs.csv"), skipped);
}

#[test]
fn pictures_that_cannot_be_used_are_refused_before_anything_is_trained() {
    let workplace = workplace();
    workplace.write("my photos/2/zz.jpg", "Not found");
    workplace.run("run own.toml", 2).says(&["error: ", "zz.jpg: looks like a text file", "take it out"]);
    fs::remove_file(workplace.path("my photos/2/zz.jpg")).unwrap();
    let larger = "-o data.source.fit=crop -o data.source.width=21";
    workplace.run(&format!("run own.toml {larger}"), 2).says(&["00.png: is 12 × 20 pixels", "4 × 21"]);
    workplace.run("run own.toml -o data.source.path=nowhere", 2).says(&["nowhere: there is no such folder"]);
    assert!(!workplace.path("results").exists());
    workplace.run("plan own.toml", 0);
}
