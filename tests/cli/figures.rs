//! `figures` and `report`: from built-in configurations to pictures and a page.

use super::Workplace;
use super::data::committed;
#[cfg(unix)]
use super::faults::on_a_full_disk;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt as _;
use std::collections::BTreeSet;
use std::fs;

/// Overrides that make a figure's configurations small; both halves become the same runs.
const SMALL: &str = "-o data.source=synthetic -o data.samples=150 -o data.standardize=feature -o model.hidden=20 \
    -o training.epochs=2 -o sweep.sigma_squared=[0,0.5]";

#[test]
fn a_figure_is_trained_once_and_drawn_for_both_halves() {
    let workplace = Workplace::new();
    let ended = workplace.run(&format!("figures 1 {SMALL} --out out"), 0);
    // These samples are neither MNIST nor CIFAR-10, so what is drawn has the name of its configuration.
    ended.says(&[
        "5 trainings: 5 trained now",
        "5 of 5 trainings are taken over from other results in out",
        "fig1_mnist.{csv,svg,png}",
        "fig1_cifar10.{csv,svg,png}",
    ]);
    let table = workplace.read("out/figures/fig1_mnist.csv");
    let header = "figure,dataset,regularizer,sigma_squared,seeds,avg_activation_fraction,\
        avg_activation_fraction_low,avg_activation_fraction_high,alive_activation_fraction,dead_fraction,\
        dead_fraction_low,dead_fraction_high";
    assert!(table.starts_with(header), "{table}");
    assert_eq!(table.lines().count(), 1 + 4 * 2);
    assert!(table.contains("\nfig1_mnist,synthetic,kl_sae,0.5,1,0."), "{table}");
    let svg = workplace.read("out/figures/fig1_mnist.svg");
    for text in ["fig1_mnist", "DAE", "mDAE", "SAE", "Avg. activation fraction"] {
        assert!(svg.contains(text), "{text}");
    }
    let png = fs::read(workplace.path("out/figures/fig1_mnist.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n"));

    // What is there is drawn again and not trained.
    let again = workplace.run(&format!("figures 1 {SMALL} --out out"), 0);
    again.says(&["5 of 5 trainings are finished already", "0 trained now, 5 finished before"]);
    assert_eq!(workplace.read("out/figures/fig1_mnist.csv"), table);

    // Another axis is another picture of the same numbers.
    again.says(&["drawn before: out/figures/fig1_mnist.svg"]);
    let other = workplace.run(&format!("figures 1 {SMALL} --out out --sigma-axis sigma"), 0);
    other.says(&["0 trained now", "fig1_mnist.{csv,svg,png}"]);
    let by_sigma = workplace.read("out/figures/fig1_mnist.svg");
    let is_linear = |picture: &str| picture.contains(">0.3</text>");
    assert!(is_linear(&svg) && !is_linear(&by_sigma), "by σ, only what was trained is a tick");
    assert_eq!(workplace.read("out/figures/fig1_mnist.csv"), table);
    workplace.run("report out --sigma-axis sigma --markdown out/README.md", 0);
    assert_eq!(workplace.read("out/figures/fig1_mnist.svg"), by_sigma);
    assert!(!is_linear(&workplace.read("out/report.html")));
    assert!(workplace.read("out/README.md").contains("--sigma-axis sigma"), "the command that made it");
    workplace.run("report out --sigma-axis linear", 0);
    assert_eq!(workplace.read("out/figures/fig1_mnist.svg"), svg, "0.5 isn't the paper's");
    workplace.run("report out --sigma-axis log", 2).says(&["auto, linear, sigma"]);
}

#[test]
fn one_half_of_a_figure_is_trained_alone() {
    let workplace = Workplace::new();
    let ended = workplace.run(&format!("figures 1 3 {SMALL} --dataset cifar10 --out out"), 0);
    ended.says(&["fig1_cifar10.{csv,svg,png}", "fig3_cifar10-1.{csv,svg,png}"]);
    assert!(!ended.stdout.contains("mnist") && !ended.stderr.contains("mnist"), "{}", ended.stderr);
    assert!(!workplace.path("out/fig1_mnist").exists());
    for both in ["--dataset mnist,cifar10", "--dataset mnist --dataset cifar10"] {
        let listed = workplace.run(&format!("figures 1 {SMALL} {both} --out out --dry-run"), 0);
        listed.says(&["fig1_mnist: ", "fig1_cifar10: "]);
    }
    workplace.run("figures 1 --dataset cifar", 2).says(&["mnist, cifar10"]);
}

