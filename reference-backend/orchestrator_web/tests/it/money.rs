//! Amounts as programs write them become whole millionths of a dollar.

use orchestrator::money::MicroUsd;

fn micros(dollars: &str) -> Option<i64> {
    MicroUsd::from_decimal(dollars).map(MicroUsd::micros)
}

#[test]
fn decimals_are_read_to_the_last_digit() {
    let cases = [
        ("0", 0),
        ("0.000", 0),
        ("1", 1_000_000),
        ("0.1", 100_000),
        ("007.5", 7_500_000),
        (".5", 500_000),
        ("12.345678", 12_345_678),
        ("2.5e-05", 25),
        ("2.5E+1", 25_000_000),
        ("1e6", 1_000_000_000_000),
        // A binary fraction is less than these or more.
        ("0.0000025", 2),
        ("0.0000035", 4),
        ("0.00000250000000000000000000000000000001", 3),
        ("0.0000005", 0),
        ("0.00000051", 1),
        ("0.00000049999", 0),
        ("5e-7", 0),
        ("6e-7", 1),
        ("9e-8", 0),
        ("1e-300", 0),
        ("0.9999999", 1_000_000),
    ];
    for (dollars, expected) in cases {
        assert_eq!(micros(dollars), Some(expected), "{dollars}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    let long = "9".repeat(1000);
    let cases = [
        "",
        ".",
        "-1",
        "+1",
        "1.2.3",
        "1e",
        "e5",
        "NaN",
        "inf",
        "1e7",
        "1000000.0000006",
        "1e2147483647",
        "1e99999999999",
        "0x10",
        "1_000",
        " 1",
        &long,
    ];
    for dollars in cases {
        assert_eq!(micros(dollars), None, "{dollars}");
    }
}

#[test]
fn decimals_are_written_with_all_six_places() {
    let written = |micros| MicroUsd::from_micros(micros).to_decimal();
    assert_eq!(written(0), "0.000000");
    assert_eq!(written(1), "0.000001");
    assert_eq!(written(12_345_678), "12.345678");
    assert_eq!(written(-250_000), "-0.250000");
}

#[test]
fn sums_do_not_overflow() {
    let most = MicroUsd::from_micros(i64::MAX);
    assert_eq!(most + most, most);
}
