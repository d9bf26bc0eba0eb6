//! Tests of pictures of made-up figures.

use super::sheet::{LEFT, RIGHT, WIDTH};
use super::style::styles;
use super::text::{fitted, width};
use super::*;
use crate::report::figure::tests::{runs, set_unexplained};
use crate::report::figure::{Figure, SigmaScale};
use crate::report::statistics::Estimate;
use crate::training::RunSpec;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::{Document, Node};

const SWEEP: &str = "model.activation = 'relu'\nmodel.constraint = 'unit_norm'\n\
    sweep = { regularizer = ['none', 'dae', 'cae', 'mdae', 'kl_sae'], sigma_squared = [0, 0.01, 0.25, 1] }\n";

/// DAE falls and its units die, more of them for a larger seed; SAE falls, and other models stay.
fn usual(spec: &RunSpec) -> Option<(f64, f64)> {
    let (sigma, seed) = (spec.sigma_squared, spec.seed as f64);
    match spec.regularizer.label().as_str() {
        "dae" => Some((0.9 / (1.0 + 20.0 * sigma) + 0.02 * seed, 0.1 * seed * sigma)),
        "kl_sae" => Some((0.9 / (1.0 + 9.0 * sigma), 0.0)),
        _ => Some((0.95, 0.0)),
    }
}

fn figure(seeds: &str) -> Figure {
    Figure::from_runs("1", "Figure 1", &runs(&format!("seeds = {seeds}\n{SWEEP}"), usual))
}

