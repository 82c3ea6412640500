//! The API as other programs see it.

use crate::fleet::{Fleet, MAX_DOCUMENT};
use serde_json::{Value, json};
use ureq::{Agent, Body, http::Response};

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn get(fleet: &Fleet, path: &str) -> (u16, Value) {
    read(agent().get(fleet.url(path)).call().expect("an answer"))
}

fn read(mut answer: Response<Body>) -> (u16, Value) {
    let body = answer.body_mut().read_to_string().expect("text");
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

fn send(fleet: &Fleet, document: &str) -> Value {
    let (status, stored) = read(agent().put(fleet.url("/v1/sources")).send(document).expect("an answer"));
    assert_eq!(status, 200, "{stored}");
    stored["document"].clone()
}

fn submit(fleet: &Fleet, job: &Value) -> (u16, Value) {
    read(agent().post(fleet.url("/v1/jobs")).send_json(job).expect("an answer"))
}

#[test]
fn every_path_of_the_document_is_answered_and_every_answer_is_described() {
    let fleet = Fleet::start();
    let (_, document) = get(&fleet, "/v1/openapi.json");

    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 14);
    for (path, operations) in paths {
        let filled = path
            .replace("{job}", &"0".repeat(32))
            .replace("{document}", &"0".repeat(64))
            .replace("{name}", "p1.png");
        for (method, operation) in operations.as_object().unwrap() {
            let request = ureq::http::Request::builder().method(method.to_uppercase().as_str());
            let request = request.uri(fleet.url(&filled)).body(()).unwrap();
            let (status, answer) = read(agent().run(request).unwrap());
            assert_ne!(status, 405, "{method} {path}");
            assert_ne!(answer["code"], "no_such_path", "{method} {path}");
            assert!(operation["summary"].is_string() && operation["responses"].is_object());
        }
    }
}

#[test]
fn errors_say_what_to_do() {
    let fleet = Fleet::start();
    let never = "0".repeat(64);

    let unsent = submit(&fleet, &json!({ "documents": [{ "document": never, "name": "a" }] }));
    let empty = submit(&fleet, &json!({ "documents": [] }));
    let unknown_field = submit(&fleet, &json!({ "documents": [], "priorty": "high" }));
    let nowhere = get(&fleet, "/v2/jobs");
    let no_job = get(&fleet, &format!("/v1/jobs/{}", "0".repeat(32)));
    let no_id = get(&fleet, "/v1/jobs/nonsense");
    let method = read(agent().delete(fleet.url("/v1/jobs")).call().unwrap());

    assert_eq!((unsent.0, &unsent.1["code"]), (422, &json!("no_source")));
    assert_eq!((empty.0, &empty.1["code"]), (422, &json!("no_documents")));
    assert_eq!(unknown_field.0, 400);
    assert!(unknown_field.1["message"].as_str().unwrap().contains("priorty"), "{unknown_field:?}");
    assert_eq!((nowhere.0, &nowhere.1["code"]), (404, &json!("no_such_path")));
    assert_eq!((no_job.0, &no_job.1["code"]), (404, &json!("unknown_job")));
    assert_eq!((no_id.0, method.0), (400, 405));
    for (_, answer) in [unsent, empty, unknown_field, nowhere, no_job, no_id, method] {
        assert!(!answer["remedy"].as_str().unwrap().is_empty(), "{answer}");
    }
}

#[test]
fn nobody_is_let_in_without_the_token_but_probes() {
    let fleet = Fleet::guarded(Some("open sesame"));
    let ask = |token: &str| {
        let request = agent().get(fleet.url("/v1/jobs")).header("authorization", token);
        request.call().unwrap().status().as_u16()
    };

    assert_eq!(get(&fleet, "/v1/jobs").0, 401);
    assert_eq!(ask("Bearer open"), 401);
    assert_eq!(ask("Bearer open sesame"), 200);
    assert_eq!(get(&fleet, "/livez").0, 200);
    assert_eq!(get(&fleet, "/readyz"), (200, json!({ "ready": true })));
}

#[test]
fn a_document_that_is_too_large_is_refused_and_leaves_nothing() {
    let fleet = Fleet::start();
    let large = "x".repeat(usize::try_from(MAX_DOCUMENT).unwrap() + 1);

    let (status, answer) = read(agent().put(fleet.url("/v1/sources")).send(&large).unwrap());

    assert_eq!((status, &answer["code"]), (413, &json!("too_large")));
    let left = std::fs::read_dir(fleet.folder.path().join("scratch")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn tenants_do_not_see_each_other() {
    let fleet = Fleet::start();
    let document = send(&fleet, "%PDF pages 3 a");
    let (_, status) = submit(&fleet, &json!({ "documents": [{ "document": document, "name": "a" }] }));
    let path = format!("/v1/jobs/{}", status["job"].as_str().unwrap());

    let other = agent().get(fleet.url(&path)).header("quire-tenant", "other").call().unwrap();

    assert_eq!(get(&fleet, &path).0, 200);
    assert_eq!(other.status(), 404);
}

#[test]
fn records_stream_as_lines_and_events_go_on_from_a_cursor() {
    let fleet = Fleet::start();
    let document = send(&fleet, "%PDF pages 20 a");
    fleet.work(false);
    let (_, status) = submit(&fleet, &json!({ "documents": [{ "document": document, "name": "a" }] }));
    let job = format!("/v1/jobs/{}", status["job"].as_str().unwrap());
    let (_, now) = get(&fleet, &format!("{job}/events"));
    fleet.work(true);

    let (mut decided, mut cursor) = (0, now["cursor"].as_u64().unwrap());
    while decided < 20 {
        let (_, next) = get(&fleet, &format!("{job}/events?after={cursor}&wait=10"));
        let pages =
            next["events"].as_array().unwrap().iter().map(|event| event["pages"].as_array().unwrap().len());
        decided += pages.sum::<usize>();
        cursor = next["cursor"].as_u64().unwrap();
    }
    let mut answer = agent().get(fleet.url(&format!("{job}/pages"))).call().unwrap();

    let lines = answer.body_mut().read_to_string().unwrap();
    let pages: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    assert_eq!(pages.len(), 20);
    assert_eq!((&pages[10]["page"], &pages[10]["status"]), (&json!(11), &json!("failed")));
}
