//! Statements that were once proved though they are false, or that a careless proof would get wrong: the right answer, or an
//! honest undecided.

use actaudit::catalog;
use actaudit::expr::plain::{Interval, eval};
use actaudit::expr::{Activation, Definition, parse_expr};
use actaudit::internal::{Checked, ClaimFile, judge, search_bound};
use actaudit::prove::{Attained, Bound, Domain, Goal, Place, Quantity, bound};
use actaudit::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// A definition written `on: value; on: value`.
fn pieces(text: &str) -> Activation {
    let mut file = String::from("id = \"mine\"\n");
    for piece in text.split(';') {
        let (on, value) = piece.split_once(':').expect("on: value");
        file += &format!("[[piece]]\non = \"{}\"\nvalue = \"{}\"\n", on.trim(), value.trim());
    }
    let definition = Definition::from_toml(&file, "mine.toml").expect("a definition");
    Activation::with_defaults(Arc::new(definition)).expect("an activation")
}

fn expr(text: &str) -> Activation {
    Activation::with_defaults(Arc::new(Definition::from_expr(text).expect("an expression"))).expect("an activation")
}

fn on(lo: &str, hi: &str) -> Domain {
    let end = |t: &str| (!t.is_empty()).then(|| parse_expr(t).expect("a constant"));
    Domain { lo: end(lo), hi: end(hi) }
}

const GOAL: Goal = Goal { digits: 15, boxes: 50_000, time: Duration::from_secs(5) };

fn find(quantity: Quantity, f: &Activation, domain: &Domain) -> Bound {
    bound(quantity, f, None, domain, GOAL).expect("a bound")
}

/// The proved supremum as an exact rational.
fn exactly(found: &Bound) -> Option<String> {
    assert_eq!(found.rejected, None);
    found.top.answer.exact.clone().filter(|_| found.top.proved.exact).map(|q| q.to_string())
}

fn is_infinite(found: &Bound) -> bool {
    found.top.proved.value && found.top.answer.lower.is_infinite()
}

/// A random search against other arithmetic met this: with the jump left undecided, the slope of the pieces was the bound.
#[test]
fn a_possible_jump_leaves_no_bound() {
    let jumps = pieces("(-inf, -pi): cos(10); [-pi, 2]: sqrt(1/3 + exp(-(x - 1e-12))); (2, inf): -1");
    assert!(is_infinite(&find(Quantity::Lipschitz, &jumps, &Domain::default())));
    // the same function, which no rule knows
    let meets = pieces("(-inf, 1]: atan(x/3); (1, inf): 2*atan(x/3/(1 + sqrt(1 + x^2/9)))");
    let found = find(Quantity::Lipschitz, &meets, &on("1/2", "2"));
    assert!(found.rejected.is_some() && found.top.answer.upper.is_infinite() && !found.top.proved.value);
    assert!(found.top.answer.lower.is_finite());
}

/// The place of the maximum is 2^-1e11 away from 0: as a fraction it has more digits than memory.
#[test]
fn places_of_absurd_size_are_not_written_down() {
    let f = expr("erf(1e6 - e*x) - x^2/10");
    let found = find(Quantity::Range, &f, &on("-5", "1"));
    let answer = &found.top.answer;
    assert!(answer.lower <= 1 && answer.upper >= 1 && answer.upper < 1.0001);
    // the limit of the first factor is exp(-5e59)
    let f = expr("normpdf(pi/4*x/(1/7 + abs(1e-30*x - 3/2)))*(sqrt(sqrt(2) + 9*x^2) - x*(x/1000 - log(2)))");
    let found = find(Quantity::Range, &f, &Domain::default());
    assert!(found.top.answer.lower > 0);
}

