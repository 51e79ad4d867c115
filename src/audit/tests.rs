use super::*;
use crate::expr::FloatFormat;
use crate::subject::{Native, Subject};
use crate::testing;

#[test]
fn first_look() {
    for a in [testing::activation("srelu"), testing::activation("gelu")] {
        for d in FloatFormat::ALL.into_iter().rev() {
            let t = std::time::Instant::now();
            let all = Native::all(&a);
            let s: &dyn Subject = &all[0];
            let b: &dyn Subject = &all[1];
            let o = Options { dtypes: vec![d], ..Options::default() };
            let r = verify(&a, &[s], &[b], &o, &|_| ()).unwrap();
            for r in r.results.iter().chain(&r.beside) {
                println!(
                    "{:40} {:9} {:8} {:>9} {:>9}/{:>9} {} fail {} und {} {:?}",
                    r.id,
                    r.verdict.name(),
                    r.compared,
                    r.measured_lower,
                    r.measured,
                    r.budget,
                    r.subgradients,
                    r.failing,
                    r.undecided,
                    r.witness.as_ref().map(|w| format!("{} -> {} real {}", w.input_value, w.output_value, w.real))
                );
                if let Some(u) = &r.ulp {
                    println!("    {u:?}");
                }
            }
            println!("{:?} {:?}", r.summary, t.elapsed());
        }
    }
}