/// The absolute coordinates of an element: its centre, or the corners of its path; empty for a path with relative steps.
fn places(node: Node<'_, '_>) -> Vec<(f64, f64)> {
    let number = |name: &str| node.attribute(name).and_then(|value| value.parse::<f64>().ok());
    if let (Some(x), Some(y)) = (number("cx"), number("cy")) {
        return vec![(x, y)];
    }
    let path = node.attribute("d").unwrap_or_default();
    if !path.starts_with('M') || path.contains(|c: char| c.is_ascii_lowercase() || c == 'H' || c == 'V') {
        return Vec::new();
    }
    let corner = |corner: &str| {
        let (x, y) = corner.split_once([' ', ',']).unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    path[1..].trim_end_matches('Z').split(['L', 'M']).map(corner).collect()
}

/// The colour and the places of every path of dots: a curve's seeds in one panel, or the legend's sample.
fn dots(svg: &str) -> Vec<(String, Vec<(f64, f64)>)> {
    let document = Document::parse(svg).unwrap();
    let of_path = |node: Node<'_, '_>| {
        node.attribute("stroke-linecap").filter(|cap| *cap == "round")?;
        let place = |dot: &str| {
            let (x, y) = dot.strip_suffix("h0").unwrap().split_once(' ').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        };
        let color = node.attribute("stroke").unwrap().to_owned();
        Some((color, node.attribute("d").unwrap()[1..].split('M').map(place).collect()))
    };
    document.descendants().filter_map(of_path).collect()
}

fn texts<'d>(document: &'d Document<'_>) -> Vec<&'d str> {
    document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect()
}

#[test]
fn a_picture_names_its_curves_axes_and_settings() {
    let svg = svg(&figure("[1, 2, 3]"));
    let document = Document::parse(&svg).unwrap();
    let texts = texts(&document);
    for expected in [
        "Figure 1",
        "AE",
        "DAE",
        "CAE",
        "mDAE",
        "SAE",
        "95 % interval, seeds",
        "σ²",
        "Avg. activation fraction",
        "Fraction of dead units",
        "0.0",
        "1.0",
    ] {
        assert!(texts.contains(&expected), "{expected}: {texts:?}");
    }
    assert!(texts.iter().any(|text| text.contains("MNIST · ReLU · unit norm") && text.ends_with("3 seeds")));
    let first = document.root_element().first_element_child().unwrap();
    assert!(first.has_tag_name("title"), "screen readers take the first");
    let described = first.next_sibling_element().unwrap().text().unwrap();
    assert!(described.contains("AE: 0.950.") && described.contains("at σ² = 1."), "{described}");
    assert_eq!(svg, super::svg(&figure("[1, 2, 3]")));
}

#[test]
fn bands_are_drawn_with_several_seeds_only() {
    assert!(svg(&figure("[1, 2]")).contains("fill-opacity"));
    let one = svg(&figure("[1]"));
    assert!(!one.contains("opacity") && !one.contains("95 %"));
}

#[test]
fn every_point_lies_inside_its_panel() {
    let figure = figure("[1, 2, 3]");
    let svg = svg(&figure);
    let document = Document::parse(&svg).unwrap();
    let frames: Vec<(f64, f64)> = (document.descendants())
        .filter(|node| node.attribute("stroke") == Some(INK))
        .filter_map(|node| {
            let path = node.attribute("d").filter(|d| d.contains('H'))?;
            let (top, rest) = path.split_once(' ')?.1.split_once('H')?;
            let bottom = rest.split_once('V')?.1.split_once('H')?.0;
            Some((top.parse().unwrap(), bottom.parse().unwrap()))
        })
        .collect();
    assert_eq!(frames.len(), 2);
    // Half of the largest marker.
    let reach = 6.0;
    let mut seen = 0;
    let legend_end = frames[0].0 - reach;
    for (x, y) in document.descendants().flat_map(places).filter(|(_, y)| *y > legend_end) {
        assert!((LEFT - reach..=RIGHT + reach).contains(&x), "{x}");
        let inside = |(top, bottom): &(f64, f64)| (top - reach..=bottom + reach).contains(&y);
        assert!(frames.iter().any(inside), "{y}: {frames:?}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn names_from_files_are_escaped() {
    let mut figure = figure("[1]");
    let name = "<script>alert(\"1\")</script> & 'x' \u{1}";
    figure.title = name.to_owned();
    figure.subtitle = name.repeat(30);
    figure.series[1].legend = name.to_owned();
    let svg = svg(&figure);
    assert!(!svg.contains("<script"));
    let document = Document::parse(&svg).unwrap();
    let shown = name.replace('\u{1}', "\u{FFFD}");
    assert_eq!(texts(&document).iter().filter(|text| **text == shown).count(), 2);
    assert!(texts(&document).iter().any(|text| text.ends_with('…')), "a subtitle that is too long is cut");
}

#[test]
fn awkward_figures_are_drawn_too() {
    let sweep =
        |sigmas: &str| format!("sweep = {{ regularizer = ['dae', 'cae'], sigma_squared = {sigmas} }}");
    let made = |sigmas: &str, ends: fn(&RunSpec) -> Option<(f64, f64)>| {
        Figure::from_runs("x", "", &runs(&sweep(sigmas), ends))
    };
    let mut broken = figure("[1]");
    let nowhere = Estimate { mean: f64::NAN, interval: None };
    broken.series[1].points[1].avg_activation_fraction = Some(nowhere);
    broken.series[1].points[2].dead_fraction = Some(Estimate { mean: f64::INFINITY, interval: None });
    broken.series[2].points[1].sigma_squared = f64::INFINITY;
    broken.series[2].points[2].sigma_squared = -1.0;
    broken.series[3].points.clear();
    for (what, figure) in [
        ("one σ², 0", made("[0]", |_| Some((0.5, 0.0)))),
        ("one σ²", made("[0.25]", |_| Some((0.5, 0.0)))),
        ("all zero", made("[0, 1]", |_| Some((0.0, 0.0)))),
        ("all dead", made("[0, 1]", |_| Some((0.0, 1.0)))),
        ("all diverged", made("[0, 1]", |_| None)),
        ("tiny", made("[0, 1e-300]", |_| Some((0.5, 0.0)))),
        ("huge", made("[0, 1000000]", |_| Some((0.5, 0.0)))),
        ("none", Figure::from_runs("x", "", &[])),
        ("broken", broken),
    ] {
        let svg = svg(&figure);
        let document = Document::parse(&svg).unwrap();
        for attribute in document.descendants().flat_map(|node| node.attributes()) {
            let value = attribute.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{what}: {value}");
        }
        assert!(png(&svg, 0.5).is_ok(), "{what}");
    }
    assert!(svg(&Figure::from_runs("x", "", &[])).contains("no finished runs"));
}

#[test]
fn diverged_runs_are_gaps_and_crosses() {
    let whole = svg(&figure("[1]"));
    let middle_of_dae = |spec: &RunSpec| spec.regularizer.label() == "dae" && spec.sigma_squared == 0.25;
    let ends = |spec: &RunSpec| usual(spec).filter(|_| !middle_of_dae(spec));
    let figure = Figure::from_runs("1", "", &runs(&format!("seeds = [1]\n{SWEEP}"), ends));
    let svg = svg(&figure);
    let marks = |svg: &str| svg.matches("<circle").count();
    // One point less in each panel, one marker beside the cross.
    assert_eq!(marks(&svg), marks(&whole) - 2 + 1);
    assert!(svg.contains(">diverged<") && !whole.contains(">diverged<"));
    assert_eq!(svg.matches("m0 -7").count(), 1);
    assert!(svg.contains("diverged at σ² = 0.25."), "for screen readers");
}

#[test]
fn themes_can_replace_the_colours_of_page_and_text() {
    let constants = [INK, MUTED, GRID, PAPER];
    let labels = ["dae"; 7];
    assert!(styles(labels.into_iter()).iter().all(|style| !constants.contains(&style.color)));
    let mut svg = svg(&figure("[1, 2]"));
    for constant in constants {
        assert!(svg.contains(constant), "{constant}");
        svg = svg.replace(constant, "var(--x)");
    }
    for color in svg.match_indices('#').map(|(at, _)| &svg[at..at + 7]) {
        assert!(styles(labels.into_iter()).iter().any(|style| style.color == color), "{color}");
    }
}

#[test]
fn widths_are_those_of_the_embedded_font() {
    let options = png::options();
    for sample in [
        "DAE, no constraint",
        "MNIST · ReLU · σ² = 0.001",
        "The quick (brown) fox; 95 %",
        "WAVE_Ty",
        "10⁻³10⁶10¹²",
        "1.0e−7",
    ] {
        // The advance of the text is the shift of a mark after it.
        let drawn = |text: &str| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='50'><text y='20' font-size='20' \
                 font-family='DejaVu Sans' xml:space='preserve'>{text}</text></svg>"
            );
            let tree = resvg::usvg::Tree::from_str(&svg, &options).unwrap();
            f64::from(tree.root().abs_bounding_box().right())
        };
        let measured = drawn(&format!("{sample}|")) - drawn("|");
        let ours = width(sample, 20.0);
        // Kerning makes some pairs narrower.
        assert!(measured <= ours + 0.1 && measured > 0.9 * ours, "{sample}: {measured}, {ours}");
    }
    assert!(width(&fitted("some words that go on", 12.0, 60.0), 12.0) <= 60.0);
    assert_eq!(fitted("short", 12.0, 60.0), "short");
}

#[test]
fn pixels_show_the_curves_and_the_text() {
    let figure = figure("[1, 2, 3]");
    let svg = svg(&figure);
    let bytes = png(&svg, 2.0).unwrap();
    let pixels = Pixmap::decode_png(&bytes).unwrap();
    assert_eq!(pixels.width(), 2 * WIDTH as u32);
    assert!(pixels.height() > 1400, "{}", pixels.height());
    assert_eq!(bytes, png(&svg, 2.0).unwrap());
    let hex = |pixel: &resvg::tiny_skia::PremultipliedColorU8| {
        format!("#{:02x}{:02x}{:02x}", pixel.red(), pixel.green(), pixel.blue())
    };
    let count = |pixels: &Pixmap, color: &str| pixels.pixels().iter().filter(|p| hex(p) == color).count();
    for style in styles(figure.series.iter().map(|series| series.regularizer.as_str())) {
        assert!(count(&pixels, style.color) > 200, "{style:?}");
    }
    assert!(count(&pixels, PAPER) > 500_000);
    // The frames have the same colour as the letters, which add to it.
    let silent: String = svg.lines().filter(|line| !line.starts_with("<text")).collect();
    let silent = Pixmap::decode_png(&png(&silent, 2.0).unwrap()).unwrap();
    assert!(count(&pixels, INK) > count(&silent, INK) + 1000);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    for (svg, scale) in
        [("", 1.0), ("<html/>", 1.0), (&*svg(&figure("[1]")), 0.0), (&*svg(&figure("[1]")), 1e9)]
    {
        assert!(png(svg, scale).unwrap_err().to_string().starts_with("the picture can't be drawn"));
    }
    assert!(png(&svg(&figure("[1]")), f32::NAN).is_err());
}

#[test]
fn each_seed_is_a_dot_in_the_curves_colour() {
    let one_dies = |spec: &RunSpec| {
        let is_dae = spec.regularizer.label() == "dae";
        Some(if is_dae && spec.seed == 1 { (0.1, 0.5) } else { (0.9, 0.0) })
    };
    let figure = Figure::from_runs("1", "", &runs(&format!("seeds = [1, 2, 3]\n{SWEEP}"), one_dies));
    let drawn = svg(&figure);
    let dots = dots(&drawn);
    // The legend's, and one path for each of four curves in each of two panels; the level has none.
    assert_eq!(dots.len(), 1 + 2 * 4);
    let style = styles(["dae"].into_iter())[0];
    let of_dae: Vec<_> = dots.iter().filter(|(color, _)| color == style.color).collect();
    let [(_, activation), (_, dead)] = of_dae.as_slice() else { panic!("{of_dae:?}") };
    assert_eq!((activation.len(), dead.len()), (4 * 3, 4 * 3));
    // All dots are at one of the two values, none between them.
    let (top, low) = (activation[1].1, activation[0].1);
    assert!((low - top - 0.8 * 390.0).abs() < 0.02, "{activation:?}");
    assert!(activation[..3].iter().all(|(x, _)| *x == LEFT));
    assert!(activation.iter().all(|(_, y)| [top, low].contains(y)));

    // The dot is visible, because no curve, band or marker covers it: DAE's mean is 0.633.
    let pixels = Pixmap::decode_png(&png(&drawn, 2.0).unwrap()).unwrap();
    let (x, y) = activation[3 * 2];
    let pixel = pixels.pixel((2.0 * x) as u32, (2.0 * y) as u32).unwrap();
    let hex = format!("#{:02x}{:02x}{:02x}", pixel.red(), pixel.green(), pixel.blue());
    assert_eq!(hex, style.color);

    let alone = svg(&self::figure("[1]"));
    assert!(self::dots(&alone).is_empty() && !alone.contains("seeds</text>"));
}

#[test]
fn where_no_unit_dies_there_is_no_panel_of_them() {
    let height = |svg: &str| {
        Document::parse(svg).unwrap().root_element().attribute("height").unwrap().parse::<f64>().unwrap()
    };
    let made = |dead: f64| {
        let figure = Figure::from_runs(
            "1",
            "",
            &runs(&format!("seeds = [1, 2]\n{SWEEP}"), |spec| {
                Some((0.5, if spec.seed == 1 { dead } else { 0.0 }))
            }),
        );
        svg(&figure)
    };
    let (none, some) = (made(0.0), made(0.1));
    assert_eq!(height(&some) - height(&none), 180.0 + 24.0);
    assert!(!none.contains("Fraction of dead units") && some.contains("Fraction of dead units"));
    assert!(none.contains("over σ², no unit died;") && !some.contains("no unit died"));
    for svg in [&none, &some] {
        assert_eq!(svg.matches(">σ²</text>").count(), 1, "one panel has the axis' name");
    }
    // Without completed runs the number of dead units is unknown.
    let diverged = svg(&Figure::from_runs("1", "", &runs(SWEEP, |_| None)));
    assert!(!diverged.contains("no unit died"));
}

#[test]
fn a_figure_on_the_papers_grid_is_drawn_over_sigma() {
    let mut figure = figure("[1]");
    let ticks = |figure: &Figure| {
        let svg = svg(figure);
        let document = Document::parse(&svg).unwrap();
        let is_tick = |node: &Node<'_, '_>| {
            node.has_tag_name("text")
                && node.attribute("text-anchor") == Some("middle")
                && node.attribute("font-size") == Some("12")
        };
        let nodes = document.descendants().filter(is_tick);
        let tick = |node: Node<'_, '_>| {
            (node.text().unwrap().to_owned(), node.attribute("x").unwrap().parse::<f64>().unwrap())
        };
        nodes.map(tick).collect::<Vec<_>>()
    };
    let place = |ticks: &[(String, f64)], label: &str| {
        ticks.iter().find(|(known, _)| known == label).map(|(_, x)| *x)
    };
    let auto = ticks(&figure);
    assert_eq!(place(&auto, "0.25"), Some(f64::midpoint(LEFT, RIGHT)));
    assert_eq!((auto.len(), place(&auto, "0.01")), (4, Some(LEFT + 0.1 * (RIGHT - LEFT))));
    figure.sigma_scale = SigmaScale::Linear;
    assert_eq!(place(&ticks(&figure), "0.25"), None);
    figure.series[1].points[1].sigma_squared = 0.02;
    let linear = ticks(&figure);
    figure.sigma_scale = SigmaScale::Auto;
    assert_eq!(ticks(&figure), linear, "0.02 isn't the paper's");
    figure.sigma_scale = SigmaScale::Sigma;
    let sigma = ticks(&figure);
    let expected = LEFT + 0.02_f64.sqrt() * (RIGHT - LEFT);
    assert!((place(&sigma, "0.02").unwrap() - expected).abs() < 0.01, "{sigma:?}");
}

#[test]
fn a_thumbnail_is_the_upper_panel_without_text() {
    let figure = figure("[1, 2, 3]");
    let svg = thumbnail(&figure);
    let document = Document::parse(&svg).unwrap();
    assert!(document.descendants().all(|node| !node.has_tag_name("text")));
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("title")).count(), 1);
    // Frame, and line and band of each of five curves.
    assert_eq!(document.root_element().children().filter(Node::is_element).count(), 1 + 1 + 2 * 5);
    for style in styles(figure.series.iter().map(|series| series.regularizer.as_str())) {
        let mut line = String::new();
        style.draw_line(&mut line, "M");
        let attributes = line.trim_end().strip_prefix("<path d=\"M\"").unwrap();
        assert_eq!(svg.matches(attributes).count(), 1, "{style:?}");
    }
    for (x, y) in document.descendants().flat_map(places) {
        assert!((2.0..=298.0).contains(&x) && (2.0..=168.0).contains(&y), "{x} {y}");
    }
    // σ² = 0.25 is in the middle between 0 and 1, as in the figure.
    assert!(svg.contains("L150 "), "{svg}");
    assert_eq!(svg, thumbnail(&figure));
    assert!(png(&svg, 1.0).is_ok());

    let one =
        Figure::from_runs("1", "", &runs("sweep = { regularizer = ['dae'], sigma_squared = [0.25] }", usual));
    assert_eq!(dots(&thumbnail(&one)).len(), 1, "a curve of one point is seen");
    assert!(png(&thumbnail(&Figure::from_runs("x", "", &[])), 1.0).is_ok());
}