#[test]
fn pieces_of_one_point_count() {
    let f = pieces("(-inf, 0): 0; [0, 0]: 100; (0, inf): 0");
    assert_eq!(exactly(&find(Quantity::Range, &f, &Domain::default())).as_deref(), Some("100"));
    assert!(is_infinite(&find(Quantity::Lipschitz, &f, &Domain::default())));
    let distance = bound(Quantity::Distance, &f, Some(&expr("0")), &Domain::default(), GOAL).expect("a bound");
    assert_eq!(exactly(&distance).as_deref(), Some("100"));
    let below = pieces("(-inf, 1): 3; [1, 1]: x - 100; (1, inf): 3");
    let found = find(Quantity::Range, &below, &Domain::default());
    let bottom = found.bottom.as_ref().expect("two-sided");
    assert_eq!(bottom.answer.exact.as_ref().map(ToString::to_string).as_deref(), Some("99"));
}

#[test]
fn ends_of_the_domain_that_belong_to_a_piece_outside_count() {
    let f = pieces("(-inf, 0]: x + 5; (0, inf): sin(x)");
    let found = find(Quantity::Range, &f, &on("0", "1"));
    assert_eq!(exactly(&found).as_deref(), Some("5"));
    assert_eq!((found.top.answer.attained, found.top.proved.attained), (Attained::Point, true));
    assert!(is_infinite(&find(Quantity::Lipschitz, &f, &on("0", "1"))));
    // seen from the right alone there is no jump
    let right = pieces("(-inf, 0): x + 5; [0, inf): sin(x)");
    assert_eq!(exactly(&find(Quantity::Lipschitz, &right, &on("0", "1"))).as_deref(), Some("1"));
}

#[test]
fn where_there_is_no_value_there_is_no_slope() {
    for (text, domain) in [
        ("log(x)", on("-2", "-1")),
        ("log(-1-x^2)", on("", "")),
        ("log(x)^0", on("", "")),
        ("sqrt(x)^2", on("-1", "1")),
    ] {
        for quantity in [Quantity::Lipschitz, Quantity::Slope, Quantity::Range] {
            let found = find(quantity, &expr(text), &domain);
            assert!(!found.top.proved.value && found.rejected.is_some(), "{text} {}", quantity.name());
        }
    }
    assert!(Definition::from_expr("x + log(-1)").is_err());
}

#[test]
fn witnesses_lie_in_their_piece() {
    // an end whose enclosure at few bits is wide: beyond it lies the maximum of the formula, though not of the piece
    let end = "pi*1e20-314159265358979323846";
    let f = pieces(&format!("(-inf, {end}]: 0; ({end}, inf): exp(-(x+1)^2)"));
    let found = find(Quantity::Range, &f, &Domain::default());
    assert!(!found.top.proved.value || found.top.answer.upper < 0.21, "{:?}", found.top.answer.upper);
    let end = "sin(pi*1e10+1/3)";
    let f = pieces(&format!("(-inf, {end}]: -7; ({end}, inf): exp(-(x+1)^2)"));
    let found = find(Quantity::Range, &f, &Domain::default());
    assert!(!found.top.proved.value || found.top.answer.upper < 0.18, "{:?}", found.top.answer.upper);
}

#[test]
fn narrow_pieces_count() {
    let f = pieces("(-inf, sqrt(2)): 0; [sqrt(2), sqrt(2)+1e-3000]: 100; (sqrt(2)+1e-3000, inf): 0");
    assert_eq!(exactly(&find(Quantity::Range, &f, &Domain::default())).as_deref(), Some("100"));
}

#[test]
fn attained_is_said_of_members_only() {
    let found = find(Quantity::Range, &pieces("(-inf, 0): exp(x); [0, inf): 0"), &Domain::default());
    assert_eq!(exactly(&found).as_deref(), Some("1"));
    assert!(!found.top.proved.attained || found.top.answer.attained == Attained::Asymptotic);
    let found = find(Quantity::Range, &expr("min(1, exp(18-x))"), &on("17", ""));
    let said = found.top.proved.attained && found.top.answer.attained != Attained::Unknown;
    let places = format!("{:?}", found.top.answer.places);
    assert!(!said || !places.contains("16"), "{places}");
    for (id, expected) in [("relu6", Attained::Set), ("tanh", Attained::Asymptotic), ("silu", Attained::Asymptotic)] {
        let f = Activation::with_defaults(catalog::find(id).expect("there")).expect("defaults");
        let found = find(Quantity::Range, &f, &Domain::default());
        if id != "silu" {
            assert_eq!((found.top.answer.attained, found.top.proved.attained), (expected, true), "{id}");
        }
    }
}