/// The same on the paper's data, as far as it is there: small options and its folder.
fn small_on_real_data() -> Option<String> {
    let small = SMALL.replace("-o data.source=synthetic ", "");
    Some(format!("{small} --data-dir {}", committed()?.display()))
}

#[test]
fn a_figure_is_known_by_its_settings_whatever_its_folder_is_called() {
    let Some(small) = small_on_real_data() else { return };
    let workplace = Workplace::new();
    let ended = workplace.run(&format!("figures 1 {small} --out out"), 0);
    ended.says(&["figure1_mnist.{csv,svg,png}", "figure1_cifar10.{csv,svg,png}"]);
    fs::rename(workplace.path("out/fig1_mnist"), workplace.path("out/x")).unwrap();
    workplace.run("report out", 0);
    let page = workplace.read("out/report.html");
    // The paper's left half comes first, under one heading with the right one.
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(place("<figure id=\"picture:figure1_mnist\"") < place("<figure id=\"picture:figure1_cifar10\""));
    assert_eq!(page.matches(">Figure 1: ReLU, unit-length weights</h3>").count(), 1);
    assert!(workplace.read("out/figures/figure1_mnist.svg").contains("Figure 1: ReLU, unit-length weights"));
}

#[test]
fn each_learning_rate_has_a_picture_of_its_own() {
    let Some(small) = small_on_real_data() else { return };
    let workplace = Workplace::new();
    workplace.run(&format!("figures sensitivity {small} -o sweep.learning_rate=[0.001,0.002] --out out"), 0);
    for stem in ["figure_sensitivity_mnist_0.001", "figure_sensitivity_cifar10_0.002"] {
        assert!(workplace.read(&format!("out/figures/{stem}.svg")).contains("learning rate"), "{stem}");
    }
}

#[test]
fn folders_whose_pictures_have_one_name_keep_their_own() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml -o name=x-1", 0);
    workplace.run("run tiny.toml -o name=x -o sweep.activation=[\"relu\",\"sigmoid\"]", 0);
    let ended = workplace.run("report --markdown results/README.md", 0);
    let (page, markdown) = (workplace.read("results/report.html"), workplace.read("results/README.md"));
    for (stem, title) in [("x-1", "x: "), ("x-2", "x: sigmoid"), ("x-1_2", "x-1<")] {
        ended.says(&[&format!("figures/{stem}.{{csv,svg,png}}")]);
        let svg = workplace.read(&format!("results/figures/{stem}.svg"));
        assert!(svg.contains(&format!("<title>{title}")), "{stem}");
        assert_eq!(page.matches(&format!("id=\"picture:{stem}\"")).count(), 1, "{stem}");
        assert_eq!(markdown.matches(&format!("(figures/{stem}.png)")).count(), 1, "{stem}");
    }
}

#[test]
fn what_is_wrong_is_found_before_any_figure_is_trained() {
    let workplace = Workplace::new();
    workplace.run("figures 6", 2).says(&["6", "sensitivity"]);
    let ended = workplace.run(&format!("figures 1 2 {SMALL} -o training.epochs=many"), 2);
    ended.says(&["-o training.epochs", "many"]);
    let ended = workplace.run(&format!("figures 3 {SMALL} -o name=foo"), 2);
    ended.says(&["error: -o name: found name=foo", "--out DIR"]);
    // Nothing stands in the workplace's data folder.
    workplace.run("figures 1 --data-dir nowhere", 2).says(&["mnist"]);
    assert!(!workplace.path("results").exists());
    // The second half's folder holds other runs.
    workplace.run("run tiny.toml -o name=fig1_cifar10", 0);
    workplace.run(&format!("figures 1 {SMALL}"), 2).says(&["fig1_cifar10", "--fresh"]);
    assert!(!workplace.path("results/fig1_mnist/runs.csv").exists());
    assert_eq!(workplace.read("results/fig1_cifar10/runs.csv").lines().count(), 1 + 9);
}

