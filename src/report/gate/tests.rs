use super::*;

#[test]
fn every_form_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = FORMS.iter().map(|f| f.name).collect();
    assert_eq!(names.len(), FORMS.len());
}
