//! Each page, at each width and in each theme.

use crate::dashboard::Place;

#[test]
fn every_page_fits_a_phone() {
    let place = Place::new("");
    let agent = place.agent("parrot");
    let run = place.run(&agent, "say Hello.");
    place.see_out(&run);
    let mut browser = place.browser();
    let run = format!("/runs/{run}");
    let pages = ["/", "/agents", "/agents/new", "/runs", &run, "/workflows"];
    for (width, scheme) in [(360, "dark"), (1440, "light")] {
        browser.look(width, scheme);
        for page in pages.iter().chain(&["/logs", "/control", "/costs"]) {
            browser.go(page);
            let wide = browser.value("document.documentElement.scrollWidth");
            assert!(
                wide.as_u64().unwrap() <= width.into(),
                "{page}: {wide} of {width}"
            );
        }
    }
    browser.is_content();
}
