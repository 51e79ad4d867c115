//! Pairs of a preferred and another answer: the layouts of HH and SHP, one JSON object a line, and pairs made from a text.

use super::digits::lines;
use super::draw::Draw;
use super::error::{DataError, Wrong};
use super::read;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

pub(super) const EXPECTED: &str = "preference pairs, one JSON object a line: train.jsonl and test.jsonl (or .json, each also as .gz), \
                                   with chosen and rejected (HH), or history, human_ref_A, human_ref_B and labels (SHP)";

/// What a dialogue's answers begin with.
const ASSISTANT: &str = "\n\nAssistant:";
const HUMAN: &str = "\n\nHuman: ";
/// Pairs whose scores are closer are left out, as the authors of DPO do.
const SHP_RATIO: f64 = 2.0;

/// A prompt and two answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// what both answer to, up to and with the last `"\n\nAssistant:"` where it is a dialogue
    pub prompt: Vec<u8>,
    /// the preferred answer
    pub chosen: Vec<u8>,
    /// the other one
    pub rejected: Vec<u8>,
    /// what the preferred answer scored, where the data say that
    pub score: Option<f64>,
}

/// Where pairs come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// people's choice between two dialogues that begin alike
    Hh,
    /// scores of two comments on a post
    Shp,
    /// nobody's preference: a text's own continuation, and one from elsewhere in it
    Constructed,
}

impl Origin {
    /// As in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hh => "HH",
            Self::Shp => "SHP",
            Self::Constructed => "constructed",
        }
    }
}

/// Preference pairs.
#[derive(Clone, PartialEq, Debug)]
pub struct Pairs {
    /// called after its file or folder
    pub name: String,
    /// where they come from
    pub origin: Origin,
    /// to train on
    pub train: Vec<Pair>,
    /// held out
    pub test: Vec<Pair>,
    /// lines that were read and left out: dialogues that do not begin alike, equal answers, scores that are too close
    pub left_out: usize,
}

#[derive(Deserialize)]
struct Hh {
    chosen: String,
    rejected: String,
}

#[derive(Deserialize)]
struct Shp {
    history: String,
    #[serde(rename = "human_ref_A")]
    a: String,
    #[serde(rename = "human_ref_B")]
    b: String,
    labels: u8,
    #[serde(rename = "score_A")]
    score_a: f64,
    #[serde(rename = "score_B")]
    score_b: f64,
}

impl Hh {
    fn pair(self) -> Result<Option<Pair>, String> {
        let end = self.chosen.rfind(ASSISTANT).ok_or_else(|| format!("chosen has no {ASSISTANT:?}"))? + ASSISTANT.len();
        let (prompt, chosen) = self.chosen.split_at(end);
        let rejected = self.rejected.strip_prefix(prompt).filter(|rejected| *rejected != chosen);
        let pair = |rejected: &str| Pair {
            prompt: prompt.into(),
            chosen: chosen.into(),
            rejected: rejected.into(),
            score: None,
        };
        Ok(rejected.map(pair))
    }
}

impl Shp {
    fn pair(self) -> Result<Option<Pair>, String> {
        let ([chosen, rejected], [more, less]) = match self.labels {
            1 => ([self.a, self.b], [self.score_a, self.score_b]),
            0 => ([self.b, self.a], [self.score_b, self.score_a]),
            other => return Err(format!("labels is {other}, expected 1 (A is preferred) or 0")),
        };
        if more < less {
            return Err(format!("the preferred comment scored {more}, the other {less}"));
        }
        let answer = |text: String| format!(" {text}").into_bytes();
        let prompt = format!("{HUMAN}{}{ASSISTANT}", self.history).into_bytes();
        let pair = Pair { prompt, chosen: answer(chosen), rejected: answer(rejected), score: Some(more) };
        Ok((more >= SHP_RATIO * less && pair.chosen != pair.rejected).then_some(pair))
    }
}

/// Pairs of a file, and how many lines are left out. The first line says which layout all have.
pub(super) fn parse(data: &[u8]) -> Result<(Origin, Vec<Pair>, usize), Wrong> {
    let (mut origin, mut pairs, mut left_out) = (None, Vec::new(), 0);
    for (number, line) in lines(data) {
        let no_json = |e: serde_json::Error| Wrong::line(number, e.to_string());
        let layout = match origin {
            Some(layout) => layout,
            None => {
                let first: serde_json::Map<_, _> = serde_json::from_slice(line).map_err(no_json)?;
                if first.contains_key("chosen") { Origin::Hh } else { Origin::Shp }
            }
        };
        origin = Some(layout);
        let pair = match layout {
            Origin::Hh => serde_json::from_slice::<Hh>(line).map_err(no_json)?.pair(),
            _ => serde_json::from_slice::<Shp>(line).map_err(no_json)?.pair(),
        };
        match pair.map_err(|why| Wrong::line(number, why))? {
            Some(pair) => pairs.push(pair),
            None => left_out += 1,
        }
    }
    match origin {
        Some(origin) if !pairs.is_empty() => Ok((origin, pairs, left_out)),
        _ => Err(Wrong::line(1, format!("no pairs, and {left_out} lines that are left out"))),
    }
}

