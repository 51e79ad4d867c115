//! Tables of outputs: kernels that cannot be called from here (another device, another machine, another language) are run
//! there, and their answers are audited here. `docs/tables.md` says how to write such a file.

use super::incident::{Answered, NOT_IN_TABLE};
use super::options::Options;
use super::{Subject, SubjectError};
use crate::expr::FloatFormat;
use crate::kernels::{Call, Pass};
use crate::number::Format;
use std::collections::BTreeMap;
use std::path::Path;

/// The outputs of one pass.
#[derive(Debug)]
enum Outputs {
    /// of every bit pattern of a 16-bit format, by the input's bits
    Every(Vec<u16>),
    /// of some inputs, ascending: bits of the input, bits of the output
    Some(Vec<(u64, u64)>),
}

impl Outputs {
    /// Reads the bytes of a file, or says what is wrong with them.
    fn read(data: &[u8], format: FloatFormat) -> Result<Self, String> {
        match format {
            FloatFormat::F16 | FloatFormat::Bf16 => {
                let (words, rest) = data.as_chunks();
                if words.len() != 1 << 16 || !rest.is_empty() {
                    let (n, name) = (data.len(), format.name());
                    return Err(format!("{n} bytes: a table of {name} has 65536 outputs of 2 bytes, 131072 in all"));
                }
                Ok(Self::Every(words.iter().map(|word| u16::from_le_bytes(*word)).collect()))
            }
            FloatFormat::F32 => pairs(data, |bytes: [u8; 4]| u32::from_le_bytes(bytes).into()).map(Self::Some),
            FloatFormat::F64 => pairs(data, u64::from_le_bytes).map(Self::Some),
        }
    }

    fn get(&self, input: u64) -> Option<u64> {
        match self {
            Self::Every(all) => all.get(input as usize).map(|bits| u64::from(*bits)),
            Self::Some(pairs) => pairs.binary_search_by_key(&input, |(x, _)| *x).ok().map(|place| pairs[place].1),
        }
    }
}

