//! Claims as a table for a paper: Markdown, and LaTeX.

use super::claims::{ClaimRow, ClaimsReport};
use super::is_hidden;
use super::number::{counted, figure};
use crate::verdict::Verdict;
use std::fmt::Write as _;

/// Decimals of a true value in a table: what is left out is said by dots.
const DIGITS: usize = 12;

/// A bound as a table has room for it; digits that are left out are cut off, and dots say so.
fn cut(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').map_or((text, None), |(m, e)| (m, Some(e)));
    let long = mantissa.chars().filter(char::is_ascii_digit).count() > DIGITS && mantissa.contains('.');
    if !long {
        return figure(text);
    }
    // as many as are shown, the point and a sign
    let kept: String =
        mantissa.chars().take(DIGITS + mantissa.chars().filter(|c| !c.is_ascii_digit()).count()).collect();
    match exponent {
        None | Some("0") => format!("{kept}..."),
        Some(e) => format!("{kept}...e{e}"),
    }
}

/// What is true, and where, if that is not said by the claim.
fn truth(c: &ClaimRow) -> String {
    match (&c.lower, &c.upper) {
        (Some(lower), Some(upper)) => value(c, lower, upper) + &c.at(),
        // where it has no ends, words say it
        _ => c.reason.clone(),
    }
}

/// A value if both ends are the same in a table, else an interval.
fn value(c: &ClaimRow, lower: &str, upper: &str) -> String {
    if let Some(exact) = c.closed() {
        return format!("{exact} exactly");
    }
    let [a, b] = [lower, upper].map(cut);
    // what is cut off is what the claim is about, where it agrees with the rest
    let told = !a.trim_end_matches("...").starts_with(&c.claimed) && !c.claimed.starts_with(a.trim_end_matches("..."));
    if a == b && (told || !a.ends_with("...")) { a } else { format!("[{}, {}]", figure(lower), figure(upper)) }
}

/// The verdict, marked where it is not the declared one.
fn verdict(c: &ClaimRow) -> String {
    if c.surprise {
        format!("{} (declared: {})", c.verdict.name(), c.expected.name())
    } else {
        c.verdict.name().to_owned()
    }
}

impl ClaimsReport {
    fn counts(&self) -> String {
        let of = |verdict| self.claims.iter().filter(|c| c.verdict == verdict).count();
        let [proved, refuted, undecided] = [Verdict::Proved, Verdict::Refuted, Verdict::Undecided].map(of);
        format!("{}: {proved} proved, {refuted} refuted, {undecided} undecided.", counted(self.claims.len(), "claim"))
    }

    /// A table in Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::from(
            "| claim | source | statement | claimed | true value | verdict |\n|---|---|---|---|---|---|\n",
        );
        for c in &self.claims {
            let cells = [&format!("“{}”", c.quote), &c.source, &c.statement, &c.claimed, &truth(c), &verdict(c)];
            let _ = writeln!(out, "| {} |", cells.map(|cell| plain(cell)).join(" | "));
        }
        let _ = writeln!(out, "\n{}", self.counts());
        out
    }

    /// A table in LaTeX, which takes the packages booktabs and longtable.
    pub fn latex(&self) -> String {
        let mut out = String::from(
            "% needs \\usepackage{booktabs,longtable}\n\\begin{longtable}{p{0.36\\linewidth}p{0.22\\linewidth}p{0.2\\linewidth}l}\n\
             \\toprule\nClaim & Statement & True value & Verdict \\\\\n\\midrule\n\\endhead\n",
        );
        for c in &self.claims {
            let [quote, source, statement, claimed, truth, verdict] =
                [&c.quote, &c.source, &c.statement, &c.claimed, &truth(c), &verdict(c)].map(|text| tex(text));
            let _ = writeln!(out, "``{quote}'' ({source}) & {statement}: {claimed} & {truth} & {verdict} \\\\");
        }
        let _ = writeln!(out, "\\bottomrule\n\\end{{longtable}}\n% {}", self.counts());
        out
    }
}

