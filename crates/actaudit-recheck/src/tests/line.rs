//! Kinks at places without a closed form, and functions that repeat themselves.

use super::*;

fn proved(c: &Value) -> Result<String, String> {
    recheck(&c.to_string()).map(|a| a.statement().to_owned()).map_err(|e| e.to_string())
}

/// max(x, 2 atan x) has kinks at 0 and where x = 2 atan x, at 2.33 and -2.33; its slope is 2/(1 + x^2) or 1.
fn kinked(quantity: &str, domain: [&str; 2], leaves: &[Value], upper: &str) -> Value {
    let order = if quantity == "range" { 0 } else { 1 };
    let sides = [side(1, order, upper, leaves.to_vec(), json!(null)), side(-1, order, "inf", vec![], json!(null))];
    let mut c = certificate("mine", line("max(x, 2*atan(x))"), quantity, sides);
    c["domain"] = json!(domain);
    c
}

#[test]
fn at_a_kink_every_operand_has_the_bound() {
    let whole = [leaf(0, "-inf", "-8", "tail"), leaf(0, "-8", "8", "direct"), leaf(0, "8", "inf", "tail")];
    let slope = |domain, leaves: &[Value], upper: &str| proved(&kinked("slope", domain, leaves, upper));
    assert!(slope(["-inf", "inf"], &whole, "2").is_ok());
    assert!(slope(["-inf", "inf"], &whole, "1.99").is_err());
    assert!(slope(["1", "8"], &[leaf(0, "1", "8", "direct")], "1").is_ok());
    // both operands fall or are constant on [2, 8], but the slope jumps up from one to the other
    assert!(slope(["2", "8"], &[leaf(0, "2", "8", "decreasing")], "2/5").is_err());
    assert!(slope(["2", "8"], &[leaf(0, "2", "8", "decreasing")], "1").is_ok());
    assert!(slope(["2", "8"], &[leaf(0, "2", "8", "concave")], "2/5").is_err());
    let range = |upper: &str| proved(&kinked("range", ["2", "3"], &[leaf(0, "2", "3", "direct")], upper));
    assert!(range("3").is_ok() && range("2.99").is_err());
}

/// Of a minimum the operand is looked at that is taken, and not the other, which may have the bound.
#[test]
fn of_a_minimum_the_smaller_operand_counts() {
    let direct = |value: &str, quantity: &str, sign: i8, upper: &str| {
        let order = if quantity == "range" { 0 } else { 1 };
        let leaves = vec![leaf(0, "0", "1", "direct")];
        let both = quantity == "lipschitz";
        let of = |s: i8| match s == sign || both {
            true => side(s, order, upper, leaves.clone(), json!(null)),
            false => side(s, order, "inf", vec![], json!(null)),
        };
        let mut c = certificate("mine", line(value), quantity, [of(1), of(-1)]);
        c["domain"] = json!(["0", "1"]);
        proved(&c)
    };
    for (value, quantity, sign, bound, less) in [
        ("min(100*x - 1000, sin(x))", "lipschitz", 1, "100", "1"),
        ("min(sin(x), 100*x - 1000)", "lipschitz", 1, "100", "1"),
        ("min(sin(x), exp(x) + 10)", "range", -1, "0", "-11"),
        ("min(x*tanh(x) - 50, x*sigmoid(x))", "slope", 1, "13/10", "19/20"),
        ("max(min(x - 9, sin(x)), abs(x - 9) - 90)", "range", -1, "9", "0"),
    ] {
        assert!(direct(value, quantity, sign, bound).is_ok(), "{value}: {:?}", direct(value, quantity, sign, bound));
        assert!(direct(value, quantity, sign, less).is_err(), "{value}: {less}");
    }
}

/// A single point without a value is no place at which nothing need be said.
#[test]
fn slopes_need_values_at_single_points() {
    let pieces = |value: &str| {
        json!([
            { "lo": "-inf", "lo_closed": false, "hi": "sqrt(2)", "hi_closed": false, "value": "tanh(x)" },
            { "lo": "sqrt(2)", "lo_closed": true, "hi": "sqrt(2)", "hi_closed": true, "value": value },
            { "lo": "sqrt(2)", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": "tanh(x)" },
        ])
    };
    let slope = |value: &str, upper: &str| {
        let leaves = vec![
            leaf(0, "-inf", "-8", "tail"),
            leaf(0, "-8", "sqrt(2)", "direct"),
            leaf(2, "sqrt(2)", "8", "direct"),
            leaf(2, "8", "inf", "tail"),
        ];
        let sides = [side(1, 1, upper, leaves, json!(null)), side(-1, 1, "inf", vec![], json!(null))];
        proved(&certificate("mine", pieces(value), "slope", sides))
    };
    for upper in ["2", "inf"] {
        assert!(slope("7", upper).is_ok(), "{:?}", slope("7", upper));
        for value in ["log(x - 3)", "0/(x^2 - 2)"] {
            assert!(slope(value, upper).is_err_and(|e| e.contains("undefined")), "{value} {upper}");
        }
    }
}

fn wave(value: &str, quantity: &str, period: &str, upper: &str) -> Value {
    let order = if quantity == "range" { 0 } else { 1 };
    let sides = [
        side(1, order, upper, vec![leaf(0, "0", "2*pi", "direct")], json!(null)),
        side(-1, order, "inf", vec![], json!(null)),
    ];
    let mut c = certificate("mine", line(value), quantity, sides);
    c["period"] = json!(period);
    c
}

#[test]
fn one_period_is_enough_where_it_is_one() {
    let rejected = |c: &Value, why: &str| {
        let error = proved(c).unwrap_err();
        assert!(error.contains(why), "{error}");
    };
    assert!(proved(&wave("sin(x)*cos(x)", "range", "2*pi", "0.501")).is_ok());
    assert!(proved(&wave("x + sin(x)^2", "slope", "2*pi", "2.001")).is_ok());
    assert!(proved(&wave("sin(x)*cos(x)", "range", "2*pi", "0.499")).is_err());
    rejected(&wave("x + sin(x)^2", "range", "2*pi", "9"), "is not shown to repeat itself");
    rejected(&wave("x*sin(x)", "slope", "2*pi", "9"), "a line and what repeats itself");
    rejected(&wave("sin(x/2)", "range", "2*pi", "1"), "a line and what repeats itself");
    rejected(&wave("sin(x)", "range", "4*pi", "1"), "the leaves end at");
    rejected(&wave("sin(x)", "range", "-2*pi", "1"), "not positive");
    let mut c = wave("sin(x)", "range", "2*pi", "1");
    assert!(proved(&c).is_ok_and(|s| s.contains("(-inf, inf)")), "{:?}", proved(&c));
    c["period"] = json!(null);
    rejected(&c, "it does not begin at -inf");
    c["period"] = json!("2*pi");
    c["domain"] = json!(["0", "7"]);
    rejected(&c, "of one piece on the whole line");
}
