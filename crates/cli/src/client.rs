//! The coordinator's HTTP API as the commands see it.

use std::{fs::File, io::BufRead, io::BufReader, time::Duration};

use anyhow::Context;
use quire_proto::{DocumentId, JobId};
use serde::{Serialize, de::DeserializeOwned};
use ureq::{Agent, Body, SendBody, http::Response};

use crate::{
    api::{
        Problem,
        types::{NewJob, StoredDocument},
    },
    args,
    config::Config,
    fleet::{direct::Direct, host::OpenJobs},
};

/// Longest wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// No answer, or one that says that the same request may succeed in a few seconds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Away(String);

/// A coordinator that is asked.
pub(crate) struct Client {
    agent: Agent,
    server: String,
    tenant: String,
    token: Option<String>,
    direct: Option<(Direct, OpenJobs)>,
}

impl Client {
    /// A client; no coordinator but one of its own is connected before something is asked.
    ///
    /// # Errors
    /// When it is to have a coordinator of its own, and that cannot start.
    pub(crate) fn new(config: &Config, arguments: &args::Client) -> anyhow::Result<Self> {
        Self::with(config, arguments, OpenJobs::Leave)
    }

    /// The same for who waits for jobs: a coordinator of its own runs them.
    pub(crate) fn waiting(config: &Config, arguments: &args::Client) -> anyhow::Result<Self> {
        Self::with(config, arguments, OpenJobs::Run)
    }

    fn with(config: &Config, arguments: &args::Client, open: OpenJobs) -> anyhow::Result<Self> {
        let agent = Agent::config_builder().http_status_as_error(false).timeout_connect(Some(CONNECT_WITHIN));
        let tenant = arguments.tenant.as_ref().unwrap_or(&config.client.tenant).clone();
        // An address on the command line goes before the configuration.
        if arguments.direct || (config.client.direct && arguments.server.is_none()) {
            let direct = Direct::start(config, open)?;
            return Ok(Self {
                // This machine's own address is behind no proxy.
                agent: agent.proxy(None).build().into(),
                server: format!("http://{}", direct.address),
                tenant,
                token: Some(direct.token.expose().to_owned()),
                direct: Some((direct, open)),
            });
        }
        let server = arguments.server.as_ref().unwrap_or(&config.client.server);
        let token = config.client.token.as_ref().map(|token| token.expose().to_owned());
        let server = server.trim_end_matches('/').to_owned();
        Ok(Self { agent: agent.build().into(), server, tenant, token, direct: None })
    }

    /// Whether jobs stay where they are when this client ends.
    pub(crate) fn leaves_jobs(&self) -> bool {
        matches!(self.direct, Some((_, OpenJobs::Leave)))
    }

    /// Asks about a job; `what` is empty or begins with a slash.
    pub(crate) fn of_job<T: DeserializeOwned>(&self, job: JobId, what: &str) -> anyhow::Result<T> {
        self.get(&format!("/v1/jobs/{job}{what}"))
    }

    /// Asks for JSON.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.json(self.agent.get(self.url(path)))
    }

    /// Asks for bytes.
    pub(crate) fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let mut answer = self.answer(self.with_headers(self.agent.get(self.url(path))).call())?;
        Ok(answer.body_mut().with_config().limit(u64::MAX).read_to_vec()?)
    }

    /// Asks for lines, which come one by one.
    pub(crate) fn lines(&self, path: &str) -> anyhow::Result<impl BufRead + use<>> {
        let answer = self.answer(self.with_headers(self.agent.get(self.url(path))).call())?;
        Ok(BufReader::new(answer.into_body().into_with_config().limit(u64::MAX).reader()))
    }

    /// Has something done with a job.
    pub(crate) fn post<T: DeserializeOwned>(&self, job: JobId, what: &str) -> anyhow::Result<T> {
        let request = self.agent.post(self.url(&format!("/v1/jobs/{job}/{what}")));
        self.body(self.with_headers(request).send_empty())
    }

    /// Has garbage collected.
    pub(crate) fn collect<T: DeserializeOwned>(&self, query: &[(&str, String)]) -> anyhow::Result<T> {
        let mut request = self.agent.post(self.url("/v1/gc"));
        for (name, value) in query {
            request = request.query(name, value);
        }
        self.body(self.with_headers(request).send_empty())
    }

    /// Submits a job.
    pub(crate) fn submit<T: DeserializeOwned>(&self, job: &NewJob) -> anyhow::Result<T> {
        self.body(self.with_headers(self.agent.post(self.url("/v1/jobs"))).send_json(job))
    }

    /// Removes a job.
    pub(crate) fn remove(&self, job: JobId) -> anyhow::Result<()> {
        let request = self.agent.delete(self.url(&format!("/v1/jobs/{job}")));
        self.answer(self.with_headers(request).call()).map(drop)
    }

    /// Whether a document is stored.
    pub(crate) fn has(&self, document: DocumentId) -> anyhow::Result<bool> {
        let request = self.agent.get(self.url(&format!("/v1/sources/{document}")));
        let answer = self.reached(self.with_headers(request).call())?;
        if answer.status() == 404 { Ok(false) } else { self.checked(answer).map(|_| true) }
    }

    /// Sends a document.
    pub(crate) fn send(&self, mut file: File) -> anyhow::Result<StoredDocument> {
        let request = self.with_headers(self.agent.put(self.url("/v1/sources")));
        self.body(request.send(SendBody::from_reader(&mut file)))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    fn with_headers<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request.header("quire-tenant", &self.tenant);
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn json<T: DeserializeOwned>(
        &self,
        request: ureq::RequestBuilder<ureq::typestate::WithoutBody>,
    ) -> anyhow::Result<T> {
        self.body(self.with_headers(request).call())
    }

    fn body<T: DeserializeOwned>(&self, answer: Result<Response<Body>, ureq::Error>) -> anyhow::Result<T> {
        let mut answer = self.answer(answer)?;
        let body = answer.body_mut().with_config().limit(u64::MAX);
        body.read_json().with_context(|| format!("understand the answer of {}", self.server))
    }

    fn answer(&self, answer: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Response<Body>> {
        self.checked(self.reached(answer)?)
    }

    fn reached(&self, answer: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Response<Body>> {
        answer.with_context(|| {
            Away(format!(
                "cannot reach the coordinator at {}: start it with `quire serve`, or say where it is with --server",
                self.server
            ))
        })
    }

    fn checked(&self, mut answer: Response<Body>) -> anyhow::Result<Response<Body>> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        match answer.body_mut().read_json::<Problem>() {
            Ok(problem) if status == 503 => {
                anyhow::bail!(Away(format!("{}: {}", problem.message, problem.remedy)))
            }
            Ok(problem) => anyhow::bail!("{}: {}", problem.message, problem.remedy),
            Err(_) => anyhow::bail!("{} answers {status}: is it a coordinator?", self.server),
        }
    }
}

/// Writes a JSON line for machines.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
