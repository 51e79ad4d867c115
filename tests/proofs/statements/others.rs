//! Certificates of the other kinds, changed in meaning: what is unbounded, scaling, integrals, classes; and texts that are none.

use super::Dice;
use super::classes::{Known, Truth};
use super::mutants::Claim;
use super::names::is_the_same;
use actaudit::expr::{Definition, parse_expr};
use actaudit_recheck::certificate as c;
use actaudit_recheck::continuity as k;
use serde_json::Value as Json;

/// A change of a statement that something is unbounded.
pub fn unbounded(of: &c::Unbounded, dice: &mut Dice) -> Option<(&'static str, c::Unbounded, Claim)> {
    let mut out = of.clone();
    let own = |f: &mut c::Function| {
        f.id = "mine".into();
        f.params.clear();
    };
    let finite = |t: &String| !t.ends_with("inf");
    match dice.below(8) {
        0 | 1 => {
            // a function whose value, slope and curvature are bounded, and which does not jump
            own(&mut out.activation);
            let lipschitz = matches!(of.growth, c::Growth::Jump { .. });
            let flat =
                ["x/7", "sin(x)/3", "tanh(x)"][if of.quantity.order() > 0 { dice.below(3) } else { 1 + dice.below(2) }];
            let wrap = of.quantity.order() == 0 && of.to.is_none() && dice.below(2) == 0 && !lipschitz;
            out.activation
                .pieces
                .iter_mut()
                .for_each(|p| p.value = if wrap { format!("tanh({})", p.value) } else { flat.into() });
            if let Some(g) = &mut out.to {
                own(g);
                g.pieces.iter_mut().for_each(|p| p.value = "cos(x)".into());
            }
            Some(("unbounded, of what is bounded", out, Claim::False))
        }
        2 => match &mut out.growth {
            c::Growth::Infinity { limit, from, .. } => {
                // the half-line is no part of the domain
                let start = from.trim_start_matches('-').to_owned();
                match limit {
                    c::Infinity::Plus => out.domain[1] = format!("{start} + 5"),
                    c::Infinity::Minus => out.domain[0] = format!("-{start} - 5"),
                }
                Some(("unbounded, outside of the domain", out, Claim::False))
            }
            c::Growth::Jump { at } => {
                *at = format!("{at} + {}", ["1e-30", "1/1000", "-1/7"][dice.below(3)]);
                let here = parse_expr(at).ok()?.simplified();
                let other =
                    of.activation.pieces.iter().any(|p| parse_expr(&p.hi).is_ok_and(|e| e.simplified() == here));
                (!other).then_some(("a jump elsewhere", out, Claim::False))
            }
            c::Growth::Waves { turn, .. } => {
                // waves that are in another phase each time show nothing
                *turn = format!("{turn} + 1/3");
                Some(("waves out of phase", out, Claim::Open))
            }
            c::Growth::Crossings { phase, .. } => {
                // at another phase it may grow as well, or not at all
                *phase = format!("{phase} + 1");
                Some(("waves at another phase", out, Claim::Open))
            }
            c::Growth::Pole { .. } => {
                // on the other side of the pole
                let pieces = &of.activation.pieces;
                let at = pieces.iter().find(|p| finite(&p.hi)).map(|p| p.hi.clone())?;
                out.domain = [format!("{at} + 1/9"), format!("{at} + 1/8")];
                let alone = pieces.iter().filter(|p| finite(&p.hi)).all(|p| p.hi == at);
                let regular = pieces.last().is_some_and(|p| !p.value.contains(['/', '^']) && !p.value.contains("log"));
                (alone && regular).then_some(("unbounded, outside of the domain", out, Claim::False))
            }
        },
        3 => {
            out.sign = [0, 2, -2, 127][dice.below(4)];
            Some(("no sign", out, Claim::Malformed))
        }
        4 => {
            out.precision = [0, 63, u32::MAX][dice.below(3)];
            Some(("precision", out, Claim::Malformed))
        }
        5 => {
            let definition = dice.pick(actaudit::catalog::all())?;
            let same = is_the_same(&of.activation.id, &definition.id);
            out.activation.id.clone_from(&definition.id);
            Some(("another id", out, if same { Claim::Open } else { Claim::False }))
        }
        6 => {
            out.activation.id = "a\nb".into();
            Some(("no id", out, Claim::Malformed))
        }
        _ => {
            if let c::Growth::Infinity { piece, .. }
            | c::Growth::Pole { piece, .. }
            | c::Growth::Waves { piece, .. }
            | c::Growth::Crossings { piece, .. } = &mut out.growth
            {
                *piece += of.activation.pieces.len();
            } else {
                return None;
            }
            Some(("no such piece", out, Claim::Malformed))
        }
    }
}