#[test]
fn no_text_is_too_small_on_a_page_that_shows_pictures_at_their_size() {
    let svg = svg(&figure("[1, 2]"));
    let document = Document::parse(&svg).unwrap();
    for node in document.descendants().filter(|node| node.has_tag_name("text")) {
        let size: f64 = node.attribute("font-size").unwrap().parse().unwrap();
        assert!(size >= 12.0, "{node:?}");
    }
}

#[test]
fn fidelity_is_drawn_over_activation_on_a_logarithmic_axis() {
    assert!(!has_fidelity(&figure("[1]")), "no fraction of variance unexplained was measured");
    let mut runs = runs(&format!("seeds = [1]\n{SWEEP}"), |spec| {
        let diverged = spec.regularizer.label() == "dae" && spec.sigma_squared == 0.25;
        if diverged { None } else { usual(spec) }
    });
    set_unexplained(&mut runs, |spec| if spec.sigma_squared == 1.0 { 0.1 } else { 0.01 });
    let figure = Figure::from_runs("1", "Figure 1", &runs);
    assert!(has_fidelity(&figure));
    let svg = fidelity_svg(&figure);
    let document = Document::parse(&svg).unwrap();
    let texts = texts(&document);
    for expected in ["Figure 1", "AE", "DAE", "mDAE", "10⁻²", "10⁻¹", "Fraction of variance unexplained"]
    {
        assert!(texts.contains(&expected), "{expected}: {texts:?}");
    }
    assert!(texts.contains(&"Avg. activation fraction (× 10 = L0, active units of a sample)"), "{texts:?}");
    // DAE's markers are disks in its colour: one in the legend, one for each σ² that did not diverge.
    let color = styles(["dae"].into_iter())[0].color;
    let is_mark = |node: &Node<'_, '_>| node.has_tag_name("circle") && node.attribute("fill") == Some(color);
    let marks: Vec<(f64, f64)> = document.descendants().filter(is_mark).flat_map(places).collect();
    let [_, zero, small, one] = marks.as_slice() else { panic!("{marks:?}") };
    let x = |active: f64| LEFT + active * (RIGHT - LEFT);
    let expected = [0.0, 0.01, 1.0].map(|sigma| x(0.9 / (1.0 + 20.0 * sigma) + 0.02));
    for (mark, expected) in [zero, small, one].into_iter().zip(expected) {
        assert!((mark.0 - expected).abs() < 0.01, "{marks:?}");
    }
    // A decade is the whole height, and more is unexplained further up.
    assert!(zero.1 == small.1 && (zero.1 - one.1 - 390.0).abs() < 0.01, "{marks:?}");
    let described = "DAE: from 0.010 unexplained and 0.920 active at σ² = 0 to 0.100 unexplained and 0.063 active at \
                     σ² = 1, diverged at σ² = 0.25.";
    assert!(svg.contains(described), "{svg}");
    assert!(png(&svg, 1.0).is_ok());
}