#[test]
fn a_folder_that_takes_no_figures_is_found_before_any_is_trained() {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("out")).unwrap();
    workplace.write("out/figures", "a file");
    let line = format!("figures 1 {SMALL} --out out");
    workplace.run(&line, 2).says(&["error: out/figures: results can't be written there", "--out"]);
    assert!(!workplace.path("out/fig1_mnist/runs.csv").exists());
    workplace.run(&format!("{line} --dry-run"), 0);
}

#[test]
fn a_figure_that_cant_be_written_costs_no_other() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path("out/figures/fig1_mnist.svg")).unwrap();
    let line = format!("figures 1 {SMALL} --out out");
    let ended = workplace.run(&line, 1);
    ended.says(&["error: cannot write out/figures/fig1_mnist.svg", "fig1_cifar10.{csv,svg,png}"]);
    assert!(workplace.path("out/fig1_mnist/runs.csv").exists());
    fs::remove_dir(workplace.path("out/figures/fig1_mnist.svg")).unwrap();
    workplace.run(&line, 0).says(&["fig1_mnist.{csv,svg,png}"]);
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_both_halves_are_trained_and_what_is_missing_is_said() {
    let workplace = Workplace::new();
    // Tables and records fit, pictures of more than 20 kB don't.
    let line = format!("figures 1 {SMALL} --out out");
    let (code, ended) = on_a_full_disk(&workplace, &line, 40);
    assert_eq!(code, 1, "{}", ended.stderr);
    ended.says(&["error: cannot write out/figures/fig1_mnist.png: File too large"]);
    ended.says(&["error: cannot write out/figures/fig1_cifar10.png: File too large"]);
    for half in ["fig1_mnist", "fig1_cifar10"] {
        assert_eq!(workplace.read(&format!("out/{half}/runs.csv")).lines().count(), 1 + 8, "{half}");
    }
    let parts = fs::read_dir(workplace.path("out/figures")).unwrap();
    assert!(parts.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));
}

/// Checks that nothing is loaded by `page`, and nothing runs; pixels stand in it.
pub(crate) fn needs_nothing_else(page: &str) {
    let rest = page.replace(" src=\"data:image/png;base64,", "");
    for foreign in ["<script", "<link", "<iframe", "<object", "<embed", "@import", "url(", "src=", "\"data:"]
    {
        assert!(!rest.contains(foreign), "{foreign}");
    }
    // Links lead to other parts of the page, or to the numbers beside it.
    let links = page.match_indices("href=\"").map(|(at, found)| &page[at + found.len()..]);
    let stays = |link: &str| link.starts_with('#') || link.starts_with("./figures/");
    assert!(links.into_iter().all(stays), "a link that leads elsewhere");
}

#[test]
fn the_report_is_one_file_that_needs_nothing_else() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let ended = workplace.run("report results --markdown results/README.md", 0);
    ended.says(&["written: results/report.html", "written: results/README.md", "figures/tiny.{csv,svg,png}"]);
    let page = workplace.read("results/report.html");
    for part in
        ["<!DOCTYPE html>", "<svg", "id=\"caveats\"", "id=\"provenance\"", "var(--ink)", "One seed", "DAE"]
    {
        assert!(page.contains(part), "{part}");
    }
    needs_nothing_else(&page);
    assert!(!page.contains("id=\"verdicts\""), "the paper's claims are not about made-up data");
    let pictures = page.matches("<svg").count();
    assert_eq!(pictures, 4, "the figure, its thumbnail, sparsity against fidelity, and recovery");
    assert!(!page.contains("#1a1a1a"), "a colour that doesn't follow the theme");

    let markdown = workplace.read("results/README.md");
    assert!(markdown.contains("![tiny](figures/tiny.png)"), "{markdown}");
    assert!(markdown.contains("`aesparse report results --markdown results/README.md`"), "{markdown}");
    assert!(markdown.contains("| DAE | 0."), "{markdown}");

    // One folder has a report of its own; the same results give the same bytes.
    workplace.run("report results/tiny", 0);
    assert_eq!(workplace.read("results/tiny/report.html"), page);
}

