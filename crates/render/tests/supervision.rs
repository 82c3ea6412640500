//! A child that fails costs one page at most, and never the parent.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{process::Command, time::Duration};

use common::{config, corpus, misbehaving, pdfium, render, text, three_pages};
use quire_proto::record::FailureClass;
use quire_render::{PageError, RenderConfig, RenderError, RenderPool, SandboxPolicy, SourceFile};

/// The class of a page's failure.
fn class(result: Result<quire_render::RenderedPage, PageError>) -> FailureClass {
    match result {
        Err(PageError::Failed(failure)) => {
            assert!(!failure.message.is_empty());
            failure.class
        }
        other => panic!("expected a failed page, got {other:?}"),
    }
}

/// Page 2 fails with `expected`, its neighbours are rendered.
async fn only_page_two_fails(config: RenderConfig, expected: FailureClass) {
    let pool = RenderPool::start(config).unwrap();
    let source = three_pages();

    let before = render(&pool, &source, 1).await;
    let failed = render(&pool, &source, 2).await;
    let after = render(&pool, &source, 3).await;

    assert_eq!(text(&before.unwrap()), "Hello page");
    assert_eq!(class(failed), expected);
    assert_eq!(text(&after.unwrap()), "Hello page");
    pool.shutdown().await;
}

#[tokio::test]
async fn a_child_that_crashes_costs_one_page() {
    let Some(pdfium) = pdfium() else { return };

    only_page_two_fails(misbehaving(pdfium, "crash=2"), FailureClass::RenderCrash).await;
}

#[tokio::test]
async fn a_child_that_hangs_is_killed_at_the_deadline() {
    let Some(pdfium) = pdfium() else { return };
    let config = RenderConfig { page_deadline: Duration::from_secs(2), ..misbehaving(pdfium, "hang=2") };

    only_page_two_fails(config, FailureClass::RenderTimeout).await;
}

#[tokio::test]
async fn other_children_go_on_while_one_hangs() {
    let Some(pdfium) = pdfium() else { return };
    let two = std::num::NonZeroUsize::new(2).unwrap();
    let deadline = Duration::from_secs(5);
    let pool = RenderPool::start(RenderConfig {
        children: two,
        page_deadline: deadline,
        ..misbehaving(pdfium, "hang=1")
    })
    .unwrap();
    let source = three_pages();

    let neighbours = async { (render(&pool, &source, 2).await, render(&pool, &source, 3).await) };
    let first = tokio::select! {
        biased;
        hung = render(&pool, &source, 1) => panic!("page 1 came first: {hung:?}"),
        neighbours = neighbours => neighbours,
    };

    assert!(first.0.is_ok() && first.1.is_ok());
}

#[tokio::test]
async fn a_child_that_floods_memory_meets_its_limit() {
    let Some(pdfium) = pdfium() else { return };
    let config = RenderConfig { address_space: 512 << 20, ..misbehaving(pdfium, "flood=2") };

    only_page_two_fails(config, FailureClass::RenderMemory).await;
}

#[tokio::test]
async fn a_child_that_lies_about_its_page_is_not_believed() {
    let Some(pdfium) = pdfium() else { return };

    for how in ["lie=2", "cling=2", "chatter=2"] {
        only_page_two_fails(misbehaving(pdfium.clone(), how), FailureClass::RenderProtocol).await;
    }
}

#[tokio::test]
async fn a_worn_child_is_replaced_unnoticed() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(RenderConfig { recycle_pages: 1, ..config(pdfium, 1) }).unwrap();
    let source = three_pages();

    for page in 1..=3 {
        let rendered = render(&pool, &source, page).await.unwrap();

        assert!(!rendered.retried);
    }
}

#[tokio::test]
async fn a_page_that_does_not_exist_is_undecodable() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();

    assert_eq!(class(render(&pool, &three_pages(), 4).await), FailureClass::Undecodable);
}

#[tokio::test]
async fn a_missing_library_or_program_is_named() {
    let Some(pdfium) = pdfium() else { return };
    let no_library = RenderPool::start(config("/nowhere/libpdfium.so".into(), 1));
    let no_program =
        RenderPool::start(RenderConfig { program: "/nowhere/quire-render".into(), ..config(pdfium, 2) });

    assert!(matches!(no_library.err(), Some(RenderError::Pdfium { .. })));
    assert!(matches!(no_program.err(), Some(RenderError::Program { .. })));
}

#[test]
fn the_sandbox_denies_files_network_and_processes() {
    let output = Command::new(env!("CARGO_BIN_EXE_quire-render")).arg("--probe-sandbox").output().unwrap();

    let report = String::from_utf8(output.stdout).unwrap();
    eprintln!("{report}");
    assert!(output.status.success(), "{report}");
    assert_eq!(report.matches("denied").count(), 8, "{report}");
}

#[tokio::test]
async fn a_required_sandbox_starts_only_when_it_is_full() {
    let Some(pdfium) = pdfium() else { return };
    let level = RenderPool::start(config(pdfium.clone(), 1)).unwrap().sandbox_level();

    let required = RenderPool::start(RenderConfig { sandbox: SandboxPolicy::Require, ..config(pdfium, 1) });

    assert!(level.seccomp && level.limits && level.no_new_privileges, "{level}");
    assert_eq!(required.is_ok(), level.is_full());
}

#[tokio::test]
async fn the_robustness_corpus_runs_to_the_end() {
    let (Some(pdfium), Some(folder)) = (pdfium(), corpus("robustness")) else { return };
    let pool = RenderPool::start(config(pdfium, 2)).unwrap();

    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "pdf") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = SourceFile::open(&path, None).unwrap();
        match pool.open(&source).await {
            Err(error) => eprintln!("{name}: {error}"),
            Ok(info) => {
                for page in 1..=info.pages.min(40) {
                    match render(&pool, &source, page).await {
                        Ok(page) => assert!(page.raster.byte_len() > 0),
                        Err(PageError::Failed(failure)) => eprintln!("{name}: page {page}: {failure:?}"),
                        Err(PageError::NotJudged(error)) => panic!("{name}: page {page}: {error}"),
                    }
                }
            }
        }
    }
}