/// A change of a law of scaling.
pub fn scaling(of: &c::Scaling, dice: &mut Dice) -> Option<(&'static str, c::Scaling, Claim)> {
    let mut out = of.clone();
    let definition = Definition::from_toml(&of.definition, "d").ok()?;
    let matters = definition.pieces.iter().any(|p| p.expr.to_string().contains(&of.param));
    let own = |text: &str| {
        text.replacen(&format!("id = \"{}\"", definition.id), "id = \"mine\"", 1).replace("aliases", "# aliases")
    };
    let piece = dice.pick(&definition.pieces)?;
    let value = piece.expr.to_string();
    match dice.below(8) {
        0 => {
            out.k = of.k.saturating_add([1, -1, 2, 5, i32::MAX, i32::MIN][dice.below(6)]);
            (matters && out.k != of.k).then_some(("another power of the scale", out, Claim::False))
        }
        1 | 2 => {
            // what is added or multiplied does not scale along
            let other = [format!("{value} + 1"), format!("({value})*(2 + sin(x))"), format!("{value} + 1e-30*x^2")]
                [dice.below(if value == "0" { 1 } else { 3 })]
            .clone();
            let quoted = [format!("value = \"{value}\""), format!("value = '{value}'")];
            let text = quoted.iter().find(|q| of.definition.contains(*q))?;
            out.definition = own(&of.definition).replacen(text, &format!("value = \"{other}\""), 1);
            Some(("a definition that does not scale", out, Claim::False))
        }
        3 => {
            let power = of.k + 1;
            out.values.push(
                [
                    c::Scaled { value: of.param.clone(), power },
                    c::Scaled { value: "1".into(), power: 1 },
                    c::Scaled { value: format!("{} + 1", of.param), power: of.k },
                    c::Scaled { value: "x".into(), power: 1 },
                    c::Scaled { value: format!("{}*cos(x)", of.param), power: of.k },
                ][dice.below(5)]
                .clone(),
            );
            Some(("a constant that does not scale", out, Claim::False))
        }
        4 => {
            out.param = ["x", "gamma", "", "a\nb", "s"][dice.below(5)].into();
            Some(("no parameter", out, Claim::Malformed))
        }
        5 => {
            let g = actaudit::catalog::find(["tanh", "gelu", "softplus", "relu6"][dice.below(4)]).ok()?;
            out.to = Some(g.to_toml());
            Some(("a second function that does not scale", out, Claim::False))
        }
        6 => {
            out.fixed.insert(["gamma", "x", &of.param][dice.below(3)].to_owned(), "1".into());
            Some(("a value of no parameter", out, Claim::Malformed))
        }
        _ => {
            let other = actaudit::catalog::find(["tanh", "gelu", "softplus"][dice.below(3)]).ok()?;
            out.definition =
                of.definition.replacen(&format!("id = \"{}\"", definition.id), &format!("id = \"{}\"", other.id), 1);
            Some(("another id", out, Claim::False))
        }
    }
}

