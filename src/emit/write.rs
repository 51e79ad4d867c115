//! Operations as the text of a target.

use super::code::{Code, Id, Op};
use super::pieces::Made;
use super::target::{Io, Target};
use crate::expr::FloatFormat;
use std::fmt::Write as _;

/// How tightly an operation binds, as every target has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Any,
    Sum,
    Product,
    Sign,
    Atom,
}

/// Operations in one expression; longer ones get names for their parts.
const MOST: usize = 8;

struct Writer<'a> {
    code: &'a Code,
    target: &'static Target,
    compute: FloatFormat,
    /// the name of each operation that has one
    names: Vec<Option<String>>,
}

impl Writer<'_> {
    fn suffixes(&self) -> [&'static str; 2] {
        if self.compute == FloatFormat::F32 { self.target.f32_suffixes } else { ["", ""] }
    }

    /// A float, so that reading it gives the same one.
    fn literal(&self, value: f64) -> String {
        match self.suffixes()[1] {
            "" => format!("{value:?}"),
            suffix => format!("{:?}{suffix}", value as f32),
        }
    }

    fn level(&self, id: Id) -> Level {
        if self.names[id].is_some() {
            return Level::Atom;
        }
        match self.code.ops()[id] {
            Op::X | Op::Call(..) | Op::Pow(..) => Level::Atom,
            Op::Const(bits) if f64::from_bits(bits) >= 0.0 => Level::Atom,
            Op::Neg(_) | Op::Const(_) => Level::Sign,
            Op::Mul(..) | Op::Div(..) => Level::Product,
            Op::Add(..) | Op::Sub(..) => Level::Sum,
            Op::Less(..) | Op::AtMost(..) | Op::IsNan(_) | Op::Select(..) => Level::Any,
        }
    }

    fn operand(&self, id: Id, least: Level) -> String {
        if self.level(id) < least { format!("({})", self.text(id)) } else { self.text(id) }
    }

    /// An operand where a pattern has `{}`: of a method, it must not fall apart.
    fn filled(&self, pattern: &str, id: Id) -> String {
        let least = if pattern.starts_with("{}") { Level::Atom } else { Level::Any };
        pattern.replace('@', self.suffixes()[0]).replace("{}", &self.operand(id, least))
    }

    fn text(&self, id: Id) -> String {
        self.names[id].clone().unwrap_or_else(|| self.operation(id))
    }

    fn operation(&self, id: Id) -> String {
        use Level::{Product, Sign, Sum};
        let infix =
            |a, left, sign: &str, b, right| format!("{} {sign} {}", self.operand(a, left), self.operand(b, right));
        match self.code.ops()[id] {
            Op::X => "x".into(),
            Op::Const(bits) => self.literal(f64::from_bits(bits)),
            Op::Neg(a) => format!("-{}", self.operand(a, Level::Atom)),
            Op::Add(a, b) => infix(a, Sum, "+", b, Product),
            Op::Sub(a, b) => infix(a, Sum, "-", b, Product),
            Op::Mul(a, b) => infix(a, Product, "*", b, Sign),
            Op::Div(a, b) => infix(a, Product, "/", b, Sign),
            Op::Less(a, b) => infix(a, Sum, "<", b, Sum),
            Op::AtMost(a, b) => infix(a, Sum, "<=", b, Sum),
            Op::Call(f, a) => self.filled(self.target.function(f).unwrap_or_default(), a),
            Op::IsNan(a) => self.filled(self.target.is_nan, a),
            Op::Pow(a, b) => {
                let pattern = self.target.power.unwrap_or_default();
                self.filled(pattern, a).replace("{exponent}", &self.text(b))
            }
            Op::Select(test, then, other) => {
                let part = |id| self.operand(id, Sum);
                let text = self.target.select.replace("{if}", &self.text(test));
                text.replace("{then}", &part(then)).replace("{else}", &part(other))
            }
        }
    }
}

/// The lines of a function: what has a name, and the result.
pub(super) fn body(made: &Made, target: &'static Target, compute: FloatFormat) -> String {
    let ops = made.code.ops();
    // what is needed, and how often
    let mut uses = vec![0_usize; ops.len()];
    uses[made.result] = 1;
    for id in (0..ops.len()).rev().filter(|id| *id <= made.result) {
        if uses[id] > 0 {
            ops[id].operands().for_each(|operand| uses[operand] += 1);
        }
    }
    let mut writer = Writer { code: &made.code, target, compute, names: vec![None; ops.len()] };
    let mut sizes = vec![1_usize; ops.len()];
    let mut out = String::new();
    let kind = target.types[usize::from(compute == FloatFormat::F32)];
    let mut count = 0;
    for (id, op) in ops.iter().enumerate().take(made.result) {
        let atom = matches!(op, Op::X | Op::Const(_));
        let test = matches!(op, Op::Less(..) | Op::AtMost(..) | Op::IsNan(_));
        if uses[id] == 0 || atom {
            continue;
        }
        sizes[id] = 1 + op.operands().map(|operand| sizes[operand]).sum::<usize>();
        if test || uses[id] == 1 && sizes[id] <= MOST && !matches!(op, Op::Select(..)) {
            continue;
        }
        let name = format!("t{count}");
        let value = writer.operation(id);
        let line = target.declare.replace("{type}", kind).replace("{name}", &name).replace("{value}", &value);
        let _ = writeln!(out, "    {line}");
        writer.names[id] = Some(name);
        sizes[id] = 1;
        count += 1;
    }
    let _ = write!(out, "    {}", target.give.replace("{value}", &writer.text(made.result)));
    out
}

/// Puts what is known in place of `{{key}}`, `{{load ELEMENT}}` and `{{store NUMBER}}`, from the inside out.
pub(super) fn filled(template: &str, io: &Io, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    while let Some(end) = text.find("}}") {
        let Some(start) = text[..end].rfind("{{") else { break };
        let inner = &text[start + 2..end];
        let put = match inner.split_once(' ') {
            Some(("load", element)) => io.load.replace("{}", element),
            Some(("store", number)) => io.store.replace("{}", number),
            _ => values.iter().find(|(key, _)| *key == inner).map_or("", |(_, value)| value).to_owned(),
        };
        text.replace_range(start..end + 2, &put);
    }
    text
}
