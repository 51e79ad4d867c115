//! The laws that every operation of every interval system obeys.

use super::cases::Case;
use super::truth::truth;
use actaudit::internal::operations::Operation;
use actaudit::internal::{Enclosure, F64I, MpI};
use rug::Float;

/// What the laws need to know of an interval system besides its operations.
pub trait System: Enclosure {
    /// The next float of the system, up or down.
    fn next(end: &Self::End, up: bool) -> Self::End;

    /// How many floats apart the ends of a result are at most where the operands are points.
    fn stated_steps(row: &Operation) -> u32;

    /// The number of floats from the lower end to the upper one, if it does not exceed a limit.
    fn steps(&self, limit: u32) -> Option<u32> {
        let mut lo = self.lo();
        for n in 0..=limit {
            if lo >= self.hi() {
                return Some(n);
            }
            lo = Self::next(&lo, true);
        }
        None
    }
}

impl System for F64I {
    fn next(end: &f64, up: bool) -> f64 {
        if up { end.next_up() } else { end.next_down() }
    }

    fn stated_steps(row: &Operation) -> u32 {
        row.f64_steps
    }
}

impl System for MpI {
    fn next(end: &Float, up: bool) -> Float {
        let mut x = end.clone();
        if up {
            x.next_up()
        } else {
            x.next_down()
        }
        x
    }

    fn stated_steps(row: &Operation) -> u32 {
        row.mpfr_steps
    }
}

/// How an operation is evaluated in a number system.
pub type Apply<'a, T> = &'a dyn Fn(&Operation, &[T]) -> T;

/// The operation itself.
pub fn direct<T: System>(row: &Operation, operands: &[T]) -> T {
    row.op.apply(operands)
}

/// The ends, exactly.
pub fn ends<T: System>(x: &T) -> (Float, Float) {
    (T::end_to_float(&x.lo()), T::end_to_float(&x.hi()))
}

/// The interval of a system that holds [lo, hi].
pub fn interval<T: System>(cx: &T::Context, (lo, hi): (f64, f64)) -> T {
    let end = |x: f64, up: bool| T::end_from_float(cx, &Float::with_val(53, x), up);
    T::new(cx, &end(lo, false), &end(hi, true))
}

fn show(x: &Float) -> String {
    let near = x.to_f64();
    if *x == near { format!("{near:e} (0x{:016x})", near.to_bits()) } else { x.to_string_radix(10, Some(40)) }
}

/// The first law that is broken, with everything needed to see it.
pub fn check<T: System>(cx: &T::Context, case: &Case, apply: Apply<T>) -> Result<(), String> {
    let row = case.row;
    let operands: Vec<T> = case.operands.iter().map(|&o| interval(cx, o)).collect();
    let y = apply(row, &operands);
    let (lo, hi) = ends(&y);
    let fail = |law: &str, what: String| {
        Err(format!("{}: {law}: {what}\n  at {:?}\n  gives [{}, {}]", row.name, case.operands, show(&lo), show(&hi)))
    };

    // valid: not NaN (which compares as false), in order, holding a real number
    let holds_a_number = lo <= hi && !(lo.is_infinite() && lo == hi);
    if !holds_a_number {
        return fail("valid", "ends out of order".to_owned());
    }

    // total is honest: true if and only if all members are in the domain
    let (last_lo, last_hi) = ends(&operands[operands.len() - 1]);
    let defined = row.domain.holds(&last_lo, &last_hi);
    if y.total() != defined {
        return fail("total", format!("{} where defined is {defined}", y.total()));
    }

    // in range, unless it is defined nowhere
    let range: T = interval(cx, row.op.range());
    if row.domain.meets(&last_lo, &last_hi) && (y.lo() < range.lo() || y.hi() > range.hi()) {
        return fail("range", format!("exceeds {:?}", row.op.range()));
    }

    // contains
    for at in case.members() {
        let Some(real) = truth(row, &at) else { continue };
        if lo > real.hi || hi < real.lo {
            return fail("contains", format!("misses {} at {at:?}", show(&real.lo)));
        }
    }

    // refines: parts of an operand give parts of the result
    for (i, &(from, to)) in case.operands.iter().enumerate() {
        let at = case.picks[i].clamp(from, to);
        for part in [(from, at), (at, to)] {
            let mut inner = operands.clone();
            inner[i] = interval(cx, part);
            let (part_lo, part_hi) = ends(&inner[i]);
            let whole_operand = inner[i].lo() >= operands[i].lo() && inner[i].hi() <= operands[i].hi();
            if part.0 == part.1 && part.0.is_infinite() || !whole_operand || !row.domain.meets(&part_lo, &part_hi) {
                continue;
            }
            let z = apply(row, &inner);
            let inside = |z_lo: &T::End, z_hi: &T::End| *z_lo >= y.lo() && *z_hi <= y.hi();
            let one_off = row.op.is_composite() && inside(&T::next(&z.lo(), true), &T::next(&z.hi(), false));
            if !inside(&z.lo(), &z.hi()) && !one_off {
                let (lo, hi) = ends(&z);
                return fail("refines", format!("the part {part:?} gives [{}, {}]", show(&lo), show(&hi)));
            }
        }
    }
    Ok(())
}