/// An integral that is known: of a polynomial with a parameter, and of others between bounds.
pub fn known_integral(dice: &mut Dice) -> c::Integral {
    let (a, b) = (dice.below(9) as i64 - 4, dice.below(9) as i64 + 1);
    let (from, to) = (dice.below(7) as i64 - 3, dice.below(5) as i64 + 4);
    let power = |n: i64, k: u32| n.pow(k);
    let schema = c::Schema::V1;
    let (from_text, to_text) = (from.to_string(), to.to_string());
    if dice.below(3) == 0 {
        let integrand =
            [format!("exp(-x^2)*{b}"), format!("sin(x) + {b} + 1"), "1/(1 + x^2)".into(), "softplus(x)".into()]
                [dice.below(4)]
            .clone();
        let (parts, precision) = (64, 128);
        let [lower, upper] =
            actaudit_recheck::integral_enclosure(&integrand, &from_text, &to_text, &[], parts, precision)
                .expect("bounds");
        let method =
            c::IntegralMethod::Between { lower: lower.to_string(), upper: upper.to_string(), parts, precision };
        return c::Integral {
            schema,
            integrand,
            from: from_text,
            to: to_text,
            cuts: vec![],
            domains: [].into(),
            method,
        };
    }
    if dice.below(2) == 0 {
        // abs(a) is a for every a that is not negative
        let half = power(to, 2) - power(from, 2);
        let method = c::IntegralMethod::Exactly { value: format!("{half}*a/2") };
        let domains = [("a".to_owned(), "[0, inf)".to_owned())].into();
        return c::Integral {
            schema,
            integrand: "abs(a)*x".into(),
            from: from_text,
            to: to_text,
            cuts: vec![],
            domains,
            method,
        };
    }
    let integrand = format!("{a}*x^3 + c*x^2 - {b}");
    let value =
        format!("{a}*{}/4 + c*{}/3 - {b}*{}", power(to, 4) - power(from, 4), power(to, 3) - power(from, 3), to - from);
    let domains = [("c".to_owned(), "(-inf, inf)".to_owned())].into();
    let method = c::IntegralMethod::Exactly { value };
    c::Integral { schema, integrand, from: from_text, to: to_text, cuts: vec![], domains, method }
}

/// A change of an integral.
pub fn integral(of: &c::Integral, dice: &mut Dice) -> Option<(&'static str, c::Integral, Claim)> {
    let mut out = of.clone();
    let by = ["1e-40", "1/1000", "-3", "-1e-15"][dice.below(4)];
    match (&mut out.method, dice.below(7)) {
        (c::IntegralMethod::Exactly { value }, 0) => {
            *value = format!("{value} + ({by})");
            Some(("another value of an integral", out, Claim::False))
        }
        (c::IntegralMethod::Between { lower, upper, .. }, 0) => {
            let above = format!("{upper} + 1e-30");
            let below = format!("{lower} - 1e-30");
            (*lower, *upper) = if dice.below(2) == 0 {
                (above.clone(), format!("{above} + 1"))
            } else {
                (format!("{below} - 1"), below)
            };
            Some(("other bounds of an integral", out, Claim::False))
        }
        (method, 1) => {
            let term = match method {
                c::IntegralMethod::Exactly { .. } => by.to_owned(),
                c::IntegralMethod::Between { lower, upper, .. } => format!("1 + ({upper}) - ({lower})"),
            };
            out.integrand = format!("{} + ({term})", of.integrand);
            Some(("another integrand", out, Claim::False))
        }
        (_, 2) if of.domains.contains_key("a") => {
            out.domains.insert("a".into(), ["(-inf, inf)", "[-1e-30, inf)", "[-2, 3]"][dice.below(3)].into());
            let zero = of.from.parse::<i64>().ok()?.abs() == of.to.parse::<i64>().ok()?.abs();
            (!zero).then_some(("more values of a parameter", out, Claim::False))
        }
        (c::IntegralMethod::Between { parts, precision, .. }, 3) => {
            match dice.below(2) {
                0 => *precision = [0, 1, 63, 5000, u32::MAX][dice.below(5)],
                _ => *parts = [0, u32::MAX][dice.below(2)],
            }
            Some(("precision", out, Claim::Malformed))
        }
        (_, 4) => {
            out.integrand = format!("{} + 0*log(x - 1000)", of.integrand);
            Some(("an integrand without a value", out, Claim::False))
        }
        (_, 5) => {
            out.to = ["x", "inf", "gamma", ""][dice.below(4)].into();
            Some(("no end", out, Claim::Malformed))
        }
        (_, 6) => {
            out.domains.insert(["x", "a b", "e", "\n"][dice.below(4)].into(), "[0, 1]".into());
            Some(("no parameter", out, Claim::Malformed))
        }
        _ => None,
    }
}

