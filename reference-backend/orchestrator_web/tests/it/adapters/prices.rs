use orchestrator::adapters::{Price, Prices};
use orchestrator::money::MicroUsd;

#[test]
fn what_comes_from_a_cache_is_cheaper_than_input_and_what_goes_into_it_is_not() {
    for (model, price) in Prices::default().models {
        let Price {
            input,
            output,
            cache_read,
            cache_write,
        } = price;
        let is_plausible = cache_read < input && input <= cache_write && cache_write < output;
        assert!(is_plausible, "{model}: {price:?}");
    }
}

#[test]
fn a_model_is_known_by_its_name_without_a_date_and_the_size_of_a_window() {
    let prices = Prices::default();
    let input = |model| prices.of(model).map(|it| it.input.micros());
    for model in [
        "claude-opus-5-5",
        "claude-opus-5-5[1m]",
        "claude-opus-5-5-20260922",
        "claude-opus-5-5-20260922[1m]",
        "claude-opus-5-5@20260922",
    ] {
        assert_eq!(input(model), Some(4_000_000), "{model}");
    }
    assert_eq!(input("gpt-5.4-2026-03-05"), Some(2_500_000));
    assert_eq!(input("gpt-5.4-mini"), Some(750_000));
    assert_eq!(input("gpt-5.4-"), None);
    assert_eq!(input("claude-opus-6"), None);
}

#[test]
fn a_price_of_ones_own_goes_before_the_listed_one() {
    let mut prices = Prices::default();
    let own = Price {
        input: MicroUsd::from_micros(7),
        ..Price::default()
    };
    prices.models.insert("gpt-5-2025-08-07".into(), own);
    assert_eq!(prices.of("gpt-5-2025-08-07"), Some(own));
    assert_eq!(prices.of("gpt-5").unwrap().input.micros(), 1_250_000);
}