/// Text on one line in which nothing is markup of Markdown or HTML.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '!' | '$' => out.extend(['\\', c]),
            c if is_hidden(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text on one line in which nothing is a command of LaTeX. What stands between dollars stays mathematics if it can do no more
/// than that: no commands, and brackets that match.
fn tex(text: &str) -> String {
    let parts: Vec<&str> = text.split('$').collect();
    let is_math = |k: usize| k % 2 == 1 && parts.len() % 2 == 1;
    if parts.iter().enumerate().all(|(k, part)| !is_math(k) || harmless(part)) && parts.len() % 2 == 1 {
        let shown = |(k, part): (usize, &&str)| if is_math(k) { format!("${part}$") } else { escaped(part) };
        return parts.iter().enumerate().map(shown).collect();
    }
    escaped(text)
}

/// Mathematics without commands, in brackets that match, with something in it.
fn harmless(math: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^_{}+-=,.()/ |".contains(c);
    let depths = math.chars().scan(0i32, |depth, c| {
        *depth += i32::from(c == '{') - i32::from(c == '}');
        Some(*depth)
    });
    // a second exponent at one place is an error
    let doubled =
        ["^^", "__", "^_", "_^", "^}", "_}"].iter().any(|pair| math.contains(pair)) || math.ends_with(['^', '_']);
    let scripts = math.matches(['^', '_']).count();
    let depths: Vec<i32> = depths.collect();
    let closed = depths.last() == Some(&0) && depths.iter().all(|depth| *depth >= 0);
    math.chars().all(plain) && !doubled && scripts <= 1 && closed
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out += "\\textbackslash{}",
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => out.extend(['\\', c]),
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '<' => out += "\\textless{}",
            '>' => out += "\\textgreater{}",
            '|' => out += "\\textbar{}",
            '"' => out += "''",
            '-' => out += "{-}",
            '≤' => out += "$\\le$",
            '≥' => out += "$\\ge$",
            '±' => out += "$\\pm$",
            '∞' => out += "$\\infty$",
            'α' => out += "$\\alpha$",
            'β' => out += "$\\beta$",
            'ε' => out += "$\\varepsilon$",
            'π' => out += "$\\pi$",
            'σ' => out += "$\\sigma$",
            c if is_hidden(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_cut_and_not_rounded() {
        for (text, shown) in [
            ("1.128904145185154812", "1.12890414518..."),
            ("-0.169971200000000001", "-0.16997120000..."),
            ("1.5", "1.5"),
            ("inf", "inf"),
            ("1.128904145185154812e-7", "1.12890414518...e-7"),
        ] {
            assert_eq!(cut(text), shown);
        }
    }

    #[test]
    fn what_refutes_a_claim_is_not_cut_off() {
        let row = |claimed: &str| {
            let text = |t: &str| Some(t.to_owned());
            let (lower, upper) = (text("1.0998393201278671"), text("1.0998393201278672"));
            let verdict = Verdict::Refuted;
            let (claimed, blank) = (claimed.to_owned(), String::new);
            ClaimRow {
                id: blank(),
                file: blank(),
                verdict,
                expected: verdict,
                surprise: false,
                statement: blank(),
                claimed,
                lower,
                upper,
                exact: None,
                witness: None,
                at: None,
                reason: blank(),
                quote: blank(),
                source: blank(),
            }
        };
        assert_eq!(truth(&row("1.084")), "1.09983932012...");
        let exact = |text: &str| ClaimRow { exact: Some(text.to_owned()), ..row("1.084") };
        assert_eq!(truth(&exact("sqrt(3)/2")), "sqrt(3)/2 exactly");
        assert_eq!(truth(&exact("(sqrt(pi)*exp(1)*erf(1) + sqrt(pi)*exp(1) + 2)/2")), "1.09983932012...");
        for close in ["1.09983932012786", "1.0998"] {
            assert_eq!(truth(&row(close)), "[1.0998393201278671, 1.0998393201278672]");
        }
    }

    #[test]
    fn nothing_is_a_command() {
        let hostile = "\\input{x} $a_b^2$ 50% #1 & ~ <b> |\n\u{1b}\u{202e}";
        let shown = tex(hostile);
        assert!(
            shown.starts_with("\\textbackslash{}input\\{x\\} \\$a\\_b\\textasciicircum{}2\\$ 50\\% \\#1 \\& "),
            "{shown}"
        );
        assert!(!shown.contains(is_hidden));
        assert_eq!(tex("$C^{2N}$-smooth"), "$C^{2N}${-}smooth");
        for not in ["$\\input{x}$", "$}{$", "$a^b^c$", "$x", "$$"] {
            assert!(tex(not).starts_with("\\$"), "{not}: {}", tex(not));
        }
        let line = plain(hostile);
        assert!(!line.contains(is_hidden) && line.contains("\\|") && !line.contains('<'), "{line}");
    }
}
