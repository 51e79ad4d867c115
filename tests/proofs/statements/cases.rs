//! Random statements about bounds whose answers are known by construction, and some of which only samples know anything.

use super::classes::{analytic, point};
use actaudit::expr::testing::parsed_shape;
use actaudit::prove::Quantity;
use proptest::prelude::*;
use rug::Rational;

/// An extreme value: a constant expression, `inf` or `-inf`, and whether it is attained, where that is known.
#[derive(Clone, Debug)]
pub struct Extreme {
    pub value: String,
    pub attained: Option<bool>,
}

/// What is known of the answer.
#[derive(Clone, Debug)]
pub enum Truth {
    /// infimum and supremum, or twice the supremum of a magnitude
    Extremes([Extreme; 2]),
    /// the function has no value somewhere, so that nothing may be proved
    Undefined,
    /// nothing but what samples say
    Open,
}

/// A question, and what is known of the answer.
#[derive(Clone, Debug)]
pub struct Statement {
    pub family: &'static str,
    pub f: Vec<(String, String)>,
    pub g: Option<Vec<(String, String)>>,
    pub quantity: Quantity,
    /// ends, empty where there is none
    pub domain: [String; 2],
    pub truth: Truth,
}

fn line(value: String) -> Vec<(String, String)> {
    vec![("(-inf, inf)".into(), value)]
}

fn everywhere() -> [String; 2] {
    [String::new(), String::new()]
}

fn extreme(value: impl Into<String>, attained: impl Into<Option<bool>>) -> Extreme {
    Extreme { value: value.into(), attained: attained.into() }
}

