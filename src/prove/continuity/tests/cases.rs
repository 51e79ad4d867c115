//! Random definitions whose class is known by construction, as texts: used by tests here and by those of whole statements.

use proptest::prelude::*;
use rug::Rational;

/// The class of a definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Truth {
    /// derivatives up to this order are continuous, and no further one
    Class(i32),
    /// infinitely often differentiable
    Infinite,
    /// analytic
    Analytic,
}

/// A definition with its class.
#[derive(Clone, Debug)]
pub struct Known {
    /// how it was made
    pub family: &'static str,
    /// name, domain, value
    pub params: Vec<(&'static str, &'static str, String)>,
    /// interval and value
    pub pieces: Vec<(String, String)>,
    /// the class, for the value of the parameter
    pub truth: Truth,
    /// whether there are rules for all that occurs
    pub decidable: bool,
}

/// Analytic on all of R.
pub fn analytic() -> BoxedStrategy<String> {
    let small = || {
        prop_oneof![
            (-5i64..=5).prop_map(|n| n.to_string()),
            (-9i64..=9, 2i64..=5).prop_map(|(n, d)| format!("{n}/{d}"))
        ]
    };
    let leaf = (small(), small(), 0usize..16).prop_map(|(a, b, i)| match i {
        0 => format!("({a})*x + ({b})"),
        1 => format!("({a})*x^3 - x^2 + ({b})"),
        2 => format!("sin(({a})*x + ({b}))"),
        3 => format!("cos(({a})*x)"),
        4 => format!("exp(({a})*x/3 + ({b}))"),
        5 => format!("x*sigmoid(x + ({b}))"),
        6 => format!("tanh(({a})*x - ({b}))"),
        7 => "1/(1 + x^2)".into(),
        8 => format!("log(({a})^2 + 1 + x^2)"),
        9 => "sqrt(x^2 + 2)".into(),
        10 => format!("erf(x - ({b}))"),
        11 => format!("softplus(x*({a}))"),
        12 => format!("atan(({a}) - x)"),
        13 => "x*normcdf(x)".into(),
        14 => format!("expm1(sin(x)) + ({b})"),
        _ => "x*tanh(softplus(x))".into(),
    });
    leaf.prop_recursive(2, 6, 2, |inner| {
        (inner.clone(), inner, any::<bool>())
            .prop_map(|(a, b, product)| if product { format!("({a})*({b})") } else { format!("({a}) + ({b})") })
    })
    .boxed()
}

