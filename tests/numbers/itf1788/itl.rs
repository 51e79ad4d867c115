//! The interval test language: `testcase NAME { op operand .. = result ..; .. }`, with comments as in C.

use super::literal::{Number, number};

/// An operand or a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `[1.0, infinity]_dac`, and `[entire]`
    Interval {
        lo: Number,
        hi: Number,
        defined: Option<bool>,
    },
    /// `[empty]`, and `[nai]`, of which nothing is said either
    Nothing,
    Number(Number),
    /// `NaN`, `true`
    Word(String),
}

/// One line of a file.
#[derive(Clone, Debug)]
pub struct Case {
    /// the file and the line, for messages
    pub place: String,
    /// as it is written
    pub text: String,
    pub op: String,
    pub operands: Vec<Value>,
    pub results: Vec<Value>,
    /// what is to be signalled besides
    pub signals: bool,
}

/// All cases of a file; what cannot be read is an error, not a gap.
pub fn parse(file: &str, text: &str) -> Result<Vec<Case>, String> {
    let text = without_comments(text);
    let (mut cases, mut line, mut inside) = (Vec::new(), 1, false);
    for part in text.split_inclusive(['{', '}', ';']) {
        let statement = part.trim_end_matches(['{', '}', ';']).trim();
        let blank_lines = part.len() - part.trim_start().len();
        let place = format!("{file}:{}", line + part[..blank_lines].matches('\n').count());
        line += part.matches('\n').count();
        let fail = |what: &str| Err(format!("{place}: {what}: {statement}"));
        match (part.chars().last(), inside) {
            (Some('{'), false) if statement.starts_with("testcase ") => inside = true,
            (Some('}'), true) if statement.is_empty() => inside = false,
            (Some(';'), true) => match case(&place, statement) {
                Some(case) => cases.push(case),
                None => return fail("not a case"),
            },
            _ if statement.is_empty() && !part.ends_with(['{', '}']) => {}
            _ => return fail("out of place"),
        }
    }
    if inside { Err(format!("{file}: the last testcase has no end")) } else { Ok(cases) }
}

/// Comments become spaces, so that lines keep their numbers.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("/*").into_iter().chain(rest.find("//")).min() {
        let (before, comment) = rest.split_at(at);
        let end = if comment.starts_with("/*") { comment.find("*/").map(|n| n + 2) } else { comment.find('\n') };
        let (comment, after) = comment.split_at(end.unwrap_or(comment.len()));
        out += before;
        out.extend(comment.chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = after;
    }
    out + rest
}

/// `add [1.0, 2.0] [3.0, 4.0] = [4.0, 6.0]`
fn case(place: &str, text: &str) -> Option<Case> {
    let (left, right) = text.split_once('=')?;
    let (op, operands) = left.trim().split_once(char::is_whitespace)?;
    let (right, signals) = right.split_once(" signal ").map_or((right, false), |(right, _)| (right, true));
    let (operands, results) = (values(operands)?, values(right)?);
    let known = op.chars().all(char::is_alphanumeric) && !operands.is_empty() && !results.is_empty();
    let exact = |value: &Value| match value {
        Value::Interval { lo, hi, .. } => lo.value().is_some() && hi.value().is_some(),
        Value::Number(x) => x.value().is_some(),
        _ => true,
    };
    (known && operands.iter().all(exact)).then(|| Case {
        place: place.to_owned(),
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        op: op.to_owned(),
        operands,
        results,
        signals,
    })
}

fn values(text: &str) -> Option<Vec<Value>> {
    let (mut values, mut rest) = (Vec::new(), text.trim_start());
    while !rest.is_empty() {
        // white space ends a value unless it stands in brackets
        let start = if rest.starts_with('[') { rest.find(']')? } else { 0 };
        let len = rest[start..].find(char::is_whitespace).map_or(rest.len(), |n| start + n);
        values.push(value(&rest[..len])?);
        rest = rest[len..].trim_start();
    }
    Some(values)
}

fn value(text: &str) -> Option<Value> {
    let Some(bracketed) = text.strip_prefix('[') else {
        let word = || text.chars().all(char::is_alphanumeric).then(|| Value::Word(text.to_owned()));
        return number(text).map(Value::Number).or_else(word);
    };
    let (inner, decoration) = bracketed.split_once(']')?;
    let defined = match decoration {
        "" => None,
        "_com" | "_dac" | "_def" => Some(true),
        "_trv" => Some(false),
        _ => return None,
    };
    let (lo, hi) = match inner.trim() {
        "empty" | "nai" => return (defined != Some(true)).then_some(Value::Nothing),
        "entire" => (number("-infinity")?, number("infinity")?),
        ends => {
            let (lo, hi) = ends.split_once(',')?;
            (number(lo.trim())?, number(hi.trim())?)
        }
    };
    (lo.down <= hi.up).then_some(Value::Interval { lo, hi, defined })
}

#[test]
fn cases_are_read() {
    let text = "/* two\n lines */ testcase a.b {\n add [1.0, 0x2p0]_com [entire] = [-infinity,infinity]_trv; // no\n\n pown [empty] -3\n = [nai]; mid [empty] = NaN signal X; }\n";
    let cases = parse("f", text).expect("well formed");
    let places: Vec<_> = cases.iter().map(|c| (c.place.as_str(), c.op.as_str())).collect();
    assert_eq!(places, [("f:3", "add"), ("f:5", "pown"), ("f:6", "mid")]);
    let interval =
        |lo: f64, hi: f64, defined| Value::Interval { lo: Number::exactly(lo), hi: Number::exactly(hi), defined };
    let all = (f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(cases[0].operands, [interval(1.0, 2.0, Some(true)), interval(all.0, all.1, None)]);
    assert_eq!(cases[0].results, [interval(all.0, all.1, Some(false))]);
    assert_eq!(cases[1].operands, [Value::Nothing, Value::Number(Number::exactly(-3.0))]);
    assert_eq!((&cases[1].results[..], cases[1].signals), (&[Value::Nothing][..], false));
    assert_eq!((&cases[2].results[..], cases[2].signals), (&[Value::Word("NaN".into())][..], true));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    for statement in [
        "add [1.0, 2.0] = ",
        "add = [1.0, 2.0]",
        "add [1.0, 2.0] [3.0, 4.0]",
        "neg [2.0, 1.0] = [1.0, 2.0]",
        "neg [1.0] = [1.0, 2.0]",
        "neg [1.0, x] = [1.0, 2.0]",
        "neg [1.0, 2.0]_xyz = [1.0, 2.0]",
        "neg [empty]_com = [empty]",
        "neg [1.0, 2.0 = [1.0, 2.0]",
        "neg [0x3923456789abcdp-52, 4.0] = [1.0, 2.0]",
        "neg [1.0, 2.0] = *",
        "testcase b { neg [1.0, 2.0] = [1.0, 2.0]",
    ] {
        let text = format!("testcase a {{ {statement}; }}");
        assert!(parse("f", &text).is_err_and(|e| e.starts_with("f:1: ")), "{statement}");
    }
    for text in [
        "neg [1.0, 2.0] = [1.0, 2.0];",
        "testcase a {",
        "} testcase a { }",
        "testcase a { } }",
        "testcase a { x }",
        "x",
    ] {
        assert!(parse("f", text).is_err(), "{text}");
    }
}
