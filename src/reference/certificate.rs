//! A table as a certificate, so that the checker can verify it with its own arithmetic.

use super::Reference;
use super::local::{Local, Piece};
use super::table::Table;
use crate::expr::{Activation, FloatFormat};
use crate::number::TapeError;
use actaudit_recheck::certificate::{self as c, Certificate};
use actaudit_recheck::{Accepted, RecheckError, check};

/// Bits with which the checker works: errors of tables can be 2^-500 of the values, where the function is nearly straight.
const PRECISION: u32 = 640;

/// A table, and what the checker says of it.
pub struct Verified {
    /// the table
    pub table: Table,
    /// what it says
    pub certificate: Certificate,
    /// whether that is so
    pub result: Result<Accepted, RecheckError>,
}

impl Verified {
    /// The table of an activation (order 0) or of its derivative (1), given to the checker: some seconds.
    ///
    /// # Errors
    /// If the activation cannot be evaluated.
    pub fn new(activation: &Activation, order: usize, format: FloatFormat) -> Result<Self, TapeError> {
        let table = Table::new(&Reference::new(activation, order)?, format);
        let certificate = table.certificate(activation, order);
        let result = check(&certificate);
        Ok(Self { table, certificate, result })
    }
}

impl Table {
    /// What the table says, of an activation or of its derivative.
    #[must_use]
    pub fn certificate(&self, activation: &Activation, order: usize) -> Certificate {
        Certificate::Table(c::Table {
            schema: c::Schema::V1,
            activation: activation.into(),
            order,
            format: self.format().name().into(),
            precision: PRECISION,
            runs: self.pieces().iter().map(|piece| run(piece, self.format())).collect(),
        })
    }
}

fn run(piece: &Piece, format: FloatFormat) -> c::Run {
    let bits = |x: &f64| FloatFormat::F64.hex(x.to_bits());
    let known = match &piece.local {
        Local::Open => c::Known::Open {},
        Local::Overflow(infinity) => c::Known::Overflow { sign: if *infinity > 0.0 { 1 } else { -1 } },
        Local::Polynomial(p) => c::Known::Polynomial {
            centre: format.ordinal(format.encode(p.centre)),
            coefficients: p.c[..=p.degree()].iter().map(bits).collect(),
            error: bits(&p.error),
            slope: bits(&p.slope),
            values: p.values.each_ref().map(bits),
        },
    };
    c::Run { first: piece.first, last: piece.last, known }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn table(id: &str, order: usize) -> Verified {
        Verified::new(&testing::activation(id), order, FloatFormat::F32).expect("compiles")
    }

    /// `make references` does it for the eight main activations.
    #[test]
    fn the_checker_accepts_tables() {
        for (id, order) in [("srelu", 0), ("srelu", 1), ("elu", 0), ("tanh", 1)] {
            let found = table(id, order);
            assert!(found.result.is_ok(), "{id} {order}: {:?}", found.result);
            assert!(found.table.open() < 100, "{id} leaves {} floats open", found.table.open());
        }
    }

    #[test]
    fn the_checker_refuses_a_table_with_a_coefficient_that_is_off() {
        let Certificate::Table(mut table) = table("elu", 0).certificate else { panic!("a table") };
        let middle = table.runs.len() / 3;
        let run = table.runs[middle..].iter_mut().find_map(|run| match &mut run.known {
            c::Known::Polynomial { coefficients, error, .. } => Some((coefficients, error)),
            _ => None,
        });
        let (coefficients, error) = run.expect("a polynomial");
        let number = |text: &str| f64::from_bits(u64::from_str_radix(&text[2..], 16).expect("bits"));
        let moved = number(&coefficients[0]) + 2.0 * number(error);
        coefficients[0] = FloatFormat::F64.hex(moved.to_bits());
        let e = check(&Certificate::Table(table)).expect_err("it is off").to_string();
        assert!(e.contains("its error"), "{e}");
    }
}