/// A change of a class; `known` is the definition that it was made of.
pub fn continuity(
    of: &k::Certificate,
    known: Option<&Known>,
    dice: &mut Dice,
) -> Option<(&'static str, k::Certificate, Claim)> {
    let mut out = of.clone();
    let lowest =
        |c: &mut k::Certificate| c.order = c.junctions.iter().map(|j| j.order).min().unwrap_or(k::Order::Analytic);
    let i = dice.below(of.junctions.len());
    match dice.below(13) {
        0..=2 => {
            let junction = out.junctions.get_mut(i)?;
            let k::Order::Class(n) = junction.order else { return None };
            let exactly = junction.jump.is_some();
            junction.order = match dice.below(6) {
                0 => k::Order::Infinite,
                1 => k::Order::Analytic,
                2 => k::Order::Class([i32::MAX, 1000, 64, 65][dice.below(4)]),
                _ => k::Order::Class(n + 1 + dice.below(3) as i32),
            };
            if dice.below(3) > 0 {
                junction.jump = None;
            }
            lowest(&mut out);
            exactly.then_some(("class raised", out, Claim::False))
        }
        3 => {
            let junction = out.junctions.get_mut(i)?;
            let k::Order::Class(n) = junction.order else { return None };
            junction.jump.as_ref().filter(|_| n >= 0)?;
            junction.order = k::Order::Class((n - 1 - dice.below(2) as i32).max(-1));
            lowest(&mut out);
            Some(("class lowered, with a jump", out, Claim::False))
        }
        4 | 5 => {
            let junction = out.junctions.get_mut(i)?;
            let by = ["1e-40", "1", "-1/1000"][dice.below(3)];
            junction.jump = Some(match junction.jump.as_ref()? {
                k::Jump::Exact(text) if text == "infinite" => k::Jump::Exact("7".into()),
                k::Jump::Exact(text) => match dice.below(3) {
                    0 => k::Jump::Exact("infinite".into()),
                    1 => k::Jump::Exact(format!("-({text})")),
                    _ => k::Jump::Exact(format!("{text} + ({by})")),
                },
                k::Jump::Enclosed { lower, upper } => {
                    k::Jump::Enclosed { lower: format!("-{upper}"), upper: format!("-{lower}") }
                }
            });
            Some(("another jump", out, Claim::False))
        }
        6 | 7 => {
            // a term at the junction that is of a lower class
            let junction = of.junctions.get(i)?;
            let n = match junction.order {
                k::Order::Class(n) if n >= 0 => dice.below(n as usize + 1),
                k::Order::Infinite | k::Order::Analytic => dice.below(5),
                k::Order::Class(_) => return None,
            };
            let at = parse_expr(&junction.at).ok()?.simplified();
            let j = out.pieces.iter().position(|p| parse_expr(&p.lo).is_ok_and(|e| e.simplified() == at))?;
            if of.pieces[j].hi == of.pieces[j].lo {
                return None;
            }
            let piece = &mut out.pieces[j];
            let by = ["1", "-1e-30", "pi"][dice.below(3)];
            piece.value = format!("{} + ({by})*(x - ({}))^{n}*exp(x/9)", piece.value, junction.at);
            out.id = "mine".into();
            Some(("a term of a lower class", out, Claim::False))
        }
        8 => {
            out.junctions.get(i)?.jump.as_ref()?;
            out.junctions.remove(i);
            lowest(&mut out);
            Some(("a junction less", out, Claim::Malformed))
        }
        9 => {
            out.id = ["srelu\nx", "", "a b", "é"][dice.below(4)].into();
            Some(("no id", out, Claim::Malformed))
        }
        10 => {
            let definition = dice.pick(actaudit::catalog::all())?;
            let same = is_the_same(&of.id, &definition.id);
            out.id.clone_from(&definition.id);
            Some(("another id", out, if same { Claim::Open } else { Claim::False }))
        }
        11 => {
            let name = ["x", "e", "unused", "a b", "pi"][dice.below(5)];
            out.params.push(k::Parameter { name: name.into(), value: "1".into(), all: Some("(0, inf)".into()) });
            Some(("no parameter", out, Claim::Malformed))
        }
        _ => {
            let known = known?;
            let param = out.params.iter_mut().find(|p| p.all.is_some())?;
            let Truth::Class(_) = known.truth else { return None };
            // the jump vanishes for b = 0
            let vanishes = |j: &k::Junction| {
                matches!(&j.jump, Some(k::Jump::Exact(text)) if {
                    let at_zero = parse_expr(text).map(|e| e.substitute_params(&|_| Some(actaudit::expr::Expr::int(0))).simplified());
                    at_zero.is_ok_and(|e| e.exact_rational().is_some_and(|q| q == 0))
                })
            };
            of.junctions.iter().any(vanishes).then_some(())?;
            param.all = Some(["(-inf, inf)", "[0, inf)", "(-1e-30, 7)"][dice.below(3)].into());
            Some(("more values of a parameter", out, Claim::False))
        }
    }
}