/// The pairs in a folder; `None` where their files are not there.
pub(super) fn load(folder: &Path, name: &str) -> Option<Result<Pairs, DataError>> {
    let half = |half: &str| ["jsonl", "json"].iter().find_map(|end| read::either(folder, &format!("{half}.{end}")));
    let (train, test) = (half("train")?, half("test")?);
    let read = |path: &Path| parse(&read::bytes(path)?).map_err(|wrong| wrong.of(path));
    let both = || {
        let ((origin, set, left), (other, held, also_left)) = (read(&train)?, read(&test)?);
        if origin != other {
            let why = format!("in the layout of {}, those to train on in that of {}", other.name(), origin.name());
            return Err(Wrong::line(1, why).of(&test));
        }
        Ok(Pairs { name: name.into(), origin, train: set, test: held, left_out: left + also_left })
    };
    Some(both())
}

/// Which pairs' preferred answers are to be imitated first: for each prompt the one with the highest score (the first of several),
/// and all of those that have none. Indices, in order.
pub fn targets(pairs: &[Pair]) -> Vec<usize> {
    let mut best: HashMap<&[u8], usize> = HashMap::new();
    let mut targets: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].score.is_none()).collect();
    for (i, pair) in pairs.iter().enumerate().filter(|(_, pair)| pair.score.is_some()) {
        let known = best.entry(&pair.prompt).or_insert(i);
        if pair.score > pairs[*known].score {
            *known = i;
        }
    }
    targets.extend(best.into_values());
    targets.sort_unstable();
    targets
}

