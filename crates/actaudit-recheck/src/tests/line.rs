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
