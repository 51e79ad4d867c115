use super::*;
use crate::subject::{Native, Subject};
use crate::testing;

#[test]
fn first_look() {
    for id in std::env::var("ACT").unwrap_or("srelu".into()).split(',') {
        let a = testing::activation(id);
        let t = std::time::Instant::now();
        let all = Native::all(&a);
        let s: Vec<&dyn Subject> = all.iter().map(|s| s as &dyn Subject).collect();
        let r = verify(&a, &s[..1], &s[1..], &Options::default(), &|_| ()).unwrap();
        println!("{}", r.text(false));
        println!("{:?}", t.elapsed());
    }
}
