//! Fits Platt scaling: the logistic regression of right or wrong on the log-odds of a confidence.

/// The slope and the begin of the line that makes `words`, each its log-odds and whether it is right, most likely.
///
/// Newton's method with bounded steps (Platt, 1999; Lin, Lin and Weng, 2007, *A note on Platt's probabilistic outputs*).
/// None when all words are right, or none, or there are none: then no line is the best.
pub fn fit(words: &[(f64, bool)]) -> Option<(f64, f64)> {
    const STEPS: usize = 100;
    const LONGEST: f64 = 0.5;
    let right = words.iter().filter(|word| word.1).count();
    if right == 0 || right == words.len() {
        return None;
    }
    let (mut scale, mut shift) = (1.0, 0.0);
    for _ in 0..STEPS {
        let Slope { gradient: (down, along), curvature: (steep, mixed, flat) } = slope(words, scale, shift);
        let area = steep * flat - mixed * mixed;
        let step = ((flat * down - mixed * along) / area, (steep * along - mixed * down) / area);
        if !(step.0.is_finite() && step.1.is_finite()) {
            return None;
        }
        scale -= step.0.clamp(-LONGEST, LONGEST);
        shift -= step.1.clamp(-LONGEST, LONGEST);
        if step.0.abs() + step.1.abs() < 1e-9 {
            break;
        }
    }
    Some((scale, shift))
}

/// First and second derivatives of the negative log-likelihood.
struct Slope {
    gradient: (f64, f64),
    curvature: (f64, f64, f64),
}

fn slope(words: &[(f64, bool)], scale: f64, shift: f64) -> Slope {
    // A little more than the data say, so that equal log-odds are no division by zero.
    const RIDGE: f64 = 1e-6;
    let start = Slope { gradient: (0.0, 0.0), curvature: (RIDGE, 0.0, RIDGE) };
    words.iter().fold(start, |Slope { gradient: (a, b), curvature: (aa, ab, bb) }, &(odds, right)| {
        let probability = 1.0 / (1.0 + (-(scale * odds + shift)).exp());
        let error = probability - f64::from(u8::from(right));
        let weight = probability * (1.0 - probability);
        Slope {
            gradient: (a + error * odds, b + error),
            curvature: (aa + weight * odds * odds, ab + weight * odds, bb + weight),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_words_were_drawn_by_is_found() {
        let words: Vec<(f64, bool)> = (-40..=60)
            .flat_map(|step| {
                let odds = f64::from(step) / 10.0;
                let right = (1000.0 / (1.0 + (-(0.6 * odds + 0.3)).exp())).round() as usize;
                (0..1000).map(move |at| (odds, at < right))
            })
            .collect();

        let (scale, shift) = fit(&words).unwrap();

        assert!((scale - 0.6).abs() < 0.01 && (shift - 0.3).abs() < 0.01, "{scale} {shift}");
    }

    #[test]
    fn words_that_are_all_right_fit_no_line() {
        assert_eq!(fit(&[(1.0, true), (2.0, true)]), None);
        assert_eq!(fit(&[]), None);
    }
}