fn float(text: &str) -> Option<f64> {
    Some(f64::from_bits(u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()?))
}

fn bits(x: f64) -> String {
    format!("0x{:016x}", x.to_bits())
}

/// A change of a table of polynomials.
pub fn table(of: &c::Table, dice: &mut Dice) -> Option<(&'static str, c::Table, Claim)> {
    let mut out = of.clone();
    let i = dice.below(out.runs.len());
    match dice.below(9) {
        0..=2 => {
            let c::Known::Polynomial { coefficients, error, values, .. } = &mut out.runs[i].known else { return None };
            let (first, error) = (float(coefficients.first()?)?, float(error)?);
            // farther than twice the error: if one of the two is within it, the other is not
            let by = 2.5 * error + first.abs() * f64::EPSILON + 1e-300;
            if dice.below(2) == 0 {
                coefficients[0] = bits(if dice.below(2) == 0 { first + by } else { first - by });
                return Some(("another coefficient", out, Claim::False));
            }
            let above = dice.below(2) == 0;
            values[usize::from(above)] = bits(if above { first - by } else { first + by });
            Some(("narrower values", out, Claim::False))
        }
        3 => {
            out.runs.remove(i);
            Some(("a run less", out, Claim::Malformed))
        }
        4 => {
            let run = &mut out.runs[i];
            *[&mut run.first, &mut run.last][dice.below(2)] += [1, -1, i64::MAX / 2][dice.below(3)];
            Some(("a gap between runs", out, Claim::Malformed))
        }
        5 => {
            let sign = match out.runs[i].known {
                c::Known::Overflow { sign } => -sign,
                c::Known::Polynomial { .. } => 1,
                c::Known::Open {} => return None,
            };
            out.runs[i].known = c::Known::Overflow { sign };
            Some(("values that do not overflow", out, Claim::False))
        }
        6 => {
            let other = ["f64", "f8", "", "f32", "f16", "bf16"][dice.below(6)];
            (other != of.format).then_some(())?;
            out.format = other.into();
            Some(("another format", out, Claim::Malformed))
        }
        7 => {
            out.activation.id = "mine".into();
            out.activation.params.clear();
            out.activation.pieces.iter_mut().for_each(|p| p.value = format!("{} + 3*sin(x)", p.value));
            Some(("another definition", out, Claim::False))
        }
        _ => {
            out.precision = [0, 63, 5000, u32::MAX][dice.below(4)];
            Some(("precision", out, Claim::Malformed))
        }
    }
}

/// A text that is no certificate: a key that stands twice, or one that nobody knows, or none, anywhere.
pub fn text(of: &str, dice: &mut Dice) -> Option<(&'static str, String)> {
    let mut value: Json = serde_json::from_str(of).ok()?;
    let mut objects = vec![];
    collect(&value, String::new(), &mut objects);
    let path = dice.pick(&objects)?.clone();
    let named = ["/params", "/fixed", "/domains"].iter().any(|end| path.ends_with(end));
    let object = value.pointer_mut(&path)?.as_object_mut()?;
    let keys: Vec<String> = object.keys().cloned().collect();
    let key = dice.pick(&keys)?.clone();
    match dice.below(3) {
        0 if !named => {
            object.insert("proved".into(), Json::from(true));
            Some(("a key that nobody knows", value.to_string()))
        }
        1 if !named
            && !["to_piece", "attained", "at", "limit", "jump", "all", "cuts", "values", "to", "lower", "domains"]
                .contains(&key.as_str()) =>
        {
            object.remove(&key);
            Some(("a key less", value.to_string()))
        }
        _ => {
            // text has the key a second time, with the same value or another
            let marked = "\u{1}twice";
            let again = object.get(&key)?.clone();
            object.insert(marked.into(), if dice.below(2) == 0 { again } else { Json::from("1") });
            let name = serde_json::to_string(marked).ok()?;
            Some(("a key twice", value.to_string().replacen(&name, &serde_json::to_string(&key).ok()?, 1)))
        }
    }
}

fn collect(value: &Json, path: String, found: &mut Vec<String>) {
    match value {
        Json::Object(map) => {
            map.iter().for_each(|(k, v)| collect(v, format!("{path}/{k}"), found));
            found.push(path);
        }
        Json::Array(items) => items.iter().enumerate().for_each(|(i, v)| collect(v, format!("{path}/{i}"), found)),
        _ => {}
    }
}
