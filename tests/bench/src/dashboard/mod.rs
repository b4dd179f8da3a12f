//! The dashboard on a database of 100,000 runs and 5,000,000 log lines: how much is sent, how soon it is
//! there and seen, and what open tabs cost.

mod browser;
mod pages;
mod paint;
mod screen;
mod seed;
mod tabs;

pub use seed::seeded;

use crate::process::Service;
use crate::report::Row;
use crate::within_bounds;

pub async fn measure(service: &Service) -> anyhow::Result<Vec<Row>> {
    let pages = pages::all(service.address).await?;
    let mut rows = Vec::from(pages::sizes(service.address, &pages).await?);
    rows.push(within_bounds(pages::times(service.address, &pages)).await?);
    rows.push(within_bounds(paint::measure(service.address, &pages)).await?);
    rows.push(within_bounds(screen::measure(service.address)).await?);
    rows.extend(within_bounds(tabs::measure(service)).await?);
    Ok(rows)
}
