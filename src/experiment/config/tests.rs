//! Tests of both parsers, the overrides and the readers of tables and values.

use super::reader::{ProblemList, TableReader};
use super::setting::{Accepts, Form, form, settings_of};
use super::spelling::did_you_mean;
use super::tree::{ConfigPlace, Entry, Node, Tree};
use super::{json, overrides, parse, position, toml};
use crate::error::Error;
use crate::parameter::{Domain, Parameter, Value};
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

const TOML: &str =
    "text = \"a\\n\"\nwhole = 0x10\nreal = 1.5\nflag = true\nlist = [1, \"b\"]\n[table]\nkey = -3\n";
const JSON: &str =
    r#"{"text": "a\n", "whole": 16, "real": 1.5, "flag": true, "list": [1, "b"], "table": {"key": -3}}"#;

/// The value without its places.
fn plain(node: &Node) -> String {
    match &node.value {
        Tree::Null => "null".to_owned(),
        Tree::String(text) => format!("{text:?}"),
        Tree::Integer(k) => k.to_string(),
        Tree::Float(x) => format!("{x:?}"),
        Tree::Boolean(flag) => flag.to_string(),
        Tree::Datetime => "date".to_owned(),
        Tree::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Tree::Table(entries) => {
            let entry = |entry: &Entry| format!("{}={}", entry.key, plain(&entry.node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn both_parsers_give_the_same_tree_in_the_order_of_the_file() {
    let expected = r#"{text="a\n" whole=16 real=1.5 flag=true list=[1 "b"] table={key=-3}}"#;
    for (root, twice) in [toml::parse(TOML).unwrap(), json::parse(JSON).unwrap()] {
        assert_eq!(plain(&root), expected);
        assert!(twice.is_empty());
    }
}

#[test]
fn keys_and_values_have_their_places_and_scalars_their_text() {
    let (root, _) = toml::parse(TOML).unwrap();
    let Tree::Table(entries) = &root.value else { panic!("no table") };
    let whole = &entries[1];
    assert_eq!((whole.place, whole.node.place), (ConfigPlace::File(13), ConfigPlace::File(21)));
    assert_eq!(whole.node.to_string(), "the number 0x10");
    let table = TOML.find("[table]").unwrap();
    assert_eq!(
        (entries[5].place, entries[5].node.place),
        (ConfigPlace::File(table + 1), ConfigPlace::File(table))
    );
    let (root, _) = json::parse(JSON).unwrap();
    let Tree::Table(entries) = &root.value else { panic!("no table") };
    let key = JSON.find("\"whole\"").unwrap();
    assert_eq!(
        (entries[1].place, entries[1].node.place),
        (ConfigPlace::File(key), ConfigPlace::File(key + 9))
    );
}

#[test]
fn numbers_too_large_for_any_type_are_out_of_every_range() {
    let digits = "9".repeat(60);
    for text in [format!("a = {digits}"), format!("a = -{digits}"), "a = 1e999".into(), "a = nan".into()] {
        let (root, _) = toml::parse(&text).unwrap();
        let problems = ProblemList::default();
        let item = TableReader::root(&problems, &root).get("a").unwrap();
        let all = Domain::Real { min: f64::NEG_INFINITY, min_open: false, max: 1e30, max_open: false };
        assert_eq!(item.read(&Accepts::Number(Domain::Integer { min: 0, max: u64::MAX })), None, "{text}");
        assert!(text.contains("-9") || item.read(&Accepts::Number(all)).is_none(), "{text}");
        assert!(!problems.into_problems(|_| None).is_empty());
    }
}

#[test]
fn columns_count_characters_from_one() {
    assert_eq!(position("größe = 1", "größe = ".len()), (1, 9));
    assert_eq!(position("a\nb\n", 4), (3, 1));
    assert_eq!(position("ö", 1), (1, 1));
    assert_eq!(position("", 99), (1, 1));
}

#[test]
fn overrides_create_tables_and_replace_values() {
    let apply = |overrides: &[&str]| {
        let (mut root, _) = toml::parse(TOML).unwrap();
        let texts: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let problems = overrides::apply(&mut root, &texts);
        (plain(&root), problems.iter().map(|problem| problem.place).collect::<Vec<_>>())
    };
    let head = r#"{text="a\n" whole=16 real=1.5 flag=true list=[1 "b"]"#;
    for (texts, tail) in [
        (&["table.key=word"][..], "table={key=\"word\"}}"),
        (&["table.new.deep = [1, {a = 2}]"], "table={key=-3 new={deep=[1 {a=2}]}}}"),
        (&["table={}"], "table={}}"),
        (&["table=bare", "table={a=1}", "table.b='2'"], "table={a=1 b=\"2\"}}"),
    ] {
        assert_eq!(apply(texts), (format!("{head} {tail}"), vec![]), "{texts:?}");
    }
    let (_, places) =
        apply(&["table.key=1", "list.a=1", "text.a=1", "a", "=", "a=", "a b=1", "a=[", "a=\"b"]);
    assert_eq!(places, (1..9).map(ConfigPlace::Override).collect::<Vec<_>>());
}

#[test]
fn unknown_keys_are_reported_once() {
    let (root, _) = toml::parse("list = [1]\nother = 2\n[wrong]\n").unwrap();
    let problems = ProblemList::default();
    let section = TableReader::root(&problems, &root);
    assert!(section.get("absent").is_none());
    assert!(section.get("list").is_some_and(|item| item.is_list()));
    section.finish(["absent", "list"]);
    let keys: Vec<String> = problems.into_problems(|_| None).into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["other", "wrong"]);
}

#[test]
fn a_value_in_the_place_of_a_table_has_no_missing_keys() {
    let (root, _) = toml::parse("a = 3").unwrap();
    let problems = ProblemList::default();
    let section = TableReader::root(&problems, &root).section("a");
    let needed =
        Parameter { name: "b", doc: "", domain: Domain::closed(0.0, 1.0), default: None, later: false };
    assert_eq!(section.read(&settings_of(&[needed])[0]), None);
    section.finish(["b"]);
    assert_eq!(problems.into_problems(|_| None).len(), 1);
}

#[test]
fn parameters_are_read_as_declared() {
    static PARAMETERS: [Parameter; 3] = [
        Parameter { name: "x", doc: "", domain: Domain::closed(0.0, 1.0), default: None, later: false },
        Parameter {
            name: "k",
            doc: "",
            domain: Domain::Integer { min: 1, max: 3 },
            default: Some(Value::Integer(1)),
            later: false,
        },
        Parameter {
            name: "c",
            doc: "",
            domain: Domain::Choice(&["one", "two"]),
            default: Some(Value::Choice("one")),
            later: false,
        },
    ];
    let forms: Vec<Form> = vec![form("model", "", settings_of(&PARAMETERS))];
    let read = |text: &str| {
        let (root, _) = toml::parse(&format!("m = {{ kind = 'model', {text} }}")).unwrap();
        let problems = ProblemList::default();
        let item = TableReader::root(&problems, &root).get("m").unwrap();
        let read = item.read(&Accepts::Forms { tag: "kind", forms: forms.clone() });
        let problems = problems.into_problems(|_| None);
        (read, problems.into_iter().map(|problem| problem.key).collect::<Vec<_>>())
    };
    let model = |x: f64, k: u64, c: &str| Some(json!({"kind": "model", "x": x, "k": k, "c": c}));
    assert_eq!(read("x = 1"), (model(1.0, 1, "one"), vec![]));
    assert_eq!(read("c = \"two\", x = -0.0, k = 3"), (model(0.0, 3, "two"), vec![]));
    assert_eq!(read("k = 4, c = 1"), (None, vec!["m.x".to_owned(), "m.k".to_owned(), "m.c".to_owned()]));
}

#[test]
fn only_similar_names_are_suggested() {
    let names = &["relu", "sigmoid", "kl_sae", "l1"];
    for (found, nearest) in [
        ("ReLU", "relu"),
        ("sigmiod", "sigmoid"),
        ("KL-SAE", "kl_sae"),
        ("klsae", "kl_sae"),
        ("L1", "l1"),
        ("swish", ""),
        ("", ""),
        (&"relu".repeat(1000), ""),
    ] {
        let expected =
            if nearest.is_empty() { String::new() } else { format!("; did you mean `{nearest}`?") };
        assert_eq!(did_you_mean(found, names), expected, "{found}");
    }
}

/// Parses `text` as TOML and as JSON. The result must be a configuration or problems, each on one line.
fn parse_both(text: &str, overrides: &[String]) {
    for name in ["a.toml", "a.json"] {
        match parse(text, Path::new(name), overrides) {
            Ok(_) => {}
            Err(Error::Config(problems)) => {
                assert!(!problems.0.is_empty());
                let lines = problems.0.iter().map(|problem| problem.to_string().lines().count());
                assert!(lines.into_iter().all(|lines| lines == 1), "{problems}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), overriding in any::<String>()) {
        parse_both(&text, &[overriding.clone(), format!("model.{overriding}"), format!("seeds={overriding}")]);
    }

    #[test]
    fn no_damage_makes_the_reader_panic(
        at in 0.0..1.0_f64,
        len in 0..12_usize,
        new in "[\\[\\]{}\",.=: \n0-9a-z_#é-]{0,6}",
    ) {
        for sound in [TOML, JSON, include_str!("../../../configs/relu_mnist.toml"), include_str!("../../../configs/smoke.json")] {
            let characters: Vec<char> = sound.chars().collect();
            let start = (at * characters.len() as f64) as usize;
            let end = (start + len).min(characters.len());
            let damaged: String =
                characters[..start].iter().copied().chain(new.chars()).chain(characters[end..].iter().copied()).collect();
            parse_both(&damaged, &[]);
        }
    }
}
