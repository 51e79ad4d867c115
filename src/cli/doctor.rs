//! `doctor`: what of the things that this program can use is there.

use super::args::Output;
use super::{emit, select};
use crate::report::doctor::{DoctorReport, Found};
use crate::subject::{self, python};
use crate::verdict::Ended;
use miette::Result;
use std::path::PathBuf;

/// Code that is there if the thing is: what it is called, a subject that needs it, and what to do if it is not there.
const CODE: [(&str, &str, &str); 3] = [
    ("PyTorch", "torch:relu", "`make torch` builds actaudit-torch and fetches libtorch; ACTAUDIT_TORCH names another"),
    (
        "PyTorch on a GPU",
        "torch:relu@cuda",
        "`TORCH_FLAVOUR=cuda make torch` fetches a libtorch for CUDA; an NVIDIA driver must be there",
    ),
    ("ONNX Runtime", "onnx:op:Relu", "`make onnx` fetches it; ORT_DYLIB_PATH names another"),
];

/// Modules of Python that code under test may be written with.
const MODULES: [&str; 4] = ["numpy", "ml_dtypes", "torch", "jax"];

pub fn doctor(out: &Output) -> Result<Ended> {
    let relu = select::other("relu")?;
    let mut found = vec![processor()];
    for (name, text, cure) in CODE {
        found.push(match subject::named(text, &relu) {
            Ok(subject) => Found::there(name, subject.environment().unwrap_or_default()),
            Err(error) => Found::missing(name, once(&found, error.to_string()), cure),
        });
    }
    found.extend(python());
    let report = DoctorReport::new(found);
    emit(out, |page| report.text(page), &report)?;
    Ok(Ended::Done)
}

/// Why something is not there; where something else is not there for the same reason, its name.
fn once(found: &[Found], why: String) -> String {
    let other = found.iter().find(|f| !f.there && f.text == why);
    other.map_or(why, |other| format!("as {}", other.name))
}

/// The processor: what interval arithmetic needs, and how many threads there are.
fn processor() -> Found {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    let text = format!("{arch}, {os}, {threads} threads{}", features());
    Found::there("processor", text)
}

#[cfg(target_arch = "x86_64")]
fn features() -> String {
    use std::is_x86_feature_detected as has;
    let all = [("AVX2", has!("avx2")), ("FMA", has!("fma")), ("AVX-512", has!("avx512f")), ("F16C", has!("f16c"))];
    let there: Vec<&str> = all.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    format!(", {}", there.join(", "))
}

#[cfg(not(target_arch = "x86_64"))]
const fn features() -> String {
    String::new()
}

/// The interpreter, and which of the modules it has.
fn python() -> Vec<Found> {
    let path = python::interpreter().unwrap_or_else(|| PathBuf::from("python3"));
    let name = path.display().to_string();
    let cure = "ACTAUDIT_PYTHON or --python names the interpreter";
    let versions = match python::versions(&path, &MODULES) {
        Ok(versions) => versions,
        Err(error) => return vec![Found::missing("Python", format!("{name}: {error}"), cure)],
    };
    let mut versions = versions.into_iter();
    let mut found = vec![Found::there("Python", format!("{} ({name})", versions.next().flatten().unwrap_or_default()))];
    found.extend(MODULES.iter().zip(versions).map(|(module, version)| match version {
        Some(version) => Found::there(&format!("Python: {module}"), version),
        None => {
            let cure = format!("{name} -m pip install {module}, if code under test uses it");
            Found::missing(&format!("Python: {module}"), format!("{name} has no module {module}"), &cure)
        }
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once() {
        let found = [Found::missing("PyTorch", "no PyTorch: there is none".into(), "make it")];
        assert_eq!(once(&found, "no PyTorch: there is none".into()), "as PyTorch");
        assert_eq!(once(&found, "no GPU".into()), "no GPU");
    }
}