/// A function of `U` with its extreme values over the whole line.
#[derive(Debug)]
struct Base {
    f: &'static str,
    range: [(&'static str, bool); 2],
    slope: [(&'static str, bool); 2],
    /// sup |f''| inside of the pieces
    curvature: (&'static str, bool),
}

const fn base(
    f: &'static str,
    range: [(&'static str, bool); 2],
    slope: [(&'static str, bool); 2],
    curvature: (&'static str, bool),
) -> Base {
    Base { f, range, slope, curvature }
}

const NO: bool = false;
const YES: bool = true;

const BASES: &[Base] = &[
    base("tanh(U)", [("-1", NO), ("1", NO)], [("0", NO), ("1", YES)], ("4*sqrt(3)/9", YES)),
    base("sigmoid(U)", [("0", NO), ("1", NO)], [("0", NO), ("1/4", YES)], ("sqrt(3)/18", YES)),
    base("1/(1 + exp(-(U)))", [("0", NO), ("1", NO)], [("0", NO), ("1/4", YES)], ("sqrt(3)/18", YES)),
    base("atan(U)", [("-pi/2", NO), ("pi/2", NO)], [("0", NO), ("1", YES)], ("3*sqrt(3)/8", YES)),
    base("erf(U)", [("-1", NO), ("1", NO)], [("0", NO), ("2/sqrt(pi)", YES)], ("2*sqrt(2/pi)*exp(-1/2)", YES)),
    base("sin(U)", [("-1", YES), ("1", YES)], [("-1", YES), ("1", YES)], ("1", YES)),
    base("cos(U)", [("-1", YES), ("1", YES)], [("-1", YES), ("1", YES)], ("1", YES)),
    base("exp(-(U)^2)", [("0", NO), ("1", YES)], [("-sqrt(2)*exp(-1/2)", YES), ("sqrt(2)*exp(-1/2)", YES)], ("2", YES)),
    base("1/(1 + (U)^2)", [("0", NO), ("1", YES)], [("-3*sqrt(3)/8", YES), ("3*sqrt(3)/8", YES)], ("2", YES)),
    base("1/cosh(U)", [("0", NO), ("1", YES)], [("-1/2", YES), ("1/2", YES)], ("1", YES)),
    base("softplus(U)", [("0", NO), ("inf", NO)], [("0", NO), ("1", NO)], ("1/4", YES)),
    base("log(1 + exp(U))", [("0", NO), ("inf", NO)], [("0", NO), ("1", NO)], ("1/4", YES)),
    base("sqrt(1 + (U)^2)", [("1", YES), ("inf", NO)], [("-1", NO), ("1", NO)], ("1", YES)),
    base("log(1 + (U)^2)", [("0", YES), ("inf", NO)], [("-1", YES), ("1", YES)], ("2", YES)),
    base("(U)/(1 + abs(U))", [("-1", NO), ("1", NO)], [("0", NO), ("1", YES)], ("2", YES)),
    base("(U)/(1 + (U)^2)", [("-1/2", YES), ("1/2", YES)], [("-1/8", YES), ("1", YES)], ("NONE", YES)),
    base(
        "((U)^2 - 1)/((U)^2 + 1)",
        [("-1", YES), ("1", NO)],
        [("-3*sqrt(3)/4", YES), ("3*sqrt(3)/4", YES)],
        ("4", YES),
    ),
    base(
        "(U)*exp(-(U)^2/2)",
        [("-exp(-1/2)", YES), ("exp(-1/2)", YES)],
        [("-2*exp(-3/2)", YES), ("1", YES)],
        ("sqrt(3 - sqrt(6))*sqrt(6)*exp(-(3 - sqrt(6))/2)", YES),
    ),
    base(
        "(U)*normcdf(U)",
        [("NONE", YES), ("inf", NO)],
        [("normcdf(-sqrt(2)) - sqrt(2)*normpdf(sqrt(2))", YES), ("normcdf(sqrt(2)) + sqrt(2)*normpdf(sqrt(2))", YES)],
        ("2*normpdf(0)", YES),
    ),
    base("abs(U)", [("0", YES), ("inf", NO)], [("-1", YES), ("1", YES)], ("0", YES)),
    base("sqrt((U)^2)", [("0", YES), ("inf", NO)], [("-1", YES), ("1", YES)], ("0", YES)),
    base("((U)^4)^(1/4)", [("0", YES), ("inf", NO)], [("-1", YES), ("1", YES)], ("0", YES)),
    base("max(0, U)", [("0", YES), ("inf", NO)], [("0", YES), ("1", YES)], ("0", YES)),
    base("max(-1, min(U, 1))", [("-1", YES), ("1", YES)], [("0", YES), ("1", YES)], ("0", YES)),
    base("abs(abs(U) - 1)", [("0", YES), ("inf", NO)], [("-1", YES), ("1", YES)], ("0", YES)),
    base("max(0, U)^2", [("0", YES), ("inf", NO)], [("0", YES), ("inf", NO)], ("2", YES)),
    base("(U)^2", [("0", YES), ("inf", NO)], [("-inf", NO), ("inf", NO)], ("2", YES)),
    base("(U)^3", [("-inf", NO), ("inf", NO)], [("0", YES), ("inf", NO)], ("inf", NO)),
    base("exp(U)", [("0", NO), ("inf", NO)], [("0", NO), ("inf", NO)], ("inf", NO)),
    base("sinh(U)", [("-inf", NO), ("inf", NO)], [("1", YES), ("inf", NO)], ("inf", NO)),
    base("exp(sin(U))", [("exp(-1)", YES), ("exp(1)", YES)], [("NONE", YES), ("NONE", YES)], ("NONE", YES)),
    base("(U)*0 + 3", [("3", YES), ("3", YES)], [("0", YES), ("0", YES)], ("0", YES)),
];

/// `a*value + d` of a constant that may be infinite.
fn affine(a: &Rational, value: &str, d: &Rational) -> String {
    match (value, *a > 0) {
        ("NONE", _) => "NONE".into(),
        ("inf", true) | ("-inf", false) => "inf".into(),
        ("inf", false) | ("-inf", true) => "-inf".into(),
        _ => format!("({a})*({value}) + ({d})"),
    }
}

/// Infimum and supremum of `a*h + d`.
fn stretched(a: &Rational, ends: [(&str, bool); 2], d: &Rational) -> [Extreme; 2] {
    let [lo, hi] = ends.map(|(value, attained)| extreme(affine(a, value, d), attained));
    if *a > 0 { [lo, hi] } else { [hi, lo] }
}

/// The supremum of a magnitude from infimum and supremum.
fn magnitude([lo, hi]: [Extreme; 2]) -> [Extreme; 2] {
    let known = |e: &Extreme| e.value != "NONE";
    let infinite = |e: &Extreme| e.value.ends_with("inf");
    let value = match (known(&lo) && known(&hi), infinite(&lo) || infinite(&hi)) {
        (false, _) => "NONE".into(),
        (_, true) => "inf".into(),
        _ => format!("max(abs({}), abs({}))", lo.value, hi.value),
    };
    // which of the two is larger is not looked at
    let attained = if lo.attained == hi.attained { lo.attained } else { None };
    [extreme(value.clone(), attained), extreme(value, attained)]
}

fn truth(of: [Extreme; 2]) -> Truth {
    if of.iter().any(|e| e.value == "NONE") { Truth::Open } else { Truth::Extremes(of) }
}

fn rational() -> BoxedStrategy<Rational> {
    prop_oneof![
        6 => (-9i64..=9, 1i64..=9).prop_map(Rational::from),
        1 => (-99999i64..=99999, 1i64..=99999).prop_map(Rational::from),
        1 => prop::sample::select(vec![(1, 1000), (-1, 1_000_000), (1000, 1), (1, 3)]).prop_map(Rational::from),
    ]
    .boxed()
}

fn factor() -> BoxedStrategy<Rational> {
    rational().prop_filter("not zero", |q| *q != 0).boxed()
}

fn some_base() -> impl Strategy<Value = &'static Base> {
    (0..BASES.len()).prop_map(|i| &BASES[i])
}

/// `a*f(b*x + c) + d`.
fn transformed() -> BoxedStrategy<Statement> {
    (some_base(), factor(), factor(), rational(), rational(), 0usize..4)
        .prop_map(|(base, a, b, c, d, which)| {
            let f = format!("({a})*({}) + ({d})", base.f.replace('U', &format!("(({b})*x + ({c}))")));
            let (k, none) = (Rational::from(&a * &b), Rational::new());
            let (quantity, of) = match which {
                0 => (Quantity::Range, stretched(&a, base.range, &d)),
                1 => (Quantity::Slope, stretched(&k, base.slope, &none)),
                2 => (Quantity::Lipschitz, magnitude(stretched(&k, base.slope, &none))),
                _ => {
                    let k = Rational::from(&k * &b).abs();
                    let top = extreme(affine(&k, base.curvature.0, &none), base.curvature.1);
                    (Quantity::Curvature, [top.clone(), top])
                }
            };
            Statement { family: "transformed", f: line(f), g: None, quantity, domain: everywhere(), truth: truth(of) }
        })
        .boxed()
}

/// The distance of a smooth function to the same plus something known.
fn distance() -> BoxedStrategy<Statement> {
    (some_base(), factor(), factor(), rational(), analytic())
        .prop_map(|(base, a, b, d, smooth)| {
            let f = format!("({smooth}) + ({a})*({}) + ({d})", base.f.replace('U', &format!("(({b})*x)")));
            Statement {
                family: "distance",
                f: line(f),
                g: Some(line(smooth)),
                quantity: Quantity::Distance,
                domain: everywhere(),
                truth: truth(magnitude(stretched(&a, base.range, &d))),
            }
        })
        .boxed()
}

/// An increasing function of a function: the range.
fn composed() -> BoxedStrategy<Statement> {
    let outer = vec![
        ("exp(V)", "0", "inf"),
        ("tanh(V)", "-1", "1"),
        ("(V)^3", "-inf", "inf"),
        ("softplus(V)", "0", "inf"),
        ("atan(V)", "-pi/2", "pi/2"),
        ("normcdf(V)", "0", "1"),
        ("sinh(V)", "-inf", "inf"),
        ("erf(V/3)", "-1", "1"),
    ];
    (some_base(), factor(), prop::sample::select(outer))
        .prop_map(|(base, b, (outer, low, high))| {
            let f = outer.replace('V', &format!("({})", base.f.replace('U', &format!("(({b})*x)"))));
            let of = base.range.map(|(value, attained)| match value {
                "NONE" => extreme("NONE", None),
                "inf" => extreme(high, false),
                "-inf" => extreme(low, false),
                _ => extreme(outer.replace('V', &format!("({value})")), attained),
            });
            Statement {
                family: "composed",
                f: line(f),
                g: None,
                quantity: Quantity::Range,
                domain: everywhere(),
                truth: truth(of),
            }
        })
        .boxed()
}

/// Functions that rise on all of (0, inf), with the limits at both ends.
const RISING: &[(&str, &str, &str)] = &[
    ("T", "0", "inf"),
    ("tanh(T)", "0", "1"),
    ("exp(-1/T)", "0", "1"),
    ("exp(-1/T^2)/3", "0", "1/3"),
    ("-1/T", "-inf", "0"),
    ("log(T)", "-inf", "inf"),
    ("sqrt(T)", "0", "inf"),
    ("T/(1 + T)", "0", "1"),
    ("T^2/(1 + T^2)", "0", "1"),
    ("1 - exp(-T)", "0", "1"),
    ("-exp(1/T)", "-inf", "-1"),
    ("atan(-1/T)", "-pi/2", "0"),
    ("sigmoid(-1/T)", "0", "1/2"),
    ("-log(1 + 1/T)", "-inf", "0"),
    ("-1/T^(1/3)", "-inf", "0"),
    ("-1/tanh(T)", "-inf", "-1"),
    ("T - 1/T", "-inf", "inf"),
    ("sqrt(1 + T^2) - T - 1", "0", "-1"),
    ("T^(3/2)", "0", "inf"),
    ("7", "7", "7"),
];

/// A domain that begins where something is singular, or an inner part of it.
fn rising_parts() -> BoxedStrategy<Statement> {
    let ends = prop::sample::select(vec![
        ("1", "2"),
        ("1/3", "1/2"),
        ("1", ""),
        ("sqrt(2)", "pi"),
        ("1e-9", "1e9"),
        ("2", "2.000000000001"),
    ]);
    (0..RISING.len(), factor(), rational(), ends, any::<bool>())
        .prop_map(|(i, a, d, (from, to), mirrored)| {
            let (f, _, limit) = RISING[i];
            let at = |t: &str| f.replace('T', t);
            let x = if mirrored { "(-x)" } else { "x" };
            let value = format!("({a})*({}) + ({d})", at(x));
            let (lo, hi) =
                (at(&format!("({from})")), if to.is_empty() { String::new() } else { at(&format!("({to})")) });
            let falls = f.starts_with("sqrt(1 + T^2)");
            let constant = f == "7";
            let far = if to.is_empty() { (limit, constant) } else { (hi.as_str(), true) };
            let ends = if falls { [far, (lo.as_str(), true)] } else { [(lo.as_str(), true), far] };
            let negated = |t: &str| if t.is_empty() { String::new() } else { format!("-({t})") };
            let domain = if mirrored { [negated(to), negated(from)] } else { [from.to_owned(), to.to_owned()] };
            Statement {
                family: "parts of the line",
                f: vec![
                    (
                        if mirrored { "(-inf, 0)" } else { "(-inf, 0]" }.into(),
                        if mirrored { value.clone() } else { "x/7".into() },
                    ),
                    (
                        if mirrored { "[0, inf)" } else { "(0, inf)" }.into(),
                        if mirrored { "x/7".into() } else { value },
                    ),
                ],
                g: None,
                quantity: Quantity::Range,
                domain,
                truth: truth(stretched(&a, ends, &d)),
            }
        })
        .boxed()
}

/// Pieces of which each rises or falls, with open and closed ends, jumps, poles, essential singularities and single points.
fn pieces() -> BoxedStrategy<Statement> {
    let piece = (0..RISING.len(), factor(), rational(), any::<bool>());
    (piece.clone(), piece, point(), any::<bool>(), prop::option::weighted(0.3, rational()), any::<bool>())
        .prop_map(|(left, right, at, closed, single, lipschitz)| {
            let side = |(i, a, d, _): &(usize, Rational, Rational, bool), t: &str| {
                let (f, near, far) = RISING[*i];
                let f = f.replace('T', t);
                (format!("({a})*({f}) + ({d})"), affine(a, near, d), affine(a, far, d), near == far)
            };
            let (l, l_near, l_far, l_flat) = side(&left, &format!("(({at}) - x)"));
            let (r, r_near, r_far, r_flat) = side(&right, &format!("(x - ({at}))"));
            // a side with a singularity does not have the point; then that has a piece of its own
            let regular = |i: usize| !["1/T", "1/t", "log"].iter().any(|part| RISING[i].0.contains(part));
            let holder = match (regular(left.0), regular(right.0)) {
                (true, true) => Some(closed),
                (true, false) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            };
            let (f, own): (Vec<(String, String)>, Option<String>) = match (single, holder) {
                (None, Some(true)) => (vec![(format!("(-inf, {at}]"), l), (format!("({at}, inf)"), r)], None),
                (None, Some(false)) => (vec![(format!("(-inf, {at})"), l), (format!("[{at}, inf)"), r)], None),
                (v, _) => {
                    let v = v.unwrap_or_default().to_string();
                    let f = vec![
                        (format!("(-inf, {at})"), l),
                        (format!("[{at}, {at}]"), v.clone()),
                        (format!("({at}, inf)"), r),
                    ];
                    (f, Some(v))
                }
            };
            let near = |held: bool, near: &str, flat: bool| extreme(near, own.is_none() && held || flat);
            let held = f.len() == 2 && f[0].0.ends_with(']');
            let mut ends = vec![
                extreme(l_far, l_flat),
                near(held, &l_near, l_flat),
                near(f.len() == 2 && !held, &r_near, r_flat),
                extreme(r_far, r_flat),
            ];
            if lipschitz {
                // a jump from one side to the other makes it infinite; where there may be none, nothing is said
                let differ = own.is_some() || certainly_differ(&l_near, &r_near);
                let jumps =
                    differ && [&l_near, &r_near].iter().all(|e| own.as_ref().is_none_or(|v| certainly_differ(e, v)));
                let top = extreme("inf", false);
                let truth = if jumps { Truth::Extremes([top.clone(), top]) } else { Truth::Open };
                return Statement {
                    family: "jumps",
                    f,
                    g: None,
                    quantity: Quantity::Lipschitz,
                    domain: everywhere(),
                    truth,
                };
            }
            ends.extend(own.map(|v| extreme(v, true)));
            let of = [outermost(&ends, false), outermost(&ends, true)];
            let family = if f.len() == 3 { "one-point pieces" } else { "pieces" };
            Statement { family, f, g: None, quantity: Quantity::Range, domain: everywhere(), truth: truth(of) }
        })
        .boxed()
}

fn number(text: &str) -> f64 {
    use actaudit::expr::plain::{Interval, eval};
    match text {
        "inf" => f64::INFINITY,
        "-inf" => f64::NEG_INFINITY,
        _ => {
            let e = actaudit::expr::parse_expr(text).expect("a constant");
            eval(&e, &Interval::int(200, 0)).expect("a value").lo.to_f64()
        }
    }
}

fn certainly_differ(a: &str, b: &str) -> bool {
    let (a, b) = (number(a), number(b));
    a != b && (a.is_infinite() || b.is_infinite() || (a - b).abs() > 1e-9 * (1.0 + a.abs()))
}

/// The smallest or largest end, `NONE` where two that differ in how they are attained are too near each other to tell.
fn outermost(ends: &[Extreme], largest: bool) -> Extreme {
    let sign = if largest { 1.0 } else { -1.0 };
    let best =
        ends.iter().max_by(|a, b| (sign * number(&a.value)).total_cmp(&(sign * number(&b.value)))).expect("ends");
    let rivals = || ends.iter().filter(|e| !certainly_differ(&e.value, &best.value));
    if best.value.ends_with("inf") {
        return extreme(best.value.clone(), None);
    }
    let same = rivals().all(|e| e.attained == best.attained);
    let exactly = rivals().all(|e| number(&e.value) == number(&best.value));
    match (same, exactly) {
        (true, true) => best.clone(),
        (_, true) => extreme(best.value.clone(), rivals().any(|e| e.attained == Some(true))),
        _ => extreme("NONE", None),
    }
}

/// A sum of kinks: piecewise linear, so that all is exact.
fn kinks() -> BoxedStrategy<Statement> {
    let kink = (rational(), rational());
    (prop::collection::vec(kink, 1..4), rational(), -9i64..9, 1i64..9, 0usize..3)
        .prop_map(|(kinks, slope, from, length, which)| {
            let terms: String = kinks.iter().map(|(c, a)| format!(" + ({c})*abs(x - ({a}))")).collect();
            let (from, to) = (Rational::from(from), Rational::from(from + length));
            let value = |x: &Rational| {
                kinks.iter().fold(Rational::from(&slope * x), |sum, (c, a)| sum + Rational::from(x - a).abs() * c)
            };
            let inner = |a: &&Rational| **a > from && **a < to;
            let mut nodes: Vec<Rational> = kinks.iter().map(|(_, a)| a).filter(inner).cloned().collect();
            nodes.extend([from.clone(), to.clone()]);
            nodes.sort();
            nodes.dedup();
            let values: Vec<Rational> = nodes.iter().map(value).collect();
            let slopes: Vec<Rational> = (1..nodes.len())
                .map(|i| Rational::from(&values[i] - &values[i - 1]) / Rational::from(&nodes[i] - &nodes[i - 1]))
                .collect();
            let all = if which == 0 { &values } else { &slopes };
            let ends = [all.iter().min(), all.iter().max()].map(|q| extreme(q.expect("some").to_string(), true));
            let (quantity, of) = match which {
                0 => (Quantity::Range, ends),
                1 => (Quantity::Slope, ends),
                _ => (Quantity::Lipschitz, magnitude(ends)),
            };
            let f = line(format!("({slope})*x{terms}"));
            Statement {
                family: "kinks",
                f,
                g: None,
                quantity,
                domain: [from.to_string(), to.to_string()],
                truth: truth(of),
            }
        })
        .boxed()
}

/// No value somewhere in the domain.
fn undefined() -> BoxedStrategy<Statement> {
    let of = vec![
        ("log(x)", "-2", "-1"),
        ("log(x)", "-1", "1"),
        ("log(-1 - x^2)", "", ""),
        ("log(x)^0", "", ""),
        ("sqrt(x)^2", "-1", "1"),
        ("0*log(x)", "-1", "2"),
        ("1/x", "-1", "1"),
        ("x/x", "-1", "1"),
        ("sqrt(x - 3) - sqrt(x - 3)", "0", "5"),
        ("exp(log(x))", "-2", "2"),
        ("1/(x^2 - 2)", "0", "2"),
        ("(x - 1)^(1/3)", "0", "2"),
        ("min(1, log(x))", "-1", "1"),
        ("tanh(1/(x - 1/3))", "0", "1"),
    ];
    (prop::sample::select(of), factor(), rational(), 0usize..4)
        .prop_map(|((f, from, to), a, d, which)| {
            let quantity = [Quantity::Range, Quantity::Slope, Quantity::Lipschitz, Quantity::Curvature][which];
            let f = line(format!("({a})*({f}) + ({d})"));
            let domain = [from.to_owned(), to.to_owned()];
            Statement { family: "undefined", f, g: None, quantity, domain, truth: Truth::Undefined }
        })
        .boxed()
}

/// Anything: what samples say is all that is known.
fn anything() -> BoxedStrategy<Statement> {
    let ends = prop::sample::select(vec![("", ""), ("-1", "1"), ("0", ""), ("-3", "7/2"), ("1/3", "1/2"), ("", "-1")]);
    // of kinks at places that nobody knows, both operands and their sides
    let operands = (analytic(), analytic(), -9i32..9, prop::sample::select(vec!["min", "max"]));
    let kinked = operands.prop_map(|(a, b, c, f)| format!("{f}({a}, ({b}) + {c})"));
    let f = prop_oneof![parsed_shape(false).prop_map(|e| e.to_string()), analytic(), kinked];
    (f, analytic(), ends, 0usize..5)
        .prop_map(|(f, g, (from, to), which)| {
            let quantity = Quantity::ALL[which];
            let g = (quantity == Quantity::Distance).then(|| line(g));
            let domain = [from.to_owned(), to.to_owned()];
            Statement { family: "anything", f: line(f), g, quantity, domain, truth: Truth::Open }
        })
        .boxed()
}

/// Statements of every family.
pub fn any_statement() -> BoxedStrategy<Statement> {
    prop_oneof![
        6 => transformed(), 2 => distance(), 2 => composed(), 3 => rising_parts(), 4 => pieces(), 2 => kinks(), 1 => undefined(),
        3 => anything(),
    ]
    .boxed()
}
