//! Whether there is too much of anything is told without reading what stays.

use super::{plans, record_statements};
use crate::support::Service;

#[tokio::test]
async fn rows_are_stepped_over_only_where_their_numbers_may_be_too_many() {
    record_statements();
    let service = Service::start();
    assert_eq!(service.get("/api/retention").await.status, 200);
    let spreads = plans(&service, |sql| {
        sql.starts_with("SELECT coalesce((SELECT max(")
    });
    assert_eq!(spreads.len(), 6);
    for (sql, steps) in spreads {
        let reads: Vec<_> = { steps.iter() }
            .filter(|it| !it.starts_with("SCALAR SUBQUERY"))
            .map(|it| it.split(' ').next().unwrap())
            .collect();
        // The row that is made of both ends, and the ends.
        assert_eq!(reads, ["SCAN", "SEARCH", "SEARCH"], "{steps:?}\n{sql}");
    }
}