/// Of places that cannot be told apart, all are named: the checker says that one of them is it. Here it is the constant piece, and not
/// the top of the parabola, which is lower by 1e-40 of it.
#[test]
fn no_place_is_left_out_of_those_that_may_be_it() {
    let top = "(1-1/10^40)*erf(1/2)*(1-(x-3)^2/2)";
    for (text, places) in [
        (format!("(-inf, 0): exp(x)/2; [0, 1]: erf(1/2); (1, inf): {top}"), 2),
        (format!("(-inf, 0): exp(x)/2; [0, 0]: erf(1/2); (0, inf): {top}"), 2),
    ] {
        let found = find(Quantity::Range, &pieces(&text), &Domain::default());
        assert!(found.top.proved.value, "{text}");
        let named = &found.top.answer.places;
        assert!(!found.top.proved.attained || named.is_empty() || named.len() == places, "{text}: {named:?}");
    }
}

#[test]
fn nothing_is_proved_without_the_checker() {
    let f = expr("x*normcdf(x)");
    let found = search_bound(Quantity::Lipschitz, &f, None, &Domain::default(), GOAL).expect("a bound");
    assert!(found.check == Checked::No && !found.top.proved.value && found.certificates.is_empty());
}

fn verdict(keys: &str) -> Result<Verdict, String> {
    let text = format!("paper = \"p\"\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\n{keys}");
    let file = ClaimFile::parse(&text, "claims.toml", &|_| Err("no file".into())).map_err(|e| e.to_string())?;
    judge(&file.claims[0]).map(|j| j.verdict)
}

#[test]
fn open_ends_are_open() {
    let within = |activation: &str, quantity: &str, value: &str| {
        verdict(&format!(
            "activation = \"{activation}\"\nquantity = \"{quantity}\"\nkind = \"within\"\nvalue = \"{value}\""
        ))
    };
    for (activation, quantity, value) in [
        ("relu", "range", "(0, inf)"),
        ("hardsigmoid", "range", "(0, 1)"),
        ("relu6", "range", "(0, 6)"),
        ("tanh", "slope", "(0, 1)"),
    ] {
        assert_eq!(within(activation, quantity, value), Ok(Verdict::Refuted), "{activation} {value}");
    }
    for (activation, quantity, value) in [
        ("relu", "range", "[0, inf)"),
        ("tanh", "range", "(-1, 1)"),
        ("sigmoid", "range", "(0, 1)"),
        ("tanh", "slope", "(0, 1]"),
    ] {
        assert_eq!(within(activation, quantity, value), Ok(Verdict::Proved), "{activation} {value}");
    }
}

#[test]
fn claims_mean_what_they_say() {
    let srelu = "activation = \"srelu\"\nquantity = \"lipschitz\"\nkind = \"equals\"\nvalue = \"1\"\nparams = { alpha = \"all\" }\n";
    assert_ne!(verdict(&format!("{srelu}at = \"1/1000\"")), Ok(Verdict::Proved), "the place moves with alpha");
    assert_eq!(verdict(&format!("{srelu}at = \"alpha\"")), Ok(Verdict::Proved));
    let near = "1.41421356237309504880168872420969807856967187537694807317667973";
    let gelu =
        "activation = \"gelu\"\nquantity = \"lipschitz\"\nkind = \"smallest\"\nvalue = \"1.1289\"\ndecimals = 4\n";
    assert_ne!(verdict(&format!("{gelu}at = \"{near}\"")), Ok(Verdict::Proved), "sqrt(2) is not rational");
    assert_eq!(verdict(&format!("{gelu}at = \"sqrt(2)\"")), Ok(Verdict::Proved));
    let rough = gelu.replace("1.1289", "1.5").replace("decimals = 4", "decimals = 0");
    assert!(verdict(&rough).is_err_and(|e| e.contains("more than 0 decimals")), "1.5 is not rounded to whole numbers");
}

