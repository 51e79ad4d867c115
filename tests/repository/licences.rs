//! Everything that is linked in has a licence that `deny.toml` allows.

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The licences that `deny.toml` allows for a crate.
struct Allowed(toml::Table);

impl Allowed {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is readable");
        Self(text.parse().expect("deny.toml is TOML"))
    }

    fn of(&self, name: &str) -> Vec<Licensee> {
        let licenses = &self.0["licenses"];
        let exceptions = licenses["exceptions"].as_array().expect("exceptions are a list");
        let own = exceptions.iter().filter(|e| e["crate"].as_str() == Some(name)).map(|e| &e["allow"]);
        let ids = own.chain([&licenses["allow"]]).flat_map(|list| list.as_array().expect("allow is a list"));
        ids.map(|id| Licensee::parse(id.as_str().expect("a licence is a text")).expect("a licence is an SPDX id"))
            .collect()
    }

    fn check(&self, name: &str, licence: &str) -> Result<(), String> {
        // a crate that names a file instead: what deny.toml says of it
        let clarified = self.0["licenses"]["clarify"].as_array().into_iter().flatten();
        let mut known = clarified.filter(|c| c["crate"].as_str() == Some(name) && licence.is_empty());
        let licence = known.next().and_then(|c| c["expression"].as_str()).unwrap_or(licence);
        let expression = Expression::parse_mode(licence, ParseMode::LAX).map_err(|e| format!("{name}: {e}"))?;
        let allowed = self.of(name);
        match expression.evaluate(|requirement| allowed.iter().any(|licensee| licensee.satisfies(requirement))) {
            true => Ok(()),
            false => Err(format!("{name}: deny.toml does not allow {licence}")),
        }
    }
}

/// Name and licence of every crate in a build of a workspace for this machine.
fn crates(manifest: &str) -> Vec<(String, String)> {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let host = String::from_utf8(host.stdout).expect("rustc prints text");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let ask = |network: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--format-version=1", "--locked", "--filter-platform", host]);
        cargo.args(["--manifest-path", manifest]).args(network);
        cargo.current_dir(root()).output().expect("cargo runs")
    };
    // crates that no build of this machine needed yet are not there: libtorch's
    let offline = ask(&["--offline"]);
    let output = if offline.status.success() { offline } else { ask(&[]) };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let data: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let text = |p: &Value, key: &str| p[key].as_str().unwrap_or_default().to_owned();
    let packages = data["packages"].as_array().expect("packages are a list");
    packages.iter().map(|p| (text(p, "name"), text(p, "license"))).collect()
}

/// Every crate is allowed, and this one is among them.
fn check(crates: &[(String, String)], one: &str) {
    let allowed = Allowed::read();
    let problems: Vec<_> = crates.iter().filter_map(|(name, licence)| allowed.check(name, licence).err()).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(crates.iter().any(|(name, _)| name == one), "looked at the wrong thing: {crates:?}");
}

#[test]
fn every_crate_is_allowed() {
    check(&crates("Cargo.toml"), "gmp-mpfr-sys");
}

/// Their crates are there only where the plugins were built.
#[cfg(feature = "plugins")]
#[test]
fn every_crate_of_the_plugins_is_allowed() {
    check(&crates("plugins/Cargo.toml"), "candle-core");
}

#[test]
fn others_are_refused() {
    let allowed = Allowed::read();
    for (name, licence) in [("x", "GPL-3.0-only"), ("x", "LGPL-3.0+"), ("x", "MIT AND AGPL-3.0"), ("x", ""), ("x", "?")]
    {
        assert!(allowed.check(name, licence).is_err(), "{licence}");
    }
    for (name, licence) in
        [("cfg_block", ""), ("rug", "LGPL-3.0+"), ("x", "GPL-3.0-only OR MIT"), ("x", "Apache-2.0 / MIT")]
    {
        assert_eq!(allowed.check(name, licence), Ok(()));
    }
}