/// Where pieces meet.
pub fn point() -> BoxedStrategy<String> {
    prop_oneof![
        4 => Just("0".to_owned()),
        4 => (-9i64..=9, 1i64..=7).prop_map(|(n, d)| Rational::from((n, d)).to_string()),
        1 => prop::sample::select(vec!["sqrt(2)", "-sqrt(3)/2", "pi", "pi/3", "log(2)", "exp(1/3)", "2^(1/3) - 1"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// A factor that is not zero.
pub fn scale() -> BoxedStrategy<String> {
    prop_oneof![
        6 => (1i64..=9, 1i64..=9, any::<bool>()).prop_map(|(n, d, minus)| Rational::from((if minus { -n } else { n }, d)).to_string()),
        1 => Just("1e-18".to_owned()),
        1 => Just("-1e-40".to_owned()),
        1 => prop::sample::select(vec!["pi", "sqrt(5)", "exp(-1)", "log(3)"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Not zero at `t = 0`, analytic near it and for `t > 0`.
fn unit() -> BoxedStrategy<&'static str> {
    let units = vec![
        "1",
        "exp(T)",
        "(2 + sin(T))",
        "1/(1 + T^2)",
        "sqrt(1 + T)",
        "(1 + T)^(1/3)",
        "(1 + log(1 + T))",
        "cos(T)",
        "sigmoid(T)",
    ];
    prop::sample::select(units).boxed()
}

/// Smaller than any power for `t` to 0.
fn flat() -> BoxedStrategy<&'static str> {
    let flat = vec![
        "exp(-1/T)",
        "exp(-2/T^2)",
        "exp(-1/T)/T^3",
        "(1 - tanh(1/T))",
        "erfc(1/T)",
        "sigmoid(-1/T)",
        "log(1 + exp(-1/T))",
        "normcdf(-1/T^2)",
        "normpdf(3/T)",
        "(1 - erf(2/T))*T",
        "softplus(-1/T)",
        "exp(-1/T)*exp(-1/T)",
        "exp(-1/T - log(2))",
        "expm1(exp(-1/T))",
        "exp(-1/sqrt(T))",
    ];
    prop::sample::select(flat).boxed()
}

fn two(a: &str, left: String, right: String, closed: bool) -> Vec<(String, String)> {
    let (l, r) = if closed { (']', '(') } else { (')', '[') };
    vec![(format!("(-inf, {a}{l}"), left), (format!("{r}{a}, inf)"), right)]
}

/// `f` on one side, `f + rest` on the other, where `t > 0` is the distance.
fn beside(f: &str, a: &str, rest: &str, right: bool) -> Vec<(String, String)> {
    let t = if right { format!("(x - ({a}))") } else { format!("(({a}) - x)") };
    let sum = format!("{f} + {}", rest.replace('T', &t));
    // the point belongs to the side on which nothing is singular
    if right { two(a, f.to_owned(), sum, true) } else { two(a, sum, f.to_owned(), false) }
}

fn known(family: &'static str, pieces: Vec<(String, String)>, truth: Truth, decidable: bool) -> Known {
    Known { family, params: vec![], pieces, truth, decidable }
}

fn powers() -> BoxedStrategy<Known> {
    (analytic(), point(), scale(), unit(), 0i32..9, any::<bool>())
        .prop_map(|(f, a, c, g, n, right)| {
            known("power", beside(&f, &a, &format!("({c})*T^{n}*{g}"), right), Truth::Class(n - 1), true)
        })
        .boxed()
}

fn roots() -> BoxedStrategy<Known> {
    (analytic(), point(), scale(), unit(), 0i32..5, 2i32..=4, any::<bool>())
        .prop_map(|(f, a, c, g, n, q, right)| {
            let (n, exponent) = (n, n * q + 1);
            known("root", beside(&f, &a, &format!("({c})*T^({exponent}/{q})*{g}"), right), Truth::Class(n), true)
        })
        .boxed()
}

fn flats() -> BoxedStrategy<Known> {
    (analytic(), point(), scale(), flat(), 0i32..7, any::<bool>(), any::<bool>())
        .prop_map(|(f, a, c, flat, n, right, alone)| match alone {
            true => known("flat", beside(&f, &a, &format!("({c})*{flat}"), right), Truth::Infinite, true),
            false => {
                let rest = format!("({c})*(T^{n} + {flat})");
                known("flat and a power", beside(&f, &a, &rest, right), Truth::Class(n - 1), true)
            }
        })
        .boxed()
}

/// What grows or oscillates at the point, times a power.
fn wild() -> BoxedStrategy<Known> {
    (analytic(), point(), scale(), 0i32..6, 0usize..9, any::<bool>())
        .prop_map(|(f, a, c, k, i, right)| {
            let waves = Truth::Class((k + 1) / 2 - 1);
            let (wild, truth) = match i {
                0 => ("exp(1/T)", Truth::Class(-1)),
                1 => ("exp(-1/T)*cosh(1/T)", Truth::Class(k - 1)),
                2 => ("exp(-1/T)*cosh(2/T)", Truth::Class(-1)),
                3 => ("(tanh(1/T) - 1)*exp(2/T)", Truth::Class(k - 1)),
                4 => ("erfc(1/T)*exp(1/T^2)", Truth::Class(k)),
                5 | 6 => ("sin(1/T)", waves),
                7 => ("cos(1/T)", waves),
                _ => ("log(T)", Truth::Class(k - 1)),
            };
            known("no expansion", beside(&f, &a, &format!("({c})*T^{k}*{wild}"), right), truth, false)
        })
        .boxed()
}

/// The same function, written in two ways.
fn same() -> BoxedStrategy<Known> {
    let pairs = vec![
        ("sigmoid(-x)", "1 - sigmoid(x)"),
        ("(x + 1)^2", "x^2 + 2*x + 1"),
        ("exp(x)*exp(1/3)", "exp(x + 1/3)"),
        ("sin(x)^2", "1 - cos(x)^2"),
        ("tanh(x)", "2*sigmoid(2*x) - 1"),
        ("x*normcdf(x)", "x - x*normcdf(-x)"),
        ("softplus(x)", "x + softplus(-x)"),
        ("cosh(x)^2", "1 + sinh(x)^2"),
        ("1/(1 + x^2)", "1 - x^2/(1 + x^2)"),
        ("log(3 + 3*x^2)", "log(3) + log(1 + x^2)"),
        ("sqrt(8 + 8*x^2)", "2*sqrt(2)*sqrt(1 + x^2)"),
        ("exp(2*log(2 + sin(x)))", "(2 + sin(x))^2"),
    ];
    (analytic(), point(), prop::sample::select(pairs), any::<bool>(), any::<bool>())
        .prop_map(|(f, a, (u, v), swap, closed)| {
            let (u, v) = if swap { (v, u) } else { (u, v) };
            let pieces = two(&a, format!("{f} + {u}"), format!("{f} + {v}"), closed);
            known("same function", pieces, Truth::Analytic, true)
        })
        .boxed()
}

/// One point with a value of its own.
fn points() -> BoxedStrategy<Known> {
    (analytic(), point(), scale(), any::<bool>())
        .prop_map(|(f, a, c, apart)| {
            let value = f.replace('x', &format!("({a})")).replace(&format!("e({a})p"), "exp");
            let value = if apart { format!("{value} + ({c})") } else { value };
            let pieces =
                vec![(format!("(-inf, {a})"), f.clone()), (format!("[{a}, {a}]"), value), (format!("({a}, inf)"), f)];
            known("one point", pieces, if apart { Truth::Class(-1) } else { Truth::Analytic }, true)
        })
        .boxed()
}

fn kinks() -> BoxedStrategy<Known> {
    (analytic(), -9i64..=9, 1i64..=4, scale(), 0i32..5, any::<bool>())
        .prop_map(|(f, n, d, c, k, abs)| {
            let a = Rational::from((n, d));
            let (kink, order) = match abs {
                true => (format!("abs(x - ({a}))*(x - ({a}))^{k}"), k),
                false => (format!("max(0, x - ({a}))^{}", k + 1), k),
            };
            known("kink", vec![("(-inf, inf)".into(), format!("{f} + ({c})*{kink}"))], Truth::Class(order), true)
        })
        .boxed()
}

/// The first coefficients of the expansion at 0.
fn taylor(function: &str, count: u32) -> Vec<Rational> {
    let factorial = |k: u32| (1..=k).fold(Rational::from(1), |a, i| a * i);
    let odd = |k: u32| k % 2 == 1;
    let sign = |k: u32| Rational::from(if odd(k) { -1 } else { 1 });
    let listed = |c: &[(i64, i64)], k: u32| c.get(k as usize).map_or_else(Rational::new, |q| Rational::from(*q));
    let coefficient = |k: u32| match function {
        "exp(T)" => factorial(k).recip(),
        "sin(T)" => {
            if odd(k) {
                sign(k / 2) / factorial(k)
            } else {
                Rational::new()
            }
        }
        "cos(T)" => {
            if odd(k) {
                Rational::new()
            } else {
                sign(k / 2) / factorial(k)
            }
        }
        "sinh(T)" => {
            if odd(k) {
                factorial(k).recip()
            } else {
                Rational::new()
            }
        }
        "atan(T)" => {
            if odd(k) {
                sign(k / 2) / k
            } else {
                Rational::new()
            }
        }
        "log(1 + T)" => {
            if k == 0 {
                Rational::new()
            } else {
                sign(k + 1) / k
            }
        }
        "1/(1 + T)" => sign(k),
        "sqrt(1 + T)" => (0..k).fold(Rational::from(1), |a, i| a * (Rational::from((1, 2)) - i) / (i + 1)),
        "tanh(T)" => listed(&[(0, 1), (1, 1), (0, 1), (-1, 3), (0, 1), (2, 15), (0, 1), (-17, 315)], k),
        "sigmoid(T)" => listed(&[(1, 2), (1, 4), (0, 1), (-1, 48), (0, 1), (1, 480), (0, 1), (-17, 80640)], k),
        _ => listed(&[(0, 1), (1, 1), (0, 1), (-1, 3), (0, 1), (1, 10), (0, 1), (-1, 42)], k),
    };
    (0..count).map(coefficient).collect()
}

/// A function and its Taylor polynomial, or another function with the same beginning.
fn polynomials() -> BoxedStrategy<Known> {
    let functions = vec![
        "exp(T)",
        "sin(T)",
        "cos(T)",
        "sinh(T)",
        "atan(T)",
        "log(1 + T)",
        "1/(1 + T)",
        "sqrt(1 + T)",
        "tanh(T)",
        "sigmoid(T)",
        "sqrt(pi)/2*erf(T)",
    ];
    (prop::sample::select(functions), point(), scale(), 0usize..7, any::<bool>(), any::<bool>())
        .prop_map(|(f, a, c, n, right, closed)| {
            let coefficients = taylor(f, 8);
            let next = (n..8).find(|k| coefficients[*k] != 0).unwrap_or(7) as i32;
            let terms: Vec<String> =
                coefficients[..n].iter().enumerate().map(|(k, q)| format!("({q})*T^{k}")).collect();
            let t = if right { format!("(x - ({a}))") } else { format!("(({a}) - x)") };
            let put = |e: &str| format!("({c})*({})", e.replace('T', &t));
            let (f, p) = (put(f), put(&format!("0{}", terms.iter().map(|t| format!(" + {t}")).collect::<String>())));
            let pieces = if right { two(&a, p, f, closed) } else { two(&a, f, p, closed) };
            known("Taylor polynomial", pieces, Truth::Class(next - 1), true)
        })
        .boxed()
}

/// Nothing analytic on either side.
fn both() -> BoxedStrategy<Known> {
    let side = || {
        prop_oneof![
            (0i32..4, 2i32..=4, scale())
                .prop_map(|(n, q, c)| (format!("({c})*T^({}/{q})", n * q + 1), Truth::Class(n))),
            (flat(), scale()).prop_map(|(flat, c)| (format!("({c})*{flat}"), Truth::Infinite)),
        ]
    };
    (analytic(), point(), side(), side())
        .prop_map(|(f, a, (l, p), (r, q))| {
            let left = format!("{f} + {}", l.replace('T', &format!("(({a}) - x)")));
            let right = format!("{f} + {}", r.replace('T', &format!("(x - ({a}))")));
            // the point has a piece of its own, which holds no singular term
            let pieces =
                vec![(format!("(-inf, {a})"), left), (format!("[{a}, {a}]"), f), (format!("({a}, inf)"), right)];
            known("both sides", pieces, p.min(q), true)
        })
        .boxed()
}

/// A pole or the end of a domain inside of a piece: no class at all.
fn broken() -> BoxedStrategy<Known> {
    (
        analytic(),
        prop::sample::select(vec![
            "1/(x - 3)",
            "log(x - 1)",
            "sqrt(x - 2)",
            "1/(exp(x) - 5)",
            "log(sin(x) + 1/2)",
            "(x - 4)^(1/3)",
        ]),
    )
        .prop_map(|(f, g)| {
            known("broken inside", two("0", f.clone(), format!("{f} + {g}"), true), Truth::Class(-1), false)
        })
        .boxed()
}

/// A parameter in the jump, in the place, or in both.
fn parameters() -> BoxedStrategy<Known> {
    let domains =
        vec![("(0, inf)", true), ("[1/3, 5]", true), ("(-inf, inf)", false), ("[0, inf)", false), ("(-1, 4)", false)];
    (analytic(), 0i32..5, prop::sample::select(domains), 0usize..5)
        .prop_map(|(f, n, (domain, positive), i)| {
            let (at, rest, uniform) = match i {
                0 => ("0", format!("b*x^{n}"), positive),
                1 => ("b", format!("3*(x - b)^{n}"), true),
                2 => ("0", format!("x^{n}/(1 + b^2)"), true),
                3 => ("-b", format!("b*(x + b)^{n}*exp(b*x)"), positive),
                _ => ("0", format!("(exp(b) + 1)*x^{n}"), true),
            };
            let pieces = two(at, f.clone(), format!("{f} + {rest}"), true);
            let family = if uniform { "for all parameters" } else { "for one parameter" };
            let truth = Truth::Class(n - 1);
            Known { family, params: vec![("b", domain, "3/2".into())], pieces, truth, decidable: true }
        })
        .boxed()
}

/// Definitions of every family.
pub fn any_known() -> BoxedStrategy<Known> {
    prop_oneof![
        5 => powers(), 3 => roots(), 4 => flats(), 4 => wild(), 2 => same(), 2 => points(), 3 => kinks(), 1 => broken(),
        3 => parameters(), 3 => polynomials(), 2 => both(),
    ]
    .boxed()
}