/// What is shown of a claim about every value is what holds at every value, or says at which it holds.
#[test]
fn truths_of_one_value_are_not_shown_as_those_of_all() {
    let judged = |keys: &str| {
        let text = format!("paper = \"p\"\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\n{keys}");
        let file = ClaimFile::parse(&text, "claims.toml", &|_| Err("no file".into())).expect("a claim");
        judge(&file.claims[0])
    };
    let lipschitz = |activation: &str, value: &str, param: &str| {
        judged(&format!(
            "activation = \"{activation}\"\nquantity = \"lipschitz\"\nkind = \"upper_bound\"\nvalue = \"{value}\"\nparams = {{ {param} = \"all\" }}"
        ))
    };
    // the Lipschitz constant of prelu is max(1, |a|)
    let one = lipschitz("prelu", "1", "a").expect("is judged");
    assert_eq!((one.verdict, one.at.as_deref()), (Verdict::Undecided, Some("prelu(a=1/4)")));
    let refuted = lipschitz("prelu", "1/2", "a").expect("is judged");
    assert_eq!((refuted.verdict, refuted.at.as_deref()), (Verdict::Refuted, Some("prelu(a=1/4)")));
    // that of srelu is 1 for every alpha
    let all = lipschitz("srelu", "1", "alpha").expect("is judged");
    assert_eq!((all.verdict, all.at), (Verdict::Proved, None));
    for (activation, param, has) in
        [("relu", "nonsense", "there are no parameters"), ("elu", "alpha", "the parameters are `a`")]
    {
        let error = lipschitz(activation, "1", param).expect_err("is refused");
        assert!(error.contains(&format!("has no parameter `{param}`: {has}")), "{error}");
    }
}

/// A range is nowhere proved of a function that has no values somewhere, not even that it is a part of the line.
#[test]
fn a_range_needs_values() {
    for (expr, quantity) in
        [("1/x", "range"), ("log(x)", "range"), ("sqrt(x)", "range"), ("log(x)", "slope"), ("log(x^2-1)", "slope")]
    {
        for value in ["(-inf, inf)", "(-inf, 5]"] {
            let keys = format!(
                "activation = \"expr:{expr}\"\nquantity = \"{quantity}\"\nkind = \"within\"\nvalue = \"{value}\""
            );
            assert_ne!(verdict(&keys), Ok(Verdict::Proved), "{expr} {quantity} {value}");
        }
    }
    // at places that are not rational, beside which it is unbounded both ways
    for (expr, quantity) in [
        ("1/(x-sqrt(2)) + x", "range"),
        ("sinh(x)/(x-exp(1))", "slope"),
        ("log(abs(x-1/3))", "slope"),
        ("x + 0/(x^2-3)", "range"),
    ] {
        let keys = format!(
            "activation = \"expr:{expr}\"\nquantity = \"{quantity}\"\nkind = \"within\"\nvalue = \"(-inf, inf)\""
        );
        assert_eq!(verdict(&keys), Ok(Verdict::Undecided), "{expr} {quantity}");
    }
    let cube = "activation = \"expr:x^3 - x^2\"\nquantity = \"slope\"\nkind = \"within\"\nvalue = \"[-1/3, inf)\"";
    assert_eq!(verdict(cube), Ok(Verdict::Proved));
    let all = "activation = \"identity\"\nquantity = \"range\"\nkind = \"within\"\nvalue = \"(-inf, inf)\"";
    assert_eq!(verdict(all), Ok(Verdict::Proved));
}