/// Results of others, or on a medium that can't be written.
#[test]
fn a_report_goes_to_another_place() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let before = workplace.results("results/tiny");
    let ended = workplace.run("report results --out mine --markdown mine/page.md", 0);
    ended.says(&["written: mine/report.html", "drawn: mine/figures/tiny.{csv,svg,png}"]);
    for file in ["report.html", "page.md", "figures/tiny.csv", "figures/tiny.svg", "figures/tiny.png"] {
        assert!(workplace.path("mine").join(file).is_file(), "{file}");
    }
    let page = workplace.read("mine/page.md");
    assert!(page.contains("`aesparse report results --out mine --markdown mine/page.md`"), "{page}");
    workplace.run("report results/tiny --out pages/one.html", 0).says(&["written: pages/one.html"]);
    assert!(workplace.path("pages/figures/tiny.png").is_file());
    // Nothing was written beside the results.
    assert_eq!(workplace.results("results/tiny"), before);
    assert_eq!(fs::read_dir(workplace.path("results")).unwrap().count(), 1);
    // The place of a report without --out, and places that are none.
    workplace.run("report results/tiny --out results/tiny/report.html", 0);
    assert_eq!(workplace.read("results/tiny/report.html"), workplace.read("pages/one.html"));
    workplace.run("report results --out results/tiny", 2).says(&["--out", "lies in the results folder"]);
    workplace.run("report results --out tiny.toml", 2).says(&["it is a file", "ends in .html"]);
}

#[test]
fn a_report_links_to_findings_that_are_written_by_hand() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("report", 0);
    assert!(!workplace.read("results/report.html").contains("findings.md"));
    workplace.run("report --findings nowhere", 2).says(&["--findings nowhere", "findings.md"]);
    fs::create_dir(workplace.path("docs")).unwrap();
    workplace.write("docs/findings.md", "# Findings");
    workplace.run("report --findings docs --markdown results/README.md", 0);
    assert!(workplace.read("results/report.html").contains("href=\"./../docs/findings.md\""));
    assert!(workplace.read("results/README.md").contains("](../docs/findings.md)"));
}

#[test]
fn marked_blocks_of_a_page_are_made_anew() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let page = "# Mine\n\n<!-- begin curves tiny, by aesparse report --blocks -->\n<!-- end curves tiny -->\n\nThe end.\n";
    workplace.write("mine.md", page);
    workplace.write("plain.md", "no block");
    let ended = workplace.run("report results --blocks mine.md plain.md", 0);
    ended.says(&["written: mine.md", "unchanged: plain.md"]);
    let made = workplace.read("mine.md");
    assert!(
        made.contains("\n| DAE | 0.") && made.ends_with("<!-- end curves tiny -->\n\nThe end.\n"),
        "{made}"
    );
    workplace.run("report results --blocks mine.md", 0).says(&["unchanged: mine.md"]);
    // Nothing is written where one block can't be made.
    workplace.write("mine.md", page);
    workplace
        .write("wrong.md", "<!-- begin figure 1, by aesparse report --blocks -->\n<!-- end figure 1 -->\n");
    fs::remove_file(workplace.path("results/report.html")).unwrap();
    let refused = workplace.run("report results --blocks mine.md wrong.md", 2);
    refused.says(&["error: --blocks wrong.md: line 1: the results have nothing for the block `figure 1`; accepted: 1 to 5"]);
    assert!(workplace.read("mine.md") == page && !workplace.path("results/report.html").exists());
    workplace.run("report results --blocks nowhere.md", 2).says(&["--blocks nowhere.md: cannot read it"]);
    workplace.run("report --blocks results/tiny/page.md", 2).says(&["lies in the results folder"]);
}

