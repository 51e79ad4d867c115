//! Training: curves of each arm, and differences with their intervals.

use super::chart::{BOTTOM, Frame, LEFT, RIGHT, TOP, between, label, round_numbers, short};
use super::{Section, badge, class, environment, page};
use crate::report::train::{ArmReport, ComparedReport, TrainReport, words};
use crate::train::Judgement;
use crate::verdict::Verdict;
use maud::{Markup, html};

/// Colours and patterns of strokes that plots have; those behind them have the same once more, dotted.
const STYLES: usize = 8;

/// The class of an arm's curve.
fn style(arm: usize) -> String {
    let again = if arm < STYLES { "" } else { " again" };
    format!("curve s{}{again}", arm % STYLES)
}

impl TrainReport {
    /// One page.
    pub fn html(&self) -> String {
        let (verdict, answer) = self.answer();
        let answer = html! {
            // a sentence, which may be longer than a line
            p { strong .(class(verdict)) { (answer) } }
            p { (self.question) }
            @if self.partial { p { b { (self.missing) " of " (self.runs) " runs were not made: this rests on the others." } } }
            @if !self.findings.is_empty() { ul { @for f in &self.findings { li {
                (badge("fault", Verdict::Refuted)) " " code { (f.check) } " (" (f.arm) ", " (f.seeds.len()) " runs"
                @if f.invalid { "; left out" } "): " (f.message)
            } } } }
        };
        let mut sections = vec![];
        if !self.claims.is_empty() {
            sections.push(Section::new("claims", "What was said", self.claims_list()));
        }
        if !self.compared.is_empty() {
            sections.push(Section::new("differences", "Differences", self.differences()));
        }
        sections.push(Section::new("arms", "Arms", self.arms_in_full()));
        let curves = html! {
            div .plots {
                (curves("Training loss", "loss", &self.arms, |arm| &arm.loss))
                (curves("Gradient norm before clipping", "norm", &self.arms, |arm| &arm.grad_norm))
            }
            (legend(&self.arms))
        };
        sections.push(Section::new("curves", "Curves, means over seeds", curves));
        sections.push(Section::new("setting", "Setting", self.setting()));
        if !self.claims.is_empty() {
            let words = html! { dl { @for j in Judgement::ALL { dt { (j.name()) } dd { (j.meaning()) } } } };
            sections.push(Section::new("judgements", "What is said of claims", words));
        }
        sections.push(environment(&[("runs".to_owned(), self.environment.clone())].into()));
        page(&self.title, &answer, sections)
    }

    fn claims_list(&self) -> Markup {
        html! { dl { @for c in &self.claims {
            dt { (badge(c.judgement.name(), c.verdict())) " " (c.quote) " " span .soft { "(" (c.source) ")" } }
            dd {
                (c.because) "."
                @if let Some(published) = &c.published { " " (published) "." }
                @if let Some(reason) = &c.reason {
                    " Its reason, “" (reason.quote) "”, "
                    @if reason.holds { "can be the reason" } @else { "cannot be the reason" }
                    ": " (reason.judged) "."
                }
            }
        } } }
    }

    fn differences(&self) -> Markup {
        let baseline = self.baseline.as_deref().unwrap_or_default();
        html! {
            p .soft { (self.metric_in_words()) " less that of " (baseline) ", pair by pair; p of exact sign flips, adjusted by Holm." }
            (forest(&self.compared, &self.metric))
            div .scroll { table {
                thead { tr {
                    th { "arm" } th .n { "difference" } th { "95 % interval (t)" } th { "bootstrap (BCa)" } th .n { "p" }
                    th .n { "P(lower)" } th .n { "could have seen" } th .n { "correlation of pairs" } th { "shown" }
                } }
                tbody { @for c in &self.compared { tr {
                    td { (c.arm) }
                    td .n { (format!("{:+.5}", c.figures.difference.mean)) }
                    td { (format!("[{:+.5}, {:+.5}]", c.interval().low, c.interval().high)) }
                    td { @match c.figures.bootstrap.known() { Some(i) => (format!("[{:+.5}, {:+.5}]", i.low, i.high)), None => "—" } }
                    td .n { @match c.adjusted_p { Some(p) => (format!("{p:.4}")), None => "—" } }
                    td .n { (format!("{:.2}", 1.0 - c.figures.chance.chance)) }
                    td .n { (c.could_see()) }
                    td .n { @match c.figures.correlation.known() { Some(r) => (format!("{r:.2}")), None => "—" } }
                    td { (c.word()) }
                } } }
            } }
        }
    }

