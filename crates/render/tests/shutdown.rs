//! A pool that ends takes everything along. Alone in its process, to count the children.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{misbehaving, pdfium, render, three_pages};
use quire_render::{PageError, RenderError, RenderPool};

#[tokio::test]
async fn a_pool_that_stops_judges_no_page_and_leaves_no_child() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(misbehaving(pdfium, "hang=1")).unwrap();
    let (waiting, source) = (pool.clone(), three_pages());
    let page = tokio::spawn(async move { render(&waiting, &source, 1).await });
    tokio::time::sleep(Duration::from_millis(200)).await;

    pool.shutdown().await;

    let page = page.await.unwrap();
    assert!(matches!(page, Err(PageError::NotJudged(RenderError::Stopped))), "{page:?}");
    assert_eq!(children(), Vec::<String>::new());
}

/// Processes, also dead ones, whose parent is a thread of this process.
fn children() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}
