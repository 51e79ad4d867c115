//! Evidence for people and for scripts: text and JSON. Nothing is computed here.

/// Says that a type is written as another one has it, so that its schema is that one's.
macro_rules! written_as {
    ($type:ty, $written:ty) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <$written>::schema_name()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <$written>::json_schema(generator)
            }
        }
    };
}

pub mod accept;
pub mod bound;
pub mod claims;
mod claims_table;
mod columns;
pub mod contract;
pub mod definition;
pub mod diff;
mod difference;
pub mod doctor;
pub mod events;
pub mod explain;
mod findings;
pub mod gate;
mod headline;
pub mod html;
pub mod identify;
pub mod inspect;
pub mod kernels;
pub mod mollify;
mod number;
pub mod onnx;
pub mod plan;
pub mod plot;
pub mod power;
pub mod propagate;
pub mod recheck;
pub mod reference;
pub mod replay;
mod replayed;
pub mod schema;
pub mod sheets;
mod statistics;
pub mod survey;
pub mod train;
pub mod verify;

use crate::verdict::Verdict;
pub(crate) use number::{brief, down, up};
use owo_colors::OwoColorize as _;

/// Whether nobody sees a character, or it turns the order of others around.
fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    turns || c.is_control()
}

/// Text of other people's making, such as a name, without hidden characters: those are written as escapes.
fn printable(text: &str) -> String {
    let escaped = |c: char| is_hidden(c).then(|| c.escape_debug().to_string());
    text.chars().map(|c| escaped(c).unwrap_or_else(|| c.to_string())).collect()
}

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// whether verdicts have colours
    pub colour: bool,
    /// columns that lines should fit; commands to copy and the names of files are not broken
    pub width: usize,
}

impl Page {
    /// Where there is no terminal.
    pub const PLAIN: Self = Self { colour: false, width: 80 };

    /// Text in lines that fit, those after the first one indented by so much.
    fn wrapped(&self, text: &str, hang: usize) -> String {
        let indent = " ".repeat(hang);
        let options = textwrap::Options::new(self.width)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        // what stands at both sides of an equals sign stays together
        let glued = text.replace(" = ", "\u{a0}=\u{a0}");
        textwrap::fill(&glued, options).replace('\u{a0}', " ") + "\n"
    }
}

/// Text in the colour of a verdict, if there are colours.
fn painted(text: &str, verdict: Verdict, colour: bool) -> String {
    match verdict {
        _ if !colour => text.to_owned(),
        Verdict::Proved | Verdict::Within => text.green().to_string(),
        Verdict::Refuted => text.red().to_string(),
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => text.yellow().to_string(),
    }
}