/// A name that is no parameter is a slip, not an unknown number.
#[test]
fn names_in_claims_are_those_of_parameters() {
    let claim = |quantity: &str, kind: &str, value: &str, rest: &str| {
        verdict(&format!(
            "activation = \"srelu\"\nquantity = \"{quantity}\"\nkind = \"{kind}\"\nvalue = \"{value}\"\n{rest}"
        ))
    };
    for (quantity, kind, value, rest) in [
        ("lipschitz", "equals", "q", ""),
        ("slope", "within", "[-0.3, foo)", ""),
        ("lipschitz", "upper_bound", "1.2/bb", "params = { alpha = \"all\" }"),
        ("lipschitz", "equals", "1", "at = \"aplha\""),
    ] {
        let error = claim(quantity, kind, value, rest).expect_err(value);
        assert!(error.contains("unknown name `") && error.contains("the parameters are `alpha`"), "{error}");
    }
    assert_eq!(claim("lipschitz", "upper_bound", "1 + alpha - alpha", ""), Ok(Verdict::Proved));
    let integral = "quantity = \"integral\"\nkind = \"integral\"\nintegrand = \"x/b\"\nfrom = \"0\"\nto_point = \"1\"\nvalue = \"1/2\"";
    assert!(verdict(integral).is_err_and(|e| e.contains("unknown name `b`: there are no parameters")));
}

#[test]
fn integrals_need_an_integrand() {
    for (integrand, value) in [("sqrt(x)^2", "0"), ("exp(log(x))", "0"), ("1 + 0*log(x)", "2")] {
        let keys = format!(
            "quantity = \"integral\"\nkind = \"integral\"\nintegrand = \"{integrand}\"\nfrom = \"-1\"\nto_point = \"1\"\nvalue = \"{value}\""
        );
        assert_ne!(verdict(&keys), Ok(Verdict::Proved), "{integrand}");
    }
    let cube = "quantity = \"integral\"\nkind = \"integral\"\nintegrand = \"abs(x)^3\"\nfrom = \"-1\"\nto_point = \"1\"\nvalue = \"1/2\"";
    assert_eq!(verdict(cube), Ok(Verdict::Proved));
}