/// Pairs of input and output, sorted.
fn pairs<const W: usize>(data: &[u8], bits: impl Fn([u8; W]) -> u64) -> Result<Vec<(u64, u64)>, String> {
    let (words, rest) = data.as_chunks::<W>();
    let (pairs, odd) = words.as_chunks::<2>();
    if !rest.is_empty() || !odd.is_empty() || pairs.is_empty() {
        let (n, whole) = (data.len(), 2 * W);
        return Err(format!("{n} bytes: expected pairs of input and output, {whole} bytes each, and one at least"));
    }
    let mut pairs: Vec<(u64, u64)> = pairs.iter().map(|[x, y]| (bits(*x), bits(*y))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    match pairs.windows(2).find(|two| two[0].0 == two[1].0) {
        Some(two) => {
            let digits = 2 * W;
            let [(x, first), (_, second)] = [two[0], two[1]];
            Err(format!("the input 0x{x:0digits$x} has two outputs, 0x{first:0digits$x} and 0x{second:0digits$x}"))
        }
        None => Ok(pairs),
    }
}

/// Files of outputs.
pub struct Table {
    name: String,
    format: FloatFormat,
    passes: BTreeMap<Pass, Outputs>,
}

impl Table {
    /// `table:FILE,dtype=f16[,pass=backward]`, or `table:FILE,dtype=f16,backward=FILE` for both passes.
    ///
    /// # Errors
    /// If the text is not understood, a file cannot be read, or it holds no outputs of this format.
    pub fn open(text: &str) -> Result<Self, SubjectError> {
        let options = Options::parse(text, &["dtype", "pass", "backward"])?;
        if options.head.is_empty() {
            return Err(options.malformed("expected table:FILE,dtype=f16"));
        }
        let formats = FloatFormat::ALL.map(|format| (format.name(), format));
        let format = options.choice("dtype", &formats)?;
        let format =
            format.ok_or_else(|| options.malformed("a file of bits does not show its type: add ,dtype=f16"))?;
        let first = options.choice("pass", &Pass::KNOWN.map(|pass| (pass.name(), pass)))?.unwrap_or(Pass::Forward);
        let second = options.get("backward").map(|path| (Pass::Backward, path));
        if second.is_some() && first == Pass::Backward {
            return Err(options.malformed("pass=backward and backward=FILE: there are two files for one pass"));
        }
        let read = |(pass, path): (Pass, &str)| -> Result<(Pass, Outputs), SubjectError> {
            let data = std::fs::read(Path::new(path))
                .map_err(|e| SubjectError::NotThere(format!("{text}: cannot read the table {path}: {e}")))?;
            let outputs = Outputs::read(&data, format);
            Ok((pass, outputs.map_err(|message| options.malformed(&format!("{path} has {message}")))?))
        };
        let passes = [(first, options.head)].into_iter().chain(second).map(read);
        Ok(Self { name: text.to_owned(), format, passes: passes.collect::<Result<_, _>>()? })
    }

    fn fill<T: Format>(&self, pass: Pass, x: &[T], y: &mut [T]) -> Result<Answered, SubjectError> {
        let outputs = self.passes.get(&pass).filter(|_| self.format == T::FORMAT).ok_or_else(|| {
            let message = format!("it has no {} values for {}", pass.name(), T::FORMAT.name());
            SubjectError::Failed { subject: self.name.clone(), message }
        })?;
        let mut answered = Answered::default();
        for (place, (x, y)) in x.iter().zip(y).enumerate() {
            match outputs.get(x.bits64()) {
                Some(bits) => *y = T::from_bits64(bits),
                None => {
                    answered.missing.insert(place, NOT_IN_TABLE);
                }
            }
        }
        Ok(answered)
    }
}

impl Subject for Table {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.format == format && self.passes.contains_key(&pass)
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        let missing = self.answer(pass, call, 0)?.missing.len();
        if missing == 0 {
            return Ok(());
        }
        let message = format!("{missing} inputs are not in the table");
        Err(SubjectError::Failed { subject: self.name.clone(), message })
    }

    fn has_a_sample(&self) -> bool {
        matches!(self.format, FloatFormat::F32 | FloatFormat::F64)
    }

    fn unfit(&self, check: &str) -> Option<&'static str> {
        (check == "position").then_some("a table gives an input the same output everywhere")
    }

    fn answer(&self, pass: Pass, call: Call<'_>, _: u32) -> Result<Answered, SubjectError> {
        match call {
            Call::F64(x, y) => self.fill(pass, x, y),
            Call::F32(x, y) => self.fill(pass, x, y),
            Call::F16(x, y) => self.fill(pass, x, y),
            Call::Bf16(x, y) => self.fill(pass, x, y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Audit, Effort, Options as AuditOptions, verify};
    use crate::subject::named;
    use crate::testing::activation;
    use crate::verdict::Verdict;
    use std::io::Write as _;
    use tempfile::NamedTempFile;

    fn file(bytes: impl IntoIterator<Item = u8>) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("a file");
        file.write_all(&Vec::from_iter(bytes)).expect("written");
        file
    }

    fn audit(text: &str, dtype: FloatFormat) -> Audit {
        let relu = activation("relu");
        let table = named(text, &relu).unwrap_or_else(|e| panic!("{e}"));
        let options = AuditOptions { dtypes: vec![dtype], effort: Effort::Quick, ..AuditOptions::default() };
        verify(&relu, &[table.as_ref()], &[], &options, &|_| true).expect("runs")
    }

    fn relu16(bits: u16, format: FloatFormat) -> u16 {
        let nan = u64::from(bits & 0x7fff) > format.infinity();
        if nan || bits < 0x8000 { bits } else { 0 }
    }

    #[test]
    fn a_table_of_every_input_is_audited() {
        for format in [FloatFormat::F16, FloatFormat::Bf16] {
            let good = file((0..=u16::MAX).flat_map(|bits| relu16(bits, format).to_le_bytes()));
            let text = format!("table:{},dtype={}", good.path().display(), format.name());
            let report = audit(&text, format);
            let forward = report.results.iter().filter(|r| r.pass == Pass::Forward);
            let exhaustive =
                forward.filter(|r| r.check != "range" && r.evidence == crate::verdict::Evidence::Exhaustive);
            let verdicts: Vec<Verdict> = exhaustive.map(|r| r.verdict).collect();
            assert!(verdicts.iter().all(|v| *v == Verdict::Proved), "{}", report.text(false));
            assert!(report.results.iter().all(|r| r.check != "process"), "nothing ran");
            assert!(report.results.iter().filter(|r| r.pass == Pass::Backward).all(|r| r.compared == 0));
        }
        // one output is off by one bit
        let bad =
            (0..=u16::MAX).flat_map(|bits| (relu16(bits, FloatFormat::F16) ^ u16::from(bits == 0x4000)).to_le_bytes());
        let bad = file(bad);
        let report = audit(&format!("table:{},dtype=f16", bad.path().display()), FloatFormat::F16);
        let ulp = &report.results[0];
        assert_eq!((ulp.failing, ulp.worst.first().map(|w| w.input)), (1, Some(0x4000)));
    }

    #[test]
    fn passes_are_not_mixed_up() {
        let slope = file((0..=u16::MAX).flat_map(|bits| {
            let slope: u16 = if (1..=0x7c00).contains(&bits) { 0x3c00 } else { 0 };
            (if bits & 0x7fff > 0x7c00 { bits } else { slope }).to_le_bytes()
        }));
        let value = file((0..=u16::MAX).flat_map(|bits| relu16(bits, FloatFormat::F16).to_le_bytes()));
        let (slope, value) = (slope.path().display(), value.path().display());
        let check = |text: &str, forward: bool, backward: bool| {
            let report = audit(text, FloatFormat::F16);
            let good = |pass: &str| {
                let ulp = report.results.iter().find(|r| r.check == "ulp" && r.pass.name() == pass);
                ulp.is_some_and(|r| r.verdict == Verdict::Proved)
            };
            assert_eq!((good("forward"), good("backward")), (forward, backward), "{}", report.text(false));
        };
        check(&format!("table:{slope},dtype=f16,pass=backward"), false, true);
        check(&format!("table:{value},dtype=f16,backward={slope}"), true, true);
        check(&format!("table:{slope},dtype=f16,backward={value}"), false, false);
    }

    #[test]
    fn what_is_not_in_a_table_of_pairs_is_counted() {
        let pairs = [(0x4000_0000u32, 0x4000_0000u32), (0x3f80_0000, 0x3f80_0000), (0xc000_0000, 0)];
        let some = file(pairs.iter().flat_map(|(x, y)| [x.to_le_bytes(), y.to_le_bytes()]).flatten());
        let report = audit(&format!("table:{},dtype=f32", some.path().display()), FloatFormat::F32);
        let ulp = &report.results[0];
        assert_eq!((ulp.compared, ulp.verdict), (3, Verdict::Within));
        let excluded = ulp.excluded.iter().find(|e| e.reason == NOT_IN_TABLE).expect("counted");
        assert_eq!(excluded.count + 3, report.summary.inputs);
        // every input that is given is right, and the report says what was not looked at
        assert_eq!(report.verdict(), Verdict::Within);
        let shown = report.text(false).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            shown.contains(&format!("/f32/forward: {} inputs, no answer: not in the table", excluded.count)),
            "{shown}"
        );
        let why = |check: &str| {
            let row = report.results.iter().find(|r| r.check == check && r.pass == Pass::Forward).expect("a row");
            (row.verdict, row.excluded[0].reason.as_str())
        };
        assert_eq!(why("bisect"), (Verdict::Vacuous, NOT_IN_TABLE));
        assert_eq!(why("position"), (Verdict::Vacuous, "a table gives an input the same output everywhere"));
        assert!(shown.contains("position: nothing compared, a table gives an input"), "{shown}");
        // what the table does not have is said once
        assert_eq!(shown.matches("the code does not have this format and pass").count(), 1, "{shown}");
    }

    #[test]
    fn wrong_files_are_refused() {
        let short = file([0; 131_070]);
        let odd = file([0; 20]);
        let empty = file([]);
        let twice = file([1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0]);
        let case = |file: &NamedTempFile, rest: &str, part: &str| {
            let text = format!("table:{}{rest}", file.path().display());
            let error = Table::open(&text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(part), "{text}: {error}");
        };
        case(&short, ",dtype=f16", "131070 bytes: a table of f16 has 65536 outputs of 2 bytes, 131072 in all");
        case(&odd, ",dtype=f32", "20 bytes: expected pairs of input and output, 8 bytes each");
        case(&odd, ",dtype=f64", "16 bytes each");
        case(&empty, ",dtype=f32", "0 bytes: expected pairs");
        case(&twice, ",dtype=f32", "the input 0x00000001 has two outputs, 0x00000002 and 0x00000003");
        case(&odd, "", "add ,dtype=f16");
        case(&odd, ",dtype=f32,pass=sideways", "expected one of forward, backward");
        case(&odd, ",dtype=f32,pass=backward,backward=x", "two files for one pass");
        case(&odd, ",seconds=1", "expected one of dtype=, pass=, backward=");
        let gone = Table::open("table:./not-there.bin,dtype=f16").err();
        assert!(matches!(gone, Some(SubjectError::NotThere(_))));
    }
}