/// Ids of sections and pictures can't meet, whatever a results folder is called.
#[test]
fn a_folder_may_be_called_like_a_section() {
    let workplace = Workplace::new();
    for name in ["caveats", "figures-in-full", "caveats-title", "everything"] {
        workplace.run(&format!("run tiny.toml --quiet -o name={name}"), 0);
    }
    workplace.run("report --markdown results/README.md", 0);
    let page = workplace.read("results/report.html");
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for id in ["caveats", "picture:caveats", "folder:caveats", "picture:everything"] {
        assert!(ids.contains(&id), "{id}");
    }
    let distinct: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
}

#[test]
fn a_manifest_is_a_configuration() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("run results/tiny/manifest.json --out again --quiet", 0);
    assert_eq!(workplace.read("again/tiny/runs.csv"), workplace.read("results/tiny/runs.csv"));
    workplace.run("run results/tiny/manifest.json --out again", 0).says(&["0 trained now"]);
}

/// Not as root, who may write everywhere.
#[cfg(unix)]
#[test]
fn results_that_cant_be_written_are_reported_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let allow =
        |mode| fs::set_permissions(workplace.path("results"), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    if fs::write(workplace.path("results/x"), "").is_err() {
        workplace.run("report", 2).says(&["results/figures", "Permission denied", "--out FOLDER"]);
        workplace.run("report --out mine", 0).says(&["written: mine/report.html"]);
    }
    allow(0o755);
}

#[test]
fn what_a_file_is_called_stays_text() {
    let workplace = Workplace::new();
    let name = "<svg onload=alert(1)>&\"'.npy";
    let samples = Array2::from_shape_fn((40, 6), |(i, j)| ((i * 7 + j * 3) % 11) as f32 / 10.0);
    samples.write_npy(fs::File::create(workplace.path(name)).unwrap()).unwrap();
    let config = serde_json::json!({
        "data": {"source": {"kind": "npy", "path": name}},
        "model": {"hidden": 5},
        "training": {"epochs": 1, "batch": 10},
        "sweep": {"sigma_squared": [0, 0.1], "regularizer": ["dae"]},
    });
    workplace.write("hostile.json", &config.to_string());
    workplace.run("run hostile.json", 0);
    workplace.run("report --markdown results/page.md", 0);
    for file in ["results/report.html", "results/figures/hostile.svg", "results/page.md"] {
        let page = workplace.read(file);
        assert!(page.contains("&lt;svg onload"), "{file} names the data");
        assert!(!page.contains("<svg onload"), "{file}");
    }
}

#[test]
fn damaged_or_missing_results_are_refused() {
    let workplace = Workplace::new();
    workplace.run("report", 2).says(&["results", "there are no results", "aesparse figures"]);
    workplace.run("run tiny.toml", 0);
    let table = workplace.read("results/tiny/runs.csv");
    workplace.write("results/tiny/runs.csv", &table[..table.len() / 2]);
    workplace.run("report", 2).says(&["results/tiny/runs.csv"]);
    assert!(!workplace.path("results/report.html").exists());
}

/// What is advised must be what a run accepts, and what the command has options for.
#[test]
fn foreign_files_are_to_be_moved_away_before_the_next_run() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    for (file, content) in [("runs.csv", ""), ("manifest.json", "{\"name\": \"an app\"}")] {
        let path = format!("results/tiny/{file}");
        let before = workplace.read(&path);
        workplace.write(&path, content);
        for line in ["report", "verify", "inspect results/tiny"] {
            let ended = workplace.run(line, 2);
            ended.says(&[&path, "move it away and run its configuration again"]);
            assert!(!ended.stderr.contains("--out") && !ended.stderr.contains("--fresh"), "{}", ended.stderr);
        }
        workplace.run("run tiny.toml", 2).says(&[&path, "move it away"]);
        fs::remove_file(workplace.path(&path)).unwrap();
        let missing = if file == "runs.csv" { "it has runs but no tables" } else { "there is no such file" };
        workplace.run("verify", 2).says(&["results/tiny", missing, "run its configuration again"]);
        workplace.run("run tiny.toml", 0);
        workplace.run("verify", 0);
        assert!(file == "manifest.json" || workplace.read(&path) == before);
    }
}