#[test]
fn no_entry_of_the_catalogue_is_undecided() {
    let relu = Activation::with_defaults(catalog::find("relu").expect("there")).expect("defaults");
    let goal = Goal { digits: 14, ..Goal::default() };
    let mut open = vec![];
    for definition in catalog::all() {
        let f = Activation::with_defaults(Arc::clone(definition)).expect("defaults");
        for quantity in Quantity::ALL {
            let found = bound(quantity, &f, Some(&relu), &Domain::default(), goal).expect("a bound");
            if let Some(reason) = &found.rejected {
                open.push(format!("{} {}: {reason}", definition.id, quantity.name()));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn a_constant_may_be_the_end_of_a_domain() {
    let found = find(Quantity::Range, &expr("x^2"), &on("0", "sqrt(2)"));
    let top = &found.top;
    assert!(top.proved.value && top.answer.upper > 1.999 && top.answer.lower < 2.001, "{:?}", top.answer);
}

/// What a mathematician decides at sight, with the supremum (of the magnitude for a Lipschitz constant) that he gives.
#[test]
fn the_whole_line_is_decided() {
    use Quantity::{Curvature, Lipschitz, Range, Slope};
    let goal = Goal { time: Duration::from_secs(20), ..GOAL };
    for (text, quantity, supremum) in [
        // kinks at places that are not rational, two at one place, and at places without a closed form
        ("max(x^2-2, x)", Curvature, "2"),
        ("abs(exp(x)-2)", Range, "inf"),
        ("min(1, exp(x))", Lipschitz, "1"),
        ("max(0, tanh(x)) + min(0, x)", Lipschitz, "1"),
        ("max(0, x) + min(0, expm1(x))", Lipschitz, "1"),
        ("max(0, x) + min(0, expm1(x))", Curvature, "1"),
        ("abs(x^2-2)/(1+x^2)", Range, "2"),
        ("tanh(max(x^2-1, x))", Range, "1"),
        ("max(exp(-x^2), 1/2)", Lipschitz, "sqrt(2)*exp(-1/2)"),
        ("max(x, x/2+atan(x))", Slope, "3/2"),
        // exponentials that grow inside of something bounded, exponentials of exponentials
        ("(exp(x)-1)/(exp(x)+1)", Lipschitz, "1/2"),
        ("sinh(x)/cosh(x)", Lipschitz, "1"),
        ("1/(1+exp(x)*x^2)", Range, "1"),
        ("exp(-exp(x))", Lipschitz, "exp(-1)"),
        ("1-exp(-exp(x))", Range, "1"),
        ("x*tanh(exp(x))", Range, "inf"),
        ("x*exp(-exp(-x))", Range, "inf"),
        // logarithms
        ("log(1+x^2)", Range, "inf"),
        ("log(1+max(0,x))", Range, "inf"),
        ("log(1+max(0,x))", Lipschitz, "1"),
        ("x/log(2+abs(x))", Range, "inf"),
        ("x*log(1+abs(x))", Lipschitz, "inf"),
        // one period is enough
        ("sin(x)*cos(x)", Range, "1/2"),
        ("x+sin(x)^2", Lipschitz, "2"),
        ("x+sin(3*x)/3", Slope, "2"),
        ("exp(sin(x))", Range, "e"),
        ("tanh(sin(x))", Lipschitz, "1"),
        ("sin(x)+sin(2*x)", Slope, "3"),
        ("cos(x)-cos(x/2)/3", Range, "4/3"),
        ("cos(pi*x/3)*cos(pi*x)", Range, "1"),
    ] {
        let found = bound(quantity, &expr(text), None, &Domain::default(), goal).expect("a bound");
        assert!(found.top.proved.value, "{text} {}: {:?}", quantity.name(), found.rejected);
        let answer = &found.top.answer;
        if supremum == "inf" {
            assert!(answer.lower.is_infinite(), "{text} {}: {}", quantity.name(), answer.upper);
            continue;
        }
        let value = eval(&parse_expr(supremum).expect("a constant"), &Interval::int(256, 0)).expect("a value");
        assert!(answer.lower <= value.hi && value.lo <= answer.upper, "{text} {}: {supremum}", quantity.name());
        assert!(
            answer.upper.clone() - &answer.lower < 1e-6,
            "{text} {}: {} .. {}",
            quantity.name(),
            answer.lower,
            answer.upper
        );
    }
}

#[test]
fn what_looks_like_it_repeats_is_looked_at_everywhere() {
    for (text, quantity, least) in [("x*sin(x)", Quantity::Range, 20.0), ("sin(x) + sin(pi*x)", Quantity::Range, 1.9)] {
        let found = find(quantity, &expr(text), &Domain::default());
        assert!(found.period.is_none() && found.top.answer.upper > least, "{text}: {:?}", found.top.answer.upper);
    }
    // a period of the slope is none of the values
    let found = find(Quantity::Range, &expr("x + sin(x)"), &Domain::default());
    assert!(found.period.is_none() && is_infinite(&found));
}

/// A hostile reader found this: the slope was said to be approached at infinity, where f is constant.
#[test]
fn what_is_approached_beside_a_point_is_approached_there() {
    let f = pieces("(-inf, 0]: 0; (0, 1]: x*log(x); (1, inf): 0");
    let found = find(Quantity::Slope, &f, &Domain::default());
    let bottom = found.bottom.as_ref().expect("an infimum");
    assert!(bottom.proved.value && bottom.answer.lower.is_infinite(), "{bottom:?}");
    assert_eq!(bottom.answer.attained, Attained::Asymptotic);
    let [Place::Point { exact: Some(at), .. }] = &bottom.answer.places[..] else {
        panic!("{:?}", bottom.answer.places)
    };
    assert_eq!(at, "0");
    // in the domain there is no other end
    let f = pieces("(-inf, -2]: exp(x+2); (-2, inf): log1p(1/(x+2)) + (x+2)/(1+(x+2)^2)");
    let found = find(Quantity::Range, &f, &on("", "-1"));
    assert!(found.top.answer.places.iter().all(|p| matches!(p, Place::Point { .. })), "{:?}", found.top.answer.places);
}