/// Pairs made from a text, which nobody preferred: the prompt is a stretch of it, the chosen answer what comes next, the rejected one as
/// long a stretch from elsewhere, that shares no byte's place with either and is not the same text. Pair k is drawn from `(seed, purpose, k)`.
///
/// # Errors
/// If a length is 0, or the text is too short for two stretches that do not overlap, or says the same everywhere.
pub fn constructed(
    text: &[u8],
    count: usize,
    lengths: [usize; 2],
    seed: u64,
    purpose: &str,
) -> Result<Vec<Pair>, DataError> {
    let [prompt, answer] = lengths;
    let together = prompt.checked_add(answer).filter(|_| prompt > 0 && answer > 0);
    let starts = together.and_then(|t| (text.len() + 1).checked_sub(t.checked_add(answer)?));
    let (Some(together), Some(1..)) = (together, starts) else {
        let length = text.len();
        let why = format!("no pairs of a prompt of {prompt} and answers of {answer} bytes in a text of {length}");
        return Err(DataError::Asked(why));
    };
    (0..count as u64)
        .map(|k| {
            let mut draw = Draw::new(seed, purpose, k);
            // a start in the middle of a short text may leave no room: drawn again, as are equal texts
            for _ in 0..1000 {
                let at = draw.index(text.len() - together + 1);
                let (before, after) =
                    ((at + 1).saturating_sub(answer), (text.len() + 1).saturating_sub(at + together + answer));
                if before + after == 0 {
                    continue;
                }
                let other = draw.index(before + after);
                let other = if other < before { other } else { at + together + other - before };
                let (chosen, rejected) = (&text[at + prompt..at + together], &text[other..other + answer]);
                if chosen != rejected {
                    let prompt = text[at..at + prompt].to_vec();
                    return Ok(Pair { prompt, chosen: chosen.into(), rejected: rejected.into(), score: None });
                }
            }
            Err(DataError::Asked("the text says the same everywhere: no pairs can be made from it".into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::error::At;
    use std::collections::BTreeSet;

    fn check(text: &str, line: usize, part: &str) {
        let wrong = parse(text.as_bytes()).expect_err("must be refused");
        assert!(wrong.at == At::Line(line) && wrong.why.contains(part), "{wrong:?}");
    }

    const HH: &str = "{\"chosen\":\"\\n\\nHuman: a\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant: yes\",\
                      \"rejected\":\"\\n\\nHuman: a\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant: no\"}\n";

    fn shp(labels: u8, a: f64, b: f64) -> String {
        format!(
            "{{\"post_id\":\"x\",\"history\":\"why?\",\"human_ref_A\":\"because\",\"human_ref_B\":\"so\",\
             \"labels\":{labels},\"score_A\":{a},\"score_B\":{b}}}\n"
        )
    }

    #[test]
    fn dialogues_are_cut_at_the_last_answer() {
        let (origin, pairs, left_out) = parse(HH.as_bytes()).expect("is read");
        assert_eq!((origin, pairs.len(), left_out), (Origin::Hh, 1, 0));
        assert_eq!(pairs[0].prompt, b"\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:");
        assert_eq!((&pairs[0].chosen[..], &pairs[0].rejected[..]), (&b" yes"[..], &b" no"[..]));
        // one that forks before, and one without a difference
        let forked = HH.replacen("Assistant: b", "Assistant: d", 1);
        let (_, pairs, left_out) =
            parse(format!("{HH}{forked}{}", HH.replace(" no\"", " yes\"")).as_bytes()).expect("is read");
        assert_eq!((pairs.len(), left_out), (1, 2));
        check(&format!("{HH}{{\"chosen\":\"a\",\"rejected\":\"b\"}}"), 2, "chosen has no");
        check(&format!("{HH}\n{}", &HH[..40]), 3, "EOF");
        check(&format!("{HH}{}", shp(1, 4.0, 2.0)), 2, "missing field `chosen`");
        check("[1]", 1, "invalid type");
        check("", 1, "no pairs");
        check(&forked, 1, "no pairs, and 1 lines");
        check(&format!("{}\n", "[".repeat(100_000)), 1, "invalid type");
    }

    #[test]
    fn scores_decide_between_comments() {
        let text = shp(1, 4.0, 2.0) + &shp(0, 3.0, 9.0) + &shp(0, 3.0, 5.0);
        let (origin, pairs, left_out) = parse(text.as_bytes()).expect("is read");
        assert_eq!((origin, pairs.len(), left_out), (Origin::Shp, 2, 1));
        assert_eq!(pairs[0].prompt, b"\n\nHuman: why?\n\nAssistant:");
        assert_eq!(
            (&pairs[0].chosen[..], &pairs[1].chosen[..], pairs[1].score),
            (&b" because"[..], &b" so"[..], Some(9.0))
        );
        assert_eq!(targets(&pairs), [1]);
        check(&shp(1, 2.0, 4.0), 1, "the preferred comment scored 2, the other 4");
        check(&shp(2, 2.0, 4.0), 1, "labels is 2");
        check(&(shp(1, 4.0, 2.0) + HH), 2, "missing field `history`");
        check("{\"a\":1}", 1, "missing field `history`");
    }

    #[test]
    fn all_answers_without_scores_are_targets() {
        let pair = |prompt: &str, score| Pair { prompt: prompt.into(), chosen: vec![], rejected: vec![], score };
        let pairs =
            [pair("a", None), pair("b", Some(1.0)), pair("a", None), pair("b", Some(3.0)), pair("c", Some(0.0))];
        assert_eq!(targets(&pairs), [0, 2, 3, 4]);
    }

    #[test]
    fn constructed_pairs_come_from_apart() {
        // each place of the text can be told by what stands there
        let text: Vec<u8> = (0..40).collect();
        let pairs = constructed(&text, 2000, [5, 4], 1, "pairs").expect("are made");
        let (mut starts, mut others) = (BTreeSet::new(), BTreeSet::new());
        for pair in &pairs {
            let at = pair.prompt[0];
            assert!(
                pair.prompt.iter().zip(at..).all(|(v, k)| *v == k)
                    && pair.chosen.iter().zip(at + 5..).all(|(v, k)| *v == k)
            );
            let other = pair.rejected[0];
            assert!(pair.rejected.len() == 4 && (other + 4 <= at || other >= at + 9), "{pair:?}");
            starts.insert(at);
            others.insert(other);
        }
        // all places are reached
        assert_eq!((starts.len(), others.len()), (32, 37));
        assert_eq!(constructed(&text, 3, [5, 4], 1, "pairs").expect("are made"), pairs[..3]);
        assert_ne!(constructed(&text, 3, [5, 4], 2, "pairs").expect("are made"), pairs[..3]);
        for (text, lengths) in
            [(&text[..], [0, 4]), (&text, [5, 0]), (&text, [33, 4]), (&text, [usize::MAX, 4]), (&[7; 40], [5, 4])]
        {
            assert!(constructed(text, 1, lengths, 1, "pairs").is_err(), "{lengths:?}");
        }
        assert!(constructed(&text, 10, [32, 4], 1, "pairs").is_ok());
    }
}
