//! Text that looks like a template, a marker or an answer survives the mirror and the rendering.

use proptest::prelude::*;
use tac_bootstrap::mirror::{mirror, without_markers};
use tac_bootstrap::tree::File;

use crate::fixture::{path, tree};
use crate::mirror::{config, rendered};

/// Text that a template language, or the mirror itself, could take for something else.
fn hostile() -> impl Strategy<Value = String> {
    let words = "{{ }} {% %} {# < << <% %> <@ @> <~ ~> - % @ tac:end \" \\ é 日本 x Reference localhost:8437/ \r\n";
    let texts = [
        "\n",
        "\n\n",
        " ",
        "\u{2028}",
        "Reference Backend",
        "<% raw %>",
        "<% endraw %>",
        "<% if options.docs %>",
        "<@ answers.title @>",
        "let a = \"// tac:if docs\";\n",
        "\n// tac:if docs\nmod docs;\n// tac:end\n",
        "\r\n  # tac:if docs\r\n<%\r\n  # tac:end\r\n",
    ];
    let atoms: Vec<&str> = words.split(' ').chain(texts).collect();
    prop::collection::vec(prop::sample::select(atoms), 0..24).prop_map(|atoms| atoms.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_text_survives_the_mirror_and_the_rendering(
        readme in hostile(),
        seam in hostile(),
        copied in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let readme = without_markers("README.md", &readme);
        let seam = seam.replace("8437", "").replace("Reference", "") + "\n// tac:if docs\n// tac:end";
        let seam_less_markers = without_markers("seam.rs", &seam);
        // By chance the text may hold half a pair of markers.
        prop_assume!(readme.is_ok() && seam_less_markers.is_ok());
        let (readme, seam_less_markers) = (readme.unwrap(), seam_less_markers.unwrap());

        let config = config(readme.matches("Reference Backend").count(), readme.matches("localhost:8437/").count());
        let mut reference = tree(&[("README.md", &readme), ("seam.rs", &seam), ("x.tera", &seam_less_markers)]);
        reference.insert(path("copied"), File::Regular { bytes: copied, executable: false });
        let set = mirror(&config, &reference).unwrap();
        reference.insert(path("seam.rs"), File::text(seam_less_markers));
        prop_assert_eq!(rendered(&set, "Reference Backend", 8437, &["docs"]), reference);
    }
}
