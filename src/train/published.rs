//! What published figures are worth by themselves: a difference against the noise of the test set it was measured on.

use super::file::Published;

/// A difference of accuracies in images, and its standard error if the models err independently of one another: with p of n
/// images right, sqrt((p_1 (1 - p_1) + p_2 (1 - p_2))/n). Models that err on the same images differ with less noise; figures
/// without the single answers do not tell. Of other figures nothing is known without their spread.
pub(super) fn worth(published: &Published) -> Option<String> {
    let Published { arm, than, examples, runs, .. } = published;
    let runs = match runs {
        Some(1) => "one run each".to_owned(),
        Some(runs) => format!("{runs} runs each"),
        None => "the number of runs is not said".to_owned(),
    };
    if published.unit != "accuracy" || *examples == 0 {
        return Some(format!(
            "published: {arm} against {than} ({}), {}; {runs}; no spread is known",
            published.unit, published.setting
        ));
    }
    let n = *examples as f64;
    let variance = |percent: &f64| percent / 100.0 * (1.0 - percent / 100.0) / n;
    let (difference, error) = ((arm - than).abs(), 100.0 * (variance(arm) + variance(than)).sqrt());
    let images = (difference / 100.0 * n).round();
    let verdict = if difference < 2.0 * error {
        "no more than the test set's own noise"
    } else {
        "more than the test set's own noise"
    };
    Some(format!(
        "published: {arm} against {than} %, {}: {difference:.2} points are {images:.0} of {examples} images, standard error {error:.2} points if models err independently: {verdict}; {runs}",
        published.setting
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_images_of_ten_thousand_are_noise() {
        let mut published = Published {
            arm: 92.51,
            than: 92.44,
            unit: "accuracy".into(),
            examples: 10_000,
            runs: None,
            setting: "CIFAR-10".into(),
        };
        let text = worth(&published).expect("a sentence");
        assert!(text.contains("0.07 points are 7 of 10000 images, standard error 0.37 points"), "{text}");
        assert!(text.contains("no more than"), "{text}");
        published.arm = 95.0;
        assert!(worth(&published).is_some_and(|text| text.contains(": more than")));
    }
}
