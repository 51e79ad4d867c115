use super::*;
use crate::number::{Enclosure, MpI};
use crate::reference::{Evaluator, Reference};
use crate::{catalog, testing};
use rug::float::Round;

/// Every so many floats are compared with the real value. `actaudit verify --effort exhaustive` compares all.
const STRIDE: usize = 100_003;

/// A new activation needs no kernel; one that has kernels has an accurate one first, and every kernel is of the catalogue.
#[test]
fn activations_with_kernels_have_an_accurate_one_first() {
    let mut with_kernels = 0;
    for definition in catalog::all() {
        if let Some(first) = of(&definition.id).next() {
            assert_eq!(first.variant, ACCURATE, "{}", definition.id);
            with_kernels += 1;
        }
    }
    assert!(with_kernels >= 37, "{with_kernels}");
}

/// Inputs: strided, and those next to a zero of the output or to a junction, where relative errors are hardest to keep.
fn inputs<T: Slices>(run: &dyn Fn(Call<'_>), evaluator: &Evaluator<'_>, stride: usize) -> Vec<T> {
    const NEAR: i64 = 300;
    let format = T::FORMAT;
    let top = format.infinity() as i64 - 1;
    let number = |place: i64| T::from_bits64(format.at_ordinal(place));
    let value = |place: i64| {
        let (x, mut y) = ([number(place)], [T::default()]);
        run(T::call(&x, &mut y));
        y[0].to_f64()
    };
    let mut places: Vec<i64> = (-top..=top).step_by(stride).collect();
    let mut centres = vec![0, top, -top];
    for pair in places.windows(2) {
        let (mut lo, mut hi) = (pair[0], pair[1]);
        if value(lo) * value(hi) < 0.0 {
            while hi - lo > 1 {
                let mid = lo.midpoint(hi);
                *(if value(lo) * value(mid) > 0.0 { &mut lo } else { &mut hi }) = mid;
            }
            centres.push(lo);
        }
    }
    centres.extend(evaluator.reference().junctions().iter().map(|j| format.ordinal(format.floor(j.floor))));
    places.extend(centres.iter().flat_map(|c| (c - NEAR).max(-top)..=(c + NEAR).min(top)));
    places.into_iter().map(number).collect()
}

/// An upper bound of the error in ulp.
fn error(format: FloatFormat, x: f64, y: f64, evaluator: &Evaluator<'_>, enough: f64) -> f64 {
    if evaluator.junction(x).is_some_and(|j| j.kind != crate::reference::Kind::Smooth) {
        return 0.0;
    }
    let rough = evaluator.enclose(x);
    let (lo, hi) = (rough.lo(), rough.hi());
    let ulp = format.ulp(if lo <= 0.0 && hi >= 0.0 { 0.0 } else { lo.abs().min(hi.abs()) });
    let bound = (y - lo).abs().max((y - hi).abs()) / ulp;
    if bound <= enough {
        return bound;
    }
    let real = evaluator.refine(x, |v| tight(format, v));
    let end = |v: rug::Float| v.to_f64_round(Round::Zero);
    let (lo, hi) = (real.lo(), real.hi());
    if y.is_infinite() {
        let least = if y > 0.0 { end(lo) } else { end(-hi) };
        let overflows = format != FloatFormat::F64 && least >= format.max() + format.ulp(format.max()) / 2.0;
        return if overflows || least == f64::MAX { 0.0 } else { f64::INFINITY };
    }
    let ulp = format.ulp(end(lo.clone()).abs().min(end(hi.clone()).abs()));
    let off = |v: rug::Float| rug::Float::with_val(128, (y - v) / ulp).abs().to_f64_round(Round::Up);
    off(lo).max(off(hi))
}

/// Whether the ends agree to 2^-20 ulp.
fn tight(format: FloatFormat, v: &MpI) -> bool {
    let (lo, hi) = (v.lo().to_f64_round(Round::Zero), v.hi().to_f64_round(Round::Zero));
    v.lo() == v.hi() || v.width() <= format.ulp(lo.abs().min(hi.abs())) / f64::from(1 << 20)
}

/// The largest error found.
fn worst<T: Slices>(kernel: &Kernel, pass: Pass, given: &[(&str, &str)], stride: usize) -> (f64, f64) {
    let activation = testing::activation_with(kernel.activation, given);
    let names = activation.definition.params.iter();
    let params: Vec<Rational> = names.map(|p| activation.values[&p.name].clone()).collect();
    let reference = Reference::new(&activation, pass.order()).expect("can be evaluated");
    let evaluator = reference.evaluator();
    let run = |call: Call<'_>| kernel.run(pass, &params, call);
    let x = inputs::<T>(&run, &evaluator, stride);
    let mut y = vec![T::default(); x.len()];
    run(T::call(&x, &mut y));
    let errors = x.iter().zip(&y).map(|(x, y)| (error(T::FORMAT, x.to_f64(), y.to_f64(), &evaluator, 0.5), x.to_f64()));
    errors.fold((0.0, 0.0), |worst, next| if next.0 > worst.0 { next } else { worst })
}

/// Holds every accurate kernel to its documented error.
fn hold<T: Slices>(stride: usize) {
    use rayon::prelude::*;
    let accurate: Vec<&Kernel> = KERNELS.iter().filter(|k| k.variant == ACCURATE).collect();
    let broken: Vec<String> = accurate
        .par_iter()
        .flat_map_iter(|kernel| Pass::ALL.map(|pass| (kernel, pass)))
        .filter_map(|(kernel, pass)| {
            let promised = kernel.max_ulp(T::FORMAT, pass).expect("accurate kernels promise something");
            let (found, x) = worst::<T>(kernel, pass, &[], stride);
            println!("{} {} {}: {found:.6} at {x:e}", kernel.activation, T::FORMAT.name(), pass.name());
            let broken = found > promised || found.is_nan();
            broken.then(|| format!("{} {}: {found} ulp at {x:e}", kernel.activation, pass.name()))
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_kernel_that_loses_its_tail_is_noticed() {
    let naive = find("gelu", "naive").expect("is there");
    assert!(worst::<f32>(naive, Pass::Forward, &[], STRIDE).0 > 1e6);
    assert!(worst::<f32>(naive, Pass::Backward, &[], STRIDE).0 > 1e6);
}

#[test]
fn f32_kernels_are_within_their_documented_error() {
    hold::<f32>(STRIDE);
}

#[test]
fn f16_kernels_are_within_their_documented_error() {
    hold::<f16>(31);
}

#[test]
fn bf16_kernels_are_within_their_documented_error() {
    hold::<bf16>(31);
}

#[test]
fn f64_kernels_are_within_their_documented_error() {
    hold::<f64>(0x0010_2345_6789_abcd);
}

#[test]
fn parameters_that_no_float_holds_and_extreme_ones_keep_the_error() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("srelu", &[("alpha", "1/3")]),
        ("srelu", &[("alpha", "2^-90/3")]),
        ("smelu", &[("beta", "7/3")]),
        ("softshrink", &[("l", "1/3")]),
        ("hardshrink", &[("l", "1/10")]),
        ("threshold", &[("t", "-1/10"), ("v", "1/3")]),
        ("s_shaped_relu", &[("t_r", "1"), ("a_r", "-1/3"), ("t_l", "-1/7"), ("a_l", "-1/10")]),
        ("s_shaped_relu", &[("t_r", "1/3"), ("a_r", "0"), ("t_l", "-1/7"), ("a_l", "-3")]),
        ("leaky_relu", &[("a", "0")]),
        ("swish", &[("b", "-3/7")]),
        ("swish", &[("b", "0")]),
        ("swish", &[("b", "2^50")]),
        ("softplus", &[("b", "20/3")]),
        ("softplus", &[("b", "1/1000")]),
        ("celu", &[("a", "3/7")]),
        ("elu", &[("a", "100/3")]),
        ("gem", &[("N", "5")]),
        ("gem", &[("N", "40")]),
        ("egem", &[("N", "3"), ("eps", "1/3")]),
        ("segem", &[("N", "2"), ("eps", "3/2")]),
        ("squareplus", &[("b", "1/7")]),
    ];
    for (id, given) in cases {
        let kernel = find(id, ACCURATE).expect("is there");
        for pass in Pass::ALL {
            let (found, x) = worst::<f32>(kernel, pass, given, 10 * STRIDE);
            let promised = kernel.max_ulp(FloatFormat::F32, pass).expect("promised");
            assert!(found <= promised, "{id} {given:?} {}: {found} ulp at {x:e}", pass.name());
        }
    }
}
