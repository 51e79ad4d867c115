//! `actaudit doctor`: what is there, and how to get the rest.

use super::Page;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that may be there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Found {
    /// what
    pub name: String,
    /// whether it is there
    pub there: bool,
    /// which version, where; or why it is not there
    pub text: String,
    /// how to get it, if it is not there
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl Found {
    /// It is there.
    pub fn there(name: &str, text: String) -> Self {
        Self { name: name.into(), there: true, text, cure: None }
    }

    /// It is not there.
    pub fn missing(name: &str, text: String, cure: &str) -> Self {
        Self { name: name.into(), there: false, text, cure: Some(cure.into()) }
    }
}

/// All of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// `actaudit.doctor.v1`
    pub schema: &'static str,
    /// of this program
    pub version: &'static str,
    /// what may be there
    pub found: Vec<Found>,
}

impl DoctorReport {
    /// Of this program and what it found.
    pub fn new(found: Vec<Found>) -> Self {
        Self { schema: "actaudit.doctor.v1", version: env!("CARGO_PKG_VERSION"), found }
    }

    /// The report for people: what works, then what does not, with the cure.
    pub fn text(&self, page: &Page) -> String {
        let width = self.found.iter().map(|f| f.name.len()).max().unwrap_or_default();
        let line = |f: &Found| page.wrapped(&format!("  {:width$}  {}", f.name, f.text), width + 4);
        let there: String = self.found.iter().filter(|f| f.there).map(line).collect();
        let mut out = format!("actaudit {}\n\nthere\n{there}", self.version);
        let missing: Vec<&Found> = self.found.iter().filter(|f| !f.there).collect();
        if missing.is_empty() {
            return out;
        }
        out += "\nnot there: proofs and native kernels do without\n";
        for f in missing {
            out += &line(f);
            let cure = f.cure.as_deref().unwrap_or_default();
            out += &page.wrapped(&format!("  {:width$}  -> {cure}", ""), width + 7);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_last_with_its_cure() {
        let found = vec![Found::missing("b", "no b".into(), "get b"), Found::there("a", "1.0".into())];
        let text = DoctorReport::new(found).text(&Page::PLAIN);
        let at = |part: &str| text.find(part).expect(part);
        assert!(at("a  1.0") < at("no b") && at("no b") < at("-> get b"), "{text}");
    }
}
