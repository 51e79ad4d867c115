//! `HEAD,key=value,key=value`: how the text of a subject says more than a name.

use super::SubjectError;
use super::isolate::Limits;
use std::time::Duration;

/// The limits on foreign code, as options.
pub const LIMITS: [&str; 4] = ["seconds", "memory", "failures", "batch"];

/// A subject's text, taken apart.
#[derive(Debug)]
pub struct Options<'a> {
    /// the whole text
    pub text: &'a str,
    /// what stands before the first comma, without the kind
    pub head: &'a str,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Options<'a> {
    /// Takes `KIND:HEAD,key=value` apart; only these keys may occur.
    pub fn parse(text: &'a str, known: &[&str]) -> Result<Self, SubjectError> {
        Self::of(text, text.split_once(':').map_or("", |(_, rest)| rest), known)
    }

    /// Takes `HEAD,key=value`, the `rest` of a text, apart.
    pub fn of(text: &'a str, rest: &'a str, known: &[&str]) -> Result<Self, SubjectError> {
        let mut parts = rest.split(',');
        let head = parts.next().unwrap_or_default();
        let mut found = Self { text, head, pairs: vec![] };
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            if !known.contains(&key) || value.is_empty() {
                let known: Vec<String> = known.iter().map(|key| format!("{key}=")).collect();
                return Err(found.malformed(&format!("`{part}`: expected one of {}", known.join(", "))));
            } else if found.get(key).is_some() {
                return Err(found.malformed(&format!("{key} is given twice")));
            }
            found.pairs.push((key, value));
        }
        Ok(found)
    }

    /// The value of a key, if it is given.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.pairs.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    /// The value of a key, which one of `values` must know by name.
    pub fn choice<T: Copy>(&self, key: &str, values: &[(&str, T)]) -> Result<Option<T>, SubjectError> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let found = values.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        let names = || values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| self.malformed(&format!("`{key}={text}`: expected one of {}", names())))
    }

    /// The limits that are given, the others as they are here.
    pub fn limits(&self, mut limits: Limits) -> Result<Limits, SubjectError> {
        if let Some(text) = self.get("seconds") {
            let seconds = text.parse().ok().filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
            limits.batch = seconds.ok_or_else(|| self.malformed("seconds: expected a number above 0"))?;
        }
        if let Some(text) = self.get("memory") {
            limits.memory =
                bytes(text).ok_or_else(|| self.malformed("memory: expected a number with M or G after it"))?;
        }
        if let Some(text) = self.get("failures") {
            limits.failures = text.parse().map_err(|_| self.malformed("failures: expected a whole number"))?;
        }
        if let Some(text) = self.get("batch") {
            let length = text.parse().ok().filter(|n| *n > 0);
            limits.length = length.ok_or_else(|| self.malformed("batch: expected a whole number above 0"))?;
        }
        Ok(limits)
    }

    /// An error about this text.
    pub fn malformed(&self, message: &str) -> SubjectError {
        SubjectError::Malformed { subject: self.text.to_owned(), message: message.to_owned() }
    }
}

/// `512M`, `4G`
fn bytes(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        'M' => 1 << 20,
        'G' => 1 << 30,
        _ => return None,
    };
    text[..text.len() - 1].parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Limits =
        Limits { batch: Duration::ZERO, start: Duration::ZERO, memory: 0, failures: 0, workers: 1, length: 1 };

    #[test]
    fn options_are_read() {
        let all = Options::parse("lib:./a@b.so:f,dtype=f16,seconds=0.5,memory=2G", &["dtype", "seconds", "memory"]);
        let all = all.expect("well formed");
        assert_eq!((all.head, all.get("dtype"), all.get("failures")), ("./a@b.so:f", Some("f16"), None));
        let limits = all.limits(NONE).expect("well formed");
        assert_eq!((limits.batch, limits.memory), (Duration::from_millis(500), 2 << 30));
        assert_eq!(all.choice("dtype", &[("f32", 1), ("f16", 2)]).expect("known"), Some(2));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("lib:a,b=1", "`b=1`: expected one of seconds="),
            ("lib:a,seconds=", "`seconds=`: expected"),
            ("lib:a,seconds", "`seconds`: expected"),
            ("lib:a,seconds=1,seconds=2", "seconds is given twice"),
            ("lib:a,seconds=-1", "seconds: expected a number above 0"),
            ("lib:a,seconds=inf", "seconds: expected a number above 0"),
            ("lib:a,memory=4", "memory: expected a number with M or G"),
            ("lib:a,memory=99999999999G", "memory: expected"),
            ("lib:a,batch=0", "batch: expected a whole number above 0"),
            ("lib:a,failures=x", "failures: expected a whole number"),
        ] {
            let error = Options::parse(text, &LIMITS).and_then(|o| o.limits(NONE)).expect_err(text).to_string();
            assert!(error.contains(part) && error.starts_with(&format!("`{text}`")), "{text}: {error}");
        }
    }
}