/// The readings of the protocol share one picture, and no verdict is about them.
#[test]
fn readings_of_the_protocol_are_drawn_together_and_judge_no_claim() {
    let workplace = Workplace::new();
    let configs = concat!(env!("CARGO_MANIFEST_DIR"), "/configs");
    let Some(small) = small_on_real_data() else { return };
    let small = small.replace("0,0.5", "0,0.25,1");
    for scope in ["feature", "global"] {
        let small = small.replace("standardize=feature", &format!("standardize={scope}"));
        workplace.run(&format!("run {configs}/control_protocol_{scope}_mnist.toml {small} --quiet"), 0);
    }
    let verdicts = workplace.run("verify", 0).stdout;
    assert!(verdicts.contains("0 claims: 0 supported"), "{verdicts}");
    workplace.run("report", 0).says(&["figures/control_protocol_mnist.{csv,svg,png}"]);
    let table = workplace.read("results/figures/control_protocol_mnist.csv");
    assert_eq!(table.lines().count(), 1 + 2 * 2 * 2 * (1 + 4 * 3), "scopes, updates, rates, models at σ²");
    assert!(table.contains(",0.003,global,1,0,"), "{table}");
    let page = workplace.read("results/report.html");
    assert!(page.contains("control:protocol") && page.contains("global, tangent, 0.003"));
}

#[test]
fn a_control_has_a_table_pictures_and_a_section_of_its_own() {
    let workplace = Workplace::new();
    let configs = concat!(env!("CARGO_MANIFEST_DIR"), "/configs");
    let Some(small) = small_on_real_data() else { return };
    let small = small.replace("0,0.5", "0,0.25,1");
    workplace.run(&format!("run {configs}/control_constraint_mnist.toml {small} -o seeds=[1,2]"), 0);
    workplace.run(&format!("run {configs}/control_identity_mnist.toml {small}"), 0);
    let ended = workplace.run("report --markdown results/README.md", 0);
    ended.says(&[
        "figures/control_constraint_mnist.{csv,svg,png}",
        "figures/control_identity_mnist.{csv,svg,png}",
    ]);
    let table = workplace.read("results/figures/control_constraint_mnist.csv");
    assert!(
        table.starts_with("dataset,activation,constraint,encoder_bias,regularizer,sigma_squared,seeds,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 1 + 3 * 3 * 3);
    assert!(table.contains("\nmnist,relu,max_norm(radius=1),trained,mdae,0.25,2,0,0."), "{table}");
    let svg = workplace.read("results/figures/control_constraint_mnist.svg");
    for text in ["no constraint", "mDAE", "95 % interval", "Mean length of a row"] {
        assert!(svg.contains(text), "{text}");
    }
    let png = fs::read(workplace.path("results/figures/control_identity_mnist.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n"));
    let pictures =
        fs::read_dir(workplace.path("results/figures")).unwrap().map(|entry| entry.unwrap().path());
    let pictures = pictures.filter(|path| path.extension().is_some_and(|extension| extension == "png"));
    let mut pictures: Vec<String> =
        pictures.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    pictures.sort();
    // A control isn't drawn as a sweep too. That of the identity measures the theory, here in two epochs: one step between.
    let expected =
        ["constraint_mnist", "identity_mnist", "identity_mnist_theorem2", "identity_mnist_theorem3"];
    assert_eq!(pictures, expected.map(|name| format!("control_{name}")));

    let (page, markdown) = (workplace.read("results/report.html"), workplace.read("results/README.md"));
    for id in ["constraint", "identity"] {
        assert!(
            page.contains(&format!("id=\"control:{id}\"")) && markdown.contains(&format!("control:{id}")),
            "{id}"
        );
    }
    assert!(
        !page.contains("control:bias") && !page.contains("control:threshold"),
        "what isn't trained is left out"
    );
    for said in ["Brackets: 95 % interval over seeds.", "difference from unit norm", "noise / held out"] {
        assert!(page.contains(said) && markdown.contains(said), "{said}");
    }
}
