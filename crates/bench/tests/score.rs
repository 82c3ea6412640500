//! The rates are those of the corpus's own `score.py`, recorded in `golden/score.json`.

use quire_bench::score::{
    rates::{Rates, rates},
    text::plain,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    rates: Vec<GoldenRates>,
    plain: Vec<GoldenPlain>,
}

#[derive(Deserialize)]
struct GoldenRates {
    truth: String,
    text: String,
    #[serde(flatten)]
    rates: Rates,
}

#[derive(Deserialize)]
struct GoldenPlain {
    markdown: String,
    text: String,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/score.json")).expect("the golden file is JSON")
}

#[test]
fn rates_are_those_of_score_py() {
    for expected in golden().rates {
        let actual = rates(&expected.truth, &expected.text).expect("the truth is not empty");

        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(
            near(actual.cer, expected.rates.cer),
            "{:?}: {actual:?} {:?}",
            expected.truth,
            expected.rates
        );
        assert!(near(actual.cer_dehyphenated, expected.rates.cer_dehyphenated), "{:?}", expected.truth);
        assert!(near(actual.wer, expected.rates.wer), "{:?}", expected.truth);
    }
}

#[test]
fn markup_is_stripped_as_score_py_does() {
    for expected in golden().plain {
        assert_eq!(plain(&expected.markdown), expected.text);
    }
}

#[test]
fn a_text_of_640_000_characters_is_compared_in_seconds() {
    let truth: String = (0..640_000_u32)
        .map(|i| char::from(b'a' + (i.wrapping_mul(2_654_435_761) >> 27) as u8 % 26))
        .collect();
    let text: String = truth.chars().enumerate().filter(|(at, _)| at % 17 != 0).map(|(_, c)| c).collect();
    let started = std::time::Instant::now();

    let rates = rates(&truth, &text).expect("the truth is not empty");

    assert!((rates.cer - 1.0 / 17.0).abs() < 0.01, "{rates:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}