    fn arms_in_full(&self) -> Markup {
        let mut names: Vec<&String> = self.arms.iter().flat_map(|arm| arm.metrics.keys()).collect();
        names.sort_unstable();
        names.dedup();
        html! {
            p .soft { "Means over seeds, standard deviations in parentheses." }
            div .scroll { table {
                thead { tr { th { "arm" } th { "computed by" } @for name in &names { th .n { (words(name)) } } } }
                tbody { @for arm in &self.arms { tr {
                    td { (arm.name) }
                    td { (arm.route) }
                    @for name in &names { td .n { @match arm.metrics.get(*name) {
                        Some(s) => { (format!("{:.5}", s.mean)) @if let Some(sd) = s.sd { (format!(" ({sd:.5})")) } },
                        None => "—",
                    } } }
                } } }
            } }
        }
    }

    fn setting(&self) -> Markup {
        html! { dl {
            dt { "network" } dd { (self.model) }
            dt { "data" } dd { (self.data) }
            dt { "recipe" } dd { (self.recipe) }
            dt { "pairs" } dd { (self.seeds) " seeds: initial weights, order and augmentation are drawn from the seed" }
            @if !self.note.is_empty() { dt { "note" } dd { (self.note) } }
            @if let Some(paper) = &self.paper { dt { "the publication’s setting" } dd { (paper) @if !self.source.is_empty() { " (" (self.source) ")" } } }
            dt { "evidence" } dd { "trained, not proved; one thread a run" }
        } }
    }
}

/// The smallest and largest of numbers, with some room.
fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let (low, high) =
        values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let room = if high > low { (high - low) * 0.05 } else { high.abs().max(1.0) * 0.05 };
    (low <= high).then_some([low - room, high + room])
}

/// A curve for each arm.
fn curves<'a>(
    title: &str,
    axis: &str,
    arms: &'a [ArmReport],
    of: impl Fn(&'a ArmReport) -> &'a Vec<(usize, f64)>,
) -> Markup {
    let all = || arms.iter().flat_map(&of);
    let (Some(xs), Some(ys)) = (range(all().map(|(step, _)| *step as f64)), range(all().map(|(_, value)| *value)))
    else {
        return html! {};
    };
    let place =
        |(step, value): &(usize, f64)| [between(*step as f64, xs, [LEFT, RIGHT]), between(*value, ys, [BOTTOM, TOP])];
    let line = |arm: &'a ArmReport| {
        let points = of(arm).iter().map(place).map(|[x, y]| format!("{},{}", short(x), short(y)));
        points.collect::<Vec<_>>().join(" ")
    };
    let ticks = |ends: [f64; 2], to: [f64; 2]| {
        round_numbers(ends).into_iter().map(|v| (between(v, ends, to), label(v))).collect::<Vec<_>>()
    };
    let inside = html! { @for (k, arm) in arms.iter().enumerate() {
        polyline class=(style(k)) points=(line(arm)) {}
    } };
    let description = format!("{title} of {} arms by step", arms.len());
    let ticks = [ticks(xs, [LEFT, RIGHT]), ticks(ys, [BOTTOM, TOP])];
    html! { figure {
        (Frame { title, description: &description, axes: ["step", axis], ticks }.draw(&inside))
        figcaption { (title) }
    } }
}

/// Which curve is whose.
fn legend(arms: &[ArmReport]) -> Markup {
    html! { p .legend { @for (k, arm) in arms.iter().enumerate() {
        span {
            svg .key viewBox="0 0 26 8" aria-hidden="true" { line class=(style(k)) x1="0" x2="26" y1="4" y2="4" {} }
            " " (arm.name)
        } " "
    } } }
}

/// Differences with their intervals, one below the other, and a line at 0.
fn forest(compared: &[ComparedReport], metric: &str) -> Markup {
    let ends = |c: &ComparedReport| [c.interval().low, c.interval().high, c.figures.difference.mean];
    let Some(xs) = range(compared.iter().flat_map(ends).chain([0.0])) else { return html! {} };
    let x = |value: f64| short(between(value, xs, [LEFT, RIGHT]));
    let y = |k: usize| short(TOP + (BOTTOM - TOP) * (k as f64 + 0.5) / compared.len() as f64);
    let inside = html! {
        line .zero x1=(x(0.0)) x2=(x(0.0)) y1=(TOP) y2=(BOTTOM) {}
        @for (k, c) in compared.iter().enumerate() {
            line .interval x1=(x(c.interval().low)) x2=(x(c.interval().high)) y1=(y(k)) y2=(y(k)) {}
            circle .mean cx=(x(c.figures.difference.mean)) cy=(y(k)) r="3.5" {}
            text x=(LEFT + 4.0) y=(y(k) - 5.0) { (c.arm) }
        }
    };
    let ticks = round_numbers(xs).into_iter().map(|v| (between(v, xs, [LEFT, RIGHT]), label(v))).collect();
    let title = "Mean differences with 95 % intervals";
    let axis = format!("difference in {}", words(metric));
    html! { figure {
        (Frame { title, description: title, axes: [&axis, ""], ticks: [ticks, vec![]] }.draw(&inside))
        figcaption { (title) }
    } }
}
